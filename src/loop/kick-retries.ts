import type { Id } from '#src/core/model.ts'
import type { Leash } from './at-work.ts'
import type { Carried } from './carrying.ts'
import type { World } from './world.ts'

// Kicks that failed for a passing reason: tried again after a while, and not for ever.

const MINUTE_MS = 60_000
/** How long is waited after the first failed try, the second, and each further one. */
const COOLDOWNS_MS = [5 * MINUTE_MS, 15 * MINUTE_MS, 45 * MINUTE_MS]
/** Tries of one kick in all. */
const MAX_TRIES = 5

export const SAID_NOTHING = 'Discord did not say why.'

/** A kick as a run wanted it, with the tries that were made before. */
export interface WantedKick {
  readonly guildId: Id
  readonly memberId: Id
  /** The run that wanted it first. */
  readonly runId: string
  readonly tries: number
}

/** What Discord said of a kick that failed, or may have; null where there was none, or it is settled. */
export function failedKick({ deeds }: Carried): { readonly detail: string | null } | null {
  const kick = deeds.find(({ act }) => act.kind === 'kick')
  return kick && (kick.outcome === 'failed' || kick.outcome === 'unknown') ? kick : null
}

/** Plans the next try, unless the guild was stopped meanwhile; after the last one the moderators are told. */
export async function tryLater(
  world: World,
  wanted: WantedKick,
  detail: string | null,
  leash: Pick<Leash, 'isStopped'>,
): Promise<void> {
  const { guildId, memberId, runId } = wanted
  if (leash.isStopped) return
  const tries = wanted.tries + 1
  if (tries >= MAX_TRIES) {
    await world.book.dropRetry(guildId, memberId)
    return world.tell(guildId, { kind: 'kick_given_up', memberId, tries, detail: detail ?? SAID_NOTHING })
  }
  const cooldown = COOLDOWNS_MS[Math.min(tries, COOLDOWNS_MS.length) - 1]!
  const notBefore = world.now() + cooldown
  await world.book.scheduleRetry({ guildId, memberId, runId, tries, notBefore, detail }, world.now())
  // A stop that came in between has forgotten what waited before it, and not this.
  if (leash.isStopped) await world.book.dropRetry(guildId, memberId)
}
