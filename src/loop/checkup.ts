import { claimedTwice, type Holders, holdersOf, namesakesIn } from '#src/core/checkup.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import { governedRoles, type Source } from '#src/core/governed.ts'
import type { Id, Settings } from '#src/core/model.ts'
import { knownGuild } from './facts.ts'
import type { World } from './world.ts'

/** What may be amiss in a server beside how it stands (`/audit status`) and how its source does. */
export interface Checkup {
  /** How far this machine's clock is ahead of Discord's, ms. */
  readonly skewMs: number
  readonly settings: Settings
  /** What follows from the source's names and people; null where it does not answer, or the member list is not there. */
  readonly governed: {
    readonly roles: number
    readonly unmatched: readonly Source[]
    readonly namesakes: readonly (readonly Id[])[]
    readonly holders: Holders
    readonly claimedTwice: readonly Id[]
  } | null
}

/** Throws `Refusal` where Discord has not told of the server yet. */
export async function checkUp(world: World, guildId: Id): Promise<Checkup> {
  const settings = await world.book.settings(guildId)
  return { skewMs: world.now() - world.discordNow(), settings, governed: await lookAtAll(world, guildId, settings) }
}

async function lookAtAll(world: World, guildId: Id, settings: Settings): Promise<Checkup['governed']> {
  const { roster, guild } = knownGuild(world, guildId)
  try {
    const { names, people } = await world.directory(guildId).snapshot()
    const { roleIds, unmatched } = governedRoles(guild, names, settings)
    return {
      roles: roleIds.size,
      unmatched,
      namesakes: namesakesIn(guild, roleIds),
      holders: holdersOf(roster.columns, guild, settings, roleIds),
      claimedTwice: claimedTwice(roster.columns, people),
    }
  } catch (error) {
    if (error instanceof DirectoryUnreachable) return null
    throw error
  }
}
