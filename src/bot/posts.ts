import type { Id } from '#src/core/model.ts'
import type { RosterChange } from '#src/roster/change.ts'
import { RosterKeeper } from '#src/roster/keeper.ts'
import type { KeeperWorld } from '#src/roster/keeper-world.ts'
import type { Packet } from '#src/roster/roster.ts'

// One post a guild: who keeps its roster. Dispatches are led to the guild they speak of, and a fault in one stays there.

export interface PostsOptions {
  readonly world: KeeperWorld
  readonly fillBy: 'chunks' | 'pages'
  readonly checkEveryMs: number
  /** A guild was announced, with its name as Discord has it. */
  readonly announced: (guildId: Id, name: string) => void
}

/** The keepers of all guilds that this process sees. */
export class GuildPosts {
  readonly #options: PostsOptions
  readonly #keepers = new Map<Id, RosterKeeper>()
  #botUserId: Id | null = null
  #heard: (guildId: Id, change: RosterChange) => void = () => {}

  constructor(options: PostsOptions) {
    this.#options = options
  }

  /** Who hears every change of every roster from now on, with the guild it belongs to. */
  listen(heard: (guildId: Id, change: RosterChange) => void): void {
    this.#heard = heard
  }

  keeper(guildId: Id): RosterKeeper | null {
    return this.#keepers.get(guildId) ?? null
  }

  get keepers(): IterableIterator<[Id, RosterKeeper]> {
    return this.#keepers.entries()
  }

  /** Every dispatch, those of one guild in the order of their arrival; `at` in ms since the epoch. */
  take(packet: Packet, at: number): void {
    const body = packet.d as PacketPart | null
    if (packet.t === 'READY') {
      this.#begin(body)
      return
    }
    const guildId = guildOf(packet.t, body)
    if (guildId === null) return
    if (packet.t === 'GUILD_CREATE') this.#announce(guildId, body)
    this.#keepers.get(guildId)?.take(packet, at)
    if (packet.t === 'GUILD_DELETE' && body?.unavailable !== true) this.#leave(guildId)
  }

  /** Everything that was missed has been replayed, in order. */
  resumed(): void {
    for (const keeper of this.#keepers.values()) keeper.resumed()
  }

  stop(): void {
    for (const keeper of this.#keepers.values()) keeper.stop()
  }

  /** A fresh session: what was held of its guilds may be old. */
  #begin(ready: PacketPart | null): void {
    this.#botUserId = ready?.user?.id ?? this.#botUserId
    for (const { id } of ready?.guilds ?? []) this.#keepers.get(id)?.freshSession()
  }

  #announce(guildId: Id, body: PacketPart | null): void {
    if (body?.unavailable === true) return
    this.#options.announced(guildId, body?.name ?? '')
    if (this.#keepers.has(guildId) || this.#botUserId === null) return
    const { world, fillBy, checkEveryMs } = this.#options
    const keeper = new RosterKeeper({
      guildId,
      botUserId: this.#botUserId,
      world,
      fillBy,
      checkEveryMs,
      heard: (changes) => {
        for (const change of changes) this.#heard(guildId, change)
      },
    })
    this.#keepers.set(guildId, keeper)
  }

  #leave(guildId: Id): void {
    this.#keepers.get(guildId)?.stop()
    this.#keepers.delete(guildId)
  }
}

interface PacketPart {
  readonly id?: Id
  readonly guild_id?: Id
  readonly name?: string
  readonly unavailable?: boolean
  readonly user?: { readonly id: Id }
  readonly guilds?: readonly { readonly id: Id }[]
  readonly meta?: { readonly guild_id?: Id }
}

/** The guild that a dispatch speaks of; null for those that speak of none. */
function guildOf(t: string, body: PacketPart | null): Id | null {
  if (t === 'GUILD_CREATE' || t === 'GUILD_UPDATE' || t === 'GUILD_DELETE') return body?.id ?? null
  if (t === 'RATE_LIMITED') return body?.meta?.guild_id ?? null
  return body?.guild_id ?? null
}
