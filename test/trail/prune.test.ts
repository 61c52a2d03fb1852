import { generateKeyPairSync } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { beforeEach, expect, it } from 'vitest'
import { parkedLines, sinkCursors, sinkStates } from '#src/store/schema/sinks.ts'
import { INSTALLATION, trail, trailTexts, trailTruncations } from '#src/store/schema/trail.ts'
import { transact } from '#src/store/transact.ts'
import { TrailCheck } from '#src/trail/check.ts'
import { openCheckpoint, originOf, signCheckpoint } from '#src/trail/checkpoint.ts'
import { keptCheckpoints, makeCheckpoint } from '#src/trail/checkpoints.ts'
import { findDamage } from '#src/trail/damage.ts'
import { exportChain } from '#src/trail/export.ts'
import { MerkleTree } from '#src/trail/merkle.ts'
import { writtenPeaks } from '#src/trail/peaks.ts'
import { decideCut, findCuts, removeCut } from '#src/trail/prune.ts'
import { chainHeads } from '#src/trail/reading.ts'
import { writtenTruncation } from '#src/trail/written.ts'
import { withDatabases } from '../database.ts'
import { LONG_AGO as AT, append, HOUR, linesOf, newGuild } from '../store/book.ts'
import { chained, KEY, written } from './forge.ts'

// The oldest lines of a record go, and what is left can be verified.

const NEVER = new AbortController().signal
const { privateKey: OTHER } = generateKeyPairSync('ed25519')

withDatabases('old lines of a record', (database) => {
  let guildId: string
  const notes: string[] = []
  beforeEach(() => {
    guildId = newGuild()
    notes.length = 0
  })
  const db = () => database.opened.db
  const line = (number: number) =>
    ({ guildId, type: 'role.given', actor: 'discord:7', subject: `member:${number}`, texts: { reason: 'x' } }) as const
  const head = async () => (await chainHeads(db())).find(({ chain }) => chain === guildId)!
  /** So many lines, and a checkpoint over them. */
  const write = async (lines: number, at: number, key = KEY) => {
    const drafts = Array.from({ length: lines }, (_, number) => line(number))
    await transact(db(), (tx) => append(tx, drafts, at))
    notes.push(await makeCheckpoint(db(), await head(), key, at))
  }
  const cutOf = async (before: number, key = KEY) =>
    (await findCuts(db(), key, before)).find(({ chain }) => chain === guildId)
  const prune = async (before: number, at: number) => {
    const cut = (await cutOf(before))!
    await decideCut(db(), append, cut, 'cli:ann', at)
    return removeCut(db(), guildId, () => {}, NEVER)
  }
  const exported = async (key = KEY) => Array.fromAsync(exportChain(db(), await head(), key))
  const verify = (lines: readonly string[], key = KEY, against: ConstructorParameters<typeof TrailCheck>[1] = {}) => {
    const check = new TrailCheck(key, against)
    for (const one of lines) check.take(Buffer.from(one))
    return check.end()[0]!
  }
  const checkpoints = () => notes.map((note) => openCheckpoint(note, KEY)!)

  it('go up to the newest checkpoint that is old enough, and the rest verifies and says so', async () => {
    await write(5, AT)
    await write(4, AT + HOUR)
    await write(3, AT + 3 * HOUR)
    expect(await cutOf(AT - 1)).toBe(undefined)
    expect(await cutOf(AT + 2 * HOUR)).toMatchObject({ upTo: 9, lines: 9 })
    expect(await prune(AT + 2 * HOUR, AT + 9 * HOUR)).toBe(9)
    const left = await linesOf(db(), guildId)
    expect(left.map(({ seq }) => seq)).toEqual([10, 11, 12, 13])
    const truncated = { type: 'trail.truncated', actor: 'cli:ann', data: { size: 9, removed: 9, note: notes[1] } }
    expect(left.at(-1)).toMatchObject(truncated)
    expect(await db().$count(trailTexts, eq(trailTexts.guildId, guildId))).toBe(3)
    const removal = { upTo: 9, by: 'cli:ann', at: new Date(AT + 9 * HOUR).toISOString() }
    const against = { known: checkpoints() }
    expect(verify(await exported(), KEY, against)).toMatchObject({ lines: 13, removal, unheld: 1, gaps: [] })
    expect((await findDamage(db())).filter(({ chain }) => chain === guildId)).toEqual([])
    await makeCheckpoint(db(), await head(), KEY, AT + 9 * HOUR)
    const known = (await keptCheckpoints(db(), KEY)).filter(({ origin }) => origin.endsWith(`/${guildId}`))
    expect(verify(await exported(), KEY, { known }).lines).toBe(13)
  })

  it('go again later, and the next removal begins where the last one ended', async () => {
    await write(5, AT)
    await write(5, AT + HOUR)
    await prune(AT, AT + 2 * HOUR)
    await write(5, AT + 3 * HOUR)
    expect(await cutOf(AT)).toBe(undefined)
    expect(await cutOf(AT + HOUR)).toMatchObject({ upTo: 10, lines: 5 })
    expect(await prune(AT + 3 * HOUR, AT + 4 * HOUR)).toBe(11)
    expect(verify(await exported())).toMatchObject({ lines: 17, removal: { upTo: 16 } })
    expect(await db().$count(trailTruncations, eq(trailTruncations.guildId, guildId))).toBe(2)
  })

  it('of a chain of which all is old leave the line that says so', async () => {
    await write(2, AT)
    await prune(AT, AT)
    expect((await linesOf(db(), guildId)).map(({ seq, type }) => [seq, type])).toEqual([[3, 'trail.truncated']])
    expect(verify(await exported())).toMatchObject({ lines: 3, removal: { upTo: 2 } })
  })

  it('that an earlier time had not finished removing go the next time, and are missed by nobody meanwhile', async () => {
    await write(5, AT)
    const stop = AbortSignal.abort()
    const cut = (await cutOf(AT))!
    expect(await decideCut(db(), append, cut, 'cli:ann', AT)).toBe(true)
    expect(await removeCut(db(), guildId, () => {}, stop)).toBe(0)
    await db().execute(sql`select trail_truncate(${guildId}, 2)`)
    expect(verify(await exported())).toMatchObject({ lines: 6, removal: { upTo: 5 } })
    expect(await decideCut(db(), append, cut, 'cli:ann', AT)).toBe(false)
    expect(await removeCut(db(), guildId, () => {}, NEVER)).toBe(3)
  })

  it('stay where a sink was not given them, or has one of them parked', async () => {
    await write(5, AT)
    await write(5, AT)
    await db().insert(sinkCursors).values({ guildId, sink: 'siem', seq: 4 })
    expect(await cutOf(AT)).toBe(undefined)
    await db().update(sinkCursors).set({ seq: 7 }).where(eq(sinkCursors.guildId, guildId))
    expect(await cutOf(AT)).toMatchObject({ upTo: 5 })
    await db()
      .insert(parkedLines)
      .values({ guildId, sink: 'siem', seq: 5, lineId: crypto.randomUUID(), reason: '', at: AT })
    expect(await cutOf(AT)).toBe(undefined)
  })

  it('stay where a sink has yet to begin with them', async () => {
    await write(5, AT)
    await db().insert(sinkStates).values({ guildId: INSTALLATION, sink: 'siem', since: AT })
    expect(await cutOf(AT)).toBe(undefined)
    await db().delete(sinkStates)
    expect(await cutOf(AT)).toMatchObject({ upTo: 5 })
  })

  it('stay where one of them was altered, since it would be lost that it was', async () => {
    await write(5, AT)
    await db().execute(sql.raw('alter table trail disable trigger user'))
    await db().update(trail).set({ actor: 'discord:8' }).where(sql`guild_id = ${guildId} and seq = 2`)
    await db().execute(sql.raw('alter table trail enable trigger user'))
    await expect(decideCut(db(), append, (await cutOf(AT))!, 'cli:ann', AT)).rejects.toThrow('was changed')
    expect(await linesOf(db(), guildId)).toHaveLength(5)
  })

  it('stay where the database’s own clock says that they are of the last days, whatever is signed over them', async () => {
    await write(3, AT)
    const now = Date.now()
    await write(2, now)
    await write(2, AT)
    expect(await prune(now + HOUR, now)).toBe(3)
    expect((await linesOf(db(), guildId)).map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8])
    expect(verify(await exported())).toMatchObject({ lines: 8, removal: { upTo: 7 } })
    const byHand = db().execute(sql`delete from trail where guild_id = ${guildId} and seq < 7`)
    await expect(byHand).rejects.toMatchObject({ cause: { code: '23001' } })
  })

  it('that go while the record is read are no sign of anything else', async () => {
    await write(4_500, AT)
    const reading = exportChain(db(), await head(), KEY)
    await reading.next()
    const early = await head()
    await prune(AT, AT)
    await expect(Array.fromAsync(reading)).rejects.toThrow('were removed while it was read')
    expect(verify(await Array.fromAsync(exportChain(db(), early, KEY)))).toMatchObject({ lines: 4_501 })
  })

  it('stay where another key has signed for them', async () => {
    await write(5, AT, OTHER)
    expect(await cutOf(AT)).toBe(undefined)
    expect(await cutOf(AT, OTHER)).toMatchObject({ upTo: 5 })
  })

  it('that were removed under a key from before are verified with that one beside the new', async () => {
    await write(5, AT)
    await prune(AT, AT)
    await makeCheckpoint(db(), await head(), OTHER, AT + HOUR)
    const lines = await exported(OTHER)
    expect(() => verify(lines, OTHER)).toThrow('give the one before it with --former-key')
    expect(verify(lines, OTHER, { former: [KEY] })).toMatchObject({ removal: { upTo: 5 } })
  })

  it('are no way to hide anything: what is said of them has to fit, to be signed, and to be told by a line', async () => {
    await write(5, AT)
    await prune(AT, AT)
    await write(2, AT)
    const lines = await exported()
    const [first] = lines as [string]
    const { head: hash, peaks, note } = JSON.parse(first).truncated
    const strike = (changes: object) =>
      lines.with(0, JSON.stringify({ truncated: { head: hash, note, peaks, ...changes } }))
    expect(() => verify(strike({ head: 'f'.repeat(64) }))).toThrow('does not follow')
    expect(() => verify(strike({ peaks: 'f'.repeat(128) }))).toThrow('does not fit itself')
    expect(() => verify(strike({ peaks: '' }))).toThrow('is no line of a record')
    expect(() => verify(strike({ note: note.replace('\n5\n', '\n6\n') }))).toThrow('another key has signed')
    expect(() => verify(strike({ more: 1 }))).toThrow('is no line of a record')
    expect(() => verify(lines.slice(1))).toThrow('numbers 1 to 5 are missing')
    expect(() => verify(lines.toSpliced(2, 0, first))).toThrow('in the middle of a chain')
    expect(() => verify(lines.toSpliced(1, 1))).toThrow('number 6 is missing')
    const told = chained(6)
    const tree = new MerkleTree()
    for (const one of told.slice(0, 3)) tree.append(Buffer.from(one.hash, 'hex'))
    const origin = originOf('1000', KEY)
    const under = {
      head: told[2]!.hash,
      peaks: writtenPeaks(tree),
      note: signCheckpoint({ origin, size: 3, root: tree.root() }, KEY),
    }
    const silent = [writtenTruncation(under), ...written(told).slice(3)]
    expect(() => verify(silent)).toThrow('none of its lines says that they were removed')
  })

  it.each([
    ['delete from trail where guild_id = $1'],
    ['delete from trail where guild_id = $1 and seq = 6'],
    ['update trail_truncations set size = 7 where guild_id = $1'],
    ['delete from trail_truncations where guild_id = $1'],
    [
      'insert into trail_truncations select guild_id, 6, at, actor, removed, head, peaks, note from trail_truncations where guild_id = $1',
    ],
    [
      'insert into trail_truncations select guild_id, 4, at, actor, removed, head, peaks, note from trail_truncations where guild_id = $1',
    ],
    ["select trail_truncate('nowhere', 10) where $1 <> ''"],
  ])('are all that can be removed: %s', async (statement) => {
    await write(5, AT)
    await prune(AT, AT)
    await write(2, AT)
    const before = await linesOf(db(), guildId)
    const asked = db().execute(sql.raw(statement.replace('$1', `'${guildId}'`)))
    await expect(asked).rejects.toMatchObject({ cause: { code: '23001' } })
    expect(await linesOf(db(), guildId)).toEqual(before)
  })
})
