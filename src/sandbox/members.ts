import { compareIds, type Id } from './snowflake.ts'

/** What the sandbox keeps of a member. Never changed in place: a change puts a new record. */
export interface MemberRecord {
  readonly id: Id
  readonly username: string
  readonly globalName: string | null
  readonly nick: string | null
  readonly roles: readonly Id[]
  /** Milliseconds since the epoch. */
  readonly joinedAt: number
  readonly bot: boolean
  readonly pending?: boolean
}

/** Members that are computed, not kept: a million of them weigh nothing until one is changed. Ids ascend with the index. */
export interface Crowd {
  readonly size: number
  idAt(index: number): Id
  /** -1 where the id is not of this crowd. */
  indexOf(id: Id): number
  at(index: number): MemberRecord
}

const NOBODY: Crowd = {
  size: 0,
  idAt: () => '0',
  indexOf: () => -1,
  at: () => {
    throw new RangeError('An empty crowd has no members')
  },
}

/** Everyone in one guild: a computed crowd, and on top of it those who were put in by hand, changed or gone. */
export class Members {
  readonly #crowd: Crowd
  readonly #own = new Map<Id, MemberRecord>()
  readonly #gone = new Set<Id>()
  #sorted: Id[] | null = null
  #counts: Map<Id, number> | null = null
  #size: number
  #version = 0

  constructor(crowd: Crowd = NOBODY) {
    this.#crowd = crowd
    this.#size = crowd.size
  }

  get size(): number {
    return this.#size
  }

  /** Grows with every change that would upset a walk under way. */
  get version(): number {
    return this.#version
  }

  get(id: Id): MemberRecord | undefined {
    const own = this.#own.get(id)
    if (own || this.#gone.has(id)) return own
    const index = this.#crowd.indexOf(id)
    return index < 0 ? undefined : this.#crowd.at(index)
  }

  put(record: MemberRecord): void {
    const before = this.get(record.id)
    this.#recount(before?.roles, record.roles)
    if (!before) this.#size += 1
    if (!this.#own.has(record.id)) this.#unsort()
    this.#own.set(record.id, record)
  }

  remove(id: Id): MemberRecord | undefined {
    const before = this.get(id)
    if (!before) return undefined
    this.#recount(before.roles, [])
    this.#size -= 1
    if (this.#own.delete(id)) this.#unsort()
    if (this.#crowd.indexOf(id) >= 0) this.#gone.add(id)
    return before
  }

  /** At most `limit` members with ids above `after`, by id as numbers. */
  page(after: Id, limit: number): MemberRecord[] {
    const found: MemberRecord[] = []
    for (const record of this.walk(after)) {
      if (found.length >= limit) break
      found.push(record)
    }
    return found
  }

  /** Everyone above `after`, by id as numbers. */
  *walk(after: Id = '0'): Generator<MemberRecord> {
    const own = this.#ownIds()
    let next = firstAbove(own.length, (index) => own[index]!, after)
    const { size } = this.#crowd
    for (let index = firstAbove(size, (at) => this.#crowd.idAt(at), after); index < size; index += 1) {
      const record = this.#crowd.at(index)
      while (next < own.length && compareIds(own[next]!, record.id) < 0) yield this.#own.get(own[next++]!)!
      if (!this.#own.has(record.id) && !this.#gone.has(record.id)) yield record
    }
    while (next < own.length) yield this.#own.get(own[next++]!)!
  }

  /** How many hold each role. Counted whole once, then kept up with every change. */
  roleCounts(): ReadonlyMap<Id, number> {
    this.#counts ??= this.#countAll()
    return this.#counts
  }

  #countAll(): Map<Id, number> {
    const counts = new Map<Id, number>()
    for (const { roles } of this.walk()) for (const role of roles) counts.set(role, (counts.get(role) ?? 0) + 1)
    return counts
  }

  #recount(before: readonly Id[] = [], after: readonly Id[]): void {
    if (!this.#counts) return
    for (const role of before) this.#counts.set(role, (this.#counts.get(role) ?? 0) - 1)
    for (const role of after) this.#counts.set(role, (this.#counts.get(role) ?? 0) + 1)
  }

  #unsort(): void {
    this.#sorted = null
    this.#version += 1
  }

  #ownIds(): Id[] {
    this.#sorted ??= [...this.#own.keys()].sort(compareIds)
    return this.#sorted
  }
}

function firstAbove(size: number, idAt: (index: number) => Id, after: Id): number {
  let low = 0
  let high = size
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareIds(idAt(middle), after) > 0) high = middle
    else low = middle + 1
  }
  return low
}
