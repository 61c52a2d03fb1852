import type { Readiness } from '#src/telemetry/health.ts'
import type { GuildPosts } from './posts.ts'

/** What a bot serves, and whether it may act there. */
interface Service {
  readonly posts: GuildPosts
  /** False from the moment at which another bot may act in this one's place. */
  readonly mayAct: () => boolean
}

/** Where the bot stands before it serves anybody, and then its servers. */
export class Stage {
  #stage: 'starting' | 'standing by' | Service = 'starting'

  standsBy(): void {
    this.#stage = 'standing by'
  }

  serves(posts: GuildPosts, mayAct: () => boolean): void {
    this.#stage = { posts, mayAct }
  }

  /** Ready: it acts, every server that it sees has a live member list, and it sees at least one. */
  readiness(): Readiness {
    if (this.#stage === 'starting') return { ready: false, why: ['the bot is starting'] }
    if (this.#stage === 'standing by')
      return { ready: false, why: ['another bot acts on this database, and this one stands by'] }
    if (!this.#stage.mayAct())
      return { ready: false, why: ['the database does not answer, and another bot may act in place of this one'] }
    const keepers = [...this.#stage.posts.keepers]
    const notLive = keepers
      .filter(([, keeper]) => keeper.roster.state !== 'live')
      .map(([id, keeper]) => `server ${id}: the member list is ${keeper.roster.state}`)
    const why = keepers.length === 0 ? ['the bot sees no server yet'] : notLive
    return { ready: why.length === 0, why }
  }
}
