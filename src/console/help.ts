import { type Command, Help, type HelpConfiguration } from 'commander'

// How the help of every command is laid out: at most as wide as everything else that the console says, and readable on a phone's terminal too.

/** Wider lines are hard to read. */
const WIDEST = 80
/** In fewer columns a description beside its word would be a column of single words. */
const TWO_COLUMNS = 60
const NARROWEST = 20
const INDENT = '  '

const plain = new Help()

export const HELP: HelpConfiguration = {
  minWidthToWrap: NARROWEST,
  prepareContext({ helpWidth }) {
    this.helpWidth = widthOf(helpWidth)
  },
  // What words an option takes and what it does when left out is said in its own description.
  optionDescription: ({ description }) => description,
  // Which of its options are needed is said in the usage of the command itself.
  subcommandTerm: (command) =>
    [command.name(), ...command.registeredArguments.map((each) => `<${each.name()}>`)].join(' '),
  styleUsage(usage) {
    const [first = '', ...rest] = plainWrap(usage, (this.helpWidth ?? WIDEST) - 'Usage: '.length)
    return [first, ...rest.map((line) => `       ${line}`)].join('\n')
  },
  formatItem(term, termWidth, description, helper) {
    const width = helper.helpWidth ?? WIDEST
    if (width >= TWO_COLUMNS) return plain.formatItem.call(helper, term, termWidth, description, helper)
    const below = plainWrap(description, width - 2 * INDENT.length).map((line) => `${INDENT}${INDENT}${line}`)
    return [`${INDENT}${term}`, ...below].join('\n')
  },
}

/** Says these paragraphs below the help of a command. */
export function addAfterword(to: Command, paragraphs: readonly string[]): void {
  to.addHelpText('after', ({ command }) => {
    const width = widthOf(command.configureOutput().getOutHelpWidth?.())
    return paragraphs.map((text) => `\n${plainWrap(text, width).join('\n')}`).join('\n')
  })
}

/** Of commands that are given to no bot. */
export function explainAll(commands: readonly Command[]): void {
  for (const command of commands) {
    pointToHelp(command)
    addAfterword(command, EXIT_CODES)
  }
}

const EXIT_CODES = [
  'Exit codes: 0 done; 1 a fault of the program, or what was named is not there; 2 something that you can mend.',
]

/** Says after an error where that very command is explained. */
export function pointToHelp(command: Command): void {
  command.showHelpAfterError(`(${pathOf(command)} --help shows what it takes)`)
}

const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()

const widthOf = (columns: number | undefined): number => Math.max(NARROWEST, Math.min(WIDEST, columns ?? WIDEST))

function plainWrap(text: string, width: number): readonly string[] {
  return Object.assign(new Help(), { minWidthToWrap: 0 }).boxWrap(text, Math.max(NARROWEST, width)).split('\n')
}
