/** A power of two. Pieces, so that nothing is copied while they grow. */
const PIECE = 65_536
const IN_PIECE = PIECE - 1
const PIECE_BITS = 16
/** Rows in one go. */
const STEP = 100_000

export interface SortedLists {
  /** The values of row r are those from `first[r]` to `first[r + 1]`, in the order in which they came. */
  readonly first: Uint32Array
  readonly values: Uint32Array
  /** What came with each of them. */
  readonly seconds: Uint32Array
}

/** Numbers, or pairs of them, that belong to rows and come in no order, kept until they can be read row by row. */
export class RowLists {
  #count = 0
  readonly #rows: Uint32Array[] = []
  readonly #values: Uint32Array[] = []
  readonly #seconds: Uint32Array[] = []
  readonly #arePairs: boolean

  constructor(kind: 'numbers' | 'pairs') {
    this.#arePairs = kind === 'pairs'
  }

  add(row: number, value: number, second = 0): void {
    const piece = this.#count >>> PIECE_BITS
    const at = this.#count++ & IN_PIECE
    if (at === 0) this.#widen()
    this.#rows[piece]![at] = row
    this.#values[piece]![at] = value
    if (this.#arePairs) this.#seconds[piece]![at] = second
  }

  /** Halts between steps of a few milliseconds. Nothing may be added afterwards. */
  *sorted(rows: number): Generator<void, SortedLists> {
    const first = yield* this.#counted(rows)
    const next = first.slice()
    const values = new Uint32Array(this.#count)
    const seconds = new Uint32Array(this.#arePairs ? this.#count : 0)
    for (let piece = 0; piece < this.#rows.length; piece++) {
      yield
      const [from, own] = [this.#rows[piece]!, this.#values[piece]!]
      const others = this.#seconds[piece]
      const end = this.#lengthOf(piece)
      for (let at = 0; at < end; at++) {
        const place = next[from[at]!]!++
        values[place] = own[at]!
        if (others) seconds[place] = others[at]!
      }
    }
    return { first, values, seconds }
  }

  /** Where the values of each row begin. */
  *#counted(rows: number): Generator<void, Uint32Array> {
    const first = new Uint32Array(rows + 1)
    for (let piece = 0; piece < this.#rows.length; piece++) {
      yield
      const of = this.#rows[piece]!
      const end = this.#lengthOf(piece)
      for (let at = 0; at < end; at++) first[of[at]! + 1]!++
    }
    for (let row = 0; row < rows; row++) {
      if (row % STEP === STEP - 1) yield
      first[row + 1]! += first[row]!
    }
    return first
  }

  #lengthOf(piece: number): number {
    return Math.min(PIECE, this.#count - piece * PIECE)
  }

  #widen(): void {
    this.#rows.push(new Uint32Array(PIECE))
    this.#values.push(new Uint32Array(PIECE))
    if (this.#arePairs) this.#seconds.push(new Uint32Array(PIECE))
  }
}
