import { FLAG_BOT } from '#src/core/columns.ts'
import type { Id, Member } from '#src/core/model.ts'
import type { Origin, RosterChange } from './change.ts'
import { Columns, FLAG_LISTED, FLAG_TOUCHED } from './columns.ts'
import type { Fill } from './fill.ts'
import { type ReadMember, readMember } from './payloads.ts'
import type { Sightings } from './sightings.ts'

/** Who is a member and with which roles, where events and a list that is being read tell of it at once. An event is always newer than the list. */
export class Membership {
  readonly columns: Columns
  readonly #sightings: Sightings
  readonly #emit: (change: RosterChange) => void
  #fill: Fill | null = null
  /** Somebody has judged what is held here: from now on, what a list says differently is a change. */
  #judged = false

  constructor(everyone: Id, sightings: Sightings, emit: (change: RosterChange) => void) {
    this.columns = new Columns(everyone)
    this.#sightings = sightings
    this.#emit = emit
  }

  get fill(): Fill | null {
    return this.#fill
  }

  member(id: Id): Member | null {
    const row = this.columns.rowOf(id)
    if (row < 0) return null
    return { id, bot: this.columns.marked(row, FLAG_BOT), roleIds: this.columns.rolesOf(row) }
  }

  beginFill(fill: Fill): void {
    this.dropFill()
    this.columns.beginFill()
    this.#fill = fill
  }

  /** What the fill has changed by now stands, and so it is told. */
  dropFill(): void {
    for (const change of this.#fill?.drain() ?? []) this.#emit(change)
    this.#fill = null
  }

  /** The list is whole: who was neither in it nor in an event since it began is no member. */
  endFill(): void {
    for (let row = this.columns.count - 1; row >= 0; row--) {
      if (!this.columns.marked(row, FLAG_LISTED | FLAG_TOUCHED)) this.#leave(row, 'refill')
    }
    this.columns.endFill()
    this.dropFill()
    this.#judged = true
  }

  wasListed(id: Id): boolean {
    const row = this.columns.rowOf(id)
    return row >= 0 && this.columns.marked(row, FLAG_LISTED)
  }

  /** An event tells how a member is now. False where it cannot be read. */
  hear(read: ReadMember, joined: boolean): boolean {
    const row = this.#put(read, joined, 'event')
    if (row < 0) return false
    this.#fill?.noteBack(read.id)
    if (this.#fill !== null) this.columns.mark(row, FLAG_TOUCHED)
    this.#show(read.id, row)
    return true
  }

  /** An event tells that a member left. False where too many did while the list is being read. */
  hearLeft(id: Id): boolean {
    const row = this.columns.rowOf(id)
    if (row >= 0) this.#leave(row, 'event')
    this.#sightings.show(id, () => false)
    return this.#fill?.noteLeft(id) ?? true
  }

  /** The members that a list names. False where one of them cannot be read: then the list is not whole. */
  list(members: readonly unknown[]): boolean {
    let sound = true
    for (const value of members) {
      const read = readMember(value)
      if (read === null || !this.#listed(read)) sound = false
    }
    for (const change of this.#fill?.overflow() ?? []) this.#emit(change)
    return sound
  }

  /** The guild has this role no longer. */
  forgetRole(roleId: Id): void {
    this.columns.forget(roleId)
    this.#sightings.showRoleGone(roleId)
  }

  #listed(read: ReadMember): boolean {
    if (this.#fill?.hasLeft(read.id)) return true
    const known = this.columns.rowOf(read.id)
    const newer = known >= 0 && this.columns.marked(known, FLAG_TOUCHED)
    const row = newer ? known : this.#put(read, true, 'refill')
    if (row < 0) return false
    this.columns.mark(row, FLAG_LISTED)
    if (!newer) this.#show(read.id, row)
    return true
  }

  /** The member's row, with what was read in it; -1 where an id in it is none. */
  #put(read: ReadMember, joined: boolean, origin: Origin): number {
    const row = this.columns.rowOf(read.id)
    return row < 0 ? this.#enter(read, joined, origin) : this.#alter(row, read, origin)
  }

  #enter({ id, bot, roleIds }: ReadMember, joined: boolean, origin: Origin): number {
    const row = this.columns.insert(id, bot === true, roleIds)
    if (row >= 0 && this.#tells(origin)) {
      this.#tell({ kind: 'member', memberId: id, added: this.columns.shownRolesOf(row), removed: [], joined, origin })
    }
    return row
  }

  #alter(row: number, { id, bot, roleIds }: ReadMember, origin: Origin): number {
    const difference = this.columns.replace(row, roleIds)
    if (difference === null) return -1
    if (bot !== undefined) this.columns.setBot(row, bot)
    const { added, removed } = difference
    if (added.length + removed.length > 0 && this.#tells(origin)) {
      this.#tell({ kind: 'member', memberId: id, added, removed, joined: false, origin })
    }
    return row
  }

  #leave(row: number, origin: Origin): void {
    const memberId = this.columns.idAt(row)
    this.columns.remove(row)
    if (this.#tells(origin)) this.#emit({ kind: 'left', memberId })
  }

  /** Before the first whole list nobody has judged anyone, and what a list says is no change: the caller looks at all of it. */
  #tells(origin: Origin): boolean {
    return origin === 'event' || this.#judged
  }

  /** What events say is told at once, what a list says when the list is whole. */
  #tell(change: Extract<RosterChange, { kind: 'member' }>): void {
    if (change.origin === 'refill' && this.#fill !== null) this.#fill.differ(change)
    else this.#emit(change)
  }

  #show(id: Id, row: number): void {
    if (this.#sightings.any) this.#sightings.show(id, (roleId) => this.columns.holds(row, roleId))
  }
}
