import { FLAG_BOT, type MemberColumns } from '#src/core/columns.ts'
import { toId } from '#src/core/ids.ts'
import type { Id, Member } from '#src/core/model.ts'

/**
 * Lays members out as a roster would: row after row as they come, one bit for each entry of `bits`. Beyond the rows in use stands what former
 * members left behind.
 */
export function columnsOf(members: readonly Member[], bits: readonly (Id | undefined)[]): MemberColumns {
  const capacity = members.length + 3
  const words = Array.from({ length: Math.ceil(bits.length / 32) }, () => new Uint32Array(capacity).fill(0xffffffff))
  const flags = new Uint8Array(capacity).fill(0xff)
  const bitOf = new Map(bits.flatMap((id, bit) => (id === undefined ? [] : [[id, bit] as const])))
  for (const [row, member] of members.entries()) {
    for (const word of words) word[row] = 0
    flags[row] = (member.bot ? FLAG_BOT : 0) | 0b1000
    for (const id of member.roleIds) {
      const bit = bitOf.get(id)
      if (bit === undefined) throw new Error(`No bit stands for role ${id}.`)
      words[bit >>> 5]![row]! |= 1 << (bit & 31)
    }
  }
  const rows = new Map(members.map(({ id }, row) => [id, row]))
  return {
    count: members.length,
    flags,
    words,
    roleIds: bits,
    idAt: (row) => members[row]!.id,
    rowOf: (id) => rows.get(id) ?? -1,
    rowOfHalves: (high, low) => rows.get(toId(high, low)) ?? -1,
  }
}
