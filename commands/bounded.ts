import { nameText } from './wording.ts'

// Lists inside one answer. Whatever there is too much of is counted, so that nobody takes the part for the whole.

/** Discord takes 1,024 characters in one field; what counts the rest needs some of them. */
const FIELD_ROOM = 980

/** As many parts as there is room for, at most `most`, and how many more there are. `space`: characters, where a field holds more than this list. */
export function fewOf(
  parts: readonly string[],
  most: number,
  separator: string = '\n',
  space: number = FIELD_ROOM,
): string {
  const shown: string[] = []
  let room = space
  for (const part of parts.slice(0, most)) {
    room -= part.length + separator.length
    if (room < 0) break
    shown.push(part)
  }
  const more = parts.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more.toLocaleString('en')} more`] : [])].join(separator)
}

/** Reasons named; a source from which hundreds of groups fell names the first. */
const MAX_REASONS = 5

/** Why an identity source is not believed. */
export const reasonList = (why: readonly string[]): string => fewOf(why.map(reasonWords), MAX_REASONS, ', ')

const REASON_WORDS: Readonly<Record<string, string>> = {
  incomplete: 'it could not be read to its end',
  no_permission: 'the access permission does not exist in it',
  no_identities: 'it holds nobody',
  no_groups: 'it holds neither groups nor states',
  no_access: 'nobody in it has access',
  'dropped:linked': 'linked accounts fell',
  'dropped:access': 'people with access fell',
}

/** The names of groups and states stand in a reason as people typed them. */
function reasonWords(reason: string): string {
  const [, kind, name] = /^dropped:(group|state):(.*)$/su.exec(reason) ?? []
  return name === undefined ? (REASON_WORDS[reason] ?? nameText(reason)) : `${kind} ${nameText(name)} fell`
}
