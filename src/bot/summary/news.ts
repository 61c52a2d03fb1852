import type { FoldedKind } from '#commands/summary-fold.ts'
import type { FoundAlike } from '#src/core/found.ts'
import type { Id } from '#src/core/model.ts'
import type { News } from '#src/core/notice.ts'
import type { Run } from '#src/core/run.ts'
import { afterColon, numberIn, type SummaryLine, textIn, textOrNull, textsIn } from './line.ts'

// What a line of the record is in words that a person reads: the line itself, and of a run what the database knows of it.

/** What a summary asks of the database. */
export interface RunFacts {
  run(guildId: Id, runId: string): Promise<Run | null>
  found(guildId: Id, runId: string): Promise<readonly FoundAlike[]>
  /** Members of a run of whom a person should read. */
  atStake(guildId: Id, runId: string): Promise<number>
  /** Who gave most of the roles that were not earned, in the day before the run, the most first. */
  grantors(guildId: Id, run: Run): Promise<readonly Id[]>
}

/** Null where there is nothing to be told: a run that nobody asked for and that came to nothing. */
export type ToldBy = (line: SummaryLine, facts: RunFacts) => News | null | Promise<News | null>

export const TOLD: Readonly<Record<FoldedKind, ToldBy>> = {
  'run.completed': ended,
  'run.failed': ended,
  'run.interrupted': ended,
  'run.abandoned': ended,
  'run.held': held,
  'acts.held': ({ data }) => ({ kind: 'live_held', affected: numberIn(data.affected), limit: numberIn(data.limit) }),
  'guild.blinded': ({ data }) => ({
    kind: 'blind',
    source: textIn(data.source),
    truth: { suspect: true, why: textsIn(data.why) },
    problem: textOrNull(data.problem),
  }),
  'guild.sighted': ({ data }) => ({ kind: 'sighted', source: textIn(data.source), since: numberIn(data.since) }),
  'truth.accepted': ({ subject, actor }) => ({ kind: 'source_accepted', source: afterColon(subject), actor }),
  'role.quarantined': ({ subject, data }) => ({
    kind: 'quarantined',
    what: afterColon(subject),
    detail: textIn(data.detail),
  }),
  'role.released': ({ subject, actor }) => ({ kind: 'released', what: afterColon(subject), actor }),
  'role.contested': contested,
  'guild.stopped': stopped,
  'trail.checkpointed': checkpointed,
  'trail.damage_found': ({ data }) => ({ kind: 'record_damaged', detail: textIn(data.detail) }),
  'trail.gap_accepted': ({ data, actor }) => ({
    kind: 'gap_accepted',
    written: numberIn(data.written),
    left: numberIn(data.left),
    actor,
  }),
}

async function ended({ guildId, runId, type }: SummaryLine, facts: RunFacts): Promise<News | null> {
  const run = runId === null ? null : await facts.run(guildId, runId)
  // One that goes on again since, or ended otherwise after all, is told of by its newer line.
  if (run === null || type !== `run.${run.state}`) return null
  const atStake = await facts.atStake(guildId, run.id)
  if (cameToNothing(run, atStake)) return null
  return { kind: 'run_ended', run, atStake, grantors: await facts.grantors(guildId, run) }
}

/** Causes come by the dozen where many people change; what they left as it was is no news to anybody. */
function cameToNothing({ trigger, state, outcomes }: Run, atStake: number): boolean {
  return trigger === 'realtime' && state === 'completed' && atStake === 0 && Object.keys(outcomes).length === 0
}

async function held({ guildId, runId }: SummaryLine, facts: RunFacts): Promise<News | null> {
  const run = runId === null ? null : await facts.run(guildId, runId)
  if (run?.state !== 'awaiting_approval' || run.blast === null || run.planDigest === null) return null
  return { kind: 'plan_waits', run, blast: run.blast, digest: run.planDigest }
}

function contested({ subject, data }: SummaryLine): News {
  const grantor = textOrNull(data.grantor)
  return {
    kind: 'contested',
    memberId: afterColon(subject),
    roleId: textIn(data.role),
    what: data.what === 'goes_away' ? 'goes_away' : 'comes_back',
    times: numberIn(data.times),
    grantor: grantor === null ? null : { id: grantor, by: 'query' },
  }
}

/** Runs that are named; the others are as many as the line says. */
const RUNS_ASKED = 10

async function stopped({ guildId, actor, data }: SummaryLine, facts: RunFacts): Promise<News> {
  const named = textsIn(data.runs).slice(0, RUNS_ASKED)
  const runs = await Promise.all(named.map((runId) => facts.run(guildId, runId)))
  return { kind: 'stopped', actor, runs: runs.filter((run) => run !== null) }
}

/** A note is letters, digits and a few marks in some lines; nothing else stands in a code block of ours. */
const NOTE = /^[\w/+= .\n—-]{1,1000}$/u

/** The checkpoint that a line is about; null for any other line. */
export const noteOf = ({ type, data: { note } }: SummaryLine): string | null =>
  type === 'trail.checkpointed' && typeof note === 'string' && NOTE.test(note) ? note : null

function checkpointed(line: SummaryLine): News | null {
  const note = noteOf(line)
  return note === null ? null : { kind: 'checkpoint', size: numberIn(line.data.size), note }
}
