import { FLAG_BOT, type MemberColumns } from '#src/core/columns.ts'
import { lengthened, roomFor } from '#src/core/growth.ts'
import type { Id } from '#src/core/model.ts'
import type { Difference } from './change.ts'
import { IdIndex } from './id-index.ts'
import { RoleMasks } from './role-masks.ts'

/** The member was in the list that a fill under way is reading. */
export const FLAG_LISTED = 2
/** An event said how the member is while a fill was under way; what the fill still brings is older. */
export const FLAG_TOUCHED = 4

/** The member changed in a way that is yet to be told; see `Unjudged`. */
export const FLAG_UNTOLD = 8

/** What a server's own word on its size may reserve at once; beyond it the columns grow as members come. */
const MOST_RESERVED = 2_000_000

/** The members of one guild. It keeps what it is told, cheaply; what is fresh and what is stale is the roster's to know. */
export class Columns implements MemberColumns {
  readonly #index = new IdIndex()
  readonly #masks: RoleMasks
  #flags = new Uint8Array(0)
  #preferred: readonly Id[] = []

  /** `everyone`: the id of the guild, which is also that of the role everyone has. It is never kept. */
  constructor(everyone: Id) {
    this.#masks = new RoleMasks(everyone)
  }

  get count(): number {
    return this.#index.count
  }

  get flags(): Uint8Array {
    return this.#flags
  }

  get words(): readonly Uint32Array[] {
    return this.#masks.words
  }

  get roleIds(): readonly (Id | undefined)[] {
    return this.#masks.roles.ids
  }

  /** Rises with every change to who holds which role; see `changedAt`. */
  get moment(): number {
    return this.#masks.roles.moment
  }

  /** Every array that grows with the members. */
  get bytes(): number {
    return this.#index.bytes + this.#flags.byteLength + this.#masks.bytes
  }

  idAt(row: number): Id {
    return this.#index.idAt(row)
  }

  rowOf(id: Id): number {
    return this.#index.rowOf(id)
  }

  rowOfHalves(high: number, low: number): number {
    return this.#index.rowOfHalves(high, low)
  }

  /** How many members hold the role. */
  holders(roleId: Id): number {
    return this.#masks.roles.holders(this.#masks.roles.bitOf(roleId))
  }

  /** The moment at which somebody last got or lost the role. */
  changedAt(roleId: Id): number {
    return this.#masks.roles.changedAt(this.#masks.roles.bitOf(roleId))
  }

  holds(row: number, roleId: Id): boolean {
    return this.#masks.holds(row, roleId)
  }

  /** Every role id the row carries, those that the guild lacks too. */
  rolesOf(row: number): readonly Id[] {
    return this.#masks.carried(row)
  }

  /** The roles of the row that the guild really has. */
  shownRolesOf(row: number): readonly Id[] {
    return this.#masks.shown(row)
  }

  /** Makes room ahead of a fill, so that it need not grow by copying. */
  reserve(members: number): void {
    const wanted = Math.min(members, MOST_RESERVED)
    if (wanted > this.#flags.length) this.#widen(wanted)
  }

  /** The row of a member who had none; -1, and no row, where one of the ids is none. */
  insert(id: Id, bot: boolean, roleIds: readonly unknown[]): number {
    if (!this.#masks.read(roleIds)) return -1
    if (this.count === this.#flags.length) this.#widen(roomFor(this.count + 1, this.#flags.length))
    const row = this.#index.insert(id)
    if (row < 0) return -1
    this.#flags[row] = bot ? FLAG_BOT : 0
    this.#masks.insert(row)
    return row
  }

  /** Makes the row hold exactly these roles, and says what that changed. Null, and nothing changed, where a role id is none. */
  replace(row: number, roleIds: readonly unknown[]): Difference | null {
    return this.#masks.read(roleIds) ? this.#masks.replace(row) : null
  }

  /** Takes the member out; the last row moves into the place. */
  remove(row: number): void {
    const last = this.#index.remove(row)
    this.#masks.remove(row, last)
    this.#flags[row] = this.#flags[last]!
  }

  setBot(row: number, bot: boolean): void {
    this.#flags[row] = bot ? this.#flags[row]! | FLAG_BOT : this.#flags[row]! & ~FLAG_BOT
  }

  mark(row: number, flag: number): void {
    this.#flags[row]! |= flag
  }

  marked(row: number, flag: number): boolean {
    return (this.#flags[row]! & flag) !== 0
  }

  /** The rows that bear the mark, which they lose by it. */
  takeMarked(flag: number): readonly number[] {
    const rows: number[] = []
    for (let row = 0; row < this.count; row++) if (this.marked(row, flag)) rows.push(row)
    for (const row of rows) this.#flags[row]! &= ~flag
    return rows
  }

  /** Forgets the marks of the fill before. */
  beginFill(): void {
    this.#masks.beginFill()
    for (let row = 0; row < this.count; row++) this.#flags[row]! &= ~(FLAG_LISTED | FLAG_TOUCHED)
  }

  /** Lets go of role ids that the guild lacks. */
  endFill(): void {
    this.#masks.exorcise(this.count)
    this.#masks.pack(this.#preferred, this.count)
  }

  /** The guild has this role. The members who carried its id before we heard of it. */
  know(roleId: Id): readonly Id[] {
    return this.#masks.know(roleId, this.count).map((row) => this.idAt(row))
  }

  /** Those who hold the role, at most so many. */
  holdersOf(roleId: Id, most: number): readonly Id[] {
    const found: Id[] = []
    for (let row = 0; row < this.count && found.length < most; row++)
      if (this.#masks.holds(row, roleId)) found.push(this.idAt(row))
    return found
  }

  /** The guild has this role no longer, and so nobody does. */
  forget(roleId: Id): void {
    const bit = this.#masks.roles.bitOf(roleId)
    if (bit >= 0) this.#masks.drop(bit, this.count)
  }

  /** These roles of the guild take the lowest bits, now and after each fill, so that a walk over them touches as few columns as can be. */
  prefer(roleIds: readonly Id[]): void {
    this.#preferred = roleIds
    this.#masks.pack(roleIds, this.count)
  }

  #widen(rows: number): void {
    this.#index.widen(rows)
    this.#flags = lengthened(this.#flags, rows)
    this.#masks.widen(rows)
  }
}
