import type { Reply } from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { noteWords } from './summary-words.ts'
import { many, momentMention, outcomeWords, paragraphs } from './wording.ts'

// Many happenings in one message: how many of each kind, and what of them still stands.

/** What a folded message knows of one happening: its line of the record, and nothing that has to be asked for. */
export interface Folded {
  readonly kind: FoldedKind
  /** Ms since the epoch. */
  readonly at: number
  /** Where a run ended: how, and what it did by outcome. */
  readonly runId: string | null
  readonly outcomes: Readonly<Record<string, number>>
  /** The whole checkpoint, where it is about one. */
  readonly note: string | null
}

const KINDS = {
  'run.completed': ['run completed', 'runs completed'],
  'run.failed': ['run failed', 'runs failed'],
  'run.interrupted': ['run interrupted', 'runs interrupted'],
  'run.abandoned': ['run given up', 'runs given up'],
  'run.held': ['run held: its plan was too large', 'runs held: their plans were too large'],
  'acts.held': ['time live acts were held: too many at once', 'times live acts were held: too many at once'],
  'guild.blinded': [
    'time blind: the identity source was not to be trusted',
    'times blind: the identity source was not to be trusted',
  ],
  'guild.sighted': ['time no longer blind', 'times no longer blind'],
  'truth.accepted': ['identity source accepted as it is', 'times an identity source was accepted as it is'],
  'role.quarantined': [
    'refusal of Discord’s: a role or kicks left alone',
    'refusals of Discord’s: roles or kicks left alone',
  ],
  'role.released': ['role or kicks tried again', 'roles or kicks tried again'],
  'role.contested': ['role contested by something else', 'roles contested by something else'],
  'guild.stopped': ['time everything was stopped', 'times everything was stopped'],
  'trail.checkpointed': ['checkpoint of the record', 'checkpoints of the record'],
  'trail.damage_found': ['finding that the record was altered', 'findings that the record was altered'],
  'trail.gap_accepted': [
    'gap in the record that somebody went on after',
    'gaps in the record that somebody went on after',
  ],
} as const satisfies Record<string, readonly [string, string]>

export type FoldedKind = keyof typeof KINDS

export const FOLDED_KINDS = Object.keys(KINDS) as readonly FoldedKind[]

export const isFoldedKind = (type: string): type is FoldedKind => Object.hasOwn(KINDS, type)

/** Runs named; of more the rest is counted. */
const MAX_RUNS = 8

/** The oldest first; at least one. */
export function foldedReply(all: readonly Folded[]): Reply {
  const [first, last] = [all[0]!, all.at(-1)!]
  const changes = changesOf(all)
  const waiting = waitingOf(all)
  const note = all.findLast((one) => one.note !== null)?.note ?? null
  const fields = [
    { name: 'What happened', value: countsOf(all) },
    changes === '' ? null : { name: 'Changes that these runs made', value: changes },
    waiting.length === 0 ? null : { name: 'Held, and not ended since', value: fewOf(waiting, MAX_RUNS) },
    note === null ? null : { name: 'The newest signed head of the record', value: noteWords(note) },
  ]
  return {
    tone: toneOf(all),
    title: `${many(all.length, 'happening')}, told together`,
    text: paragraphs([
      `Much happened from ${momentMention(first.at)} to ${momentMention(last.at)}, or could not be told until now, so it is counted here and not told one by one. Nothing of it is lost: \`/audit runs\` lists the runs with their details, \`/audit status\` how the server stands.`,
      standingOf(all),
    ]),
    fields: fields.filter((field) => field !== null),
  }
}

function countsOf(all: readonly Folded[]): string {
  const tally = Map.groupBy(all, ({ kind }) => kind)
  return [...tally]
    .map(([kind, { length }]) => `**${length.toLocaleString('en')}** ${KINDS[kind][length === 1 ? 0 : 1]}`)
    .join('\n')
}

function changesOf(all: readonly Folded[]): string {
  const sum = new Map<string, number>()
  for (const { outcomes } of all)
    for (const [outcome, count] of Object.entries(outcomes)) sum.set(outcome, (sum.get(outcome) ?? 0) + count)
  return [...sum].map(([outcome, count]) => `**${count.toLocaleString('en')}** ${outcomeWords(outcome)}`).join('\n')
}

/** Runs that were held, as far as no later line here says how they ended. */
function waitingOf(all: readonly Folded[]): readonly string[] {
  const waiting = new Set<string>()
  for (const { kind, runId } of all) {
    if (runId === null) continue
    if (kind === 'run.held') waiting.add(runId)
    else waiting.delete(runId)
  }
  return [...waiting].map((runId) => `\`${runId}\``)
}

/** What began here and did not end here. */
function standingOf(all: readonly Folded[]): string | null {
  const sight = all.findLast(({ kind }) => kind === 'guild.blinded' || kind === 'guild.sighted')
  return sight?.kind === 'guild.blinded'
    ? '**Blind at the end of this:** nobody loses anything until the identity source is sound again.'
    : null
}

const BAD: ReadonlySet<FoldedKind> = new Set(['trail.damage_found', 'trail.gap_accepted'])

const toneOf = (all: readonly Folded[]): Reply['tone'] => (all.some(({ kind }) => BAD.has(kind)) ? 'bad' : 'warn')
