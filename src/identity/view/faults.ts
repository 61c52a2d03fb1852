import { DirectoryUnreachable } from '#src/core/directory.ts'
import { LINKS, PEOPLE } from './views.ts'

// What views may say that cannot be so. Were such a row left out, somebody would lose a role by it: so nobody is judged.

const MOST_SHOWN = 60

/** As it stands there, blanks and all, in a length that fits a message. */
const shown = (value: string): string => JSON.stringify([...value].slice(0, MOST_SHOWN).join(''))

const fault = (what: string, until: string): DirectoryUnreachable =>
  new DirectoryUnreachable(`${what} Nobody is judged until ${until}.`)

export const twice = (id: string): DirectoryUnreachable =>
  fault(
    `The view ${PEOPLE} has two rows with the id ${shown(id)}, so it cannot be told who is who.`,
    'each person has one row',
  )

/** What refers to nobody says that the views were not read whole. */
export const unknownPerson = (id: string, view: string): DirectoryUnreachable =>
  fault(
    `The view ${view} speaks of ${shown(id)}, who is not in ${PEOPLE}, so the views do not fit together or do not hold everything (a replica that lost rows?). Ids are compared letter by letter, case and blanks too.`,
    'they do',
  )

export const unsaid = (id: string): DirectoryUnreachable =>
  fault(
    `The view ${PEOPLE} does not say of ${shown(id)} whether active, superuser and access hold: each must be true or false (or 1 or 0), never null.`,
    'it does',
  )

export const nameless = (): DirectoryUnreachable =>
  fault(
    `The view ${PEOPLE} has a row without an id that does not merely declare a state: such a row has a state, and null as its username.`,
    'each person has an id',
  )

export const nobodysLink = (discordId: string): DirectoryUnreachable =>
  fault(
    `The view ${LINKS} has the Discord account ${shown(discordId)} with null as its person_id, so it cannot be told whose it is.`,
    'each link has a person',
  )

export const noDiscordId = (text: string): DirectoryUnreachable =>
  fault(
    `The view ${LINKS} has the discord_id ${shown(text)}, which is no id of Discord's: those are decimal digits and nothing else, without blanks, points or a leading 0.`,
    'each is one (or null, where nobody has linked anything)',
  )
