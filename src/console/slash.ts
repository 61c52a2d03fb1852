import { type Command, Option as Switch } from 'commander'
import type { Changes, Option, Command as SlashCommand, Subcommand } from '#src/discord/command.ts'
import { readValue, valueName } from './switches.ts'

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

const AFTERWORD = `
Members, roles and channels are named by their ids: in Discord, switch on User
Settings → Advanced → Developer Mode, then right-click one and choose Copy ID.

Exit codes: 0 done; 1 it failed; 2 refused, or something that you can mend;
3 a gate held it back, or it waits for a human; 130 you left with Ctrl-C.`

/** Adds these commands; `give` is called with the one that was typed. */
export function addSlashCommands(
  to: Command,
  commands: readonly SlashCommand[],
  give: (typed: Typed) => Promise<void>,
): void {
  for (const command of commands) {
    const { name, description, subcommands } = command
    const made = to.command(name).description(asHelp(description))
    if (!subcommands) addSwitches(made, command, { command: name, subcommand: null }, give)
    for (const sub of subcommands ?? []) {
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
  to.option('--guild <id>', 'the server, where the bot is in several')
  to.addOption(yesSwitch(changes))
  to.addHelpText('after', AFTERWORD)
  to.action((values: Record<string, unknown>) => {
    const { yes, guild } = values as Pick<Typed, 'yes' | 'guild'>
    return give({ ...name, options: given(options, values), changes, yes, guild })
  })
}

function switchOf(option: Option): Switch {
  const { description, choices, required = false } = option
  const made = new Switch(`${flagOf(option)} <${valueName(option)}>`, asHelp(description)).makeOptionMandatory(required)
  return choices ? made.choices(choices.map(({ value }) => value)) : made.argParser((typed) => readValue(option, typed))
}

/** Discord's descriptions begin with a capital, the console's do not. */
const asHelp = (description: string): string =>
  description.replace(/^\p{Lu}(?=\p{Ll})/u, (first) => first.toLowerCase())

const flagOf = ({ name }: Option): string => `--${name.replaceAll('_', '-')}`

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
