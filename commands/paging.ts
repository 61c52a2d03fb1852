import type { Button } from '#src/discord/command.ts'
import { many } from './wording.ts'

// Lists that do not fit on a phone's screen, page by page.

/** A stretch of a longer list: where it begins, how many it shows, and how many there are in all. */
interface Stretch {
  readonly offset: number
  readonly shown: number
  readonly total: number
}

/** `1–8 of 20 findings`. */
export function rangeWords({ offset, shown, total }: Stretch, noun: string, plural: string = `${noun}s`): string {
  return shown === 0 ? many(total, noun, plural) : `${offset + 1}–${offset + shown} of ${many(total, noun, plural)}`
}

/** The two buttons that turn pages of this size; none where everything is on one. */
export function pageButtons(
  idOf: (offset: number) => string,
  { offset, total }: Stretch,
  size: number,
): readonly Button[] {
  if (total <= size && offset === 0) return []
  const after = offset + size
  return [
    { id: idOf(Math.max(0, offset - size)), label: 'Back', disabled: offset === 0 },
    { id: idOf(after), label: 'Next', disabled: after >= total, ...(after < total && { next: true }) },
  ]
}

/** One page of a list that is at hand. A list that has grown shorter since its button was drawn shows its last page. */
export function pageOf<T>(all: readonly T[], wanted: number, size: number): Stretch & { readonly items: readonly T[] } {
  const last = Math.max(0, Math.ceil(all.length / size) - 1) * size
  const offset = Math.min(wanted, last)
  const items = all.slice(offset, offset + size)
  return { items, offset, shown: items.length, total: all.length }
}
