import type { LinkedAccount } from '#src/core/model.ts'
import type { People } from '#src/identity/people.ts'
import type { Place } from '../server/servers.ts'
import { type Auth, fill, literal } from './fixture.ts'

const TABLES = [
  ...['auth_user', 'auth_group', 'auth_user_groups', 'django_content_type', 'auth_permission'],
  ...[
    'auth_group_permissions',
    'auth_user_user_permissions',
    'authentication_state',
    'authentication_state_permissions',
  ],
  ...['authentication_userprofile', 'authentication_characterownership', 'eveonline_evecharacter'],
  ...['discord_discorduser', 'groupmanagement_reservedgroupname'],
]

/** Puts these people in the place of all others, in one moment, each with the permission of their own. */
export async function fillWith(place: Place, told: People): Promise<void> {
  await place.admin('start transaction', ...TABLES.map((table) => `delete from ${table}`))
  await fill(place, authOf(told))
  for (const [userId, accounts] of told.accounts ?? [])
    for (const account of accounts) await place.admin(...characterOf(place, userId, account))
  await place.admin('commit')
}

function authOf({ names, identities }: People): Auth {
  const { groups, states, reservedNames } = names
  return {
    groups: groups.map((name) => ({ name, permitted: false })),
    states: states.map((name) => ({ name, permitted: false })),
    reserved: reservedNames,
    users: identities.map(({ id, username, active, superuser, access, state, groups: own, discordIds }) => ({
      ...{ id: Number(id), username, active, superuser, permitted: access },
      groups: own.map((group) => groups.indexOf(group)),
      state: state === null ? null : states.indexOf(state),
      uid: discordIds[0] ?? null,
    })),
  }
}

function characterOf(place: Place, userId: string, account: LinkedAccount): string[] {
  const { id, name, organisation, parentOrganisation, main } = account
  const row = [Number(id), Number(id), name, organisation, '', parentOrganisation, ''].map(literal(place)).join(', ')
  const own = [
    `insert into eveonline_evecharacter values (${row})`,
    `insert into authentication_characterownership values (${id}, 'hash', ${userId})`,
  ]
  if (!main) return own
  return [...own, `update authentication_userprofile set main_character_id = ${id} where user_id = ${userId}`]
}
