import type { REST } from '@discordjs/rest'
import { Routes } from 'discord.js'
import type { Id } from '#src/core/model.ts'
import { idOf, partOf } from './answers.ts'
import { toFault } from './faults.ts'

/** The account of the bot that the token belongs to. Rejects with a `DiscordFault`. */
export const readBotUserId = (rest: REST): Promise<Id> => readId(rest, Routes.user(), 'asking who the bot is')

/** The application that the token belongs to; an invite address names it. Rejects with a `DiscordFault`. */
export const readApplicationId = (rest: REST): Promise<Id> =>
  readId(rest, Routes.currentApplication(), 'asking which application this is')

async function readId(rest: REST, route: `/${string}`, doing: string): Promise<Id> {
  try {
    return idOf(partOf(await rest.get(route), 'an answer about itself').id, 'its own id')
  } catch (error) {
    throw toFault(error, doing)
  }
}
