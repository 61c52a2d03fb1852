import { hasAccess } from './access.ts'
import { FLAG_BOT, type MemberColumns } from './columns.ts'
import { type EarnedWord, Entitlements, LOOK } from './entitlements.ts'
import type { Id, Identity } from './model.ts'
import type { Scope } from './scope.ts'

/** In `sets`: a row that is known to be a bot. */
export const BOT = -1

/**
 * Who claims each row of a roster, and what that earns, laid out beside its columns. It holds for the columns as they were when it was
 * made: rows move as members come and go.
 */
export interface ClaimColumns {
  readonly count: number
  /** `BOT`, `LOOK`, or which of the entitlement sets the row's person has earned. */
  readonly sets: Int32Array
  /** The columns in which governed roles have bits. */
  readonly words: readonly EarnedWord[]
  claimsAt(row: number): readonly Identity[]
}

export function makeClaimColumns(columns: MemberColumns, identities: readonly Identity[], scope: Scope): ClaimColumns {
  const { owners, conflicts } = claimRows(columns, identities)
  const bits = governedBits(columns, scope)
  const entitlements = new Entitlements(bits, scope)
  const sets = new Int32Array(columns.count)
  for (let row = 0; row < columns.count; row++) {
    const owner = owners[row]!
    const identity = owner >= 0 ? identities[owner]! : null
    sets[row] = identity !== null && hasAccess(identity) ? entitlements.setOf(identity) : LOOK
    if (isBotRow(columns, row)) sets[row] = BOT
  }
  for (const id of scope.bots) {
    const row = columns.rowOf(id)
    if (row >= 0) sets[row] = BOT
  }
  return {
    count: columns.count,
    sets,
    words: entitlements.words(),
    claimsAt: (row) => conflicts.get(row) ?? (owners[row]! >= 0 ? [identities[owners[row]!]!] : []),
  }
}

function isBotRow({ flags }: MemberColumns, row: number): boolean {
  return (flags[row]! & FLAG_BOT) !== 0
}

/** In place of the index of the identity that claims a row. */
const NOBODY = -1
const SEVERAL = -2

function claimRows(columns: MemberColumns, identities: readonly Identity[]) {
  const owners = new Int32Array(columns.count).fill(NOBODY)
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
      const row = columns.rowOf(id)
      if (row >= 0) claim(row, index)
    }
  }
  return { owners, conflicts }
}

/** Which bit stands for a governed role. One that nobody holds may have none. */
function governedBits({ roleIds, words }: MemberColumns, { governed }: Scope): ReadonlyMap<Id, number> {
  const bits = new Map<Id, number>()
  for (let bit = 0; bit < Math.min(roleIds.length, words.length * 32); bit++) {
    const id = roleIds[bit]
    if (id !== undefined && governed.roleIds.has(id)) bits.set(id, bit)
  }
  return bits
}
