import type { Config } from '#src/config.ts'
import { openSinks } from '#src/sinks/open.ts'
import { type Outlet, Relays } from '#src/sinks/relays.ts'
import { toFault } from '#src/store/fault.ts'
import type { Log } from '#src/telemetry/log.ts'
import { makeScrub } from '#src/telemetry/scrub.ts'
import manifest from '../../package.json' with { type: 'json' }
import type { Record } from './record.ts'
import { systemClock } from './system-clock.ts'

/** Brings the record to every sink that is set, and to these too, for as long as this bot acts. Time is the machine's own: others wait at the other end. */
export async function openRelays(config: Config, record: Record, more: readonly Outlet[], log: Log): Promise<Relays> {
  const { sinks, secrets } = config
  const outlets = sinks.mode === 'off' ? [] : [...(await outletsOf(config)), ...more]
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

/** Each sink as it is set. Throws `Refusal` where one cannot be. */
function outletsOf({ sinks, secrets }: Config): Promise<readonly Outlet[]> {
  return openSinks(sinks.plans, { version: manifest.version, scrub: makeScrub(secrets), now: Date.now })
}
