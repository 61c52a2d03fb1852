import { Client, Events, type GuildMember } from 'discord.js'
import { INTENTS } from '../guild/theirs.ts'
import { GUILD_ID, Town, type TownPlan } from '../guild/town.ts'
import { answer } from '../peer.ts'
import type { Address } from './discord.ts'

// The process of a plain discord.js bot: a handler that takes a governed role as soon as it sees it on somebody who did not hold it before. Its
// argument is what it knows: with `nothing` it takes every one, with `everything` it looks up in memory who has earned what.

export interface TheirQuestion {
  readonly ask: 'start'
  readonly town: TownPlan
  readonly address: Address
}

type MayKeep = (memberId: string, roleId: string) => boolean

function mayKeepIn(town: Town): MayKeep {
  if (process.argv[2] === 'nothing') return () => false
  const earned = new Map(Array.from(town.people(), ({ id, roles }) => [id, new Set(roles)]))
  return (memberId, roleId) => earned.get(memberId)?.has(roleId) ?? false
}

function strip(before: GuildMember, after: GuildMember, governed: ReadonlySet<string>, mayKeep: MayKeep): void {
  for (const roleId of after.roles.cache.keys()) {
    const isNew = governed.has(roleId) && !before.roles.cache.has(roleId)
    if (isNew && !mayKeep(after.id, roleId)) void after.roles.remove(roleId)
  }
}

answer(async ({ town: plan, address: { apiUrl, token } }: TheirQuestion) => {
  const town = new Town(plan)
  const governed = new Set(town.governedRoleIds)
  const mayKeep = mayKeepIn(town)
  const client = new Client({ intents: INTENTS, rest: { api: apiUrl } })
  client.on(Events.GuildMemberUpdate, (before, after) => {
    if (!before.partial) strip(before, after, governed, mayKeep)
  })
  const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve))
  await client.login(token)
  await ready
  await client.guilds.cache.get(GUILD_ID)!.members.fetch()
  // Without its members in the cache, discord.js tells nobody of a change to them.
  client.on(Events.GuildCreate, (guild) => void guild.members.fetch())
  return null
})
