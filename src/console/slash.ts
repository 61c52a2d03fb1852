import { type Command, Option as Switch } from 'commander'
import type { Changes, Option, Command as SlashCommand, Subcommand } from '#src/discord/command.ts'
import { addAfterword, pointToHelp } from './help.ts'
import { readId, whereToCopy } from './ids.ts'
import { asHelp, flagOf, helpOf, isRun, kindOf, readValue, valueName } from './switches.ts'

// Every slash command as a console command, made from the command itself: the same words, the same options, the same rules.

/** What was typed: one command with its options, and what the console itself was told beside them. */
export interface Typed {
  readonly command: string
  readonly subcommand: string | null
  readonly options: Readonly<Record<string, string | number | boolean>>
  readonly changes: Changes | 'something'
  readonly yes: boolean
  readonly guild: string | undefined
}

const EXIT_CODES =
  'Exit codes: 0 done; 1 it failed, or what was named is not there; 2 refused, or something that you can mend; 3 a gate held it back, or it waits for a human; 130 you left with Ctrl-C.'
const RUNS =
  'A run is named by its id, which `rolecall audit runs` lists, or by `last`: the newest run for which the command can be given.'

/** Adds these commands; `give` is called with the one that was typed. */
export function addSlashCommands(
  to: Command,
  commands: readonly SlashCommand[],
  give: (typed: Typed) => Promise<void>,
): void {
  for (const command of commands) {
    const { name, description, subcommands } = command
    // The console has commands of its own of that name; both are found in one place.
    const made = to.commands.find((one) => one.name() === name) ?? to.command(name).description(asHelp(description))
    if (subcommands) made.usage('<command> [options]').helpCommand(false)
    if (!subcommands) addSwitches(made, command, { command: name, subcommand: null }, give)
    const own = made.commands.map((one) => one.name())
    // What the console can say by itself, it need not ask a bot.
    for (const sub of (subcommands ?? []).filter((one) => !own.includes(one.name))) {
      const below = made.command(sub.name).description(asHelp(sub.description))
      addSwitches(below, sub, { command: name, subcommand: sub.name }, give)
    }
  }
}

function addSwitches(
  to: Command,
  asked: Pick<SlashCommand | Subcommand, 'options' | 'changes'>,
  name: Pick<Typed, 'command' | 'subcommand'>,
  give: (typed: Typed) => Promise<void>,
): void {
  const { options = [] } = asked
  const changes: Typed['changes'] = asked.changes ?? 'something'
  for (const option of options) to.addOption(switchOf(option))
  to.usage([...to.options.filter(({ mandatory }) => mandatory).map(({ flags }) => flags), '[options]'].join(' '))
  to.addOption(guildSwitch())
  to.addOption(yesSwitch(changes))
  addAfterword(to, afterword(options))
  pointToHelp(to)
  to.action((values: Record<string, unknown>) => {
    const { yes, guild } = values as Pick<Typed, 'yes' | 'guild'>
    return give({ ...name, options: given(options, values), changes, yes, guild })
  })
}

function switchOf(option: Option): Switch {
  const made = new Switch(`${flagOf(option)} <${valueName(option)}>`, helpOf(option))
  return made.makeOptionMandatory(option.required ?? false).argParser((typed) => readValue(option, typed))
}

/** Which server a command is about. */
export const guildSwitch = (): Switch =>
  new Switch('--guild <server-id>', 'the server, where the bot is in several').argParser((typed) =>
    readId('--guild', 'server', typed),
  )

function afterword(options: readonly Option[]): readonly string[] {
  const kinds = [...new Set(options.map(kindOf))].filter((kind) => kind !== null)
  return [...(kinds.length > 0 ? [whereToCopy(kinds)] : []), ...(options.some(isRun) ? [RUNS] : []), EXIT_CODES]
}

/** Taken by every command, so that a script need not know which of them change something. */
function yesSwitch(changes: Typed['changes']): Switch {
  const made = new Switch('--yes', YES_WORDS[changes]).default(false)
  return changes === 'nothing' || changes === 'to safety' ? made.hideHelp() : made
}

const YES_WORDS: Readonly<Record<Typed['changes'], string>> = {
  nothing: '',
  'to safety': '',
  'by action': 'act; without this it only reports',
  'on confirm': 'carry it out; without this it only shows what would change',
  something: 'do it; without this nothing is asked of the bot',
}

function given(options: readonly Option[], values: Readonly<Record<string, unknown>>): Typed['options'] {
  const set = options
    .map((option) => [option.name, values[new Switch(flagOf(option)).attributeName()]] as const)
    .filter((entry): entry is readonly [string, string | number | boolean] => entry[1] !== undefined)
  return Object.fromEntries(set)
}
