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
  if (sinks.mode === 'sync') waitBeforeActs(relays, config, record, log)
  return relays
}

/** How long an act waits for its intention to arrive. Whoever should lose a role must not keep it because a receiver is away. */
const ARRIVAL_MS = 10_000

/** Only for sinks of the operator's: nobody relies on a summary in a channel as on a record. */
function waitBeforeActs(relays: Relays, { sinks }: Config, { book }: Record, log: Log): void {
  const awaited = new Set(sinks.plans.map(({ name }) => name))
  book.waitBeforeActs(async (guildId) => {
    try {
      const missing = await relays.arrival(guildId, awaited, ARRIVAL_MS)
      if (missing.length > 0) log.warn({ guildId, sinks: missing }, UNARRIVED)
    } catch (error) {
      log.warn({ guildId, error: toFault(error) }, UNARRIVED)
    }
  })
}

const UNARRIVED =
  'An act goes on although it is not known that its intention has arrived at every sink. It is in the record, and is delivered later.'

/** Each sink as it is set. Throws `Refusal` where one cannot be. */
function outletsOf({ sinks, secrets }: Config): Promise<readonly Outlet[]> {
  return openSinks(sinks.plans, { version: manifest.version, scrub: makeScrub(secrets), now: Date.now })
}
