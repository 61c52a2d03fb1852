import type { REST } from '@discordjs/rest'
import { ApplicationFlags, Routes } from 'discord.js'
import type { Id } from '#src/core/model.ts'
import { idOf, listOf, partOf } from './answers.ts'
import { toFault } from './faults.ts'

/** The account of the bot that the token belongs to. Rejects with a `DiscordFault`. */
export const readBotUserId = (rest: REST): Promise<Id> => readId(rest, Routes.user(), 'asking who the bot is')

/** The application that the token belongs to; an invite address names it. Rejects with a `DiscordFault`. */
export const readApplicationId = (rest: REST): Promise<Id> =>
  readId(rest, Routes.currentApplication(), 'asking which application this is')

/** Whether the application's privileged intent for the members of servers is switched on. Rejects with a `DiscordFault`. */
export async function readSeesMembers(rest: REST): Promise<boolean> {
  const { flags } = await read(rest, Routes.currentApplication(), ITSELF, 'asking which intents are switched on')
  const { GatewayGuildMembers: all, GatewayGuildMembersLimited: some } = ApplicationFlags
  return typeof flags === 'number' && (flags & (all | some)) !== 0
}

/** How many servers the bot is in; Discord tells of 200 at most at once. Rejects with a `DiscordFault`. */
export async function countServers(rest: REST): Promise<number> {
  try {
    return listOf(await rest.get(Routes.userGuilds()), "the bot's servers").length
  } catch (error) {
    throw toFault(error, "asking for the bot's servers")
  }
}

const ITSELF = 'an answer about itself'

async function readId(rest: REST, route: `/${string}`, doing: string): Promise<Id> {
  return idOf((await read(rest, route, ITSELF, doing)).id, 'its own id')
}

async function read(rest: REST, route: `/${string}`, what: string, doing: string) {
  try {
    return partOf(await rest.get(route), what)
  } catch (error) {
    throw toFault(error, doing)
  }
}
