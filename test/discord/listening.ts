import type { APIInteraction } from 'discord.js'
import type { DiscordFault } from '#src/discord/faults.ts'
import { type Connection, type ConnectOptions, connect, type Packet, type SessionEvent } from '#src/discord/gateway.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'
import { type Log, makeLog } from '#src/telemetry/log.ts'
import { checkExchange } from '../sandbox/spec.ts'

/** A log that is kept, to see what an operator would read. */
export function keptLog(secrets: readonly string[] = []): { log: Log; lines: string[] } {
  const lines: string[] = []
  return {
    lines,
    log: makeLog({ level: 'debug', secrets, destination: { write: (line: string) => void lines.push(line) } }),
  }
}

/** Everything that the door told, in the order it was told. */
export interface Heard {
  readonly packets: Packet[]
  readonly sessions: SessionEvent['kind'][]
  readonly interactions: APIInteraction[]
  readonly fatal: DiscordFault[]
  /** Names of dispatches and changes of the session in one row. */
  readonly row: string[]
  readonly lines: string[]
}

export function hearing(sandbox: Pick<Sandbox, 'url' | 'token'>, changes: Partial<ConnectOptions> = {}) {
  const { log, lines } = keptLog()
  const heard: Heard = { packets: [], sessions: [], interactions: [], fatal: [], row: [], lines }
  const options: ConnectOptions = {
    token: sandbox.token,
    apiUrl: sandbox.url,
    log,
    tries: 1,
    onPacket: (packet) => {
      heard.packets.push(packet)
      heard.row.push(packet.t)
    },
    onSession: ({ kind }) => {
      heard.sessions.push(kind)
      heard.row.push(kind)
    },
    onInteraction: (interaction) => void heard.interactions.push(interaction),
    onFatal: (fault) => void heard.fatal.push(fault),
    ...changes,
  }
  return { heard, options }
}

/** A real client, logged in. */
export async function listen(
  sandbox: Sandbox,
  changes: Partial<ConnectOptions> = {},
): Promise<{ connection: Connection; heard: Heard }> {
  const { heard, options } = hearing(sandbox, changes)
  return { connection: await connect(options), heard }
}

/** What of the requests made and answered from now on Discord's own description does not allow; read it when all is done. */
export function offences(sandbox: Sandbox): readonly string[] {
  const found: string[] = []
  sandbox.onExchange((exchange) => void found.push(...checkExchange(exchange)))
  return found
}
