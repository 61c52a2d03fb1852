import type { Readiness } from '#src/telemetry/health.ts'
import type { GuildPosts } from './posts.ts'

/** Where the bot stands before it serves anybody, and then its servers. */
export class Stage {
  #stage: 'starting' | 'standing by' | GuildPosts = 'starting'

  standsBy(): void {
    this.#stage = 'standing by'
  }

  serves(posts: GuildPosts): void {
    this.#stage = posts
  }

  /** Ready: it acts, every server that it sees has a live member list, and it sees at least one. */
  readiness(): Readiness {
    if (this.#stage === 'starting') return { ready: false, why: ['the bot is starting'] }
    if (this.#stage === 'standing by')
      return { ready: false, why: ['another bot acts on this database, and this one stands by'] }
    const keepers = [...this.#stage.keepers]
    const notLive = keepers
      .filter(([, keeper]) => keeper.roster.state !== 'live')
      .map(([id, keeper]) => `server ${id}: the member list is ${keeper.roster.state}`)
    const why = keepers.length === 0 ? ['the bot sees no server yet'] : notLive
    return { ready: why.length === 0, why }
  }
}
