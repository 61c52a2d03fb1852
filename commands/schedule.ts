import type { Arrangements } from '#src/core/arrangements.ts'
import { ACTIONS, type Action } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { type Asked, byOf, type Command, type CommandWorld, type Reply } from '#src/discord/command.ts'
import { noSuchCommand, textIn, wordIn } from './given.ts'
import { reasonOption } from './reason-option.ts'
import { scheduleDoes, scheduleWords } from './schedule-words.ts'
import { paragraphs, timeMention } from './wording.ts'

/** Where nothing else was said: the zone in which every server's clock is the same. */
const USUAL_ZONE = 'UTC'

/** `/schedule`: when the bot looks by itself. Whether it then acts is not decided here, but by `/arm schedule`. */
export const schedule: Command = {
  name: 'schedule',
  description: 'When the bot looks at everybody by itself',
  needs: 'schedule',
  subcommands: [
    {
      name: 'set',
      description: 'Set when it looks; what you leave out stays as it was',
      options: [
        {
          name: 'expression',
          description: 'A cron expression: minute hour day month weekday, such as "0 4 * * *" for 4 in the morning',
          type: 'string',
          required: true,
          maxLength: 100,
        },
        { name: 'timezone', description: 'Such as Europe/Oslo (default: UTC)', type: 'string', maxLength: 64 },
        {
          name: 'action',
          description: 'What scheduled runs may do at most once they are armed (default: report)',
          type: 'string',
          choices: [
            { name: 'report: only say what is out of order', value: 'report' },
            { name: 'strip: take away roles that were not earned', value: 'strip' },
            { name: 'strip_kick: the same, and kick where the policy says so', value: 'strip_kick' },
          ],
        },
        reasonOption,
      ],
    },
    { name: 'show', description: 'When it looks, and when next', changes: 'nothing', options: [] },
    { name: 'clear', description: 'It looks only when asked', options: [reasonOption] },
  ],
  answer,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  switch (asked.subcommand) {
    case 'set':
      return set(asked, world)
    case 'show':
      return standing('The schedule', asked, world, await world.arrangements(asked.guildId))
    case 'clear':
      return clear(asked, world)
    default:
      throw noSuchCommand()
  }
}

async function set(asked: Asked, world: CommandWorld): Promise<Reply> {
  const expression = textIn(asked, 'expression')
  if (expression === null) throw new Refusal('Say when it shall look, such as `0 4 * * *` for 4 in the morning.')
  const { schedule: before } = await world.arrangements(asked.guildId)
  const action = wordIn(asked, 'action', ACTIONS) ?? before?.action ?? 'report'
  await refuseQuietRise(asked, world, before?.action ?? 'report', action)
  const timeZone = textIn(asked, 'timezone') ?? before?.timeZone ?? USUAL_ZONE
  const after = await world.arrange(asked.guildId, { schedule: { expression, timeZone, action } }, byOf(asked))
  return standing('The schedule is set', asked, world, after)
}

/** Whether the bot acts by itself is for Administrators: where scheduled runs do so already, only they let those do more. */
async function refuseQuietRise(asked: Asked, world: CommandWorld, before: Action, after: Action): Promise<void> {
  if (ACTIONS.indexOf(after) <= ACTIONS.indexOf(before)) return
  if (asked.isOwner || asked.permissions.has('Administrator')) return
  const { armed } = await world.settings(asked.guildId)
  if (!armed.schedule) return
  throw new Refusal(
    `The schedule is armed, so scheduled runs would do more from now on (\`${after}\` instead of \`${before}\`). Only an Administrator decides that: ask one to give this command, or to disarm the schedule first with \`/arm off\`. Nothing was changed.`,
  )
}

async function clear(asked: Asked, world: CommandWorld): Promise<Reply> {
  await world.arrange(asked.guildId, { schedule: null }, byOf(asked))
  return {
    tone: 'good',
    title: 'The schedule is cleared',
    text: 'The bot looks at everybody only when somebody asks for it with `/audit run`. What it sees live is not touched by this.',
  }
}

async function standing(title: string, asked: Asked, world: CommandWorld, { schedule }: Arrangements): Promise<Reply> {
  if (schedule === null)
    return { tone: 'plain', title: 'No schedule', text: 'The bot looks only when asked. `/schedule set` sets a time.' }
  const { nextLookAt, armed, acknowledged } = await world.status(asked.guildId, asked.actor)
  return {
    tone: 'good',
    title,
    text: paragraphs([
      `The bot looks at everybody at ${scheduleWords(schedule)}.${nextLookAt === null ? '' : ` Next ${timeMention(nextLookAt)}.`}`,
      scheduleDoes(schedule, armed.schedule, acknowledged === null),
    ]),
  }
}
