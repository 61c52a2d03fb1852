import { lengthened, roomFor } from '#src/core/growth.ts'

/** Numbers that belong to rows and come in no order, kept until they can be read row by row. */
export class Lists {
  #count = 0
  #rows = new Uint32Array(0)
  #values = new Uint32Array(0)

  add(row: number, value: number): void {
    if (this.#count === this.#rows.length) {
      const room = roomFor(this.#count + 1, this.#count)
      this.#rows = lengthened(this.#rows, room)
      this.#values = lengthened(this.#values, room)
    }
    this.#rows[this.#count] = row
    this.#values[this.#count++] = value
  }

  /** What belongs to each of the rows from 0 on, in the order in which it came. */
  byRow(rows: number): (row: number) => Uint32Array {
    const first = new Uint32Array(rows + 1)
    for (let at = 0; at < this.#count; at++) first[this.#rows[at]! + 1]!++
    for (let row = 0; row < rows; row++) first[row + 1]! += first[row]!
    const next = first.slice()
    const values = new Uint32Array(this.#count)
    for (let at = 0; at < this.#count; at++) values[next[this.#rows[at]!]!++] = this.#values[at]!
    return (row) => values.subarray(first[row], first[row + 1])
  }
}
