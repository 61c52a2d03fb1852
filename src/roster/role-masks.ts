import { lengthened } from '#src/core/growth.ts'
import { isId } from '#src/core/ids.ts'
import type { Id } from '#src/core/model.ts'
import type { Difference } from './change.ts'
import { MAX_ROLE_BITS, RoleBits } from './role-bits.ts'

const WORD_BITS = 32
const NOTHING: readonly Id[] = []
const SAME: Difference = { added: NOTHING, removed: NOTHING }

/** The number of the lowest bit that is set. */
function lowestBit(mask: number): number {
  return 31 - Math.clz32(mask & -mask)
}

/** Who holds which role: a column of 32 bits a row for every 32 roles. Rows are the caller's; a row beyond those in use is all zero or never read. */
export class RoleMasks {
  readonly roles = new RoleBits()
  readonly #everyone: Id
  /** The role array that was read last, as a mask. */
  readonly #asked = new Uint32Array(MAX_ROLE_BITS / WORD_BITS)
  #words: Uint32Array[] = []
  #room = 0
  #fill = 0

  constructor(everyone: Id) {
    this.#everyone = everyone
  }

  get words(): readonly Uint32Array[] {
    return this.#words
  }

  get bytes(): number {
    return this.#words.reduce((sum, word) => sum + word.byteLength, 0)
  }

  widen(rows: number): void {
    this.#room = rows
    this.#words = this.#words.map((word) => lengthened(word, rows))
  }

  beginFill(): void {
    this.#fill++
  }

  /** Reads a role array for `insert` or `replace`, as a set. False where it holds what is no id. */
  read(roleIds: readonly unknown[]): boolean {
    this.#asked.fill(0, 0, this.#words.length)
    for (const roleId of roleIds) {
      const bit = this.#bitFor(roleId)
      if (bit === undefined) return false
      if (bit >= 0) this.#asked[bit >>> 5]! |= 1 << (bit & 31)
    }
    return true
  }

  /** Gives a new row the roles read last. */
  insert(row: number): void {
    for (let word = 0; word < this.#words.length; word++) {
      this.#tally(word, this.#asked[word]!, 1)
      this.#words[word]![row] = this.#asked[word]!
    }
  }

  /** Makes the row hold exactly the roles read last. */
  replace(row: number): Difference {
    if (!this.#differs(row)) return SAME
    const added = this.#shown((word) => this.#asked[word]! & ~this.#words[word]![row]!)
    const removed = this.#shown((word) => this.#words[word]![row]! & ~this.#asked[word]!)
    for (let word = 0; word < this.#words.length; word++) {
      const held = this.#words[word]![row]!
      this.#tally(word, held & ~this.#asked[word]!, -1)
      this.#tally(word, this.#asked[word]! & ~held, 1)
      this.#words[word]![row] = this.#asked[word]!
    }
    return { added, removed }
  }

  /** Empties the row; the row `last` moves into its place. */
  remove(row: number, last: number): void {
    for (let at = 0; at < this.#words.length; at++) {
      const word = this.#words[at]!
      this.#tally(at, word[row]!, -1)
      word[row] = word[last]!
    }
  }

  holds(row: number, roleId: Id): boolean {
    const bit = this.roles.bitOf(roleId)
    return bit >= 0 && this.#has(bit, row)
  }

  /** Every role id the row carries, in the order of the bits. */
  carried(row: number): readonly Id[] {
    return this.#idsIn(
      (word) => this.#words[word]![row]!,
      () => true,
    )
  }

  /** The roles of the row that the guild really has. */
  shown(row: number): readonly Id[] {
    return this.#shown((word) => this.#words[word]![row]!)
  }

  /** The guild has this role. The rows that carried its id before we heard of it. */
  know(roleId: Id, count: number): readonly number[] {
    const before = this.roles.bitOf(roleId)
    const ghost = before >= 0 && this.roles.isGhost(before)
    if (this.roles.know(roleId) >= 0) this.#stretch()
    return ghost ? this.#rowsWith(before, count) : []
  }

  /** Clears the bit in every row and frees it. */
  drop(bit: number, count: number): void {
    const word = this.#words[bit >>> 5]!
    const keep = ~(1 << (bit & 31))
    for (let row = 0; row < count; row++) word[row]! &= keep
    this.roles.free(bit)
  }

  /** Drops ids without a role behind them, except those that came during this very fill: their role may yet be announced. */
  exorcise(count: number): void {
    for (const bit of this.roles.ghostsBefore(this.#fill)) this.drop(bit, count)
  }

  /** Gives these roles the lowest bits and closes the gaps, where that saves a walk a column. */
  pack(first: readonly Id[], count: number): void {
    const reach = columnsFor(first.length) * WORD_BITS
    const order = this.roles.orderWith(first)
    const inReach = first.every((roleId) => this.roles.bitOf(roleId) < reach)
    if (inReach && columnsFor(order.length) === this.#words.length) return
    this.#move(order, count)
    this.roles.reorder(order)
  }

  #move(order: readonly number[], count: number): void {
    const before = this.#words
    const target = new Uint16Array(before.length * WORD_BITS)
    for (const [bit, old] of order.entries()) target[old] = bit
    this.#words = Array.from({ length: columnsFor(order.length) }, () => new Uint32Array(this.#room))
    for (const [at, word] of before.entries()) this.#scatter(word, target.subarray(at * WORD_BITS), count)
  }

  #scatter(from: Uint32Array, target: Uint16Array, count: number): void {
    for (let row = 0; row < count; row++) {
      for (let rest = from[row]!; rest !== 0; rest &= rest - 1) {
        const bit = target[lowestBit(rest)]!
        this.#words[bit >>> 5]![row]! |= 1 << (bit & 31)
      }
    }
  }

  /** -1 for what is not kept, undefined for what is no id. A known role is found before its text is looked at. */
  #bitFor(roleId: unknown): number | undefined {
    const bit = this.roles.bitOf(roleId as Id)
    if (bit >= 0) return bit
    if (!isId(roleId)) return undefined
    if (roleId === this.#everyone) return -1
    const met = this.roles.haunt(roleId, this.#fill)
    if (met >= 0) this.#stretch()
    return met
  }

  #has(bit: number, row: number): boolean {
    return ((this.#words[bit >>> 5]![row]! >>> (bit & 31)) & 1) === 1
  }

  #rowsWith(bit: number, count: number): readonly number[] {
    if (this.roles.holders(bit) === 0) return []
    const rows: number[] = []
    for (let row = 0; row < count; row++) if (this.#has(bit, row)) rows.push(row)
    return rows
  }

  #differs(row: number): boolean {
    for (let word = 0; word < this.#words.length; word++) {
      if (this.#words[word]![row] !== this.#asked[word]) return true
    }
    return false
  }

  #tally(word: number, mask: number, step: 1 | -1): void {
    for (let rest = mask; rest !== 0; rest &= rest - 1) this.roles.count(word * WORD_BITS + lowestBit(rest), step)
  }

  #shown(mask: (word: number) => number): readonly Id[] {
    return this.#idsIn(mask, (bit) => !this.roles.isGhost(bit))
  }

  #idsIn(mask: (word: number) => number, wanted: (bit: number) => boolean): readonly Id[] {
    const ids: Id[] = []
    for (let word = 0; word < this.#words.length; word++) {
      for (let rest = mask(word); rest !== 0; rest &= rest - 1) {
        const bit = word * WORD_BITS + lowestBit(rest)
        if (wanted(bit)) ids.push(this.roles.ids[bit]!)
      }
    }
    return ids
  }

  /** As many columns as the bits need. */
  #stretch(): void {
    while (this.#words.length < columnsFor(this.roles.ids.length)) {
      this.#asked[this.#words.length] = 0
      this.#words.push(new Uint32Array(this.#room))
    }
  }
}

function columnsFor(bits: number): number {
  return Math.ceil(bits / WORD_BITS)
}
