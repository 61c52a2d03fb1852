import { DatabaseServer } from './database-server.ts'
import { readTrust } from './dial.ts'
import type { LineParts } from './line.ts'
import { MysqlLine } from './mysql-line.ts'
import { openLine } from './opening.ts'
import type { IdentityServer } from './server.ts'

/** MariaDB 10.5 and newer, and MySQL 8. */
export function mysqlServer(parts: LineParts): IdentityServer {
  const open = () =>
    openLine(parts, async (socket) => {
      const { settings } = parts
      const line = new MysqlLine(parts, socket, settings.tls.mode === 'off' ? null : await readTrust(settings))
      await line.greet()
      return line
    })
  return new DatabaseServer(parts, open, null)
}
