import type { Id } from '#src/core/model.ts'
import type { Looker } from '#src/discord/looker.ts'
import type { LiveReviews } from '#src/loop/live.ts'
import type { World } from '#src/loop/world.ts'
import type { RosterChange } from '#src/roster/change.ts'
import type { Log } from '#src/telemetry/log.ts'
import { reportStanding } from './standing.ts'

export interface ReactionParts {
  readonly live: LiveReviews
  readonly world: World
  readonly looker: Looker
  readonly log: Log
}

/** What follows from a change of a roster: a member whose roles changed is looked at, and a change of its state is told. */
export function makeReactions({
  live,
  world,
  looker,
  log,
}: ReactionParts): (guildId: Id, change: RosterChange) => void {
  return (guildId, change) => {
    if (change.kind === 'member') live.see(guildId, change.memberId, causeOf(change))
    if (change.kind !== 'state') return
    const { from, to, why } = change
    log.info({ guildId, from, to, why, members: world.roster(guildId)?.columns.count }, `roster ${to}`)
    if (to !== 'live') return
    live.resume(guildId)
    void reportStanding(world, looker, guildId, log)
  }
}

const causeOf = ({ joined, origin }: Extract<RosterChange, { kind: 'member' }>) =>
  origin === 'refill' ? 'refill' : joined ? 'join' : 'role_change'
