import { type Asked, byOf, type Command, type CommandWorld, type Reply } from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { reasonOption } from './reason-option.ts'
import { isResumable, purposeWords } from './run-line.ts'
import { many, paragraphs, typedText } from './wording.ts'

type Stopped = Awaited<ReturnType<CommandWorld['stop']>>

/** `/stop`: everything halts, in one word. It asks nothing back: whoever needs it has no time to answer. */
export const stop: Command = {
  name: 'stop',
  description: 'Halt everything at once: no run goes on, and nothing acts by itself',
  needs: 'stop',
  changes: 'to safety',
  options: [reasonOption],
  answer,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  const by = byOf(asked)
  const stopped = await world.stop(asked.guildId, by)
  return {
    tone: 'good',
    title: 'Stopped',
    text: paragraphs([
      `${runWords(stopped)} ${armWords(stopped)}`,
      'Nothing more is begun. A change that was on its way to Discord at this moment may still land; `/audit runs` shows what each run has done.',
      goingOn(stopped),
      by.reason === null ? null : `Reason given: ${typedText(by.reason)}`,
    ]),
    fields: runsField(stopped),
  }
}

const runWords = ({ runs }: Stopped): string =>
  runs.length === 0
    ? 'No run was under way.'
    : `${many(runs.length, 'run')} under way ${runs.length === 1 ? 'was' : 'were'} interrupted.`

function armWords({ wasArmed }: Stopped): string {
  const names = [wasArmed.schedule ? 'schedule' : null, wasArmed.realtime ? 'realtime' : null]
  const armed = names.filter((name) => name !== null)
  return armed.length === 0 ? 'Nothing was armed.' : `Disarmed: ${armed.join(' and ')}.`
}

function goingOn({ runs, wasArmed }: Stopped): string | null {
  const hints = [
    wasArmed.schedule || wasArmed.realtime ? 'Only an Administrator arms again, with `/arm`.' : null,
    runs.length > 0 ? '`/undo` gives back what a run took.' : null,
    runs.some(({ purpose }) => isResumable(purpose)) ? '`/audit resume` goes on with a run that has a plan.' : null,
  ].filter((hint) => hint !== null)
  return hints.length > 0 ? hints.join(' ') : null
}

/** Runs named; a server has seldom more than two under way. */
const MAX_RUNS = 8

function runsField({ runs }: Stopped): NonNullable<Reply['fields']> {
  if (runs.length === 0) return []
  const lines = runs.map(({ id, purpose }) => `\`${id}\` (${purposeWords(purpose)})`)
  return [{ name: 'Interrupted', value: fewOf(lines, MAX_RUNS) }]
}
