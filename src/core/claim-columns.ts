import { hasAccess } from './access.ts'
import { FLAG_BOT, type MemberColumns } from './columns.ts'
import { EarnedMasks, type EarnedWord, LOOK } from './earned-masks.ts'
import type { Identity } from './model.ts'
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

export function makeClaimColumns(roster: MemberColumns, identities: readonly Identity[], scope: Scope): ClaimColumns {
  const { owners, conflicts } = claimRows(roster, identities)
  const masks = new EarnedMasks(roster, scope.governed)
  const sets = new Int32Array(roster.count).fill(LOOK)
  // One array by rows: a row that is looked at later is a step of its own into memory, and so is each table on the way.
  const owner = new Array<Identity | undefined>(roster.count)
  for (let row = 0; row < roster.count; row++) {
    const identity = identities[owners[row]!]
    owner[row] = identity
    if (identity !== undefined && hasAccess(identity)) sets[row] = masks.setOf(scope.earnings.of(identity))
  }
  markBots(sets, roster, scope)
  const words = masks.words()
  const earnedRows = words.length > 2 ? words.map(({ earned }) => layOut(earned, sets)) : []
  const claimsAt = (row: number) => conflicts.get(row) ?? oneOrNone(owner[row])
  return { count: roster.count, sets, words, earnedRows, claimsAt }
}

function layOut(earned: Int32Array, sets: Int32Array): Int32Array {
  const rows = new Int32Array(sets.length)
  for (let row = 0; row < sets.length; row++) rows[row] = sets[row]! < 0 ? 0 : earned[sets[row]!]!
  return rows
}

const NOBODY_CLAIMS: readonly Identity[] = []

function oneOrNone(identity: Identity | undefined): readonly Identity[] {
  return identity === undefined ? NOBODY_CLAIMS : [identity]
}

function markBots(sets: Int32Array, roster: MemberColumns, { bots }: Scope): void {
  for (let row = 0; row < roster.count; row++) if ((roster.flags[row]! & FLAG_BOT) !== 0) sets[row] = BOT
  for (const id of bots) {
    const row = roster.rowOf(id)
    if (row >= 0) sets[row] = BOT
  }
}

/** In place of the index of the one identity that claims a row. */
const NOBODY = -1
const SEVERAL = -2

function claimRows(roster: MemberColumns, identities: readonly Identity[]) {
  const owners = new Int32Array(roster.count).fill(NOBODY)
  const conflicts = new Map<number, Identity[]>()
  const claim = (row: number, index: number) => {
    const owner = owners[row]!
    if (owner === index) return
    owners[row] = owner === NOBODY ? index : SEVERAL
    if (owner === NOBODY) return
    const claims = conflicts.get(row) ?? [identities[owner]!]
    // An identity that lists an id twice claims it once.
    if (!claims.includes(identities[index]!)) claims.push(identities[index]!)
    conflicts.set(row, claims)
  }
  for (const [index, { discordIds }] of identities.entries()) {
    for (const id of discordIds) {
      const row = roster.rowOf(id)
      if (row >= 0) claim(row, index)
    }
  }
  return { owners, conflicts }
}
