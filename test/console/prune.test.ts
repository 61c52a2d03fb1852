import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, expect, it } from 'vitest'
import { openDatabase } from '#src/store/database.ts'
import { transact } from '#src/store/transact.ts'
import { makeCheckpoint } from '#src/trail/checkpoints.ts'
import { openKey } from '#src/trail/key.ts'
import { chainHeads } from '#src/trail/reading.ts'
import { anyPlace } from '../database.ts'
import { append } from '../store/book.ts'
import { Typed } from './counter.ts'

// `rolecall prune`, as it is typed.

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const GUILD = '81384788765712384'
const DAY = 86_400_000
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

/** A server with a run, and a record with lines, of a time so long ago. */
async function furnished(days: number) {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-prune-'))
  undo.push(() => rmSync(folder, { recursive: true }))
  const { place, drop } = await anyPlace()
  undo.push(drop)
  const { db, close } = await openDatabase({ ...place, log: () => {} })
  const at = Date.now() - days * DAY
  const key = await openKey(join(folder, 'trail.key'))
  const time = new Date(at).toISOString()
  await db.execute(
    sql`insert into guilds (guild_id, name, first_seen_at, seen_at) values (${GUILD}, 'Example', ${time}, ${time})`,
  )
  await db.execute(sql`insert into runs (guild_id, id, state, trigger, action, actor, may_destroy, idempotency_key, started_at, ended_at)
    values (${GUILD}, 'r', 'completed', 'slash', 'report', 'cli:ann', false, 'k', ${time}, ${time})`)
  const line = { guildId: GUILD, type: 'role.given', actor: 'discord:7', subject: 'member:4' } as const
  await transact(db, (tx) => append(tx, Array(3_000).fill(line), at))
  for (const head of await chainHeads(db)) await makeCheckpoint(db, head, key, at)
  await close()
  const where = place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }
  const environment = { ...where, TRAIL_KEY_FILE: join(folder, 'trail.key') }
  return async (words: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const typed = new Typed(words, { ...environment, ...more })
    return { code: await typed.ended, said: oneLine(typed.out + typed.err) }
  }
}

it('says what would go, lets it go with --yes, and the record can be verified after', async () => {
  const type = await furnished(200)
  const shown = await type(['prune'])
  expect(shown.code, shown.said).toBe(0)
  expect(shown.said).toContain('Kept are 180 days (RUN_RETENTION_DAYS).')
  expect(shown.said).toContain(`Server ${GUILD}: 1 run would go.`)
  expect(shown.said).toContain(`Server ${GUILD}: 3,000 lines of the record would go, up to number 3,000`)
  expect(shown.said).toContain('Nothing was removed.')
  const kept = await type(['prune', '--yes'], { RUN_RETENTION_DAYS: '0', RETENTION_OPT_OUT: 'true' })
  expect(kept).toMatchObject({ code: 0, said: expect.stringContaining('Everything is kept for ever') })
  const gone = await type(['prune', '--yes'])
  expect(gone.code, gone.said).toBe(0)
  expect(gone.said).toContain('3,000 lines of the record went')
  expect((await type(['prune', '--yes'])).said).toContain('Nothing is older than it is kept.')
  const whole = await type(['trail', 'verify'])
  expect(whole.code, whole.said).toBe(0)
  expect(whole.said).toMatch(/Lines 1 to 3,000 were removed by cli:ann on \S+, since they were old, under a checkpoint/)
})

it('lets nothing go that is younger', async () => {
  const type = await furnished(100)
  expect((await type(['prune', '--yes'])).said).toContain('Nothing is older than it is kept.')
})

it.each([
  [{ RUN_RETENTION_DAYS: '0' }, 'RUN_RETENTION_DAYS=0 keeps everything for ever'],
  [{ RETENTION_OPT_OUT: 'true' }, 'RETENTION_OPT_OUT=true is set, but RUN_RETENTION_DAYS is not 0'],
  [{ RUN_RETENTION_DAYS: '00' }, 'RETENTION_OPT_OUT=true as well'],
  [{ RUN_RETENTION_DAYS: '6' }, 'must be a whole number of days from 7 to 3650'],
  [{ RUN_RETENTION_DAYS: '3651' }, 'must be a whole number of days from 7 to 3650'],
  [{ RUN_RETENTION_DAYS: '-1' }, 'must be a whole number of days from 7 to 3650'],
  [{ RUN_RETENTION_DAYS: 'for ever' }, 'must be a whole number of days from 7 to 3650'],
])('%j is answered with a sentence', async (environment, sentence) => {
  const typed = new Typed(['prune'], environment as Readonly<Record<string, string>>)
  expect(await typed.ended).toBe(2)
  expect(oneLine(typed.err)).toContain(sentence)
})

it('brings the tables up to this version, and says so', async () => {
  const type = await furnished(1)
  expect(await type(['migrate'])).toMatchObject({ code: 0, said: 'The tables are those of this version. ' })
  const embedded = new Typed(['migrate'], { MIGRATE_DATABASE_URL: 'postgres://owner@127.0.0.1/rolecall' })
  expect(await embedded.ended).toBe(2)
  expect(oneLine(embedded.err)).toContain('MIGRATE_DATABASE_URL is set, but DATABASE_URL is not')
})
