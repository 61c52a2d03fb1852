import { eq, sql } from 'drizzle-orm'
import { beforeEach, expect, it } from 'vitest'
import { reasonOfUndo } from '#src/core/undo.ts'
import { countTexts, eraseTexts, PLACES } from '#src/store/erasing.ts'
import { trailTexts } from '#src/store/schema/trail.ts'
import { transact } from '#src/store/transact.ts'
import { TrailCheck } from '#src/trail/check.ts'
import { exportChain } from '#src/trail/export.ts'
import { chainHeads } from '#src/trail/reading.ts'
import { withDatabases } from '../database.ts'
import { KEY } from '../trail/forge.ts'
import { AT, append, linesOf, newGuild } from './book.ts'

// A member asks that what people typed about them is erased.

const ANN = '200000000000000001'
const BEN = '200000000000000002'
const WORDS = 'she was rude'

withDatabases('texts about a member', (database) => {
  let guildId: string
  beforeEach(() => {
    guildId = newGuild()
  })
  const db = () => database.opened.db
  const by = { actor: 'cli:ann', at: AT } as const
  const erase = (guild = guildId) => eraseTexts({ db: db(), append, copies: false }, guild, ANN, by)
  const write = (subject: string, data: Record<string, unknown>, guild = guildId) =>
    transact(db(), (tx) =>
      append(tx, [{ guildId: guild, type: 'x.y', actor: 'discord:7', subject, data, texts: { reason: WORDS } }], AT),
    )

  /** Everything that is kept of words about two members, in every table that has room for them. */
  async function furnish(guild = guildId) {
    for (const [who, other] of [
      [ANN, BEN],
      [BEN, ANN],
    ] as const) {
      await write(`member:${who}`, {}, guild)
      await write('run:1', { only: { memberId: who, roleId: null } }, guild)
      await write('setting:protectedMembers', { before: [other], after: [other, who] }, guild)
      await db().execute(
        sql`insert into overrides (guild_id, member_id, action, reason, at, actor) values (${guild}, ${who}, 'report', ${WORDS}, now(), 'discord:7')`,
      )
      await db().execute(
        sql`insert into manual_links (guild_id, discord_id, identity_id, source, reason, actor, at) values (${guild}, ${who}, '1', 'native', ${WORDS}, 'discord:7', now())`,
      )
      await db().execute(sql`insert into runs (guild_id, id, state, trigger, action, actor, may_destroy, idempotency_key, started_at, only_member, reason)
        values (${guild}, ${`of-${who}`}, 'completed', 'slash', 'report', 'discord:7', false, ${who}, now(), ${who}, ${WORDS})`)
      const options = JSON.stringify({ member: who, reason: WORDS, most: 5, dry: true, role: '8' })
      await db().execute(sql`insert into invocations (guild_id, interaction_id, at, actor, command, options, outcome, why, counted)
        values (${guild}, ${`i-${who}`}, now(), 'discord:7', 'override', ${options}::jsonb, 'refused', ${WORDS}, true)`)
      const reply = JSON.stringify({ title: `${WORDS} <@${who}>` })
      await db().execute(sql`insert into orders (guild_id, id, at, actor, command, options, state, reply)
        values (${guild}, gen_random_uuid(), now(), 'cli:ann', 'explain', '{}', 'answered', ${reply}::jsonb),
          (${guild}, gen_random_uuid(), now(), 'cli:ann', 'override', ${options}::jsonb, 'given_up', null)`)
    }
  }

  /** Every row of every table of the database that holds the words, by table. */
  async function wordsLeft(words = WORDS, guild = guildId): Promise<Readonly<Record<string, number>>> {
    const left: Record<string, number> = {}
    const tables = await db().execute<{ name: string }>(
      sql`select table_name as name from information_schema.columns where table_schema = current_schema() and column_name = 'guild_id'`,
    )
    for (const { name } of tables) {
      const table = sql.identifier(name)
      const [row] = await db().execute<{ n: number }>(
        sql`select count(*)::float8 as n from ${table} r where guild_id = ${guild} and r::text like ${`%${words}%`}`,
      )
      if (row!.n > 0) left[name] = row!.n
    }
    return left
  }

  it('are counted first, and then erased in every table that has any, and those about others stay', async () => {
    await furnish()
    await furnish(String(Number(guildId) + 500_000))
    const all = { invocations: 2, manual_links: 2, orders: 4, overrides: 2, runs: 2, trail_texts: 6 }
    expect(await wordsLeft()).toEqual(all)
    const expected = { texts: 3, overrides: 1, links: 1, runs: 1, invocations: 1, orders: 2 }
    expect(await countTexts(db(), guildId, ANN)).toEqual(expected)
    expect(await wordsLeft()).toEqual(all)
    expect(await erase()).toEqual(expected)
    const half = { invocations: 1, manual_links: 1, orders: 2, overrides: 1, runs: 1, trail_texts: 3 }
    expect(await wordsLeft()).toEqual(half)
    expect(await wordsLeft(WORDS, String(Number(guildId) + 500_000))).toEqual(all)
    const [asked] = await db().execute<{ options: unknown; why: string }>(
      sql`select options, why from invocations where guild_id = ${guildId} and interaction_id = ${`i-${ANN}`}`,
    )
    expect(asked).toEqual({ options: { member: ANN, most: 5, dry: true, role: '8' }, why: '(erased)' })
  })

  it('are told of in the record without a word of them, and the record verifies as before', async () => {
    await furnish()
    const before = await linesOf(db(), guildId)
    await erase()
    const after = await linesOf(db(), guildId)
    expect(after.slice(0, -1)).toEqual(before)
    const erased = { texts: 3, overrides: 1, links: 1, runs: 1, invocations: 1, orders: 2 }
    const line = { type: 'member.erased', actor: 'cli:ann', subject: `member:${ANN}`, data: { erased } }
    expect(after.at(-1)).toMatchObject(line)
    expect(JSON.stringify(after)).not.toContain(WORDS)
    const head = (await chainHeads(db())).find(({ chain }) => chain === guildId)!
    const check = new TrailCheck(KEY)
    for await (const one of exportChain(db(), head, KEY)) check.take(Buffer.from(one))
    expect(check.end()).toMatchObject([{ lines: after.length }])
  })

  it('are erased once: what is asked again finds nothing and says nothing', async () => {
    await furnish()
    await erase()
    const lines = await linesOf(db(), guildId)
    const nothing = Object.fromEntries(PLACES.map((place) => [place, 0]))
    expect([await countTexts(db(), guildId, ANN), await erase()]).toEqual([nothing, nothing])
    expect(await linesOf(db(), guildId)).toEqual(lines)
  })

  it('do not take the mark of an undo from an override', async () => {
    const reason = reasonOfUndo('0198c0de-0000-7000-8000-000000000001')
    await db().execute(
      sql`insert into overrides (guild_id, member_id, action, reason, at, actor) values (${guildId}, ${ANN}, 'report', ${reason}, now(), 'discord:7')`,
    )
    expect((await erase()).overrides).toBe(0)
  })

  it('are all found where there are many', async () => {
    const line = {
      guildId,
      type: 'x.y',
      actor: 'discord:7',
      subject: `member:${ANN}`,
      texts: { reason: WORDS, why: 'x' },
    } as const
    await transact(db(), (tx) => append(tx, Array(1_100).fill(line), AT))
    expect((await erase()).texts).toBe(2_200)
    expect(await db().$count(trailTexts, eq(trailTexts.guildId, guildId))).toBe(0)
  })
})
