import { Client, GatewayIntentBits, type Guild } from 'discord.js'
import type { Town } from './town.ts'
import { guildText, nonceText, openChunkTexts } from './wire.ts'

export const INTENTS = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers]

/** discord.js' own cache of everybody, by the way that its chunk handler takes, without a socket and without logging in. */
export function fillCache(town: Town): Guild {
  const client = new Client({ intents: INTENTS })
  const guild = take<Guild>(client.guilds, { ...JSON.parse(guildText(town)), shardId: 0 })
  for (const text of openChunkTexts(town)) {
    const { members } = JSON.parse(text + nonceText('bench')) as { members: readonly unknown[] }
    for (const member of members) take(guild.members, member)
  }
  const { size } = guild.members.cache
  if (size !== town.size || client.users.cache.size !== size)
    throw new Error(`discord.js' cache holds ${size} of ${town.size} members`)
  return guild
}

/** `_add` is how discord.js' handlers put what a dispatch brought into a cache; its types leave it out. */
function take<T>(manager: object, data: unknown): T {
  return (manager as { _add(data: unknown): T })._add(data)
}
