import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startSandbox } from '#src/sandbox/sandbox.ts'
import { openDatabase } from '#src/store/database.ts'
import { transact } from '#src/store/transact.ts'
import { publicBytes } from '#src/trail/key.ts'
import { Program } from '../bot/program.ts'
import { addGuild } from '../bot/town.ts'
import { anyPlace, withServer } from '../database.ts'
import { AT, append } from '../store/book.ts'
import { chained, KEY, record, written } from '../trail/forge.ts'
import { Typed } from './counter.ts'

// `rolecall trail …`, as it is typed: by whoever has the database, and by whoever has the file and the public key alone.

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-trail-'))
  undo.push(() => rmSync(folder, { recursive: true }))
})

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

async function type(environment: Readonly<Record<string, string>>, ...words: readonly string[]) {
  const typed = new Typed(['trail', ...words], environment)
  return { code: await typed.ended, out: typed.out, said: oneLine(typed.out + typed.err) }
}

const GUILD = '81384788765712384'
const LINES = 2_500

/** A database with a record of a server and of the installation, and the settings that lead there. */
async function furnished() {
  const { place, drop } = await anyPlace()
  undo.push(drop)
  const database = await openDatabase({ ...place, log: () => {} })
  const line = (guildId: string | null, number: number) =>
    ({ guildId, type: 'role.given', actor: 'discord:7', subject: `member:${number}`, data: { number } }) as const
  const drafts = Array.from({ length: LINES }, (_, number) => line(GUILD, number))
  await transact(database.db, (tx) => append(tx, [...drafts, line(null, 1)], AT))
  await database.close()
  const where = place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }
  return { place, environment: { ...where, TRAIL_KEY_FILE: join(folder, 'keys/trail.key') } }
}

/** No database is there for whoever has the file alone. */
const ELSEWHERE = { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/nothing', TRAIL_KEY_FILE: '/nowhere/trail.key' }

test('what is exported can be verified elsewhere with the public key, and a changed letter is found', async () => {
  const { environment } = await furnished()
  const key = (await type(environment, 'key')).out.trim()
  expect(statSync(environment.TRAIL_KEY_FILE).mode & 0o777).toBe(0o600)
  const file = join(folder, 'trail.jsonl')
  const written = await type(environment, 'export', file)
  expect(written).toMatchObject({ code: 0, said: expect.stringContaining('Wrote 2,501 lines of 2 chains') })
  const whole = await type(ELSEWHERE, 'verify', file, '--key', key)
  expect(whole.code, whole.said).toBe(0)
  expect(whole.said).toContain('The record is whole')
  expect(whole.said).toContain(`Server ${GUILD}: 2,500 lines`)
  expect(whole.said).toContain('The whole installation: 1 line,')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('"subject":"member:1233"', '"subject":"member:1232"'))
  const changed = await type(ELSEWHERE, 'verify', file, '--key', key)
  expect(changed.code).toBe(1)
  expect(changed.said).toContain('The record is not whole. Line 1,234 was changed')
  writeFileSync(file, text.slice(0, -1))
  expect((await type(ELSEWHERE, 'verify', file)).said).toContain(
    'Line 2,503 is no line of a record: it was changed, or cut short.',
  )
})

test('one server alone goes to standard output, where no file is named', async () => {
  const { environment } = await furnished()
  const { code, out } = await type(environment, 'export', '--guild', GUILD)
  expect([code, out.split('\n').length]).toEqual([0, LINES + 2])
  const alone = await type(environment, 'verify', '--guild', GUILD)
  expect(alone).toMatchObject({ code: 0, said: expect.not.stringContaining('The whole installation') })
  const none = await type(environment, 'export', '--guild', '81384788765712385')
  expect(none).toMatchObject({
    code: 1,
    out: '',
    said: expect.stringContaining('There is no record of a server 81384788765712385.'),
  })
})

test('a checkpoint that was kept shows that the end was cut off', async () => {
  const { environment } = await furnished()
  const { out } = await type(environment, 'export', '--guild', GUILD)
  const [file, kept] = [join(folder, 'trail.jsonl'), join(folder, 'kept')]
  const key = (await type(environment, 'key')).out.trim()
  writeFileSync(kept, (await type(environment, 'checkpoint', '--guild', GUILD)).out)
  writeFileSync(file, out)
  const held = await type(ELSEWHERE, 'verify', file, '--key', key, '--checkpoint', kept)
  expect(held.code, held.said).toBe(0)
  expect(held.said).not.toContain('What cannot be seen')
  expect((await type(ELSEWHERE, 'verify', file, '--checkpoint', kept)).said).toContain('--checkpoint needs --key')
  const notes = (await type(environment, 'key', '--notes')).out
  expect(notes).toMatch(/^rolecall\/[0-9a-f]{16}\/81384788765712384\+[0-9a-f]{8}\+A[A-Za-z0-9+/]{43}\n/)
})

test('a whole file of an anchor is held against a record, chain by chain', async () => {
  const { environment } = await furnished()
  const [file, one, anchor] = [join(folder, 'trail.jsonl'), join(folder, 'one.jsonl'), join(folder, 'anchor')]
  const key = (await type(environment, 'key')).out.trim()
  await type(environment, 'export', file)
  await type(environment, 'export', one, '--guild', GUILD)
  const notes = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"checkpoint"'))
    .map((line) => String(JSON.parse(line).checkpoint))
  const verify = (...words: string[]) => type(ELSEWHERE, 'verify', ...words, '--key', key, '--checkpoint', anchor)
  const stranger = record(3, GUILD, generateKeyPairSync('ed25519').privateKey).at(-1)!
  writeFileSync(anchor, [notes[0]!.slice(0, 70), notes[0], JSON.parse(stranger).checkpoint, notes[1]].join('\n'))
  const held = await verify(file)
  expect(held.code, held.said).toBe(0)
  expect(held.said).toContain('Warning: 1 of the checkpoints in')
  expect(await verify(one)).toMatchObject({ code: 1, said: expect.stringContaining('is of another server alone') })
  expect(await verify(one, '--guild', GUILD)).toMatchObject({ code: 0 })
  const again = await type(environment, 'verify', '--checkpoint', anchor)
  expect(again.code, again.said).toBe(0)
  writeFileSync(anchor, JSON.parse(stranger).checkpoint)
  expect(await verify(file)).toMatchObject({ code: 2, said: expect.stringContaining('holds no checkpoint that this') })
})

test('two checkpoints of one key that contradict each other are told, whatever the record says', async () => {
  const [file, anchor] = [join(folder, 'trail.jsonl'), join(folder, 'anchor')]
  const noteOf = (lines: readonly string[]): string => JSON.parse(lines.at(-1)!).checkpoint
  const anew = written(chained(5, '1000', (seq) => (seq === 2 ? { run: 'other' } : {})))
  writeFileSync(file, `${record(5).join('\n')}\n`)
  writeFileSync(anchor, noteOf(record(5)) + noteOf(anew))
  const key = publicBytes(KEY).toString('base64')
  const { code, said } = await type(ELSEWHERE, 'verify', file, '--key', key, '--checkpoint', anchor)
  expect(code).toBe(1)
  expect(said).toContain('Two checkpoints that were kept say different things of the first 5 lines')
})

test.each([
  [['verify', 'nowhere.jsonl'], 'nowhere.jsonl is not there'],
  [['verify', '.'], 'is a folder'],
  [['verify', '/dev/null'], 'Line 1 is missing: the record is empty'],
  [['verify', 'x', '--key', 'abc'], 'That is no public key of a trail'],
  [['verify', 'x', '--former-key', 'abc'], 'That is no public key of a trail'],
  [['verify', 'x', '--guild', '12'], '--guild 12 is not the id of a server'],
  [['key', 'x'], "too many arguments for 'key'"],
])('%j is answered with a sentence', async (words, sentence) => {
  const { code, said } = await type(ELSEWHERE, ...words)
  expect([1, 2]).toContain(code)
  expect(said).toContain(sentence)
  expect(said).not.toContain('    at ')
})

test('a key that is none is said, and nothing is put in its place', async () => {
  const path = join(folder, 'trail.key')
  writeFileSync(path, 'not a key')
  const { code, said } = await type({ TRAIL_KEY_FILE: path }, 'key')
  expect([code, readFileSync(path, 'utf8')]).toEqual([2, 'not a key'])
  expect(said).toContain('it holds no Ed25519 private key')
})

withServer('a record that was altered in the database', () => {
  const behind = async ({ place }: Awaited<ReturnType<typeof furnished>>, statement: string) => {
    const { sql, close } = await openDatabase({ ...place, log: () => {} })
    await sql.unsafe(`alter table trail disable trigger user; ${statement}; alter table trail enable trigger user`)
    await close()
  }

  test('is told, and is not signed', async () => {
    const town = await furnished()
    const whole = await type(town.environment, 'verify')
    expect(whole.code, whole.said).toBe(0)
    const found = async (sentence: string) =>
      expect(await type(town.environment, 'verify')).toMatchObject({
        code: 1,
        said: expect.stringContaining(`The record is not whole. Server ${GUILD}: ${sentence}`),
      })
    await behind(town, 'delete from trail where seq > 2000')
    await found('Line 2,001 is missing, or is not the one that was written: the chain once had 2,500 lines')
    await behind(town, "update trail set subject = 'member:1' where seq = 700")
    await found('Line 700 was changed')
    const file = join(folder, 'trail.jsonl')
    const refused = await type(town.environment, 'export', file)
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('Nothing was signed') })
    expect(() => statSync(file)).toThrow()
  })

  test('keeps the bot from starting, until somebody has said that they know', async () => {
    const town = await furnished()
    const sandbox = await startSandbox({ rateScale: 0.02 })
    undo.push(() => sandbox.close())
    addGuild(sandbox)
    const start = () => {
      const program = new Program({ ...town.environment, DISCORD_TOKEN: sandbox.token, DISCORD_API_URL: sandbox.url })
      undo.push(() => program.clear())
      return program
    }
    await behind(town, 'truncate trail')
    const refused = start()
    expect(await refused.ended).toBe(2)
    expect(oneLine(refused.said)).toContain(`Server ${GUILD}: 2,500 lines were written, and none is left.`)
    expect(oneLine(refused.said)).toContain('To go on with what is left: rolecall trail go-on')
    expect((await type(town.environment, 'go-on')).said).toContain('Nothing was written.')
    expect(await type(town.environment, 'go-on', '--yes')).toMatchObject({ code: 2 })
    const accepted = await type(town.environment, 'go-on', '--yes', '--reason', 'the disk died')
    expect(accepted.code, accepted.said).toBe(0)
    await start().connected()
    const stored = await type(town.environment, 'verify')
    const file = join(folder, 'trail.jsonl')
    expect(await type(town.environment, 'export', file)).toMatchObject({ code: 0 })
    const elsewhere = await type(ELSEWHERE, 'verify', file)
    for (const { code, said } of [stored, elsewhere]) {
      expect(code, said).toBe(0)
      expect(said).toContain('What is there of the record holds')
      expect(said).toMatch(
        /Warning: Server 81384788765712384: lines 1 to 2,500 are gone; cli:ann accepted that on \d{4}-\d\d-\d\dT\S+ \(line 2,501 says so\)\./,
      )
    }
  })
})
