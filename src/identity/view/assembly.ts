import { setImmediate as letOthers } from 'node:timers/promises'
import { type Halves, readId, toId } from '#src/core/ids.ts'
import type { Id } from '#src/core/model.ts'
import { PeopleBuilder, type PeopleColumns } from '#src/core/people.ts'
import { noDiscordId, twice, unknownPerson } from './faults.ts'
import { Lists } from './lists.ts'
import { LINKS, MEMBERSHIPS } from './views.ts'

/** Rows between which the loop is let go of. */
const STEP = 5_000

/** People whose groups and links come after them, in no order and perhaps twice, as views give them. */
export class Assembly {
  readonly #builder = new PeopleBuilder()
  readonly #rows = new Map<string, number>()
  readonly #states: (string | null)[] = []
  readonly #groupNames: string[] = []
  readonly #groupNumbers = new Map<string, number>()
  readonly #groups = new Lists()
  readonly #linkHigh = new Lists()
  readonly #linkLow = new Lists()
  readonly #read: Halves = { high: 0, low: 0 }

  get count(): number {
    return this.#builder.count
  }

  addPerson(id: string, username: string, flags: number, state: string | null): void {
    if (this.#rows.has(id)) throw twice(id)
    this.#rows.set(id, this.#builder.add(id, username, flags, 0))
    this.#states.push(state)
  }

  addMembership(personId: string, group: string): void {
    this.#groups.add(this.#rowOf(personId, MEMBERSHIPS), this.#numberOf(group))
  }

  addLink(personId: string, discordId: Id): void {
    const row = this.#rowOf(personId, LINKS)
    if (!readId(discordId, this.#read)) throw noDiscordId(discordId)
    this.#linkHigh.add(row, this.#read.high)
    this.#linkLow.add(row, this.#read.low)
  }

  async columns(): Promise<PeopleColumns> {
    const groupsOf = this.#groups.byRow(this.count)
    const highOf = this.#linkHigh.byRow(this.count)
    const lowOf = this.#linkLow.byRow(this.count)
    for (let row = 0; row < this.count; row++) {
      if (row % STEP === STEP - 1) await letOthers()
      this.#builder.recombine(row, this.#combinationOf(row, groupsOf(row)))
      const low = lowOf(row)
      for (const id of new Set(Array.from(highOf(row), (high, at) => toId(high, low[at]!)))) this.#builder.link(id, row)
    }
    return this.#builder.columns()
  }

  #combinationOf(row: number, groups: Uint32Array): number {
    const own = [...new Set(groups)].sort((a, b) => a - b)
    const names = own.map((group) => this.#groupNames[group]!)
    return this.#builder.combinationOf(this.#states[row]!, names)
  }

  #rowOf(personId: string, view: string): number {
    const row = this.#rows.get(personId)
    if (row === undefined) throw unknownPerson(personId, view)
    return row
  }

  #numberOf(group: string): number {
    const known = this.#groupNumbers.get(group)
    if (known !== undefined) return known
    const number = this.#groupNames.push(group) - 1
    this.#groupNumbers.set(group, number)
    return number
  }
}
