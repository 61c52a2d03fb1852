import { DirectoryUnreachable } from '#src/core/directory.ts'
import { mustHave, type Needed } from '../columns-probe.ts'
import type { Session } from '../server/server.ts'

// The tables of Alliance Auth that are read, by the names that Django gives their columns. Seen in Alliance Auth 4; read-only, and SELECT suffices.

const NEEDED: Needed = {
  auth_user: ['id', 'username', 'is_active', 'is_superuser'],
  auth_group: ['id', 'name'],
  auth_user_groups: ['user_id', 'group_id'],
  auth_permission: ['id', 'content_type_id', 'codename'],
  django_content_type: ['id', 'app_label'],
  auth_group_permissions: ['group_id', 'permission_id'],
  auth_user_user_permissions: ['user_id', 'permission_id'],
  authentication_state: ['id', 'name'],
  authentication_state_permissions: ['state_id', 'permission_id'],
  authentication_userprofile: ['user_id', 'main_character_id', 'state_id'],
  authentication_characterownership: ['character_id', 'user_id'],
  eveonline_evecharacter: [
    'id',
    'character_id',
    'character_name',
    'corporation_name',
    'corporation_ticker',
    'alliance_name',
    'alliance_ticker',
  ],
  discord_discorduser: ['user_id', 'uid'],
  groupmanagement_reservedgroupname: ['id', 'name'],
}

const ADVICE =
  "See that IDENTITY_URL names the database of Alliance Auth, that its Discord service is installed and migrated, and that the bot's database user has SELECT on these tables (README, Alliance Auth)."

export async function probe(session: Session): Promise<void> {
  await mustHave(session, NEEDED, 'that of Alliance Auth', ADVICE)
  if (session.dialect === 'mysql') await mustSeeOneMoment(session)
}

/** Of a table without transactions half of a change can be read: somebody who is being moved from one group to another would be in neither. */
async function mustSeeOneMoment(session: Session): Promise<void> {
  const tables = Object.keys(NEEDED)
  const places = tables.map(() => '?').join(', ')
  const rows = await session.rows(
    `select t.table_name, t.engine from information_schema.tables t left join information_schema.engines e on e.engine = t.engine
      where t.table_schema = database() and t.table_name in (${places}) and t.engine is not null and coalesce(e.transactions, 'NO') <> 'YES'
      order by t.table_name`,
    tables,
  )
  const [first] = rows
  if (!first) return
  const named = rows.map(([table, engine]) => `${table} (${engine})`).join(', ')
  throw new DirectoryUnreachable(
    `Tables of the identity database are kept by an engine without transactions: ${named}. Half of a change could be read of them, so nobody is judged. Convert them (ALTER TABLE ${first[0]} ENGINE=InnoDB).`,
  )
}
