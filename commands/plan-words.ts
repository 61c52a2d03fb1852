import type { Blast } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import type { Button } from '#src/discord/command.ts'
import { many, paragraphs } from './wording.ts'

// A plan that is larger than the server allows at once: what it would do, why it waits, and how a human lets it go on.

const DIGEST = /^(?:sha256:)?([0-9a-f]{64})$/

/** Digits of the digest in a button's id, which holds 100 characters: enough to tell two plans of one run apart. */
const SHORT = 16

/** A digest as a person pasted it, in full; null for what cannot be one. */
export function readDigest(typed: string): string | null {
  const hex = DIGEST.exec(typed.replaceAll('`', '').trim().toLowerCase())?.[1]
  return hex === undefined ? null : `sha256:${hex}`
}

export const shortDigest = (digest: string): string => digest.slice('sha256:'.length, 'sha256:'.length + SHORT)

/** Asks for the numbers once more; a press of it approves nothing yet. */
export const approveButton = (runId: string, digest: string): Button => ({
  id: `acknowledge:plan:${runId}:${shortDigest(digest)}`,
  label: 'Approve this plan',
})

/** What the plan does, as one sentence without its end: `kicks 12 members and takes roles from 202 others`. Whoever is kicked may hold nothing to take. */
export function deedWords({ affected, kicks }: Blast): string {
  if (kicks === 0) return `takes roles from ${many(affected, 'member')}`
  const kicked = `kicks ${many(kicks, 'member')}`
  return kicks === affected ? kicked : `${kicked} and takes roles from ${many(affected - kicks, 'other')}`
}

/** Which of the limits the plan is over. */
export function overWords({ affected, limit, population, kicks, kickLimit, dayLimit }: Blast): string {
  const of = `${population.toLocaleString('en')} (bots not counted)`
  if (affected > limit) return `at most ${limit.toLocaleString('en')} of ${of} may be touched in one run`
  if (kicks > kickLimit) return `at most ${kickLimit.toLocaleString('en')} of ${of} may be kicked in one run`
  return `together with what the bot did by itself in the last 24 hours it passes the day’s limit: ${dayLimit.toLocaleString('en')} of ${of} touched, ${kickLimit.toLocaleString('en')} kicked`
}

/** Why the run waits and what to do about it; `command`: there is no button in reach. */
export function waitingText(
  { id, outcomes }: Pick<Run, 'id' | 'outcomes'>,
  blast: Blast | null,
  digest: string | null,
  by: 'button' | 'command' = 'button',
): string {
  if (blast === null || digest === null) return untilNow(outcomes)
  return paragraphs([
    `The plan ${deedWords(blast)}, but ${overWords(blast)}. ${untilNow(outcomes)}`,
    'A plan this large is more often a sick identity source than a true one: read the findings first.',
    `If it is right, ${by === 'button' ? 'press "Approve this plan" or ' : ''}give \`/acknowledge plan run:${id} digest:${digest}\`. If it is not, give it up with \`/audit abandon\`.`,
  ])
}

/** A run that was cut off may have begun before it had to wait. */
function untilNow({ done = 0, unknown = 0 }: Run['outcomes']): string {
  if (done + unknown === 0) return 'Nothing was changed.'
  const doubt = unknown === 0 ? '' : ` What came of ${many(unknown, 'change')} is not known; look at them by hand.`
  return `Before it had to wait, ${many(done, 'change')} had been made; nothing more was changed.${doubt}`
}
