import type { Member } from '#src/core/model.ts'
import type { World } from './world.ts'

export interface Decided {
  /** When it began to be decided who is to go, by our own clock, ms since the epoch. */
  readonly decidedAt: number
  /** A moment at that time or after it, by the world's `elapsed`. */
  readonly begunAt: number
}

/**
 * Whether somebody came, or came back, when it was decided already to send them away: they have had no chance to link their account
 * (docs/semantics.md, section 5). Of whom Discord does not say since when they are here, that is taken to be so. How long ago it was decided is told by
 * our clocks and how long ago they came by Discord's: the two need not agree on what time it is.
 */
export function cameSince(
  world: Pick<World, 'now' | 'elapsed' | 'discordNow'>,
  { joinedAt }: Member,
  { decidedAt, begunAt }: Decided,
): boolean {
  const ago = Math.max(world.now() - decidedAt, world.elapsed() - begunAt)
  return (joinedAt ?? Number.POSITIVE_INFINITY) >= world.discordNow() - ago
}
