import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { transact } from '#src/store/transact.ts'
import { TrailCheck } from '#src/trail/check.ts'
import { openCheckpoint } from '#src/trail/checkpoint.ts'
import { keptCheckpoints, makeCheckpoint } from '#src/trail/checkpoints.ts'
import { findDamage, gapAccepted } from '#src/trail/damage.ts'
import { exportChain } from '#src/trail/export.ts'
import { chainHeads } from '#src/trail/reading.ts'
import { withDatabases } from '../database.ts'
import { AT, append, newGuild } from '../store/book.ts'
import { type Changes, chained, KEY, record, written } from './forge.ts'

// A record of which lines were lost, and of which somebody has said that they go on without them.

const LINES = 20

/** What the line after the gap says. */
const accepted = (left: number, gone: number) => (seq: number) =>
  seq === gone + 1 ? { type: 'trail.gap_accepted', actor: 'cli:ann', data: { written: gone, left } } : {}

/** Lines after `left` up to `gone` are not there any more. */
function withGap(left: number, gone: number, says: Changes = accepted(left, gone)): string[] {
  const lines = chained(LINES, '1000', says)
  return written(lines.map((line) => (line.seq > left && line.seq <= gone ? null : line)))
}

function verdict(lines: readonly string[], kept: readonly string[] = []) {
  const notes = kept.map((note) => openCheckpoint(JSON.parse(note).checkpoint, KEY)!)
  const check = new TrailCheck(KEY, { known: notes })
  for (const line of lines) check.take(Buffer.from(line))
  return check.end()[0]!
}

describe('a gap that was accepted', () => {
  it.each([
    [0, 5],
    [4, 5],
    [4, 16],
    [0, LINES - 1],
  ])('from line %d to line %d is named, with who accepted it and when, and both sides of it hold', (left, gone) => {
    const { lines, gaps } = verdict(withGap(left, gone))
    const at = `2026-01-01T00:00:00.0${String(gone + 1).padStart(2, '0')}Z`
    expect([lines, gaps]).toEqual([LINES, [{ left, written: gone, by: 'cli:ann', at }]])
  })

  it('does not cover a line more that is missing on either side of it', () => {
    const gappy = withGap(4, 8)
    expect(() => verdict(gappy.toSpliced(3, 1))).toThrow('numbers 4 to 8 are missing')
    expect(() => verdict(gappy.toSpliced(4, 1))).toThrow('missing')
    expect(() => verdict(gappy.toSpliced(6, 1))).toThrow('number 11 is missing')
  })

  it('that nobody accepted, or that is larger than what was accepted, is a fault', () => {
    expect(() => verdict(withGap(4, 8, () => ({})))).toThrow('numbers 5 to 8 are missing')
    expect(() => verdict(withGap(4, 8, accepted(5, 8)))).toThrow('numbers 5 to 8 are missing')
    for (const left of [-1, 4.5, '4', null, 1e300]) {
      const data = { written: 8, left }
      const says = (seq: number) => (seq === 9 ? { ...accepted(4, 8)(seq), data } : {})
      expect(() => verdict(withGap(4, 8, says))).toThrow('numbers 5 to 8 are missing')
    }
  })

  it('is no way to hide lines from a checkpoint that was kept: before it the checkpoint holds, within it that is said', () => {
    const before = record(3).at(-1)!
    expect(verdict(withGap(4, 8), [before])).toMatchObject({ unheld: 0 })
    expect(verdict(withGap(4, 8), [record(6).at(-1)!, record(8).at(-1)!])).toMatchObject({ unheld: 2 })
    const anew = chained(LINES, '1000', (seq) => ({ ...accepted(4, 8)(seq), ...(seq === 2 && { run: 'other' }) }))
    const forged = written(anew.map((line) => (line.seq > 4 && line.seq <= 8 ? null : line)))
    expect(() => verdict(forged, [before])).toThrow('was written anew')
  })

  it('where the last line was replaced by another, names it and says that a checkpoint over it holds no more', () => {
    const whole = chained(LINES, '1000', accepted(8, 8))
    const [other] = chained(8, '1000', (seq) => (seq === 8 ? { run: 'other' } : {})).slice(-1)
    const lines = written(whole.with(7, other!))
    expect(verdict(lines, [record(8).at(-1)!])).toMatchObject({ gaps: [{ left: 8, written: 8 }], unheld: 1 })
    expect(() => verdict(written(chained(LINES).with(7, other!)))).toThrow('does not follow')
  })
})

withDatabases('a record with a gap in the database', (database) => {
  it.each([
    ['at the end', 4, 'seq > 4'],
    ['of everything', 0, 'seq > 0'],
    ['before the last checkpoint', 7, 'seq > 7'],
  ])('%s is exported, and signed on from there, with the same roots', async (_, left, gone) => {
    const { db } = database.opened
    const guildId = newGuild()
    const line = { guildId, type: 'role.given', actor: 'discord:7', subject: 'member:4' } as const
    const write = (lines: number) => transact(db, (tx) => append(tx, Array(lines).fill(line), AT))
    const head = async () => (await chainHeads(db)).find(({ chain }) => chain === guildId)!
    await write(6)
    await makeCheckpoint(db, await head(), KEY, AT)
    await write(6)
    await makeCheckpoint(db, await head(), KEY, AT)
    await db.execute(
      sql.raw(`alter table trail disable trigger user; delete from trail where guild_id = '${guildId}' and ${gone}`),
    )
    await db.execute(sql.raw('alter table trail enable trigger user'))
    const damage = (await findDamage(db)).filter(({ chain }) => chain === guildId)
    expect(damage).toEqual([{ chain: guildId, written: 12, left }])
    await transact(db, (tx) => append(tx, [gapAccepted(damage[0]!, 'cli:ann', 'the disk died')], AT))
    await write(3)
    const note = await makeCheckpoint(db, await head(), KEY, AT)
    await write(1)
    await makeCheckpoint(db, await head(), KEY, AT)
    const known = (await keptCheckpoints(db, KEY)).filter(({ origin }) => origin.endsWith(`/${guildId}`))
    const check = new TrailCheck(KEY, { known: [...known, openCheckpoint(note, KEY)!] })
    for await (const one of exportChain(db, await head(), KEY)) check.take(Buffer.from(one))
    const unheld = [6, 12].filter((size) => size > left).length
    expect(check.end()).toMatchObject([{ lines: 17, unheld, gaps: [{ left, written: 12, by: 'cli:ann' }] }])
  })
})
