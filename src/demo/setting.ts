import { Bot } from './bot.ts'
import { DemoFault } from './fault.ts'
import { type Place, Program } from './program.ts'
import { PEOPLE_FILE, SETTINGS_FILE, type Stage } from './stage.ts'
import type { Terminal } from './terminal.ts'

// What an operator does before the first day: import the people, say the policy, start the bot.

/** How long a program may take to start on a slow machine. */
const START_MS = 120_000

/** What the operator works with: the bot's folder, and the terminal on which all of it is shown. */
export interface Setting {
  readonly stage: Stage
  readonly place: Place
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

/** Stops the bot, puts the people of another export in place of those stored, and starts it again, as it is done with the embedded engine. */
export async function reimport(file: string, bot: Bot, { stage, place, terminal, signal }: Setting): Promise<Bot> {
  terminal.typed('operator', 'stops the bot (the embedded engine is for one program at a time)')
  await bot.stop()
  const command = ['identity', 'import', file, '--accept-drop', '--yes']
  const said = await runConsole(command, ['--guild', stage.guild.id], { place, terminal, signal })
  terminal.say(said.at(-1) ?? '', '  ')
  const next = startBot(place, terminal)
  await awaitBot(next, terminal, signal)
  return next
}

/** Brings the people and the policy into the bot's database by the console's own commands. */
export async function furnish(stage: Stage, place: Place, terminal: Terminal, signal: AbortSignal): Promise<void> {
  await terminal.step('An operator imports the identity database and says what the policy is')
  const guild = ['--guild', stage.guild.id]
  const shown = { place, terminal, signal }
  const people = await runConsole(['identity', 'import', PEOPLE_FILE, '--yes'], guild, shown)
  for (const line of people.flatMap(countOf)) terminal.line(`  ${line}`)
  terminal.say(people.at(-1) ?? '', '  ')
  const settings = await runConsole(['settings', 'apply', SETTINGS_FILE, '--yes'], guild, shown)
  for (const line of changesOf(settings)) terminal.say(line, '  ')
}

const LABEL = 20

/** A row of the import's table, with a number before and a number after, in fewer columns. */
function countOf(line: string): readonly string[] {
  const [, label = '', before, after] = /^\s*(.+?)\s+(\d[\d,]*)\s+(\d[\d,]*)$/.exec(line) ?? []
  return after === undefined ? [] : [`${label.padEnd(LABEL)}${before} → ${after}`]
}

/** Each setting in one line, where the command takes three. */
function changesOf(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line, at) =>
    lines[at + 2]?.startsWith('    -> ') ? [`${line.trim()}: ${lines[at + 1]!.trim()} ${lines[at + 2]!.trim()}`] : [],
  )
}

interface Shown {
  readonly place: Place
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

/**
 * Runs one console command, and resolves to what it wrote. `options` are given besides, and not shown. Throws `DemoFault` with its own words where it
 * ends with another code than the one that is expected.
 */
export async function runConsole(
  command: readonly string[],
  options: readonly string[],
  { place, terminal, signal }: Shown,
  expected = 0,
): Promise<readonly string[]> {
  signal.throwIfAborted()
  terminal.typed('operator', `rolecall ${command.join(' ')}`)
  const lines: string[] = []
  const program = new Program('cli.ts', [...command, ...options], place, (line) => void lines.push(line))
  const stop = () => void program.stop()
  signal.addEventListener('abort', stop)
  try {
    const ended = await terminal.during(() => 'the console works', program.ended, false)
    signal.throwIfAborted()
    if (ended !== expected)
      throw new DemoFault([`rolecall ${command.join(' ')} ended with ${ended}. It said:`, ...lines].join('\n'))
  } finally {
    signal.removeEventListener('abort', stop)
  }
  return lines.filter((line) => line !== '')
}

/** Waits until the bot is connected and has read every member. */
export async function awaitBot(bot: Bot, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const live = bot.line(({ msg }) => msg === 'roster live', 'every member was read', START_MS, signal)
  const ready = bot.line(({ msg }) => msg === 'connected to Discord', 'it was connected', START_MS, signal)
  const [{ members }] = await terminal.during(
    () => 'the bot connects and reads every member',
    Promise.all([live, ready]),
    false,
  )
  terminal.line()
  terminal.check(`Connected; ${members} members read, and watched from now on.`)
}

export function startBot(place: Place, terminal: Terminal): Bot {
  terminal.typed('operator', 'npm start')
  return new Bot(place)
}
