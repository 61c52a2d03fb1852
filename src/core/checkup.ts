import { claimRows } from './claim-columns.ts'
import { FLAG_BOT, type MemberColumns } from './columns.ts'
import type { Guild, Id, Settings } from './model.ts'
import type { PeopleColumns } from './people.ts'
import { reachOf } from './reach.ts'

// What may be amiss in a server, reckoned for people to read. Nothing is decided by it.

/** Members who hold a governed role, bots aside, and of whom the bot could take nothing; each counted for the first reason that holds. */
export interface Holders {
  readonly total: number
  readonly owner: number
  readonly protectedOnes: number
  /** Every governed role that they hold ranks at or above the bot's. */
  readonly beyond: number
}

export function holdersOf(
  columns: MemberColumns,
  guild: Guild,
  settings: Pick<Settings, 'protectedMembers' | 'protectedRoles' | 'botAccounts'>,
  governed: ReadonlySet<Id>,
): Holders {
  const within = reachOf(guild).roleIds
  const held = maskOf(columns, governed)
  const touchable = maskOf(columns, new Set([...governed].filter((id) => within.has(id))))
  const sheltering = maskOf(columns, new Set(settings.protectedRoles))
  const bots = new Set([...settings.botAccounts, guild.botUserId].map((id) => columns.rowOf(id)))
  const sheltered = new Set(settings.protectedMembers.map((id) => columns.rowOf(id)))
  const owner = columns.rowOf(guild.ownerId)
  const count = { total: 0, owner: 0, protectedOnes: 0, beyond: 0 }
  for (let row = 0; row < columns.count; row++) {
    if ((columns.flags[row]! & FLAG_BOT) !== 0 || bots.has(row) || !holds(columns, row, held)) continue
    count.total++
    if (row === owner) count.owner++
    else if (sheltered.has(row) || holds(columns, row, sheltering)) count.protectedOnes++
    else if (!holds(columns, row, touchable)) count.beyond++
  }
  return count
}

/** The bits of these roles, a word for each column. */
function maskOf({ words, roleIds }: MemberColumns, wanted: ReadonlySet<Id>): Uint32Array {
  const mask = new Uint32Array(words.length)
  for (const [bit, id] of roleIds.entries()) if (id !== undefined && wanted.has(id)) mask[bit >> 5]! |= 1 << (bit & 31)
  return mask
}

const holds = ({ words }: MemberColumns, row: number, mask: Uint32Array): boolean =>
  words.some((word, at) => (word[row]! & mask[at]!) !== 0)

/** Names that several governed roles of a server bear: whoever earns one earns all of them. */
export function namesakesIn({ roles }: Guild, governed: ReadonlySet<Id>): readonly (readonly Id[])[] {
  const byName = Map.groupBy(
    roles.filter(({ id }) => governed.has(id)),
    ({ name }) => name,
  )
  return [...byName.values()].filter((same) => same.length > 1).map((same) => same.map(({ id }) => id))
}

/** Members whose account more than one identity claims. */
export const claimedTwice = (columns: MemberColumns, people: PeopleColumns): readonly Id[] =>
  [...claimRows(columns, people).conflicts.keys()].map((row) => columns.idAt(row))
