import type { Guild, Id } from '#src/core/model.ts'
import { knownGuild } from './facts.ts'
import type { Lane } from './line.ts'
import type { World } from './world.ts'

/** How old the guild's roles, owner and the bot's own rank may be at an act. They are one reading for many acts, each member is its own. */
const GUILD_MS = 3_000

/**
 * The guild as Discord says now: a role that was renamed or moved unheard must not be taken by its old name, and one of which that was told not by a
 * reading from before. Ages by time that passes, whatever the clock says.
 */
export class FreshGuild {
  readonly #world: World
  readonly #guildId: Id
  readonly #lane: Lane
  #last: { readonly read: Promise<Guild>; readonly at: number; readonly told: Guild } | null = null

  constructor(world: World, guildId: Id, lane: Lane = 'command') {
    this.#world = world
    this.#guildId = guildId
    this.#lane = lane
  }

  read(): Promise<Guild> {
    const now = this.#world.elapsed()
    const { guild } = knownGuild(this.#world, this.#guildId)
    if (this.#last && now - this.#last.at < GUILD_MS && isToldTheSame(this.#last.told, guild)) return this.#last.read
    const read = this.#world.looker.guild(guild.id, guild.botUserId, this.#lane)
    this.#last = { read, at: now, told: guild }
    // A reading that failed is not kept: the next member is not to pay for it.
    read.catch(() => {
      if (this.#last?.read === read) this.#last = null
    })
    return read
  }
}

/** Whether the roster has been told nothing of the guild's roles, its owner or the bot's own rank in between; a list of roles is never changed in place. */
const isToldTheSame = (before: Guild, now: Guild): boolean =>
  before.roles === now.roles && before.ownerId === now.ownerId && before.botRoleIds.join() === now.botRoleIds.join()
