// Columns that grow: how much room there is to be, and the same values in more of it.

const SMALL = 65_536
const LEAST = 16

/** Room for at least `needed` rows: doubling while that is cheap, by an eighth once a doubling would waste more than it saves. */
export function roomFor(needed: number, room: number): number {
  let next = Math.max(room, LEAST)
  while (next < needed) next += next < SMALL ? next : next >>> 3
  return next
}

/** The same values in a longer array. */
export function lengthened<A extends Uint32Array | Uint8Array>(array: A, length: number): A {
  const longer = array instanceof Uint32Array ? new Uint32Array(length) : new Uint8Array(length)
  longer.set(array)
  return longer as A
}
