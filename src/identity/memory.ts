import { indexClaims } from '#src/core/claims.ts'
import {
  type Directory,
  type DirectorySnapshot,
  DirectoryUnreachable,
  type Found,
  type Noticing,
  type Reading,
  type Vitals,
} from '#src/core/directory.ts'
import type { Id, Identity, LinkedAccount } from '#src/core/model.ts'
import { peopleOf } from '#src/core/people.ts'
import { vitalsOf } from '#src/core/truth.ts'
import { changedIds } from './difference.ts'
import { mainFirst, type People } from './people.ts'
import { Watchers } from './watchers.ts'

/**
 * A directory over people held in memory: the `identity` part of a snapshot file, or a small world in a test.
 * It reads no file and no clock of its own; `replace` puts other people in, whole, and tells the watchers.
 */
export class MemoryDirectory implements Directory {
  readonly source: string
  readonly #now: () => number
  readonly #watchers = new Watchers()
  #people: People
  #claims: ReadonlyMap<Id, readonly Identity[]>
  #byId: ReadonlyMap<string, Identity>
  #vitals: Vitals
  #problem: string | null = null

  constructor(source: string, people: People, now: () => number) {
    this.source = source
    this.#now = now
    this.#people = people
    this.#claims = indexClaims(people.identities)
    this.#byId = new Map(people.identities.map((identity) => [identity.id, identity]))
    this.#vitals = vitalsOf(people.identities, people.names)
  }

  async find(memberIds: readonly Id[], identityIds: readonly string[] = []): Promise<Found> {
    const reading = this.#read()
    const identities = identityIds.flatMap((id) => this.#byId.get(id) ?? [])
    return {
      ...reading,
      claims: new Map(memberIds.map((id) => [id, this.#claims.get(id) ?? []])),
      identities: new Map(identities.map((identity) => [identity.id, identity])),
    }
  }

  async snapshot(): Promise<DirectorySnapshot> {
    return { ...this.#read(), people: peopleOf(this.#people.identities) }
  }

  async accounts(identityId: string): Promise<readonly LinkedAccount[]> {
    this.#read()
    return mainFirst(this.#people.accounts?.get(identityId) ?? [])
  }

  watch(onChange: (changed: readonly Id[] | 'all') => void): () => void {
    return this.#watchers.add(onChange)
  }

  async noticing(): Promise<Noticing> {
    return { kind: 'never' }
  }

  /** Other people from now on; the source answers again if it did not. */
  replace(people: People): void {
    const changed = changedIds(this.#people, people)
    this.#people = people
    this.#claims = indexClaims(people.identities)
    this.#byId = new Map(people.identities.map((identity) => [identity.id, identity]))
    this.#vitals = vitalsOf(people.identities, people.names)
    this.#problem = null
    this.#watchers.tell(changed)
  }

  /** From now on every reading throws `DirectoryUnreachable` with this sentence; null lets it answer again. */
  fail(problem: string | null): void {
    this.#problem = problem
  }

  #read(): Reading {
    if (this.#problem !== null) throw new DirectoryUnreachable(this.#problem)
    const { names } = this.#people
    return { names, vitals: this.#vitals, complete: true, permissionExists: true, readAt: this.#now() }
  }
}

export function memoryDirectory(source: string, people: People, now: () => number): MemoryDirectory {
  return new MemoryDirectory(source, people, now)
}
