import { GuildPosts } from '#src/bot/posts.ts'
import { connect } from '#src/discord/gateway.ts'
import type { RosterChange } from '#src/roster/change.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { GUILD_ID } from '../guild/town.ts'
import { Count, type Listener, type ListenerOptions } from './listener.ts'

/** Our bot's own road: the connection, the guild's keeper, and whoever hears of changes. */
export async function listenAsWe({ apiUrl, token, members }: ListenerOptions): Promise<Listener> {
  const updates = new Count()
  const live = Promise.withResolvers<number>()
  const connected = Promise.withResolvers<Awaited<ReturnType<typeof connect>>>()
  let askedAt = 0
  const posts = new GuildPosts({
    world: {
      askMembers: async (guildId, nonce) => {
        const connection = await connected.promise
        askedAt = performance.now()
        return connection.askMembers(guildId, nonce)
      },
      listMembers: () => Promise.reject(new Error('our keeper gave the chunks up and wants pages')),
      roleCounts: () => Promise.reject(new Error('nobody counts roles here')),
      clock: { now: Date.now, after },
    },
    fillBy: 'chunks',
    checkEveryMs: 3_600_000,
    announced: () => {},
  })
  posts.listen((_, change) => {
    if (isRoleChange(change)) updates.one()
    else if (change.kind === 'state' && change.to === 'live') live.resolve((performance.now() - askedAt) / 1000)
  })
  connected.resolve(
    await connect({
      token,
      apiUrl,
      log: makeLog({ level: 'warn', secrets: [token] }),
      onPacket: (packet) => posts.take(packet, Date.now()),
      onSession: () => {},
      onInteraction: () => {},
      onFatal: (fault) => live.reject(fault),
    }),
  )
  return {
    fill: async () => {
      const seconds = await live.promise
      const held = posts.keeper(GUILD_ID)?.roster.columns.count
      if (held !== members) throw new Error(`our roster holds ${held} of ${members} members`)
      return seconds
    },
    updates,
  }
}

/** Each update gives or takes exactly one role. */
function isRoleChange(change: RosterChange): boolean {
  return change.kind === 'member' && change.added.length + change.removed.length === 1
}

function after(milliseconds: number, act: () => void): () => void {
  const timer = setTimeout(act, milliseconds)
  return () => clearTimeout(timer)
}
