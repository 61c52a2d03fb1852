import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asc, eq } from 'drizzle-orm'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { keepSigning } from '#src/bot/checkpoints.ts'
import { trailCheckpoints } from '#src/store/schema/trail.ts'
import { transact } from '#src/store/transact.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { openCheckpoint } from '#src/trail/checkpoint.ts'
import { dueChains, makeCheckpoint } from '#src/trail/checkpoints.ts'
import { exportChain } from '#src/trail/export.ts'
import { openKey, publicBytes } from '#src/trail/key.ts'
import { dailyHeads, damageLine } from '#src/trail/told.ts'
import { withDatabases } from '../database.ts'
import { HandClock } from '../roster/hand-clock.ts'
import { AT, append, HOUR, MINUTE, newGuild } from '../store/book.ts'
import { KEY } from './forge.ts'

// Checkpoints as the record grows: after a thousand lines, or an hour after the last.

withDatabases('checkpoints of the record', (database) => {
  let guildId: string
  beforeEach(() => {
    guildId = newGuild()
  })
  const db = () => database.opened.db
  const write = (lines: number, at = AT) =>
    transact(db(), (tx) =>
      append(
        tx,
        Array.from({ length: lines }, () => ({ guildId, type: 'role.given', actor: 'discord:7', subject: 'member:4' })),
        at,
      ),
    )
  const due = async (now: number) => (await dueChains(db(), now, 1_000)).find(({ chain }) => chain === guildId)
  const kept = () =>
    db()
      .select()
      .from(trailCheckpoints)
      .where(eq(trailCheckpoints.guildId, guildId))
      .orderBy(asc(trailCheckpoints.size))

  it('are made of a new chain at once, then after an hour or a thousand lines, and each goes on from the one before', async () => {
    await write(5)
    await makeCheckpoint(db(), (await due(AT))!, KEY, AT)
    expect(await due(AT + 2 * HOUR)).toBe(undefined)
    await write(2)
    expect(await due(AT + HOUR - 1)).toBe(undefined)
    await makeCheckpoint(db(), (await due(AT + HOUR))!, KEY, AT + HOUR)
    await write(999)
    expect(await due(AT + HOUR + 1)).toBe(undefined)
    await write(1)
    await makeCheckpoint(db(), (await due(AT + HOUR + 1))!, KEY, AT + HOUR + 1)
    const notes = await kept()
    expect(notes.map(({ size }) => size)).toEqual([5, 7, 1_007])
    const head = { chain: guildId, seq: 1_007, hash: notes[2]!.head }
    const lines = await Array.fromAsync(exportChain(db(), head, KEY))
    expect(JSON.parse(lines.at(-1)!).checkpoint).toBe(notes[2]!.note)
  })

  it('are not made of lines that were altered, nor changed, nor taken away', async () => {
    await write(3)
    const { sql } = database.opened
    await makeCheckpoint(db(), (await due(AT))!, KEY, AT)
    await write(3)
    await sql.unsafe(
      `alter table trail disable trigger user; update trail set actor = 'discord:8' where guild_id = '${guildId}' and seq = 5; alter table trail enable trigger user`,
    )
    await expect(makeCheckpoint(db(), (await due(AT + HOUR))!, KEY, AT)).rejects.toThrow('was changed')
    for (const statement of ['update trail_checkpoints set note = note', 'delete from trail_checkpoints'])
      await expect(sql.unsafe(statement)).rejects.toThrow('append-only')
    expect((await kept()).map(({ size }) => size)).toEqual([3])
  })

  it('of another key begin again at the first line', async () => {
    const { privateKey: other } = generateKeyPairSync('ed25519')
    await write(3)
    await makeCheckpoint(db(), (await due(AT))!, other, AT)
    await write(1)
    await makeCheckpoint(db(), (await due(AT + HOUR))!, KEY, AT)
    expect(openCheckpoint((await kept())[1]!.note, KEY)?.size).toBe(4)
  })

  it('are made by the bot each minute; without a key it says that nothing is signed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-key-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const said: string[] = []
    const log = { ...makeLog({ level: 'silent', secrets: [] }), error: (_: unknown, words: string) => said.push(words) }
    const clock = new HandClock()
    await write(2)
    const parts = { db: db(), append, clock, log: log as unknown as ReturnType<typeof makeLog> }
    const stop = await keepSigning(parts, join(folder, 'trail.key'))
    await clock.pass(MINUTE)
    await stop()
    expect((await kept()).map(({ size }) => size)).toEqual([2])
    writeFileSync(join(folder, 'broken.key'), 'nothing')
    await keepSigning(parts, join(folder, 'broken.key'))
    expect(said).toEqual([expect.stringContaining('The record is not signed.')])
  })

  it('by another key than before are announced in the record and in the log, once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-key-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const said: string[] = []
    const log = { ...makeLog({ level: 'silent', secrets: [] }), warn: (_: unknown, words: string) => said.push(words) }
    const parts = { db: db(), append, clock: new HandClock(), log: log as unknown as ReturnType<typeof makeLog> }
    const { privateKey: other } = generateKeyPairSync('ed25519')
    const line = { guildId: null, type: 'identity.imported', actor: 'cli:ann', subject: 'identity:native' } as const
    const [{ seq, hash } = { seq: 0, hash: '' }] = await transact(db(), (tx) => append(tx, [line], AT))
    await makeCheckpoint(db(), { chain: 'installation', seq, hash }, other, AT)
    for (const _start of [1, 2]) await (await keepSigning(parts, join(folder, 'new.key')))()
    expect(said).toEqual([expect.stringContaining('signed with another key from now on')])
    const publicKey = publicBytes(await openKey(join(folder, 'new.key'))).toString('base64')
    const lines = await database.opened.sql`select data from trail where type = 'trail.key_changed'`
    expect(lines.filter(({ data }) => data.publicKey === publicKey)).toHaveLength(1)
  })

  const toldIn = async (now: number) => (await dailyHeads(db(), now, 1_000)).filter((line) => line.guildId === guildId)
  const sign = async (now: number) => makeCheckpoint(db(), (await due(now))!, KEY, now)
  const tell = async (now: number) => {
    const lines = await toldIn(now)
    await transact(db(), (tx) => append(tx, lines, now))
  }

  it('are told in the record itself once a day, the newest, and of an idle chain no more', async () => {
    await write(3)
    await sign(AT)
    expect(await toldIn(AT + 23 * HOUR)).toEqual([])
    await write(1, AT + HOUR)
    const note = await sign(AT + 2 * HOUR)
    expect(await toldIn(AT + 24 * HOUR)).toEqual([
      {
        ...{ guildId, type: 'trail.checkpointed', actor: 'system:trail', subject: `trail:${guildId}` },
        data: { size: 4, note },
      },
    ])
    await tell(AT + 24 * HOUR)
    await sign(AT + 26 * HOUR)
    // The checkpoint is over that line alone.
    expect(await toldIn(AT + 72 * HOUR)).toEqual([])
    await write(1, AT + 72 * HOUR)
    await sign(AT + 73 * HOUR)
    expect(await toldIn(AT + 73 * HOUR)).toMatchObject([{ data: { size: 6 } }])
  })

  it('that the bot cannot make leave a line that says what was altered', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-key-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    await write(2)
    const { sql } = database.opened
    await sql.unsafe(
      `alter table trail disable trigger user; update trail set actor = 'discord:8' where guild_id = '${guildId}' and seq = 2; alter table trail enable trigger user`,
    )
    const clock = new HandClock()
    const stop = await keepSigning(
      { db: db(), append, clock, log: makeLog({ level: 'silent', secrets: [] }) },
      join(folder, 'trail.key'),
    )
    await clock.pass(MINUTE)
    await stop()
    const lines = await sql`select seq, data from trail where guild_id = ${guildId} and type = 'trail.damage_found'`
    expect(lines).toMatchObject([{ data: { detail: expect.stringContaining('was changed') } }])
    expect(await kept()).toEqual([])
  })

  it('that cannot be made because the record was altered are told of once, however often the bot starts', async () => {
    await write(2)
    const line = await damageLine(db(), guildId, 'Line 2 was changed.')
    expect(line).toMatchObject({ guildId, type: 'trail.damage_found', data: { detail: 'Line 2 was changed.' } })
    await transact(db(), (tx) => append(tx, [line!], AT))
    await write(1)
    expect(await damageLine(db(), guildId, 'Line 2 was changed.')).toBe(null)
  })
})
