import type { Queue } from '#src/loop/queue.ts'
import {
  actSeconds,
  blindSince,
  type CountedLines,
  chainLengths,
  countLines,
  type GuildNumbers,
  lastAudit,
  lastCheckpoints,
  quarantined,
  waitingRuns,
} from '#src/store/counted.ts'
import type { Db } from '#src/store/handle.ts'
import { sinkStandings } from '#src/store/sink-standings.ts'
import type { MetricName } from '#src/telemetry/catalogue.ts'
import type { Metrics } from '#src/telemetry/metrics.ts'
import manifest from '../../package.json' with { type: 'json' }
import { inTime } from './in-time.ts'
import type { GuildPosts } from './posts.ts'
import type { Stage } from './readiness.ts'

// Where each number comes from. What is in memory is read at each scrape; of the record, only what is new.

/** A scrape waits no longer for the database. */
const DATABASE_MS = 3_000

export interface MetricsParts {
  readonly metrics: Metrics
  readonly stage: Stage
  readonly posts: GuildPosts
  readonly queue: Pick<Queue, 'waiting'>
  readonly db: Db
  readonly now: () => number
  /** Until when acts stop because of refused requests; null: they do not. */
  readonly stoppedUntil: () => number | null
}

export async function openMetrics(parts: MetricsParts): Promise<void> {
  const { metrics, db } = parts
  metrics.set('rolecall_build_info', { version: manifest.version }, 1)
  metrics.collectBy('bot', (into) => collectBot(parts, into))
  const lines = new LineCount(db, await chainLengths(db))
  metrics.collectBy('database', async (into) => {
    into.set('rolecall_database_up', {}, 0)
    await inTime(collectDatabase(parts, into), DATABASE_MS)
    into.set('rolecall_database_up', {}, 1)
  })
  metrics.collectBy('record', (into) => inTime(lines.collect(into), DATABASE_MS))
  metrics.collectBy('sinks', (into) => inTime(collectSinks(db, into), DATABASE_MS))
}

async function collectBot({ stage, posts, queue, now, stoppedUntil }: MetricsParts, into: Metrics): Promise<void> {
  into.set('rolecall_ready', {}, (await stage.readiness()).ready ? 1 : 0)
  into.set('rolecall_queue_waiting_tasks', {}, queue.waiting)
  into.set('rolecall_discord_stopped', {}, stoppedUntil() === null ? 0 : 1)
  for (const name of ['rolecall_guild_members', 'rolecall_roster_live', 'rolecall_roster_age_seconds'] as const)
    into.clear(name)
  for (const [guild, { roster }] of posts.keepers) {
    into.set('rolecall_guild_members', { guild }, roster.columns.count)
    into.set('rolecall_roster_live', { guild }, roster.state === 'live' ? 1 : 0)
    if (roster.verifiedAt !== null)
      into.set('rolecall_roster_age_seconds', { guild }, secondsSince(roster.verifiedAt, now()))
  }
}

async function collectDatabase({ db, posts, now }: MetricsParts, into: Metrics): Promise<void> {
  const guildIds = [...posts.keepers].map(([guildId]) => guildId)
  const set = (name: MetricName, rows: readonly GuildNumbers[], toValue = (value: number) => value) => {
    into.clear(name)
    for (const guild of guildIds) into.set(name, { guild }, 0)
    for (const { guildId: guild, value } of rows) into.set(name, { guild }, toValue(value))
  }
  set('rolecall_blind_seconds', await blindSince(db), (since) => Math.max(1, secondsSince(since, now())))
  set('rolecall_quarantined_roles', await quarantined(db))
  set('rolecall_runs_waiting', await waitingRuns(db))
  into.clear('rolecall_last_audit_members')
  for (const guild of guildIds) {
    const last = await lastAudit(db, guild)
    if (last === null) continue
    into.set('rolecall_last_audit_age_seconds', { guild }, secondsSince(last.at, now()))
    for (const [category, count] of Object.entries(last.counts))
      if (category !== 'members') into.set('rolecall_last_audit_members', { guild, category }, count)
  }
  const lengths = await chainLengths(db)
  for (const { chain: guild, size, at } of await lastCheckpoints(db)) {
    into.set('rolecall_trail_unsigned_lines', { guild }, Math.max(0, (lengths.get(guild) ?? size) - size))
    into.set('rolecall_trail_checkpoint_age_seconds', { guild }, secondsSince(at, now()))
  }
}

const SINK_METRICS = [
  'rolecall_sink_lag_lines',
  'rolecall_sink_parked_lines',
  'rolecall_sink_off',
  'rolecall_sink_troubled',
] as const

async function collectSinks(db: Db, into: Metrics): Promise<void> {
  const standings = await sinkStandings(db, { parked: 0 })
  for (const name of SINK_METRICS) into.clear(name)
  for (const { name: sink, lag, parked, off, trouble } of standings) {
    into.set('rolecall_sink_lag_lines', { sink }, lag)
    into.set('rolecall_sink_parked_lines', { sink }, parked)
    into.set('rolecall_sink_off', { sink }, off === null ? 0 : 1)
    into.set('rolecall_sink_troubled', { sink }, trouble === null ? 0 : 1)
  }
}

/** Counts lines of the record once they are committed: what was there at the start of the process is not counted again. */
class LineCount {
  readonly #db: Db
  readonly #counted: Map<string, number>
  #busy: Promise<void> | null = null

  constructor(db: Db, from: ReadonlyMap<string, number>) {
    this.#db = db
    this.#counted = new Map(from)
  }

  /** Two scrapes at once count what is new once. */
  collect(into: Metrics): Promise<void> {
    this.#busy ??= this.#collect(into).finally(() => {
      this.#busy = null
    })
    return this.#busy
  }

  async #collect(into: Metrics): Promise<void> {
    for (const [chain, to] of await chainLengths(this.#db)) {
      const from = this.#counted.get(chain) ?? 0
      if (from >= to) continue
      const counted = await countLines(this.#db, chain, from, to)
      const seconds = await actSeconds(this.#db, chain, from, to)
      this.#counted.set(chain, to)
      for (const lines of counted) count(into, chain, lines)
      for (const one of seconds) into.observe('rolecall_act_seconds', { guild: chain }, one)
    }
  }
}

function count(into: Metrics, guild: string, line: CountedLines): void {
  const { type, lines, act, outcome, category, purpose, trigger } = line
  into.add('rolecall_trail_lines_total', { guild, type }, lines)
  const [noun = '', verb = ''] = type.split('.')
  if (type === 'action.settled')
    into.add('rolecall_acts_total', { guild, act: act ?? '', outcome: outcome ?? '' }, lines)
  if (type === 'finding.seen') into.add('rolecall_findings_seen_total', { guild, category: category ?? '' }, lines)
  if (type === 'run.opened')
    into.add('rolecall_runs_opened_total', { guild, purpose: purpose ?? '', trigger: trigger ?? '' }, lines)
  if (noun === 'run' && ENDS.has(verb)) into.add('rolecall_runs_ended_total', { guild, state: verb }, lines)
  if (noun === 'invocation') into.add('rolecall_invocations_total', { guild, outcome: verb }, lines)
}

const ENDS: ReadonlySet<string> = new Set(['completed', 'failed', 'interrupted', 'held', 'abandoned'])

const secondsSince = (at: number, now: number): number => Math.max(0, (now - at) / 1_000)
