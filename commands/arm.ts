import { takesSomething } from '#src/core/harm.ts'
import { type Asked, byOf, type Command, type CommandWorld, type Reply } from '#src/discord/command.ts'
import { mustBeWord, noSuchCommand } from './given.ts'
import { reasonOption } from './reason-option.ts'
import { scheduleDoes, scheduleWords } from './schedule-words.ts'
import { paragraphs, timeMention } from './wording.ts'

const ARMS = ['schedule', 'realtime'] as const
type Arm = (typeof ARMS)[number]

/** `/arm`: whether the bot acts without being asked. Only Administrators decide that; `/stop` undoes it for everybody who may halt. */
export const arm: Command = {
  name: 'arm',
  description: 'Let the bot act by itself, or let it no longer',
  needs: 'administrator',
  subcommands: [
    { name: 'schedule', description: 'Scheduled runs act, as far as the schedule says', options: [reasonOption] },
    {
      name: 'realtime',
      description: 'A role that was not earned is taken the moment it is given; nobody is kicked',
      options: [reasonOption],
    },
    {
      name: 'off',
      description: 'What the bot finds by itself is only reported again',
      changes: 'to safety',
      options: [
        {
          name: 'what',
          description: 'Which of the two',
          type: 'string',
          required: true,
          choices: [
            { name: 'schedule', value: 'schedule' },
            { name: 'realtime', value: 'realtime' },
            { name: 'both', value: 'both' },
          ],
        },
        reasonOption,
      ],
    },
  ],
  answer,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  if (asked.subcommand === 'off') return disarm(asked, world)
  const what = ARMS.find((known) => known === asked.subcommand)
  if (what === undefined) throw noSuchCommand()
  await world.arm(asked.guildId, what, byOf(asked))
  return armedReply(what, asked, world)
}

async function armedReply(what: Arm, asked: Asked, world: CommandWorld): Promise<Reply> {
  const { policy } = await world.settings(asked.guildId)
  const does = what === 'realtime' ? REALTIME : await scheduled(asked, world)
  const harmless = !takesSomething(policy)
  return {
    tone: harmless || does.stillReports ? 'warn' : 'good',
    title: what === 'realtime' ? 'Realtime is armed' : 'The schedule is armed',
    text: paragraphs([
      does.words,
      harmless
        ? 'The policy only reports in every category, so nothing will be taken until that is changed: look with `/policy show`.'
        : null,
      'Anybody who may use `/stop` halts everything with it at once.',
    ]),
  }
}

interface Does {
  readonly words: string
  /** It is armed, and yet nothing acts. */
  readonly stillReports: boolean
}

const REALTIME: Does = {
  words:
    'A governed role that lands on somebody who has not earned it is taken at once, as the policy says. Nobody is kicked by it.',
  stillReports: false,
}

async function scheduled({ guildId, actor }: Asked, world: CommandWorld): Promise<Does> {
  const { schedule } = await world.arrangements(guildId)
  // Whoever cleared it at this moment has disarmed it as well.
  if (schedule === null)
    return { words: 'There is no schedule any more: `/schedule set` sets one.', stillReports: true }
  const { nextLookAt, acknowledged } = await world.status(guildId, actor)
  const next = nextLookAt === null ? '' : `, next ${timeMention(nextLookAt)}`
  return {
    words: paragraphs([
      scheduleDoes(schedule, true, acknowledged === null),
      `The bot looks at everybody at ${scheduleWords(schedule)}${next}.`,
    ]),
    stillReports: schedule.action === 'report',
  }
}

async function disarm(asked: Asked, world: CommandWorld): Promise<Reply> {
  const what = mustBeWord(asked, 'what', [...ARMS, 'both'])
  for (const each of what === 'both' ? ARMS : [what]) await world.disarm(asked.guildId, each, byOf(asked))
  const { armed } = await world.settings(asked.guildId)
  const left = ARMS.filter((each) => armed[each])
  return {
    tone: 'good',
    title:
      what === 'both'
        ? 'Nothing acts by itself any more'
        : `${what === 'realtime' ? 'Realtime' : 'The schedule'} is disarmed`,
    text: paragraphs([
      what === 'realtime' ? null : 'Scheduled runs only report from now on.',
      what === 'schedule' ? null : 'What is seen live is recorded from now on, and nobody loses anything by it.',
      left.length > 0 ? `Still armed, and acting: ${left.join(', ')}.` : null,
      'A run that somebody asked for goes on, one of the schedule ends before its next change; `/stop` halts them all.',
    ]),
  }
}
