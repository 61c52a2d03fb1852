import { hasAccess } from './access.ts'
import type { ClaimColumns } from './claim-columns.ts'
import type { MemberColumns } from './columns.ts'
import { type Facts, factsOf, NO_ROLES } from './facts.ts'
import type { Id, Member } from './model.ts'
import { compareIds } from './order.ts'
import type { Scope } from './scope.ts'

// What is left over of a walk, as the rules want to see it. Each row lies somewhere else in memory, so nothing is read that nobody asks for.

/** A member as a row of columns. It is read when asked, and so holds only until the columns change. Rows known to be bots never get here. */
class RowMember implements Member {
  readonly id: Id
  readonly bot = false
  readonly #columns: MemberColumns
  readonly #row: number

  constructor(columns: MemberColumns, row: number) {
    this.id = columns.idAt(row)
    this.#columns = columns
    this.#row = row
  }

  get roleIds(): readonly Id[] {
    const { words, roleIds } = this.#columns
    const held: Id[] = []
    for (let column = 0; column < words.length; column++) addIds(held, words[column]![this.#row]!, column, roleIds)
    return held
  }
}

/** `factsOf` for a row: what is held and governed beyond what was earned is the excess, and what was earned and is not held is missing. */
export function rowFacts(columns: MemberColumns, claims: ClaimColumns, scope: Scope): (row: number) => Facts {
  return (row) => {
    const claimants = claims.claimsAt(row)
    const identity = claimants.length === 1 ? claimants[0]! : null
    const member = new RowMember(columns, row)
    const access = claims.sets[row]! >= 0
    // Somebody has earned a role for which no bit stands.
    if (!access && identity !== null && hasAccess(identity)) return factsOf(member, claimants, scope)
    const { excess, missing } = differing(columns, claims, row)
    return { member, claims: claimants, identity, access, excess, missing }
  }
}

function differing({ words, roleIds }: MemberColumns, claims: ClaimColumns, row: number) {
  const excess: Id[] = []
  const missing: Id[] = []
  const set = claims.sets[row]!
  for (let at = 0; at < claims.words.length; at++) {
    const { column, governed, earned } = claims.words[at]!
    const held = words[column]?.[row] ?? 0
    const due = set < 0 ? 0 : (claims.earnedRows[at]?.[row] ?? earned[set]!)
    addIds(excess, held & governed & ~due, column, roleIds)
    addIds(missing, due & ~held, column, roleIds)
  }
  return { excess: inOrder(excess), missing: inOrder(missing) }
}

/** An array that grew by a push has room for seventeen, and findings live long: one for the one role that there mostly is weighs a tenth. */
function inOrder(ids: Id[]): readonly Id[] {
  if (ids.length > 1) return ids.sort(compareIds)
  return ids.length === 1 ? [ids[0]!] : NO_ROLES
}

/** Adds the roles whose bits are set. */
function addIds(to: Id[], mask: number, column: number, roleIds: readonly (Id | undefined)[]): void {
  for (let bits = mask; bits !== 0; bits &= bits - 1) {
    const id = roleIds[column * 32 + lowestBit(bits)]
    if (id !== undefined) to.push(id)
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
