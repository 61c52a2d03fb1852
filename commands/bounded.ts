import { typedText } from './wording.ts'

// Lists inside one answer. Whatever there is too much of is counted, so that nobody takes the part for the whole.

/** Discord takes 1,024 characters in one field; what counts the rest needs some of them. */
const FIELD_ROOM = 980

/** As many parts as there is room for, at most `most`, and how many more there are. */
export function fewOf(parts: readonly string[], most: number, separator: string = '\n'): string {
  const shown: string[] = []
  let room = FIELD_ROOM
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

/** Why an identity source is not believed. The names of groups and states stand in it as people typed them. */
export const reasonList = (why: readonly string[]): string =>
  fewOf(
    why.map((reason) => typedText(reason)),
    MAX_REASONS,
    ', ',
  )
