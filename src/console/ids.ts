import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { shown } from '#src/identity/words.ts'

// Ids as they are typed or pasted at a console. What cannot be one is refused here: Discord would answer it with a fault of the bot's.

/** What an id at the console may be of, and how Discord's menus call it. */
const MENU_WORDS = {
  member: 'Copy User ID',
  role: 'Copy Role ID',
  channel: 'Copy Channel ID',
  server: 'Copy Server ID',
} as const
export type Kind = keyof typeof MENU_WORDS

/** The bare number, a mention as Discord writes it, and a mention as the answers at the console write it. */
const FORMS: Readonly<Record<Kind, RegExp>> = {
  member: /^(?:<@!?(\d+)>|@?(\d+))$/,
  role: /^(?:<@&(\d+)>|(?:@&)?(\d+))$/,
  channel: /^(?:<#(\d+)>|#?(\d+))$/,
  server: /^(\d+)$/,
}

/** Discord's ids hold the time at which they were made: those of its first months had 17 digits already. */
const DIGITS = /^[1-9]\d{16,18}$/
/** Discord's ids are signed numbers of 64 bits, and it says of a larger one that it is none. */
const LARGEST = 2n ** 63n - 1n

/** How much of what was typed is repeated. */
const SHOWN = 60

export const isDiscordId = (text: string): boolean => DIGITS.test(text) && BigInt(text) <= LARGEST

/** The id that was typed behind this switch. Throws `Refusal` with where such an id is copied. */
export function readId(flag: string, kind: Kind, typed: string): Id {
  const [, inMention, bare] = FORMS[kind].exec(typed.trim()) ?? []
  const id = inMention ?? bare ?? ''
  if (isDiscordId(id)) return id
  throw new Refusal(`${flag} ${shown(typed, SHOWN)} is not the id of a ${kind}. ${whereToCopy([kind])}`)
}

/** What an id is, and where those of these kinds are copied. */
export function whereToCopy(kinds: readonly Kind[]): string {
  const entries = kinds.map((kind) => MENU_WORDS[kind])
  return `An id is a number of 17 to 19 digits: in Discord, switch on User Settings → Advanced → Developer Mode, then right-click the ${oneOf(kinds)} and choose ${oneOf(entries)}.`
}

/** `a`, `a or b`, `a, b or c`. */
const oneOf = (words: readonly string[]): string =>
  [words.slice(0, -1).join(', '), words.at(-1)].filter((part) => part !== '').join(' or ')

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A run's id, pasted perhaps with the backticks around it, or `last`. Throws `Refusal` with where runs are listed. */
export function readRun(flag: string, typed: string): string {
  const run = typed.trim().replaceAll('`', '').toLowerCase()
  if (run === 'last' || RUN_ID.test(run)) return run
  throw new Refusal(
    `${flag} ${shown(typed, SHOWN)} is not the id of a run. \`rolecall audit runs\` lists them with their ids, and \`${flag} last\` is the newest.`,
  )
}
