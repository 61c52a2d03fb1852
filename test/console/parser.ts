import { Command, CommanderError } from 'commander'
import { HELP } from '#src/console/help.ts'
import { addSlashCommands, type Typed } from '#src/console/slash.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Command as SlashCommand } from '#src/discord/command.ts'

/** What is given to the bot of what was typed to a console with these commands, or what is said of it. */
export async function typeTo(
  commands: readonly SlashCommand[],
  words: readonly string[],
  width = 80,
): Promise<Typed | string> {
  let typed: Typed | null = null
  let said = ''
  const rolecall = new Command('rolecall').exitOverride().configureOutput({
    writeOut: (text) => {
      said += text
    },
    writeErr: (text) => {
      said += text
    },
    getOutHelpWidth: () => width,
  })
  rolecall.configureHelp(HELP)
  addSlashCommands(rolecall, commands, async (given) => {
    typed = given
  })
  try {
    await rolecall.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (error instanceof Refusal) said += error.message
    else if (!(error instanceof CommanderError)) throw error
  }
  return typed ?? said
}
