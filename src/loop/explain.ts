import { type Explanation, explain } from '#src/core/explain.ts'
import type { Id, Identity, Invocation } from '#src/core/model.ts'
import { NotThere } from '#src/core/refusal.ts'
import type { RosterState } from '#src/core/run.ts'
import { barredFor } from './barred.ts'
import { gather, knownGuild } from './facts.ts'
import type { World } from './world.ts'

export interface ExplainedMember {
  readonly explanation: Explanation
  readonly roster: { readonly state: RosterState; readonly age: number | null }
  /** Milliseconds. */
  readonly identityAge: number
  readonly identityNames: readonly { readonly id: string; readonly username: string; readonly main: string | null }[]
  /** Roles too many or too few that the bot leaves alone when nobody asks: what Discord refuses, and what something else keeps undoing. */
  readonly leftAlone: readonly { readonly roleId: Id; readonly why: string }[]
}

/** How many claiming identities are named; a conflict of more says so by its count. */
const MAX_NAMED = 5

/** The same `decide` as a strip run by this invoker would ask, with every rule and gate laid open. Changes nothing. */
export async function explainMember(
  world: World,
  guildId: Id,
  memberId: Id,
  mayDestroy: boolean,
): Promise<ExplainedMember> {
  const { roster, guild } = knownGuild(world, guildId)
  const live = roster.state === 'live'
  // A roster that is not live may be old, and a person who asks wants what is so now: then Discord is asked.
  const member = (live ? roster.member(memberId) : null) ?? (await world.looker.member(guildId, memberId))
  if (!member) throw notHere(memberId)
  const invocation: Invocation = {
    trigger: 'slash',
    action: 'strip',
    mayDestroy,
    dayAffected: 0,
    dayKicks: 0,
    approved: null,
  }
  const { scope, claims, readAt } = await gather(world, guild, memberId, invocation)
  const explanation = explain(member, claims, scope)
  return {
    explanation,
    roster: { state: roster.state, age: live ? ageOf(world, roster.verifiedAt) : 0 },
    identityAge: world.now() - readAt,
    identityNames: await namesOf(world, guildId, claims),
    leftAlone: await leftAloneOf(world, guildId, explanation),
  }
}

async function leftAloneOf(
  world: World,
  guildId: Id,
  { memberId, verdict }: Explanation,
): Promise<ExplainedMember['leftAlone']> {
  if (verdict.kind === 'quiet') return []
  const { excessRoles, missingRoles } = verdict.finding
  const barred = await barredFor(world, guildId, memberId, { trigger: 'realtime' })
  return [...excessRoles, ...missingRoles].flatMap((roleId) => {
    const why = barred({ kind: 'remove_role', guildId, memberId, roleId })
    return why === null ? [] : { roleId, why }
  })
}

const ageOf = (world: World, verifiedAt: number | null): number | null =>
  verifiedAt === null ? null : world.now() - verifiedAt

const notHere = (memberId: Id): NotThere =>
  new NotThere(
    `Nobody with the id ${memberId} is a member of this server. They may have left; name somebody who is here.`,
  )

async function namesOf(
  world: World,
  guildId: Id,
  claims: readonly Identity[],
): Promise<ExplainedMember['identityNames']> {
  const named = claims.slice(0, MAX_NAMED).map(async ({ id, username }) => {
    const accounts = await world.directory(guildId).accounts(id)
    return { id, username, main: accounts.find(({ main }) => main)?.name ?? null }
  })
  return Promise.all(named)
}
