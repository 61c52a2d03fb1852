import { type Act, rolesOfAct } from '#src/core/run.ts'
import type { intents } from './schema/runs.ts'

// How an act stands in the columns of an intent.

type ActRow = Pick<typeof intents.$inferSelect, 'guildId' | 'kind' | 'memberId' | 'roleId' | 'roleIds'>

export function toColumns(act: Act): ActRow & { readonly destroys: boolean } {
  const { kind, guildId, memberId } = act
  const roleIds = act.kind === 'remove_roles' ? [...act.roleIds] : []
  return { guildId, kind, memberId, roleId: rolesOfAct(act)[0] ?? null, roleIds, destroys: kind !== 'add_role' }
}

/** The columns hold only what `toColumns` put there. */
export function toAct({ guildId, kind, memberId, roleId, roleIds }: ActRow): Act {
  const known = kind as Act['kind']
  if (known === 'kick') return { kind: known, guildId, memberId }
  if (known === 'remove_roles') return { kind: known, guildId, memberId, roleIds }
  return { kind: known, guildId, memberId, roleId: roleId! }
}
