import type { Readiness } from '#src/telemetry/health.ts'
import type { GuildPosts } from './posts.ts'

/** Ready: every server that the bot sees has a live member list, and it sees at least one. */
export function readinessOf(posts: GuildPosts): Readiness {
  const keepers = [...posts.keepers]
  const notLive = keepers
    .filter(([, keeper]) => keeper.roster.state !== 'live')
    .map(([id, keeper]) => `server ${id}: the member list is ${keeper.roster.state}`)
  const why = keepers.length === 0 ? ['the bot sees no server yet'] : notLive
  return { ready: why.length === 0, why }
}
