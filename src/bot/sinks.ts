import type { Config } from '#src/config.ts'
import type { SinkPlan } from '#src/core/sink-plan.ts'
import { type Outlet, Relays } from '#src/sinks/relays.ts'
import { toFault } from '#src/store/fault.ts'
import type { Log } from '#src/telemetry/log.ts'
import { makeScrub } from '#src/telemetry/scrub.ts'
import type { Record } from './record.ts'
import { systemClock } from './system-clock.ts'

/** Brings the record to every sink that is set, for as long as this bot acts. Time is the machine's own: others wait at the other end. */
export async function openRelays({ sinks, secrets }: Config, record: Record, log: Log): Promise<Relays> {
  const outlets = sinks.mode === 'off' ? [] : openSinks(sinks.plans)
  const relays = await Relays.begin(outlets, {
    db: record.database.db,
    from: sinks.from,
    clock: systemClock,
    random: Math.random,
    log,
    scrub: makeScrub(secrets),
    toFault,
    mayAct: () => record.mayAct(),
  })
  record.onAppend(() => relays.stir())
  return relays
}

/** Each sink as it is set. */
function openSinks(_plans: readonly SinkPlan[]): readonly Outlet[] {
  return []
}
