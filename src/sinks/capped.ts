// A changeset may name tens of thousands of members; whoever reads events wants to know that it did, not each of them.

/** Entries of one list, or of one object, that leave the house. */
const MOST = 500

export interface Capped {
  readonly value: unknown
  /** By the place of each list that was cut, how many of its entries are left out. */
  readonly leftOut: Readonly<Record<string, number>>
}

/** The same facts with every list at most so long. Only JSON: what the record holds. */
export function capped(value: unknown): Capped {
  const leftOut: Record<string, number> = {}
  if (isWithin(value)) return { value, leftOut }
  return { value: cut(value, '', leftOut), leftOut }
}

/** Nearly everything is; then nothing need be copied. */
function isWithin(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  const entries: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  return entries.length <= MOST && entries.every(isWithin)
}

function cut(value: unknown, place: string, leftOut: Record<string, number>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const below = (name: string | number, one: unknown) =>
    cut(one, place === '' ? `${name}` : `${place}.${name}`, leftOut)
  const note = (entries: number) => {
    if (entries > MOST) leftOut[place] = entries - MOST
  }
  if (Array.isArray(value)) {
    note(value.length)
    return value.slice(0, MOST).map((one, nth) => below(nth, one))
  }
  const entries = Object.entries(value)
  note(entries.length)
  return Object.fromEntries(entries.slice(0, MOST).map(([name, one]) => [name, below(name, one)]))
}
