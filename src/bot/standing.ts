import { governedRoles } from '#src/core/governed.ts'
import { kicksSomebody } from '#src/core/harm.ts'
import type { Id } from '#src/core/model.ts'
import { missingPermissions } from '#src/discord/invite.ts'
import type { Looker } from '#src/discord/looker.ts'
import { knownGuild } from '#src/loop/facts.ts'
import type { World } from '#src/loop/world.ts'
import type { Log } from '#src/telemetry/log.ts'

/** What the bot lacks in a server to do its work there, as sentences that say what to click. Throws where Discord or the source cannot be asked. */
export async function standingFaults(world: World, looker: Looker, guildId: Id): Promise<readonly string[]> {
  const { guild } = knownGuild(world, guildId)
  const standing = await looker.standing(guildId, guild.botUserId)
  const { names } = await world.directory(guildId).find([])
  const settings = await world.book.settings(guildId)
  const { channelId } = await world.book.arrangements(guildId)
  const governed = governedRoles(standing.guild, names, settings)
  const duties = { kicks: kicksSomebody(settings), posts: channelId !== null }
  return missingPermissions(standing, [...governed.roleIds], duties)
}

/** Writes them into the log; a server that cannot be asked now is asked again when its roster is next live. */
export async function reportStanding(world: World, looker: Looker, guildId: Id, log: Log): Promise<void> {
  try {
    for (const sentence of await standingFaults(world, looker, guildId)) log.warn({ guildId }, sentence)
  } catch (error) {
    log.warn({ guildId, error }, 'The bot’s permissions in a server could not be checked.')
  }
}
