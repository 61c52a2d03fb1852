import { onTestFinished, vi } from 'vitest'
import type { TrailDraft } from '#src/core/trail.ts'
import { type Outlet, Relays, type RelaysParts } from '#src/sinks/relays.ts'
import type { Sink } from '#src/sinks/sink.ts'
import { toFault } from '#src/store/fault.ts'
import type { Db } from '#src/store/handle.ts'
import { transact } from '#src/store/transact.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { makeScrub } from '#src/telemetry/scrub.ts'
import { HandClock } from '../roster/hand-clock.ts'
import { AT, append } from '../store/book.ts'

/** Lines of a guild, appended as the bot does. */
export async function write(
  db: Db,
  guildId: string | null,
  lines: number,
  more: Partial<TrailDraft> = {},
): Promise<void> {
  const draft: TrailDraft = { guildId, type: 'role.given', actor: 'discord:7', subject: 'member:42', ...more }
  await transact(db, (tx) =>
    append(
      tx,
      Array.from({ length: lines }, () => draft),
      AT,
    ),
  )
}

export interface Relaying {
  readonly relays: Relays
  readonly clock: HandClock
  readonly said: string[]
}

export const everything = (sink: Sink): Outlet => ({ sink, filter: { only: null, not: [], guilds: null } })

/** Relays in hand-made time; they end with the test. */
export async function relaying(db: Db, outlets: readonly Outlet[], more: Partial<RelaysParts> = {}): Promise<Relaying> {
  const clock = new HandClock()
  const said: string[] = []
  const hear = (_: string, message: string) => void said.push(message)
  const log = makeLog({ level: 'warn', secrets: [], hear, destination: { write: () => {} } })
  const parts = {
    db,
    from: 'now',
    clock,
    random: () => 0.5,
    log,
    scrub: makeScrub(['s3cret']),
    toFault,
    mayAct: () => true,
  } as const
  const relays = await Relays.begin(outlets, { ...parts, ...more })
  onTestFinished(() => endOf(relays, clock))
  return { relays, clock, said }
}

/** Lets time pass until it is so: what the database does takes none of the hand-made time. */
export const until = async (clock: HandClock, isSo: () => boolean | Promise<boolean>, step = 100): Promise<void> => {
  await vi.waitUntil(
    async () => {
      await clock.pass(step)
      return await isSo()
    },
    { timeout: 20_000, interval: 5 },
  )
}

/** Ends them, with the time that they give to a call that is under way. */
export async function endOf(relays: Relays, clock: HandClock): Promise<void> {
  let isOver = false
  const ended = relays.end().then(() => {
    isOver = true
  })
  await until(clock, () => isOver, 1_000)
  await ended
}
