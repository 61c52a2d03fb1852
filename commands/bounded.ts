// Lists inside one answer. Whatever there is too much of is counted, so that nobody takes the part for the whole.

/** Discord takes 1,024 characters in one field; what counts the rest needs some of them. */
const FIELD_ROOM = 980

/**
 * As many parts as there is room for, at most `most`, and how many more there are. `space`: characters, where a field holds more than this list.
 * `total`: how many there are, where not all of them are at hand.
 */
export function fewOf(
  parts: readonly string[],
  most: number,
  separator: string = '\n',
  space: number = FIELD_ROOM,
  total: number = parts.length,
): string {
  const shown: string[] = []
  let room = space
  for (const part of parts.slice(0, most)) {
    room -= part.length + separator.length
    if (room < 0) break
    shown.push(part)
  }
  const more = total - shown.length
  return [...shown, ...(more > 0 ? [`and ${more.toLocaleString('en')} more`] : [])].join(separator)
}
