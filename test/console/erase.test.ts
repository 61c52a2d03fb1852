import { tmpdir } from 'node:os'
import { sql } from 'drizzle-orm'
import { afterEach, expect, it } from 'vitest'
import { openDatabase } from '#src/store/database.ts'
import { transact } from '#src/store/transact.ts'
import { anyPlace } from '../database.ts'
import { AT, append } from '../store/book.ts'
import { Typed } from './counter.ts'

// `rolecall erase member`, as it is typed.

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const [ONE, TWO, ANN] = ['81384788765712384', '81384788765712385', '200000000000000001']
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

async function type(environment: Readonly<Record<string, string>>, ...words: readonly string[]) {
  const typed = new Typed(['erase', 'member', ...words], environment)
  return { code: await typed.ended, said: oneLine(typed.out + typed.err) }
}

async function furnished() {
  const { place, drop } = await anyPlace()
  undo.push(drop)
  const { db, close } = await openDatabase({ ...place, log: () => {} })
  for (const guildId of [ONE, TWO]) {
    await db.execute(
      sql`insert into guilds (guild_id, name, first_seen_at, seen_at) values (${guildId}, 'x', now(), now())`,
    )
    const line = {
      guildId,
      type: 'override.set',
      actor: 'discord:7',
      subject: `member:${ANN}`,
      texts: { reason: 'rude' },
    } as const
    await transact(db, (tx) => append(tx, [line], AT))
  }
  await close()
  return place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }
}

it('says what would be erased, erases it with --yes, and what stays', async () => {
  const environment = { ...(await furnished()), TRAIL_KEY_FILE: `${tmpdir()}/${crypto.randomUUID()}.key` }
  const shown = await type(environment, ANN)
  expect(shown.code, shown.said).toBe(0)
  for (const guildId of [ONE, TWO])
    expect(shown.said).toContain(`Server ${guildId}: 1 text of the record about member ${ANN} would be erased.`)
  expect(shown.said).toContain('Nothing was erased. To erase it, run it again with --yes.')
  const first = await type(environment, `<@${ANN}>`, '--guild', ONE, '--yes')
  expect(first.said).toContain(`Server ${ONE}: 1 text of the record about member ${ANN} erased.`)
  expect(first.said).toContain('What stays: the member’s id')
  const rest = await type(environment, ANN, '--yes')
  expect(rest.said).toContain(`Server ${TWO}: 1 text`)
  expect(rest.said).not.toContain(`Server ${ONE}`)
  expect(await type(environment, ANN, '--yes')).toMatchObject({
    code: 0,
    said: expect.stringContaining(`Nothing that people typed about member ${ANN} is kept.`),
  })
})

it.each([
  [['pim'], '<id> pim is not the id of a member'],
  [[], "missing required argument 'id'"],
  [[ANN, '--guild', '12'], '--guild 12 is not the id of a server'],
  [[ANN, 'more'], 'too many arguments'],
])('%j is answered with a sentence', async (words, sentence) => {
  const { code, said } = await type({}, ...words)
  expect(code).toBe(2)
  expect(said).toContain(sentence)
})
