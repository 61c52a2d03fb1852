import type { DirectorySnapshot } from '#src/core/directory.ts'
import type { Guild, Id, Invocation, Plan, Settings } from '#src/core/model.ts'
import { makePlan } from '#src/core/plan.ts'
import type { RosterState } from '#src/core/run.ts'
import { makeScope } from '#src/core/scope.ts'
import { makeClaimColumns, walk } from '#src/core/walk.ts'
import { judgeReading, knownGuild } from './facts.ts'
import type { World } from './world.ts'

// One look at every member of a guild, and what would follow from it. Changes nothing.

export interface Survey {
  readonly plan: Plan
  readonly settings: Settings
  readonly rosterState: RosterState
  /** Milliseconds between the facts and the plan. */
  readonly ages: { readonly roster: number; readonly identity: number }
}

/** Reads the guild and the identity source whole, checks the source's health, walks the roster, and makes the plan. Throws `DirectoryUnreachable` or `Refusal`. */
export async function planSweep(world: World, guildId: Id, invocation: Invocation): Promise<Survey> {
  const { roster, guild: known } = knownGuild(world, guildId)
  const settings = await world.book.settings(guildId)
  const snapshot = await world.directory(guildId).snapshot()
  const truth = await judgeReading(world, guildId, snapshot, settings)
  if (!truth.suspect) await world.book.accept(guildId, world.directory(guildId).source, snapshot.vitals, world.now())
  // Names and ranks of roles come from Discord itself: one lost event, and a role would be governed by the name that it had.
  const guild = await world.looker.guild(guildId, known.botUserId)
  const { state: rosterState, verifiedAt } = roster
  const plan = walkGuild(world, guild, guildId, snapshot, { settings, invocation, truth })
  const now = world.now()
  return { plan, settings, rosterState, ages: { roster: now - (verifiedAt ?? now), identity: now - snapshot.readAt } }
}

type Judged = Pick<Parameters<typeof makeScope>[0], 'settings' | 'invocation' | 'truth'>

function walkGuild(world: World, guild: Guild, guildId: Id, snapshot: DirectorySnapshot, judged: Judged): Plan {
  const { roster } = knownGuild(world, guildId)
  const scope = makeScope({ guild, names: snapshot.names, now: world.now(), ...judged })
  roster.prefer([...scope.governed.roleIds])
  const claims = makeClaimColumns(roster.columns, snapshot.identities, scope)
  const { counts, findings } = walk(roster.columns, claims, scope)
  return makePlan({ scope, counts, findings, digestOf: (value) => world.digestOf(value) })
}
