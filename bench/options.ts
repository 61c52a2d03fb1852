import { Command, CommanderError, InvalidArgumentError } from 'commander'
import type { Row } from './row.ts'
import { ROWS } from './rows/index.ts'

export interface BenchOptions {
  /** Where the figures go for machines; null: nowhere. */
  readonly json: string | null
  readonly rows: readonly Row[]
  readonly members: number
  readonly seed: number
  readonly quick: boolean
}

/** A million is what the goals are set for; ten thousand shows that a row works. */
const MEMBERS = 1_000_000
const QUICK_MEMBERS = 20_000
const FEWEST_MEMBERS = 1_000
/** Two million discord.js members weigh about two gigabytes. */
const MOST_MEMBERS = 2_000_000
const MOST_SEED = 1_000_000
const SEED = 1

/** Null where only help was asked for. Throws a `CommanderError` with one clear sentence for what is wrong. */
export function readOptions(argv: readonly string[]): BenchOptions | null {
  const command = commandLine()
  try {
    command.parse(argv, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return null
    throw error
  }
  const { json, only, members, seed, quick } = command.opts<Given>()
  return { json: json ?? null, rows: only ?? ROWS, members: members ?? (quick ? QUICK_MEMBERS : MEMBERS), seed, quick }
}

interface Given {
  readonly json?: string
  readonly only?: readonly Row[]
  readonly members?: number
  readonly seed: number
  readonly quick: boolean
}

function commandLine(): Command {
  return new Command('npm run bench --')
    .description('Measures the bot against discord.js doing the same, in one run, and shows whether the goals are met.')
    .option('--json <file>', 'write the figures to this file, for machines')
    .option('--only <names>', 'rows to run, with commas between; the beginning of a name will do', chosenRows)
    .option(
      '--members <n>',
      `people in the guild (default: ${MEMBERS}, with --quick ${QUICK_MEMBERS})`,
      whole(FEWEST_MEMBERS, MOST_MEMBERS),
    )
    .option('--seed <n>', 'the same seed makes the same guild', whole(0, MOST_SEED), SEED)
    .option('--quick', 'fewer people, rounds and events: shows that the rows work, not how fast they are', false)
    .addHelpText('after', `\nRows: ${ROWS.map(({ name }) => name).join(', ')}`)
    .allowExcessArguments(false)
    .exitOverride()
}

function chosenRows(text: string): readonly Row[] {
  const names = text.split(',').map((name) => name.trim())
  const stranger = names.find((name) => name === '' || !ROWS.some((row) => isNamed(row, name)))
  if (stranger !== undefined)
    throw new InvalidArgumentError(`There is no row '${stranger}'. Rows: ${ROWS.map(({ name }) => name).join(', ')}.`)
  return ROWS.filter((row) => names.some((name) => isNamed(row, name)))
}

function isNamed(row: Row, name: string): boolean {
  return row.name.startsWith(name) || row.goals.some((goal) => goal.name === name)
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least && value <= most)) throw new InvalidArgumentError(`A whole number from ${least} to ${most}.`)
    return value
  }
}
