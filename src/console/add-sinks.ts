import { type Command, Option as Switch } from 'commander'
import { Refusal } from '../core/refusal.ts'
import { explainAll } from './help.ts'
import { guildSwitch } from './slash.ts'

export interface SinkOptions {
  readonly guild?: string
  readonly line?: number
  readonly reason?: string
}

export interface DropOptions extends SinkOptions {
  readonly waiting: boolean
  readonly yes: boolean
}

export interface ForgetOptions {
  readonly yes: boolean
  readonly reason?: string
}

/** `rolecall sinks …`: what an operator may ask and decide with the database alone, whether a bot runs or not. */
export function addSinks(rolecall: Command, ends: (deed: Promise<number>) => Promise<void>): void {
  const sinks = rolecall
    .command('sinks')
    .usage('<command> [options]')
    .helpCommand(false)
    .description('the receivers of the record: how far each has got, and what it refused')
  const status = sinks
    .command('status')
    .description('say how far each has got, and what it refused')
    .addOption(guildSwitch())
    .action((options: { guild?: string }) => ends(import('./sinks.ts').then(({ showSinks }) => showSinks(options))))
  const retry = sinks
    .command('retry')
    .description('have one tried again at once: switched on where it was off, and what it refused with it')
    .argument('<sink>', 'its name, as `rolecall sinks status` lists it')
    .addOption(guildSwitch())
    .addOption(lineSwitch())
    .option('--reason <text>', 'why, for the record')
    .action((sink: string, options: SinkOptions) =>
      ends(import('./sinks.ts').then((console) => console.retry(sink, options))),
    )
  const drop = sinks
    .command('drop')
    .description('give up what one refused: it never gets it; shows first what that is')
    .argument('<sink>', 'its name, as `rolecall sinks status` lists it')
    .addOption(guildSwitch())
    .addOption(lineSwitch())
    .option('--waiting', 'give up instead what waits for it: it goes on with what comes from now on', false)
    .option('--yes', 'do it; without this nothing is written', false)
    .option('--reason <text>', 'why, for the record')
    .action((sink: string, options: DropOptions) =>
      ends(import('./sinks.ts').then((console) => console.drop(sink, options))),
    )
  const forget = sinks
    .command('forget')
    .description('let go of one that is set no more: its place in the record, and what it refused')
    .argument('<sink>', 'its name, as `rolecall sinks status` lists it')
    .option('--yes', 'do it; without this nothing is written', false)
    .option('--reason <text>', 'why, for the record')
    .action((sink: string, options: ForgetOptions) =>
      ends(import('./sinks.ts').then((console) => console.forget(sink, options))),
    )
  explainAll([status, retry, drop, forget])
}

/** A line's number may have as many digits as a number can hold without loss. */
const NUMBER = /^[1-9]\d{0,14}$/

const lineSwitch = (): Switch =>
  new Switch('--line <number>', 'one parked line alone, by its number in the record of its server').argParser(
    (typed) => {
      if (NUMBER.test(typed)) return Number(typed)
      throw new Refusal(
        '--line must be the number of a line, such as 42; `rolecall sinks status` lists those that are parked. Nothing was done.',
      )
    },
  )
