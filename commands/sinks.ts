import type { Id } from '#src/core/model.ts'
import { isSound, type SinkStanding } from '#src/core/sink-standing.ts'
import { plainText, shorten } from '#src/core/text.ts'
import type { Asked, Command, CommandWorld, Reply } from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { noSuchCommand } from './given.ts'
import { many, nameText, paragraphs, timeMention } from './wording.ts'

/** `/sinks`: whether others get the record of this server, and what they would not take. It is mended at the operator's console. */
export const sinks: Command = {
  name: 'sinks',
  description: 'Where the record is sent',
  needs: 'read',
  subcommands: [
    {
      name: 'status',
      description: 'How far each receiver has got with the record of this server, and what it refused',
      changes: 'nothing',
      options: [],
    },
  ],
  answer,
}

async function answer({ subcommand, guildId }: Asked, world: CommandWorld): Promise<Reply> {
  if (subcommand !== 'status') throw noSuchCommand()
  return status(guildId, world)
}

async function status(guildId: Id, world: CommandWorld): Promise<Reply> {
  const standings = await world.sinks(guildId)
  if (standings.length === 0) return NONE
  const sound = standings.every(isSound)
  return {
    tone: sound ? 'good' : 'warn',
    title: sound ? 'The record is being sent' : 'Not everything is taken',
    text: paragraphs([sound ? null : MENDING, fewOf(standings.map(standingWords), MAX_SINKS, '\n\n', SPACE)]),
  }
}

/** More are counted. */
const MAX_SINKS = 25
/** Characters of a description (Discord takes 4,096) that are for the sinks. */
const SPACE = 3_600

const NONE: Reply = {
  tone: 'plain',
  title: 'The record is sent nowhere',
  text: 'It is kept in the database alone. The operator of the bot sets where else it goes.',
}

const MENDING =
  'Nothing is lost: what is not taken waits. The operator of the bot sees more with `rolecall sinks status`, and has it tried again with `rolecall sinks retry`.'

function standingWords({ name, lag, deliveredAt, off, trouble, parked, firstParked }: SinkStanding): string {
  const last = deliveredAt === null ? 'nothing was taken yet' : `last taken ${timeMention(deliveredAt)}`
  return [
    `**${nameText(name)}**: ${lag === 0 ? 'up to date' : `${many(lag, 'line')} behind`}; ${last}.`,
    off === null ? null : `Switched off ${timeMention(off.since)}: ${briefly(off.why)}`,
    trouble === null ? null : `In trouble since ${timeMention(trouble.since)}: ${briefly(trouble.what)}`,
    parked === 0 ? null : `Refused for good, and parked: ${many(parked, 'line')}.\n${parkedLines(firstParked, parked)}`,
  ]
    .filter((line) => line !== null)
    .join('\n')
}

/** Escaped it may be twice as long, and several stand in one answer. */
const MAX_WORDS = 120
const briefly = (text: string): string => plainText(shorten(text, MAX_WORDS))

/** Characters that the parked lines of one sink may take. */
const PARKED_SPACE = 600

function parkedLines(first: SinkStanding['firstParked'], total: number): string {
  const lines = first.map(({ seq, reason, at }) => `• line ${seq}, ${timeMention(at)}: ${briefly(reason)}`)
  return fewOf(lines, first.length, '\n', PARKED_SPACE, total)
}
