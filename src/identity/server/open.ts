import { type Clock, realClock } from './clock.ts'
import { mysqlServer } from './mysql-server.ts'
import { postgresServer } from './postgres-server.ts'
import type { IdentityServer } from './server.ts'
import { type Limits, limitsOf, type ServerSettings } from './settings.ts'
import { Troubles } from './troubles.ts'

/** Somebody's database. Nothing is asked of it yet: whether it is there is seen when it is read. */
export function openIdentityServer(
  settings: ServerSettings,
  { clock = realClock, limits = limitsOf(settings) }: { readonly clock?: Clock; readonly limits?: Limits } = {},
): IdentityServer {
  const parts = { settings, limits, clock, troubles: new Troubles(settings) }
  return settings.address.dialect === 'postgres' ? postgresServer(parts) : mysqlServer(parts)
}
