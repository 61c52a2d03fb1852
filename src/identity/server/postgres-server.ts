import type { Socket } from 'node:net'
import { DatabaseServer } from './database-server.ts'
import type { LineParts } from './line.ts'
import { openLine } from './opening.ts'
import { type OnNotice, PostgresLine } from './postgres-line.ts'
import { hearNotices } from './postgres-notices.ts'
import { postgresWay } from './postgres-way.ts'
import type { IdentityServer } from './server.ts'

export function postgresServer(parts: LineParts): IdentityServer {
  const open = (onNotice?: OnNotice) =>
    openLine(parts, async (socket: Socket) => {
      const line = new PostgresLine(parts, await postgresWay(parts, socket), onNotice)
      await line.greet()
      return line
    })
  return new DatabaseServer(
    parts,
    () => open(),
    (channel, hearing, signal) => void hearNotices(parts, open, channel, hearing, signal),
  )
}
