import { fill, makeTables } from '../../identity/alliance-auth/fixture.ts'
import { clear } from '../../identity/server/servers.ts'
import type { citizens } from '../safety/armed-town.ts'
import type { Kind } from './kinds.ts'

// Alliance Auth's database with the people of a town in it, and what may befall it.

type People = Pick<typeof citizens, 'names' | 'identities'>

const emptied = [
  'delete from discord_discorduser',
  'delete from auth_user_groups',
  'delete from auth_user_user_permissions',
  'delete from authentication_userprofile',
  'delete from auth_user',
]

export const allianceAuthKind: Kind = {
  source: 'alliance-auth',
  fill: async (place, people) => {
    await clear(place)
    await makeTables(place)
    await fill(place, authOf(people))
  },
  sicknesses: [
    { fault: 'is empty', harm: emptied, said: 'it holds nobody' },
    {
      fault: 'has lost its second page',
      harm: [
        'delete from discord_discorduser where user_id >= 105',
        'delete from auth_user_groups where user_id >= 105',
        'delete from auth_user where id >= 105',
      ],
      said: 'linked accounts fell',
    },
    {
      fault: 'lacks the column that links people to Discord',
      harm: ['alter table discord_discorduser rename column uid to snowflake'],
      said: 'discord_discorduser.uid',
      silent: true,
    },
    {
      fault: 'has lost every link to Discord',
      harm: ['delete from discord_discorduser'],
      said: 'linked accounts fell',
    },
    {
      fault: 'says that nobody has access any more',
      harm: ['delete from auth_user_user_permissions'],
      said: 'nobody in it has access',
    },
    {
      fault: 'has lost the permission that gives access',
      harm: ["delete from auth_permission where codename = 'access_discord'"],
      said: 'access permission',
    },
    {
      fault: 'has nobody in the groups any more',
      harm: ['delete from auth_user_groups'],
      said: 'group Pilots fell',
    },
    {
      fault: 'holds neither groups nor states',
      harm: [
        'delete from auth_user_groups',
        'delete from auth_group',
        'delete from authentication_userprofile',
        'delete from authentication_state',
      ],
      said: 'it holds neither groups nor states',
      governsNothing: true,
    },
    {
      fault: 'lacks a table',
      harm: ['alter table authentication_state rename to state_of_old'],
      said: 'authentication_state',
      silent: true,
    },
  ],
  demotes: (id) => [`delete from auth_user_groups where user_id = ${id}`],
  promotes: (id, group) => `insert into auth_user_groups select ${id}, id from auth_group where name = '${group}'`,
  joins: (id) => `insert into auth_user values (${id}, 'number ${id}', true, false, null)`,
  renamesGroup: (from, to) => [`update auth_group set name = '${to}' where name = '${from}'`],
  locks: 'auth_user',
}

const authOf = ({ names, identities }: People) => ({
  groups: names.groups.map((name) => ({ name, permitted: false })),
  states: names.states.map((name) => ({ name, permitted: false })),
  reserved: names.reservedNames,
  users: identities.map(({ id, username, active, superuser, access, state, groups, discordIds }) => ({
    ...{ id: Number(id), username, active, superuser, permitted: access },
    groups: groups.map((group) => names.groups.indexOf(group)),
    state: state === null ? null : names.states.indexOf(state),
    uid: discordIds[0] ?? null,
  })),
})
