import { Client } from 'discord.js'
import { INTENTS } from '../guild/theirs.ts'
import { GUILD_ID } from '../guild/town.ts'
import { Count, type Listener, type ListenerOptions } from './listener.ts'

/** A plain discord.js bot: its default caches, `members.fetch()`, and a listener that only counts. */
export async function listenAsTheyDo({ apiUrl, token, members }: ListenerOptions): Promise<Listener> {
  const updates = new Count()
  const client = new Client({ intents: INTENTS, rest: { api: apiUrl } })
  const ready = new Promise((resolve) => client.once('clientReady', resolve))
  client.on('guildMemberUpdate', () => updates.one())
  await client.login(token)
  await ready
  return {
    fill: async () => {
      const began = performance.now()
      const fetched = await client.guilds.cache.get(GUILD_ID)!.members.fetch()
      const seconds = (performance.now() - began) / 1000
      if (fetched.size !== members) throw new Error(`discord.js fetched ${fetched.size} of ${members} members`)
      return seconds
    },
    updates,
  }
}
