import { FLAG_BOT, type MemberColumns } from './columns.ts'
import { EarnedMasks, type EarnedWord, LOOK } from './earned-masks.ts'
import type { Identity } from './model.ts'
import { mayBeIn, type PeopleColumns } from './people.ts'
import type { Scope } from './scope.ts'

/** In place of a set: the row is known to be a bot. */
export const BOT = -1

/**
 * Who claims each row of a roster, and what that earns, laid out beside its columns. It holds for the columns as they were when it was
 * made: rows move as members come and go.
 */
export interface ClaimColumns {
  readonly count: number
  /** A row's number of a set of earned roles, or `BOT`, or `LOOK`. */
  readonly sets: Int32Array
  /** The mask columns in which governed roles have bits. */
  readonly words: readonly EarnedWord[]
  /** For more than two of them what each row has earned, word by word: read in order that is faster than so many tables. */
  readonly earnedRows: readonly Int32Array[]
  claimsAt(row: number): readonly Identity[]
}

/** In place of the row of the one person who claims a row. */
const NOBODY = -1
const SEVERAL = -2

export function makeClaimColumns(roster: MemberColumns, people: PeopleColumns, scope: Scope): ClaimColumns {
  const { owners, conflicts } = claimRows(roster, people)
  const masks = new EarnedMasks(roster, scope.governed)
  const earned = people.combinations.map((combination) => masks.setOf(scope.earnings.of(combination)))
  const sets = new Int32Array(roster.count)
  for (let row = 0; row < roster.count; row++) {
    const owner = owners[row]!
    sets[row] = owner >= 0 && mayBeIn(people.flags[owner]!) ? earned[people.combination[owner]!]! : LOOK
  }
  markBots(sets, roster, scope)
  const words = masks.words()
  const earnedRows = words.length > 2 ? words.map(({ earned }) => layOut(earned, sets)) : []
  const claimsAt = (row: number): readonly Identity[] => {
    const owner = owners[row]!
    if (owner === NOBODY) return NOBODY_CLAIMS
    return (owner === SEVERAL ? [...conflicts.get(row)!] : [owner]).map((person) => people.identityAt(person))
  }
  return { count: roster.count, sets, words, earnedRows, claimsAt }
}

function layOut(earned: Int32Array, sets: Int32Array): Int32Array {
  const rows = new Int32Array(sets.length)
  for (let row = 0; row < sets.length; row++) rows[row] = sets[row]! < 0 ? 0 : earned[sets[row]!]!
  return rows
}

const NOBODY_CLAIMS: readonly Identity[] = []

function markBots(sets: Int32Array, roster: MemberColumns, { bots }: Scope): void {
  for (let row = 0; row < roster.count; row++) if ((roster.flags[row]! & FLAG_BOT) !== 0) sets[row] = BOT
  for (const id of bots) {
    const row = roster.rowOf(id)
    if (row >= 0) sets[row] = BOT
  }
}

/** Who claims each row of the roster: a person's row, or `NOBODY`, or `SEVERAL`, who stand in `conflicts`. */
export function claimRows(roster: MemberColumns, people: PeopleColumns) {
  const owners = new Int32Array(roster.count).fill(NOBODY)
  const conflicts = new Map<number, Set<number>>()
  const claim = (row: number, person: number) => {
    const owner = owners[row]!
    // An identity that lists an id twice claims it once.
    if (owner === person) return
    if (owner === NOBODY) {
      owners[row] = person
      return
    }
    const claims = conflicts.get(row) ?? new Set([owner])
    conflicts.set(row, claims.add(person))
    owners[row] = SEVERAL
  }
  const { firstLink, linkHigh, linkLow } = people
  for (let person = 0; person < people.count; person++) {
    for (let link = firstLink[person]!; link < firstLink[person + 1]!; link++) {
      const row = roster.rowOfHalves(linkHigh[link]!, linkLow[link]!)
      if (row >= 0) claim(row, person)
    }
  }
  return { owners, conflicts }
}
