import type { AuditProgress } from '#src/discord/command.ts'

// How far the bot is, in one line of a terminal.

const LONGEST_BAR = 30
/** Fewer cells say nothing. */
const SHORTEST_BAR = 6

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const LONG_MS = 90 * MINUTE_MS

/** What is being done, in more words and in fewer. */
const STAGES: Readonly<Record<AuditProgress['stage'], readonly string[]>> = {
  reading: ['reading every member and the identity source', 'reading members and identities', 'reading'],
  planning: ['comparing what is held with what was earned', 'comparing held with earned', 'comparing'],
  acting: ['acting'],
}

/** What is being done, in as many words as fit so many columns. */
export function stageWords({ stage }: AuditProgress, width: number): string {
  const words = STAGES[stage]
  return words.find(({ length }) => length <= width) ?? words.at(-1)!
}

/** `acting ██████░░░░░░ 1,200 of 4,000, 3 min left`, in at most `width` columns; what does not fit is left out, the bar first. */
export function barLine(progress: AuditProgress, width: number): string {
  const words = progressWords(progress)
  const stage = stageWords(progress, width - words.length - 1)
  const cells = Math.min(LONGEST_BAR, width - stage.length - words.length - 2)
  const drawn = progress.total > 0 && cells >= SHORTEST_BAR ? `${cellsOf(progress, cells)} ` : ''
  return `${stage} ${drawn}${words}`.trimEnd().slice(0, width)
}

/** The counts and the time left, as far as they are known. */
export function progressWords({ done, total, leftMs }: AuditProgress): string {
  const counts = total > 0 ? `${done.toLocaleString('en')} of ${total.toLocaleString('en')}` : ''
  return [counts, leftMs === null ? '' : leftWords(leftMs)].filter((part) => part !== '').join(', ')
}

function cellsOf({ done, total }: AuditProgress, cells: number): string {
  const filled = Math.floor(Math.min(1, Math.max(0, done / total)) * cells)
  return '█'.repeat(filled) + '░'.repeat(cells - filled)
}

function leftWords(leftMs: number): string {
  if (leftMs < MINUTE_MS) return `${Math.ceil(leftMs / 1_000)} s left`
  if (leftMs < LONG_MS) return `${Math.ceil(leftMs / MINUTE_MS)} min left`
  return `${Math.ceil(leftMs / HOUR_MS)} h left`
}
