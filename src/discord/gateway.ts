import type { Log } from '#src/telemetry/log.ts'
import { backOff, realWaiting, type Waiting } from './back-off.ts'
import { makeClient } from './client.ts'
import { Connection, type Listeners } from './connection.ts'
import { DiscordFault, type FaultKind } from './faults.ts'

// The door through which Discord speaks to the bot: one discord.js client, its dispatches taken raw.

export type { SessionEvent } from './connection.ts'
export { Connection } from './connection.ts'
export type { Packet } from './packets.ts'

export interface ConnectOptions extends Listeners {
  readonly token: string
  /** Discord itself where left out; `http://host/api` without a version. */
  readonly apiUrl?: string
  readonly log: Log
  /** Gives up after so many tries that found no Discord; tries for ever where left out. */
  readonly tries?: number
  /** Ends the trying. */
  readonly signal?: AbortSignal
  readonly waiting?: Waiting
}

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/** What may pass by itself; anything else is for the operator to mend. */
const PASSING: ReadonlySet<FaultKind> = new Set(['network', 'outage', 'limited'])

/** Logs in and stays connected. Rejects with a `DiscordFault` where trying again cannot help, or `tries` are used up. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { pause, random } = options.waiting ?? realWaiting
  for (let tried = 0; ; tried++) {
    const result = await tryOnce(options)
    if (result instanceof Connection) return result
    if (!PASSING.has(result.kind) || tried + 1 >= (options.tries ?? Number.POSITIVE_INFINITY)) throw result
    const wait = backOff(tried, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, random)
    options.log.warn(
      { tries: tried + 1, waitMs: wait },
      `${result.message} Trying again in ${Math.ceil(wait / 1_000)} s.`,
    )
    await unlessAborted(pause(wait), options.signal)
  }
}

/** A client that failed to log in is of no further use, so each try makes its own. */
async function tryOnce(options: ConnectOptions): Promise<Connection | DiscordFault> {
  const connection = new Connection(makeClient(options.apiUrl), options, options.log)
  try {
    await unlessAborted(connection.open(options.token), options.signal)
    return connection
  } catch (fault) {
    await connection.close()
    return fault as DiscordFault
  }
}

/** The work's result, or a fault as soon as the signal says that nobody wants it any more; what the work does then is nobody's. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(new DiscordFault('disconnected', 'Connecting to Discord was given up, as asked.'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', abort))
}
