import { sql } from 'drizzle-orm'
import { beforeEach, expect, it } from 'vitest'
import { type Counts, countOld, KINDS, removeOld } from '#src/store/retention.ts'
import { withDatabases } from '../database.ts'
import { AT, append, HOUR, linesOf, newGuild } from '../store/book.ts'

// What has its time, and goes when that is over.

const NEVER = new AbortController().signal
const OLD = AT - 1_000 * HOUR
const YOUNG = AT - 10 * HOUR
const BEFORE = { before: AT - 100 * HOUR, now: AT }

withDatabases('what is older than it is kept', (database) => {
  let guildId: string
  beforeEach(() => {
    guildId = newGuild()
  })
  const db = () => database.opened.db
  const time = (at: number) => new Date(at).toISOString()
  const run = (id: string, state: string, at: number, more: { cause?: string; purpose?: string } = {}) =>
    db().execute(sql`insert into runs (guild_id, id, state, purpose, cause, trigger, action, actor, may_destroy, idempotency_key, started_at, ended_at)
      values (${guildId}, ${id}, ${state}, ${more.purpose ?? 'audit'}, ${more.cause ?? null}, 'slash', 'report', 'cli:ann', false, ${id}, ${time(at - HOUR)},
        ${state === 'running' || state === 'awaiting_approval' ? null : time(at)})`)
  const finding = (runId: string, count = 1) =>
    db().execute(sql`insert into findings (guild_id, run_id, phase, member_id, category, policy_action, decided_by, gates, effective_action, kick, remove_roles, add_roles, excess_roles, missing_roles, unreachable_roles)
      select ${guildId}, ${runId}, 'shown', n::text, 'role_drift', 'report', 'x', '{}', 'report', false, '{}', '{}', '{}', '{}', '{}' from generate_series(1, ${count}::int) n`)
  const intent = (runId: string | null, at: number, settled = true) =>
    db().execute(sql`insert into intents (guild_id, id, run_id, kind, member_id, actor, at, settled_at, outcome)
      values (${guildId}, gen_random_uuid(), ${runId}, 'kick', '7', 'cli:ann', ${time(at)}, ${settled ? time(at) : null}, ${settled ? 'done' : null})`)
  const others = async (at: number) => {
    await db().execute(sql`insert into invocations (guild_id, interaction_id, at, actor, command, options, outcome, counted)
      values (${guildId}, ${String(at)}, ${time(at)}, 'discord:7', 'audit', '{}', 'accepted', true)`)
    await db().execute(
      sql`insert into grants (guild_id, id, at, member_id, role_id, by) values (${guildId}, gen_random_uuid(), ${time(at)}, '7', '8', 'none')`,
    )
    for (const state of ['answered', 'waiting'])
      await db().execute(sql`insert into orders (guild_id, id, at, actor, command, options, state)
        values (${guildId}, gen_random_uuid(), ${time(at)}, 'cli:ann', 'audit', '{}', ${state})`)
    await db().execute(
      sql`insert into approvals (guild_id, digest, run_id, actor, at, expires_at) values (${guildId}, ${String(at)}, 'r', 'cli:ann', ${time(at)}, ${time(at)})`,
    )
    await db().execute(
      sql`insert into idempotency_keys (guild_id, key, run_id, at, expires_at) values (${guildId}, ${String(at)}, 'r', ${time(at)}, ${time(at + HOUR)})`,
    )
  }
  const counts = (some: Partial<Counts>): Counts => ({
    ...(Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Counts),
    ...some,
  })
  const remove = (retention: Parameters<typeof countOld>[2] = BEFORE, signal = NEVER) =>
    removeOld({ db: db(), append, copies: false }, guildId, retention, 'system:retention', signal)
  const runsLeft = async () =>
    [...(await db().execute<{ id: string }>(sql`select id from runs where guild_id = ${guildId} order by id`))].map(
      ({ id }) => id,
    )

  it('goes with everything of it, what is younger stays, and one line says how much went', async () => {
    for (const state of ['completed', 'failed', 'abandoned', 'interrupted', 'awaiting_approval'])
      await run(`old-${state}`, state, OLD)
    await run('young', 'completed', YOUNG)
    await finding('old-completed', 3)
    await finding('young')
    await intent('old-completed', OLD)
    await intent('young', YOUNG)
    await others(OLD)
    await others(YOUNG)
    const expected = counts({
      runs: 5,
      findings: 3,
      intents: 1,
      invocations: 1,
      grants: 1,
      orders: 1,
      approvals: 1,
      keys: 2,
    })
    expect(await countOld(db(), guildId, BEFORE)).toEqual(expected)
    expect(await linesOf(db(), guildId)).toEqual([])
    expect(await remove()).toEqual(expected)
    expect(await runsLeft()).toEqual(['young'])
    const { keys: _, ...removed } = expected
    const [line, ...more] = await linesOf(db(), guildId)
    expect([line, more]).toMatchObject([
      { type: 'history.pruned', actor: 'system:retention', data: { removed, before: time(BEFORE.before) } },
      [],
    ])
    expect(await remove()).toEqual(counts({}))
    expect(await linesOf(db(), guildId)).toHaveLength(1)
  })

  it('stays where somebody is at work on it, undoes it, or a kick of it is tried again, and with it what it did', async () => {
    await run('at-work', 'running', OLD)
    await run('undone', 'completed', OLD)
    await run('undo', 'running', YOUNG, { cause: 'run:undone', purpose: 'group' })
    await run('retried', 'completed', OLD)
    await db().execute(
      sql`insert into retries (guild_id, member_id, run_id, tries, not_before) values (${guildId}, '7', 'retried', 1, ${time(AT)})`,
    )
    for (const runId of ['at-work', 'undone', 'retried']) {
      await finding(runId)
      await intent(runId, OLD)
    }
    await intent(null, OLD, false)
    await intent('gone', OLD, false)
    await run('young', 'completed', YOUNG)
    await intent('young', OLD)
    expect(await countOld(db(), guildId, BEFORE)).toEqual(counts({}))
    expect(await remove()).toEqual(counts({}))
    expect(await runsLeft()).toEqual(['at-work', 'retried', 'undo', 'undone', 'young'])
  })

  it('goes in steps, and goes on where it was stopped', async () => {
    await run('large', 'completed', OLD)
    await finding('large', 12_000)
    const stop = new AbortController()
    stop.abort()
    expect(await remove(BEFORE, stop.signal)).toEqual(counts({}))
    expect(await remove()).toEqual(counts({ runs: 1, findings: 12_000 }))
  })

  it('stays for ever where nothing goes for its age, but for the keys of requests', async () => {
    await run('old', 'completed', OLD)
    await others(OLD)
    const forEver = { before: null, now: AT }
    expect(await countOld(db(), guildId, forEver)).toEqual(counts({ keys: 1 }))
    expect(await remove(forEver)).toEqual(counts({ keys: 1 }))
    expect([await runsLeft(), await linesOf(db(), guildId)]).toEqual([['old'], []])
  })
})
