import { FLAG_BOT } from '#src/core/columns.ts'
import type { Id, Member } from '#src/core/model.ts'
import { MAX_HOLDERS_TOLD, type Origin, type RosterChange } from './change.ts'
import { Columns, FLAG_LISTED, FLAG_TOUCHED } from './columns.ts'
import type { Fill } from './fill.ts'
import { type ReadMember, readMember } from './payloads.ts'
import type { Sightings } from './sightings.ts'
import { type MemberChange, Unjudged } from './unjudged.ts'

/** Who is a member and with which roles, where events and a list that is being read tell of it at once. An event is always newer than the list. */
export class Membership {
  readonly columns: Columns
  readonly #sightings: Sightings
  readonly #emit: (change: RosterChange) => void
  readonly #unjudged: Unjudged
  #fill: Fill | null = null
  /** The list was whole once and everybody was judged by it: from then on, what a list says differently is a change. */
  #judged = false
  #live = false
  #rolesUnjudged = false

  constructor(everyone: Id, sightings: Sightings, emit: (change: RosterChange) => void) {
    this.columns = new Columns(everyone)
    this.#sightings = sightings
    this.#emit = emit
    this.#unjudged = new Unjudged(this.columns)
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
    this.columns.beginFill()
    this.#fill = fill
  }

  dropFill(): void {
    this.#fill = null
  }

  /** What changes from here on is not acted on until a list was read whole. */
  distrust(): void {
    this.#live = false
    this.#fill = null
  }

  /** The list is whole: who was neither in it nor in an event since it began is no member. */
  endFill(): void {
    for (let row = this.columns.count - 1; row >= 0; row--) {
      if (!this.columns.marked(row, FLAG_LISTED | FLAG_TOUCHED)) this.#leave(row, 'refill')
    }
    this.columns.endFill()
    if (this.#rolesUnjudged) this.#emit({ kind: 'roles_changed' })
    for (const change of this.#unjudged.drain()) this.#emit(change)
    this.#rolesUnjudged = false
    this.#fill = null
    this.#judged = true
    this.#live = true
  }

  wasListed(id: Id): boolean {
    const row = this.columns.rowOf(id)
    return row >= 0 && this.columns.marked(row, FLAG_LISTED)
  }

  /** An event tells how a member is now. False where it cannot be read. */
  hear(read: ReadMember, joined: boolean): boolean {
    const row = this.#put(read, joined, 'event')
    if (row < 0) return false
    if (this.#fill !== null) this.columns.mark(row, FLAG_TOUCHED)
    this.#show(read.id, row)
    return true
  }

  /** An event tells that a member left. False where too many did while the list is being read. */
  hearLeft(id: Id): boolean {
    const row = this.columns.rowOf(id)
    if (row >= 0) this.#leave(row, 'event')
    this.#sightings.dismiss(id)
    return this.#fill?.noteLeft(id) ?? true
  }

  /** The members that a list names. False where one of them cannot be read: then the list is not whole. */
  list(members: readonly unknown[]): boolean {
    let sound = true
    for (const value of members) {
      const read = readMember(value)
      if (read === null || !this.#listed(read)) sound = false
    }
    return sound
  }

  /** The guild has this role. Whoever carried its id before that was heard is seen to hold it now. */
  knowRole(roleId: Id): void {
    for (const memberId of this.columns.know(roleId)) {
      this.#tell({ kind: 'member', memberId, added: [roleId], removed: [], joined: false, origin: 'event' })
    }
  }

  /** The guild has this role no longer. */
  forgetRole(roleId: Id): void {
    const holders = this.columns.holders(roleId)
    if (this.#live && holders > 0) {
      const memberIds = this.columns.holdersOf(roleId, MAX_HOLDERS_TOLD)
      this.#emit({ kind: 'role_gone', roleId, memberIds, holders })
    }
    this.columns.forget(roleId)
    this.#sightings.showRoleGone(roleId)
  }

  /** A role was made, renamed, moved or deleted: told at once, and again when the list is live if it is in doubt now. */
  tellRoles(): void {
    this.#emit({ kind: 'roles_changed' })
    if (this.#judged && !this.#live) this.#rolesUnjudged = true
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
    if (added.length + removed.length > 0) {
      this.#tell({ kind: 'member', memberId: id, added, removed, joined: false, origin })
    }
    return row
  }

  #leave(row: number, origin: Origin): void {
    const memberId = this.columns.idAt(row)
    const held = this.columns.shownRolesOf(row)
    this.columns.remove(row)
    if (this.#tells(origin)) this.#emit({ kind: 'left', memberId, held, origin })
  }

  /** Before the first whole list nobody was judged, and what a list says is no change: the first report looks at everybody. */
  #tells(origin: Origin): boolean {
    return origin === 'event' || this.#judged
  }

  /** An event is told at once. Whatever comes while the list is in doubt is told when it is live: nobody acts on it before. */
  #tell(change: MemberChange): void {
    if (!this.#tells(change.origin)) return
    if (change.origin === 'event' || this.#live) this.#emit(change)
    if (this.#judged && !this.#live) this.#unjudged.keep(change)
  }

  #show(id: Id, row: number): void {
    if (this.#sightings.any) this.#sightings.show(id, (roleId) => this.columns.holds(row, roleId))
  }
}
