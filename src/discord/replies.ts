import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import { NotThere, type Refusal } from '#src/core/refusal.ts'
import { plainText } from '#src/core/text.ts'
import type { Reply } from './command.ts'
import { DiscordFault } from './faults.ts'

// The answers that the door gives by itself, in place of a command's.

export const IN_SERVERS_ONLY: Reply = {
  tone: 'warn',
  title: 'Only in a server',
  text: 'This command looks at the members of a server, so it works only there. Give it in a channel of the server that you mean.',
}

export const STILL_AT_WORK: Reply = {
  tone: 'plain',
  title: 'Still at work',
  text: 'Discord lets an answer be shown for 15 minutes only, and this takes longer. The work goes on: `/audit status` shows how it ends, and `/audit findings` what it found.',
}

export const unknownCommand = (name: string): Reply => ({
  tone: 'warn',
  title: 'Not known (any more)',
  text: `This bot has no command "${plainText(name.slice(0, 100))}" at present. Wait a minute, reload Discord (Ctrl+R), and give it again.`,
})

export const refusalReply = (refusal: Refusal): Reply => ({
  tone: 'warn',
  title: 'Not done',
  text: refusal.message,
  ...(refusal instanceof NotThere && { missing: true }),
})

/** Faults that are written for people say what happened; of any other only its id is shown, by which the log has the rest. */
export function failureReply(error: unknown, id: Id): Reply {
  const told = error instanceof DiscordFault || error instanceof DirectoryUnreachable
  const what = told
    ? error.message
    : 'Something went wrong on the side of the bot. It is not your fault, and the operator can find it in the log.'
  const text = `${what}\n\nNothing was changed, unless a run lists it: look with \`/audit status\`.`
  return { tone: 'bad', title: 'It went wrong', text, footer: `Fault ${id}` }
}
