import { eq } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import { type Armed, arm } from './arming.ts'
import { byWhom, type Change, type Ledger } from './ledger.ts'
import { stopWaiting } from './orders.ts'
import { interruptAll, lockUnderWay } from './run-interrupts.ts'
import { retries, runs } from './schema/runs.ts'
import type { SettingsForm } from './settings.ts'
import { transact } from './transact.ts'

// The one word that halts everything in a guild at once.

/** Runs that the line of a stop names at most; each has a line of its own as well. */
const MAX_NAMED = 500

export type Stopping = Change & { readonly cause: string }

export interface Stopped {
  readonly runs: readonly Run[]
  readonly wasArmed: Armed
}

/** Disarms schedule and realtime, interrupts every run that is under way, forgets the kicks that were to be tried again and marks the orders that wait, all of it or nothing. An act that is not written down by then is not made. */
export function stop(ledger: Ledger, form: SettingsForm, guildId: Id, change: Stopping): Promise<Stopped> {
  const { actor, cause, at } = change
  return transact(ledger.db, async (tx) => {
    const arming = await arm(tx, form, guildId, { schedule: false, realtime: false }, change)
    const underWay = await lockUnderWay(tx, eq(runs.guildId, guildId))
    const interrupted = await interruptAll(tx, underWay, 'Stopped by /stop.', { actor, cause }, at)
    await tx.delete(retries).where(eq(retries.guildId, guildId))
    await stopWaiting(tx, guildId, at)
    const stopped = { runs: interrupted.runs, wasArmed: arming.before }
    const line = stoppedLine(guildId, change, stopped)
    await ledger.append(tx, [...arming.lines, ...interrupted.lines, line], at)
    return stopped
  })
}

function stoppedLine(guildId: Id, change: Stopping, { runs, wasArmed }: Stopped): TrailDraft {
  const data = { runs: runs.slice(0, MAX_NAMED).map(({ id }) => id), count: runs.length, wasArmed }
  return { guildId, type: 'guild.stopped', ...byWhom(change), subject: `guild:${guildId}`, data }
}
