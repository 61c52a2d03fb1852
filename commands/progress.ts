import type { Asked, AuditProgress, CommandWorld, Reply } from '#src/discord/command.ts'
import { many } from './wording.ts'

/** Discord shows a few edits of one message in a row at once, and a person reads no faster. */
const BETWEEN_UPDATES_MS = 2_000

/** Cells of the bar: as wide as a phone shows without breaking the line. */
const CELLS = 12

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** From here on hours say more than minutes. */
const LONG_MS = 90 * MINUTE_MS

/** Shows in the answer how far the work is, at most once in about two seconds. */
export function progressOf(asked: Asked, world: CommandWorld, title: string): (progress: AuditProgress) => void {
  let shownAt = Number.NEGATIVE_INFINITY
  return (progress) => {
    const now = world.now()
    // A clock that was set back must not keep the progress from being shown until it has caught up.
    if (now >= shownAt && now - shownAt < BETWEEN_UPDATES_MS) return
    shownAt = now
    void asked.update(progressReply(title, progress))
  }
}

/** How far a run is, in a message that is edited as it goes on. */
export function progressReply(title: string, progress: AuditProgress): Reply {
  const text = [barOf(progress), sentenceOf(progress)].filter(Boolean).join('\n')
  return { tone: 'plain', title, text, progress }
}

/** Only acting is counted, by members; what goes before takes seconds and says no number. */
function barOf({ stage, done, total }: AuditProgress): string {
  if (stage !== 'acting' || total <= 0) return ''
  const share = Math.min(1, Math.max(0, done / total))
  const filled = Math.floor(share * CELLS)
  return `${'▰'.repeat(filled)}${'▱'.repeat(CELLS - filled)} ${Math.floor(share * 100)}%`
}

function sentenceOf({ stage, done, total, leftMs }: AuditProgress): string {
  const left = leftMs === null ? '' : ` ${leftWords(leftMs)}`
  switch (stage) {
    case 'reading':
      return `Reading the identity source and every member.${left}`
    case 'planning':
      return `Comparing what is held with what was earned.${left}`
    case 'acting':
      return `Done with ${done.toLocaleString('en')} of ${many(total, 'member')}.${left}`
  }
}

/** By the limits that Discord tells, so never more exact than it can be. */
function leftWords(leftMs: number): string {
  if (leftMs < MINUTE_MS) return 'Less than a minute left.'
  if (leftMs < LONG_MS) return `About ${Math.round(leftMs / MINUTE_MS)} min left.`
  return `About ${Math.round(leftMs / HOUR_MS)} h left.`
}
