import { type Config, configFromEnvironment } from '#src/config.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { inviteAddress } from '#src/discord/invite.ts'
import { makeLooker } from '#src/discord/looker.ts'
import { makeRest } from '#src/discord/rest.ts'
import { readApplicationId, readBotUserId } from '#src/discord/self.ts'
import { shown } from '#src/identity/words.ts'
import { isDiscordId } from './ids.ts'
import { out } from './lines.ts'
import { withStore } from './open.ts'
import { snapshotTo } from './snapshot.ts'
import { withSource } from './source.ts'
import { chooseGuild } from './world.ts'

// The commands that ask Discord, with the bot's token but without its gateway: they run beside the bot.

export function takeSnapshot(path: string, guild: string | undefined): Promise<number> {
  const config = configFromEnvironment()
  const rest = restOf(config)
  return withStore(config, async (world) => {
    const guildId = chooseGuild(guild, world)
    const discord = { looker: makeLooker(rest), botUserId: await readBotUserId(rest) }
    return withSource(config, world.db, (source) =>
      snapshotTo(path, guildId, { ...world, ...discord, directory: source.of(guildId) }),
    )
  })
}

export async function printInvite(application: string | undefined, kick: boolean): Promise<number> {
  const id =
    application === undefined ? await readApplicationId(restOf(configFromEnvironment())) : mustBeId(application)
  out(inviteAddress(id, { kick }))
  return 0
}

function restOf(config: Config): ReturnType<typeof makeRest> {
  if (config.token !== null) return makeRest({ token: config.token, apiUrl: config.apiUrl })
  throw new Refusal(
    'This asks Discord, and there is no DISCORD_TOKEN. Put the bot’s token into the environment or into .env; `npm start` says where to get one.',
  )
}

function mustBeId(typed: string): Id {
  if (isDiscordId(typed.trim())) return typed.trim()
  throw new Refusal(
    `--application ${shown(typed, 40)} is not an application’s id. It is the number of 17 to 19 digits under Application ID, on the first page of your application in the developer portal.`,
  )
}
