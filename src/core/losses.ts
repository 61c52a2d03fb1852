import { hasAccess } from './access.ts'
import type { Baseline, Vitals } from './directory.ts'
import type { Id, Identity, Truth } from './model.ts'
import { compareNames } from './order.ts'

// Who is missing from an identity source since it was last accepted, and what those who are still there have lost.

/** What somebody had at the accepted reading and has no more. Whoever is gone has lost all of it. */
export interface Loss {
  readonly id: string
  /** Null: the source knows nobody of this id any more. */
  readonly username: string | null
  readonly access: boolean
  readonly discordIds: readonly Id[]
  readonly state: string | null
  readonly groups: readonly string[]
}

/** A loss beside the members whom it concerns, each with the governed roles that they hold and have not earned by what the source says now. */
export interface Endangered {
  readonly loss: Loss
  readonly members: readonly { readonly memberId: Id; readonly roleIds: readonly Id[] }[]
}

/** How many people lost what; somebody who is still there may have lost several things. */
export interface LossCounts {
  readonly gone: number
  readonly access: number
  readonly accounts: number
  /** A group or a state. */
  readonly belongings: number
}

/** A group or state, and how many people have lost it, those who are gone among them. */
export interface NameLost {
  readonly kind: 'group' | 'state'
  readonly name: string
  readonly people: number
}

/** Who is missing, of one look at both sides. */
export interface SourceDiff {
  readonly source: string
  /** When the source was read that was accepted last, ms since the epoch. */
  readonly acceptedAt: number
  readonly people: { readonly before: number; readonly now: number }
  readonly appeared: number
  readonly counts: LossCounts
  /** All who lost something, and those of them who are linked to a member with a role that is not earned now. */
  readonly total: number
  readonly endangered: number
  /** As many as were asked for: those whose members hold such roles first, and whoever is gone before the rest. */
  readonly losses: readonly Endangered[]
  /** Those that most people lost, the most first. */
  readonly names: readonly NameLost[]
  readonly truth: Truth
  /** The highest numbers that were accepted, and those of now; null: there are none. */
  readonly before: Baseline | null
  readonly vitals: Vitals
  /** The roles of members are as the list has them, which is to be trusted where it is `live`. */
  readonly rosterState: string
}

/** A reading of a source whose people are kept. `at`: when it was read, ms since the epoch. */
export interface Accepted {
  readonly source: string
  readonly at: number
  readonly people: number
}

/** What came of looking for those who are missing. */
export type LookForMissing =
  | ({ readonly kind: 'compared' } & SourceDiff)
  /** There is nothing to compare with; `others` are readings of other kinds of source, in which an id is somebody else's. */
  | { readonly kind: 'nothing_kept'; readonly source: string; readonly others: readonly Accepted[] }
  | { readonly kind: 'unreachable'; readonly accepted: Accepted; readonly problem: string }

/** Null where nothing was lost; what was gained is no loss. */
export function lossOf(before: Identity, now: Identity | null): Loss | null {
  const { id, state } = before
  const access = hasAccess(before) && (now === null || !hasAccess(now))
  const left = <T>(had: readonly T[], has: readonly T[] = []) => had.filter((one) => !has.includes(one))
  const discordIds = left(before.discordIds, now?.discordIds)
  const groups = left(before.groups, now?.groups)
  const lostState = now !== null && now.state === state ? null : state
  if (now === null) return { id, username: null, access, discordIds, state, groups }
  if (!access && discordIds.length === 0 && groups.length === 0 && lostState === null) return null
  return { id, username: now.username, access, discordIds, state: lostState, groups }
}

const KINDS = 4

/** What it is called by where it has to stand in one place: the worst of it. */
const kindOf = ({ username, access, discordIds }: Loss): number =>
  username === null ? 0 : access ? 1 : discordIds.length > 0 ? 2 : 3

/** Names of which the losses are told. */
const MOST_NAMES = 20

/** Counts all losses, and keeps the worst of them. */
export class Losses {
  readonly #most: number
  readonly #counts = { gone: 0, access: 0, accounts: 0, belongings: 0 }
  readonly #names = { group: new Map<string, number>(), state: new Map<string, number>() }
  /** By how bad they are, none longer than was asked for. */
  readonly #kept: readonly Endangered[][] = Array.from({ length: 2 * KINDS }, () => [])
  #total = 0
  #endangered = 0

  constructor(most: number) {
    this.#most = most
  }

  add(one: Endangered): void {
    const { loss } = one
    const isEndangered = one.members.some(({ roleIds }) => roleIds.length > 0)
    this.#total += 1
    if (isEndangered) this.#endangered += 1
    this.#count(loss)
    const kept = this.#kept[(isEndangered ? 0 : KINDS) + kindOf(loss)]!
    if (kept.length < this.#most) kept.push(one)
  }

  result(): Pick<SourceDiff, 'counts' | 'total' | 'endangered' | 'losses' | 'names'> {
    const losses = this.#kept.flat().slice(0, this.#most)
    return { counts: this.#counts, total: this.#total, endangered: this.#endangered, losses, names: this.#mostLost() }
  }

  #count({ username, access, discordIds, state, groups }: Loss): void {
    if (state !== null) countIn(this.#names.state, state)
    for (const group of groups) countIn(this.#names.group, group)
    if (username === null) {
      this.#counts.gone += 1
      return
    }
    if (access) this.#counts.access += 1
    if (discordIds.length > 0) this.#counts.accounts += 1
    if (state !== null || groups.length > 0) this.#counts.belongings += 1
  }

  #mostLost(): readonly NameLost[] {
    const ofKind = (kind: NameLost['kind']) => [...this.#names[kind]].map(([name, people]) => ({ kind, name, people }))
    const all = [...ofKind('group'), ...ofKind('state')]
    return all.sort((a, b) => b.people - a.people || compareNames(a.name, b.name)).slice(0, MOST_NAMES)
  }
}

const countIn = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
