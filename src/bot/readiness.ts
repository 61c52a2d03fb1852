import type { Id } from '#src/core/model.ts'
import type { Readiness } from '#src/telemetry/health.ts'
import { inTime } from './in-time.ts'
import type { GuildPosts } from './posts.ts'

/** What a bot serves, and whether it may act there. */
interface Service {
  readonly posts: GuildPosts
  /** The servers that are blind. Rejects where the database does not answer. */
  readonly blind: () => Promise<readonly Id[]>
  /** False from the moment at which another bot may act in this one's place. */
  readonly mayAct: () => boolean
}

/** Where the bot stands before it serves anybody, and then its servers. */
export class Stage {
  #stage: 'starting' | 'standing by' | Service = 'starting'

  standsBy(): void {
    this.#stage = 'standing by'
  }

  serves(service: Service): void {
    this.#stage = service
  }

  /** Ready: it acts, its database answers, every server that it sees has a live member list and a source that is trusted, and it sees at least one. */
  async readiness(): Promise<Readiness> {
    if (this.#stage === 'starting') return { ready: false, why: ['the bot is starting'] }
    if (this.#stage === 'standing by')
      return { ready: false, why: ['another bot acts on this database, and this one stands by'] }
    if (!this.#stage.mayAct())
      return { ready: false, why: ['the database does not answer, and another bot may act in place of this one'] }
    const keepers = [...this.#stage.posts.keepers]
    const notLive = keepers
      .filter(([, keeper]) => keeper.roster.state !== 'live')
      .map(([id, keeper]) => `server ${id}: the member list is ${keeper.roster.state}`)
    const why = [...(keepers.length === 0 ? ['the bot sees no server yet'] : notLive), ...(await sightOf(this.#stage))]
    return { ready: why.length === 0, why }
  }
}

/** Whoever asks gives up after a few seconds. */
const DATABASE_MS = 2_000

async function sightOf({ blind }: Service): Promise<readonly string[]> {
  try {
    const blindIds = await inTime(blind(), DATABASE_MS)
    return blindIds.map((id) => `server ${id}: the identity source is not trusted, and nobody is judged by it`)
  } catch {
    return ['the database of the bot does not answer']
  }
}
