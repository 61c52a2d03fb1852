import { type Explanation, explain } from '#src/core/explain.ts'
import type { Id, Identity, Invocation } from '#src/core/model.ts'
import { NotThere } from '#src/core/refusal.ts'
import type { RosterState } from '#src/core/run.ts'
import { gather, knownGuild } from './facts.ts'
import type { World } from './world.ts'

export interface ExplainedMember {
  readonly explanation: Explanation
  readonly roster: { readonly state: RosterState; readonly age: number | null }
  /** Milliseconds. */
  readonly identityAge: number
  readonly identityNames: readonly { readonly id: string; readonly username: string; readonly main: string | null }[]
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
  return {
    explanation: explain(member, claims, scope),
    roster: { state: roster.state, age: live ? ageOf(world, roster.verifiedAt) : 0 },
    identityAge: world.now() - readAt,
    identityNames: await namesOf(world, guildId, claims),
  }
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
