import { clear } from '../../identity/server/servers.ts'
import { fillViews, makeViews } from '../../identity/view/fixture.ts'
import type { Kind } from './kinds.ts'

// Three views over tables of somebody's own with the people of a town in them, and what may befall them.

export const viewKind: Kind = {
  source: 'view',
  fill: async (place, { names, identities }) => {
    await clear(place)
    await makeViews(place)
    await fillViews(place, { names, identities, accounts: new Map() })
  },
  sicknesses: [
    {
      fault: 'is empty',
      harm: ['delete from discord', 'delete from person_team', 'delete from person'],
      said: 'it holds nobody',
    },
    {
      fault: 'has lost its second page',
      harm: [
        "delete from discord where person > '104'",
        "delete from person_team where person > '104'",
        "delete from person where id > '104'",
      ],
      said: 'linked accounts fell',
    },
    {
      fault: 'names somebody in a link whom it does not have',
      harm: ["delete from person where id = '1'"],
      said: 'rolecall_people',
      silent: true,
    },
    {
      fault: 'lacks the view that links people to Discord',
      harm: ['drop view rolecall_links'],
      said: 'rolecall_links',
      silent: true,
    },
    {
      fault: 'lacks a column that links people to Discord',
      harm: ['drop view rolecall_links', 'create view rolecall_links as select person as person_id from discord'],
      said: 'rolecall_links',
      silent: true,
    },
    { fault: 'has lost every link to Discord', harm: ['delete from discord'], said: 'linked accounts fell' },
    {
      fault: 'says that nobody has access any more',
      harm: ['update person set access = false'],
      said: 'nobody in it has access',
    },
    { fault: 'has nobody in the groups any more', harm: ['delete from person_team'], said: 'group Pilots fell' },
    {
      fault: 'holds neither groups nor states',
      harm: [
        'delete from person_team',
        'delete from team',
        'update person set standing = null',
        'delete from standing',
      ],
      said: 'it holds neither groups nor states',
      governsNothing: true,
    },
  ],
  demotes: (id) => [`delete from person_team where person = '${id}'`],
  promotes: (id, group) => `insert into person_team values ('${id}', '${group}')`,
  joins: (id) => `insert into person values ('${id}', 'number ${id}', true, false, false, null)`,
  renamesGroup: (from, to) => [
    `update team set name = '${to}' where name = '${from}'`,
    `update person_team set team = '${to}' where team = '${from}'`,
  ],
  locks: 'person',
}
