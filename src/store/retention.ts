import { type SQL, sql } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Actor } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { transact } from './transact.ts'

// What is kept for a time: runs with what they found and did, what was asked of the bot, and the keys by which a request is known again.

/** Rows in one statement, so that nobody waits long behind it. */
const AT_ONCE = 5_000

/** What has its time: how many rows of each. */
export const KINDS = ['runs', 'findings', 'intents', 'invocations', 'grants', 'orders', 'approvals', 'keys'] as const
export type Kind = (typeof KINDS)[number]
export type Counts = Readonly<Record<Kind, number>>

export interface Retention {
  /** Older than this goes, ms since the epoch; null: nothing does for its age. */
  readonly before: number | null
  readonly now: number
}

/** A run that nobody is at work on, that no kick waits for and that no undo works on. */
const oldRun = (before: string): SQL => sql`
  r.state not in ('pending', 'running') and coalesce(r.ended_at, r.started_at) < ${before}::timestamptz
  and not exists (select from retries t where t.guild_id = r.guild_id and t.run_id = r.id)
  and not exists (select from runs u where u.guild_id = r.guild_id and u.cause = 'run:' || r.id and u.state in ('pending', 'running'))`

/** For each kind: its table, and which rows of a guild go. An act that is not settled stays, however old. */
function rules(guildId: Id, { before, now }: Retention): readonly (readonly [Kind, SQL, SQL])[] {
  const moment = (at: number) => new Date(at).toISOString()
  const keys = [
    'keys',
    sql`idempotency_keys`,
    sql`guild_id = ${guildId} and expires_at <= ${moment(now)}::timestamptz`,
  ] as const
  if (before === null) return [keys]
  const old = moment(before)
  const older = sql`guild_id = ${guildId} and at < ${old}::timestamptz`
  const ofOldRun = sql`guild_id = ${guildId} and run_id in (select r.id from runs r where r.guild_id = ${guildId} and ${oldRun(old)})`
  return [
    ['findings', sql`findings`, ofOldRun],
    ['intents', sql`intents`, sql`${older} and settled_at is not null and ${noKeptRun(guildId, old)}`],
    ['invocations', sql`invocations`, older],
    ['grants', sql`grants`, older],
    ['orders', sql`orders`, sql`${older} and state in ('answered', 'given_up')`],
    ['approvals', sql`approvals`, sql`guild_id = ${guildId} and expires_at < ${old}::timestamptz`],
    keys,
    // Last: what was found by a run is found by its run.
    [
      'runs',
      sql`runs`,
      sql`guild_id = ${guildId} and id in (select r.id from runs r where r.guild_id = ${guildId} and ${oldRun(old)})
        and not exists (select from findings f where f.guild_id = runs.guild_id and f.run_id = runs.id)`,
    ],
  ]
}

/** What a run did is needed for as long as it can be undone. */
const noKeptRun = (guildId: Id, before: string): SQL =>
  sql`coalesce(run_id, '') not in (select r.id from runs r where r.guild_id = ${guildId} and not (${oldRun(before)}))`

/** How much there is to go, and nothing is changed. */
export async function countOld(db: Db, guildId: Id, retention: Retention): Promise<Counts> {
  const counts = { ...NONE }
  for (const [kind, table, goes] of rules(guildId, retention)) {
    // Findings go first, and then no run is held by one.
    const all = kind === 'runs' ? sql`guild_id = ${guildId} and ${runsThatGo(retention)}` : goes
    const [row] = await db.execute<{ n: number }>(sql`select count(*)::float8 as n from ${table} where ${all}`)
    counts[kind] = row!.n
  }
  return counts
}

const runsThatGo = ({ before }: Retention): SQL =>
  sql`id in (select r.id from runs r where ${oldRun(new Date(before!).toISOString())} and r.guild_id = runs.guild_id)`

const NONE = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>

/**
 * Removes it, a bounded number of rows a statement, until all is gone or the signal says so; then a line in the guild's record says how much went.
 * Nothing is said where nothing went, nor of keys, which only ever last for days.
 */
export async function removeOld(
  ledger: Ledger,
  guildId: Id,
  retention: Retention,
  actor: Actor,
  signal: AbortSignal,
): Promise<Counts> {
  const counts = { ...NONE }
  for (const [kind, table, goes] of rules(guildId, retention))
    for (let gone = AT_ONCE; gone === AT_ONCE && !signal.aborted; counts[kind] += gone)
      gone = await removeSome(ledger.db, table, goes)
  const { keys: _, ...removed } = counts
  if (Object.values(removed).some((count) => count > 0)) await tell(ledger, guildId, retention, actor, removed)
  return counts
}

/** `ctid` is where a row lies: no key has to be looked up twice. */
async function removeSome(db: Db, table: SQL, goes: SQL): Promise<number> {
  const [row] = await db.execute<{ n: number }>(sql`
    with gone as (delete from ${table} where ctid = any(array(select ctid from ${table} where ${goes} limit ${AT_ONCE})) returning 1)
    select count(*)::float8 as n from gone`)
  return row!.n
}

async function tell(
  ledger: Ledger,
  guildId: Id,
  { before, now }: Retention,
  actor: Actor,
  removed: Partial<Counts>,
): Promise<void> {
  const data = { before: new Date(before!).toISOString(), removed }
  const line = { guildId, type: 'history.pruned', actor, subject: `guild:${guildId}`, data }
  await transact(ledger.db, (tx) => ledger.append(tx, [line], now))
}
