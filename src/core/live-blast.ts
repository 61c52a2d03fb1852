import { limitOf } from './blast.ts'
import { FLAG_BOT, type MemberColumns } from './columns.ts'
import type { Id, Settings } from './model.ts'

// The blast radius of live acts (the policy, section 8): those of a guild within an hour count as one run.

/** Members from whom something was taken, each once, with the one whom the next act would concern. */
export interface LiveAffected {
  readonly lastHour: number
  /** Of all that nobody asked for, in the last 24 hours. */
  readonly lastDay: number
}

/** What a live act would come to, beside what it may. */
export interface LiveBlast {
  readonly over: boolean
  /** Of the limit that is passed first, the hour's before the day's. */
  readonly affected: number
  readonly limit: number
}

export function measureLiveBlast(
  { lastHour, lastDay }: LiveAffected,
  population: number,
  { blast }: Settings,
): LiveBlast {
  const limit = limitOf(blast.run, population)
  if (lastHour > limit) return { over: true, affected: lastHour, limit }
  const dayLimit = limitOf(blast.day, population)
  if (lastDay > dayLimit) return { over: true, affected: lastDay, limit: dayLimit }
  return { over: false, affected: lastHour, limit }
}

/** All members but the bots, as a run counts them without deciding of each. */
export function populationOf(columns: MemberColumns, botUserId: Id, { botAccounts }: Settings): number {
  const { count, flags } = columns
  const isBot = (row: number) => (flags[row]! & FLAG_BOT) !== 0
  let bots = 0
  for (let row = 0; row < count; row++) if (isBot(row)) bots++
  const named = [...new Set([...botAccounts, botUserId])].map((id) => columns.rowOf(id))
  return count - bots - named.filter((row) => row >= 0 && !isBot(row)).length
}
