import { and, eq, sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { INSTALLATION, trail, trailHeads, trailTexts } from '#src/store/schema/trail.ts'
import { transact } from '#src/store/transact.ts'
import { canonicalLine, commitmentTo, FIRST_HASH, hashOf } from '#src/trail/line.ts'
import { withDatabases } from '../database.ts'
import { AT, append, linesOf, newGuild } from '../store/book.ts'

const draft = (guildId: string | null, type = 'role.given') =>
  ({ guildId, type, actor: 'discord:7', subject: 'member:42' }) as const

withDatabases('the trail', (database) => {
  const write = (drafts: Parameters<typeof append>[1]) => transact(database.opened.db, (tx) => append(tx, drafts, AT))

  it('numbers the lines of each guild from one, without a gap, and the installation has a chain of its own', async () => {
    const [a, b] = [newGuild(), newGuild()]
    const lines = await write([draft(a), draft(b), draft(a), draft(null), draft(b)])
    expect(lines.map(({ guildId, seq }) => [guildId, seq]).filter(([id]) => id !== null)).toEqual([
      [a, 1],
      [b, 1],
      [a, 2],
      [b, 2],
    ])
    await write([draft(a)])
    expect((await linesOf(database.opened.db, a)).map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect((await linesOf(database.opened.db, INSTALLATION)).map(({ id }) => id)).toContain(lines[3]!.id)
  })

  it('can be recomputed from what is stored, hash by hash, from the first line on', async () => {
    const guildId = newGuild()
    const odd = {
      b: 1e-7,
      a: [1e21, -0, 0.1, 9007199254740991],
      é: 'ünï\u2028\ud83d\ude00"\\',
      n: null,
      gone: undefined,
      o: {},
    }
    await write([{ ...draft(guildId), data: odd, cause: 'interaction:1', run: 'r1', texts: { reason: 'they left' } }])
    await write([draft(guildId), { ...draft(guildId), data: { 2: 'b', 10: 'a' } }])
    const lines = await linesOf(database.opened.db, guildId)
    let prevHash = FIRST_HASH
    for (const line of lines) {
      const said = { ...line, data: line.data as Record<string, unknown> }
      expect(line.prevHash).toBe(prevHash)
      expect(line.hash).toBe(hashOf(prevHash, said))
      prevHash = line.hash
    }
    const [head] = await database.opened.db.select().from(trailHeads).where(eq(trailHeads.guildId, guildId))
    expect(head).toEqual({ guildId, seq: 3, hash: prevHash })
  })

  it('shows a line that was altered by a hash that no longer fits', async () => {
    const guildId = newGuild()
    const [line] = await write([{ ...draft(guildId), data: { role: '1' } }])
    expect(hashOf(FIRST_HASH, line!)).toBe(line!.hash)
    for (const altered of [{ data: { role: '2' } }, { at: AT + 1 }, { seq: 2 }, { actor: 'discord:8' }, { run: 'r' }])
      expect(hashOf(FIRST_HASH, { ...line!, ...altered })).not.toBe(line!.hash)
  })

  it('keeps what people typed beside the chain, so that it can be erased and the chain still holds', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const [line] = await write([{ ...draft(guildId), data: { role: '1' }, texts: { reason: 'rude\0\ud800' } }])
    const ofLine = and(eq(trailTexts.guildId, guildId), eq(trailTexts.lineId, line!.id))
    const [kept] = await db.select().from(trailTexts).where(ofLine)
    expect(kept!.text).toBe('rude\uFFFD\uFFFD')
    expect(line!.data).toEqual({ role: '1', texts: { reason: commitmentTo(kept!.text, kept!.salt) } })
    expect(canonicalLine(line!)).not.toContain('rude')
    await db.delete(trailTexts).where(ofLine)
    const [after] = await linesOf(db, guildId)
    expect(hashOf(FIRST_HASH, { ...after!, data: after!.data as Record<string, unknown> })).toBe(line!.hash)
  })

  it('writes nothing where the change that it speaks of fails', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    await write([draft(guildId)])
    const failing = transact(db, async (tx) => {
      await append(tx, [draft(guildId), draft(guildId)], AT)
      throw new Error('the change failed')
    })
    await expect(failing).rejects.toThrow('the change failed')
    const [next] = await write([draft(guildId)])
    expect(next!.seq).toBe(2)
    expect(await linesOf(db, guildId)).toHaveLength(2)
  })

  it('appends ten thousand lines in one go', async () => {
    const guildId = newGuild()
    const lines = await write(Array.from({ length: 10_000 }, () => draft(guildId)))
    expect(lines.at(-1)!.seq).toBe(10_000)
    expect(await database.opened.db.$count(trail, eq(trail.guildId, guildId))).toBe(10_000)
  })

  it('stays gapless where many append at once', async () => {
    const guildId = newGuild()
    await Promise.all(Array.from({ length: 40 }, () => write([draft(guildId), draft(guildId)])))
    const lines = await linesOf(database.opened.db, guildId)
    expect(lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 80 }, (_, nth) => nth + 1))
    expect(lines.slice(1).map(({ prevHash }) => prevHash)).toEqual(lines.slice(0, -1).map(({ hash }) => hash))
  })

  it.each([
    ['update trail set actor = actor'],
    ['delete from trail'],
    ['truncate trail'],
    ['update trail_texts set text = text'],
    ['truncate trail_texts'],
    ['delete from trail_heads'],
    ['truncate trail_heads'],
    ['update trail_heads set seq = seq - 1'],
    [
      "insert into trail (guild_id, seq, id, at, type, actor, subject, data, prev_hash, hash) select 'nowhere', 1, gen_random_uuid(), at, type, actor, subject, data, prev_hash, hash from trail limit 1",
    ],
  ])('is not changed by: %s', async (statement) => {
    const { db } = database.opened
    const guildId = newGuild()
    await write([{ ...draft(guildId), texts: { reason: 'x' } }])
    const before = await linesOf(db, guildId)
    const refused = { cause: { code: expect.stringMatching(/^23(001|514)$/) } }
    await expect(db.execute(sql.raw(statement))).rejects.toMatchObject(refused)
    expect(await linesOf(db, guildId)).toEqual(before)
    expect(await db.$count(trailTexts, eq(trailTexts.guildId, guildId))).toBe(1)
  })
})
