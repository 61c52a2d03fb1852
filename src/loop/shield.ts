import { decide } from '#src/core/decide.ts'
import type { Guild, Id, Invocation, Member, Override } from '#src/core/model.ts'
import { reasonOfUndo } from '#src/core/undo.ts'
import { askSource, earlierNow, joinFacts } from './facts.ts'
import type { By } from './invoking.ts'
import type { World } from './world.ts'

// What is given back must not be taken again a moment later, by the very policy that took it.

/** Long enough for people to mend the identity database or the policy. */
const SHIELD_MS = 7 * 24 * 3_600_000

/** The most that anybody could ask for: whatever such a run would take is not safe. */
const HARSHEST: Invocation = {
  trigger: 'slash',
  action: 'strip_kick',
  mayDestroy: true,
  dayAffected: 0,
  dayKicks: 0,
  approved: null,
}

export interface Shielding {
  readonly guild: Guild
  readonly member: Member
  /** Those that are to be given back. */
  readonly roleIds: readonly Id[]
  readonly by: By
  /** The run that is undone. */
  readonly runId: string
}

/** An override that was placed, and the one that it stands in place of; null: the member had none. */
export interface Shield {
  readonly placed: Override & { readonly expiresAt: number }
  readonly before: Override | null
}

/**
 * Places an override of `report` where the policy would take the roles again, or where that cannot be known. Null where none was needed, or one that
 * is as mild stands for longer.
 */
export async function shield(world: World, shielding: Shielding): Promise<Shield | null> {
  const { guild, member, by, runId } = shielding
  if (await isSafe(world, shielding)) return null
  const at = world.now()
  const expiresAt = at + SHIELD_MS
  const before = await standing(world, guild.id, member.id)
  if (before && outlasts(before, expiresAt)) return null
  const reason = reasonOfUndo(runId, isHarsher(before) ? before.action : null)
  const placed = { memberId: member.id, action: 'report', expiresAt, reason } as const
  await world.book.setOverride(guild.id, placed, { actor: by.actor, reason: by.reason, at })
  return { placed, before }
}

/** Lets the member have the override that they had: there is nothing to be shielded. One that somebody set meanwhile is left as it is. */
export async function unshield(world: World, { guild, by }: Shielding, { placed, before }: Shield): Promise<void> {
  const { memberId } = placed
  const now = await standing(world, guild.id, memberId)
  if (now?.reason !== placed.reason || now.expiresAt !== placed.expiresAt) return
  const change = { actor: by.actor, reason: by.reason, at: world.now() }
  if (before) await world.book.setOverride(guild.id, before, change)
  else await world.book.liftOverride(guild.id, memberId, change)
}

/** Harsher than what an undo places: somebody wanted more than is done from then on. */
export const isHarsher = (override: Override | null): override is Override =>
  override !== null && override.action !== 'report'

/** The member's override that has not ended. */
async function standing(world: World, guildId: Id, memberId: Id): Promise<Override | null> {
  const { overrides } = await world.book.settings(guildId)
  const now = earlierNow(world)
  const found = overrides.find((override) => override.memberId === memberId)
  return found && (found.expiresAt === null || found.expiresAt > now) ? found : null
}

const outlasts = ({ action, expiresAt }: Override, until: number): boolean =>
  action === 'report' && (expiresAt === null || expiresAt >= until)

/** The policy's own word, as if nobody had made an exception: one that ends tomorrow helps nobody the day after. Silence is no safety. */
async function isSafe(world: World, { guild, member, roleIds }: Shielding): Promise<boolean> {
  try {
    const answer = await askSource(world, guild.id, member.id)
    if (answer.truth.suspect) return false
    const overrides = answer.settings.overrides.filter(({ memberId }) => memberId !== member.id)
    const settings = { ...answer.settings, acknowledged: true, overrides }
    const { scope, claims } = joinFacts(world, guild, member.id, HARSHEST, { ...answer, settings })
    const verdict = decide({ ...member, roleIds: [...member.roleIds, ...roleIds] }, claims, scope)
    if (verdict.kind === 'quiet') return true
    return !verdict.finding.kick && !verdict.finding.removeRoles.some((id) => roleIds.includes(id))
  } catch {
    return false
  }
}
