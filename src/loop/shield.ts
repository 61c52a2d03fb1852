import { decide } from '#src/core/decide.ts'
import type { Guild, Id, Invocation, Member, Override } from '#src/core/model.ts'
import { askSource, joinFacts } from './facts.ts'
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

/**
 * Places an override of `report` where the policy would take the roles again, or where that cannot be known. Returns until when it holds; null where none
 * was needed, or one that is as mild stands for longer.
 */
export async function shield(world: World, shielding: Shielding): Promise<number | null> {
  const { guild, member, by, runId } = shielding
  if (await isSafe(world, shielding)) return null
  const at = world.now()
  const expiresAt = at + SHIELD_MS
  const { overrides } = await world.book.settings(guild.id)
  if (overrides.some((override) => override.memberId === member.id && outlasts(override, expiresAt))) return null
  const override: Override = { memberId: member.id, action: 'report', expiresAt, reason: `Undo of run ${runId}` }
  await world.book.setOverride(guild.id, override, { actor: by.actor, reason: by.reason, at })
  return expiresAt
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
