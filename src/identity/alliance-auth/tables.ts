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

export const probe = (session: Session): Promise<void> => mustHave(session, NEEDED, 'that of Alliance Auth', ADVICE)
