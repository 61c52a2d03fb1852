import type { Settings } from '#src/core/model.ts'
import { type Asked, byOf, type Command, type CommandWorld, type Reply } from '#src/discord/command.ts'
import { mustBeWord, noSuchCommand } from './given.ts'
import { reasonOption } from './reason-option.ts'
import { scheduleWords } from './schedule-words.ts'
import { paragraphs } from './wording.ts'

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

async function armedReply(what: Arm, { guildId }: Asked, world: CommandWorld): Promise<Reply> {
  const { schedule } = await world.arrangements(guildId)
  const harmless = takesNothing(await world.settings(guildId))
  return {
    tone: harmless ? 'warn' : 'good',
    title: what === 'realtime' ? 'Realtime is armed' : 'The schedule is armed',
    text: paragraphs([
      what === 'realtime'
        ? 'A governed role that lands on somebody who has not earned it is taken at once, as the policy says. Nobody is kicked by it.'
        : `Scheduled runs act from now on${schedule === null ? '' : `: ${scheduleWords(schedule)}`}.`,
      harmless
        ? 'The policy only reports in every category, so nothing will be taken until that is changed: look with `/policy show`.'
        : null,
      'Anybody who may use `/stop` halts everything with it at once.',
    ]),
  }
}

/** Whether no rule of the policy takes anything from anybody. Overrides are of single members and do not count. */
function takesNothing({ policy: { unknown_guest, linked_no_perm, role_drift } }: Settings): boolean {
  const rules = [unknown_guest, linked_no_perm, role_drift]
  const actions = rules.flatMap((rule) => [rule.default, ...rule.byGroup.values(), ...rule.byState.values()])
  return actions.every((action) => action === 'report')
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
      'What is found without anybody asking is recorded and reported, and nobody loses anything by it.',
      left.length > 0 ? `Still armed: ${left.join(', ')}.` : null,
      'A run that is under way goes on; `/stop` halts it.',
    ]),
  }
}
