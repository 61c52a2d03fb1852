import type { Id } from '#src/core/model.ts'
import type { People } from '#src/identity/people.ts'
import type { Crowd, MemberRecord } from '#src/sandbox/members.ts'
import type { GuildPlan } from '#src/sandbox/plan.ts'
import { GUILD_ID, type Person, type Town } from '../guild/town.ts'

// The town as the sandbox serves it and as the identity database knows it. The sandbox's own bot takes the place of the town's.

/** By the rule of `Town`, the first is the bot. */
const BOTS = 1

export function toPlan(town: Town): GuildPlan {
  const roles = town.roles.filter(({ id }) => id !== GUILD_ID && id !== town.botRole.id)
  return { name: 'Town', id: GUILD_ID, ownerId: town.ownerId, roles, members: toCrowd(town) }
}

/** Everybody in the identity database, with every name that it knows. */
export function toPeople(town: Town): People {
  const names = { groups: town.groups, states: town.states, reservedNames: [] }
  const identities = Array.from(town.people(), ({ identity }) => identity).filter((identity) => identity !== null)
  return { names, identities, accounts: new Map() }
}

/** Those to whom a role can be given that is then taken from them: not bots, and not the owner. */
export function strippable(town: Town): readonly Person[] {
  return [...town.people()].filter(({ id, identity }) => identity !== null && id !== town.ownerId)
}

/** A governed role that this person has not earned. */
export function unearnedBy({ roles }: Person, town: Town): Id {
  return town.governedRoleIds.find((id) => !roles.includes(id))!
}

export function toCrowd(town: Town): Crowd {
  return {
    size: town.size - BOTS,
    idAt: (index) => town.idAt(index + BOTS),
    indexOf: (id) => Math.max(-1, town.indexOf(id) - BOTS),
    at: (index) => toRecord(town.personAt(index + BOTS)),
  }
}

const toRecord = ({ id, username, displayName, nick, roles, joinedAt, bot }: Person): MemberRecord => ({
  ...{ id, username, nick, roles, joinedAt, bot },
  globalName: displayName,
})
