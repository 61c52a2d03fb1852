import { and, asc, eq } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import { MAX_GUILDS } from './guilds.ts'
import type { Ledger } from './ledger.ts'
import { scheduleSlots } from './schema/standing.ts'
import { read } from './transact.ts'

// When each guild is looked at next by schedule, so that a look that was missed is made up for once.
// No lines: what was arranged has one, and so has each run that begins.

export interface ScheduleSlot {
  readonly guildId: Id
  /** The expression that `nextAt` was reckoned from. */
  readonly expression: string
  readonly nextAt: number
  /** Null before the first. */
  readonly lastStartedAt: number | null
}

export async function findSlot({ db }: Ledger, guildId: Id): Promise<ScheduleSlot | null> {
  const [row] = await read(db.select().from(scheduleSlots).where(eq(scheduleSlots.guildId, guildId)))
  return row ?? null
}

/** Those of every guild, the soonest first. */
export async function findSlots({ db }: Ledger): Promise<readonly ScheduleSlot[]> {
  const soonest = db.select().from(scheduleSlots).orderBy(asc(scheduleSlots.nextAt), asc(scheduleSlots.guildId))
  return read(soonest.limit(MAX_GUILDS))
}

/** When the last look began stays as it is: the floor between two looks holds across a new expression. */
export async function setSlot(
  { db }: Ledger,
  guildId: Id,
  slot: { readonly expression: string; readonly nextAt: number },
): Promise<void> {
  const stored = db.insert(scheduleSlots).values({ guildId, ...slot })
  await read(stored.onConflictDoUpdate({ target: scheduleSlots.guildId, set: slot }))
}

/** Moves the slot on, if it still is the one that was expected: of several that find it due, one starts the look and hears true. */
export async function startSlot(
  { db }: Ledger,
  guildId: Id,
  expectedNextAt: number,
  { nextAt, startedAt }: { readonly nextAt: number; readonly startedAt: number },
): Promise<boolean> {
  const due = and(eq(scheduleSlots.guildId, guildId), eq(scheduleSlots.nextAt, expectedNextAt))
  const moved = db.update(scheduleSlots).set({ nextAt, lastStartedAt: startedAt }).where(due)
  return (await read(moved.returning())).length > 0
}

export async function clearSlot({ db }: Ledger, guildId: Id): Promise<void> {
  await read(db.delete(scheduleSlots).where(eq(scheduleSlots.guildId, guildId)))
}
