import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import type { CommandWorld, Offer, Option, Typing } from '#src/discord/command.ts'
import { nameOffers } from './offers.ts'
import { typedText } from './wording.ts'

// Groups and states are named as the identity source names them. One that it does not know is taken all the same: it may come.

export const KINDS = ['group', 'state'] as const
export type Kind = (typeof KINDS)[number]

/** Longer than any name that an identity database is known to hold (Alliance Auth's groups: 150 characters). */
const LONGEST_NAME = 200

export const nameOption = (name: string, description: string, required = false): Option => ({
  name,
  description,
  type: 'string',
  required,
  maxLength: LONGEST_NAME,
  autocomplete: true,
})

/** A sentence where the source does not know the name, or could not be asked; null where it does. */
export async function nameNote(guildId: Id, kind: Kind, name: string, world: CommandWorld): Promise<string | null> {
  try {
    const names = await world.names(guildId)
    const known = kind === 'group' ? names.groups : names.states
    if (known.includes(name)) return null
    return `The identity source knows no ${kind} ${typedText(name)} at present. It may come; if it is misspelt, this has no effect (upper and lower case count).`
  } catch (error) {
    if (!(error instanceof DirectoryUnreachable)) throw error
    return `The identity source cannot be read just now, so nobody knows whether there is a ${kind} ${typedText(name)}.`
  }
}

/** The names of this kind that fit what is typed, those that the settings speak of among them. */
export async function namesOffered(
  { guildId, typed }: Typing,
  kind: Kind,
  alsoNamed: Iterable<string>,
  world: CommandWorld,
): Promise<readonly Offer[]> {
  const { groups, states } = await world.names(guildId)
  return nameOffers(typed, [...new Set([...(kind === 'group' ? groups : states), ...alsoNamed])])
}
