import type { Dialect } from '#src/identity/server/server.ts'
import { makeTables } from '../../test/identity/alliance-auth/fixture.ts'

// A million people with three groups each, made up by the server itself, in the tables of Alliance Auth, and the same people behind three views.

/** Carries out statements as one who may do anything. */
export type Tell = (...statements: readonly string[]) => Promise<void>

const GROUPS_EACH = 3
const STATES = ['Member', 'Blue', 'Guest', 'Former']
const PERMISSION = 7
/** Of the groups the first so many are organisations, of which everybody is in one; the others are what an organisation leads to. */
const ORGANISATIONS = 118
const GROUPS = 251
const OFFERED = 7
/** Accounts are opened irregularly; what matters is that ids differ in more than their last digits. */
const FIRST_ACCOUNT = 80_351_110_224_678_912n
const ACCOUNT_STEP = 406_851_317_763n

export async function fillTables(dialect: Dialect, tell: Tell, people: number): Promise<void> {
  await makeTables({ dialect, admin: tell })
  await tell(...names(dialect), ...everybody(dialect, people), ...views(dialect))
  if (dialect === 'postgres') await tell('analyze')
  else
    await tell(
      'analyze table auth_user, auth_user_groups, authentication_userprofile, discord_discorduser, members, team_members',
    )
}

export const membershipsOf = (people: number): number => people * GROUPS_EACH

function names(dialect: Dialect): readonly string[] {
  const group = dialect === 'postgres' ? `'Group ' || i` : `concat('Group ', i)`
  return [
    `insert into django_content_type values (3, 'discord', 'discorduser')`,
    `insert into auth_permission values (${PERMISSION}, 3, 'access_discord')`,
    `insert into auth_group select i, ${group} from ${series(dialect, 0, GROUPS - 1)}`,
    ...STATES.map((state, id) => `insert into authentication_state values (${id}, '${state}', ${id})`),
    ...[0, 1].map((state) => `insert into authentication_state_permissions values (${state}, ${PERMISSION})`),
    `insert into auth_group_permissions select id, ${PERMISSION} from auth_group where id % 3 = 0`,
  ]
}

/** In the order of ids, as they come about; one name in fifty is not plain ASCII. */
function everybody(dialect: Dialect, people: number): readonly string[] {
  const joined = (...parts: readonly string[]) =>
    dialect === 'postgres' ? parts.join(' || ') : `concat(${parts.join(', ')})`
  const truth = (condition: string) => (dialect === 'postgres' ? condition : `case when ${condition} then 1 else 0 end`)
  const name = `case when i % 50 = 0 then ${joined(`'Jürgen.'`, 'i')} else ${joined(`'person.'`, 'i')} end`
  const all = series(dialect, 1, people)
  return [
    `insert into auth_user select i, ${name}, ${truth('i % 300 <> 0')}, ${truth('i % 100000 = 0')}, null from ${all}`,
    `insert into auth_user_groups select i, ${organisation} from ${all}`,
    ...[drawn(69_621, OFFERED), `${drawn(16_807, OFFERED)} + ${OFFERED}`].map(
      (offer) =>
        `insert into auth_user_groups select i, ${ORGANISATIONS} + (${organisation} * 5 + ${offer}) % ${GROUPS - ORGANISATIONS} from ${all}`,
    ),
    `insert into authentication_userprofile select i, null, case when ${drawn(39_373, 100)} < 80 then 0 when ${drawn(39_373, 100)} < 90 then 1 when ${drawn(39_373, 100)} < 97 then 2 else 3 end from ${all}`,
    `insert into discord_discorduser select i, ${FIRST_ACCOUNT} + i * ${ACCOUNT_STEP}, 'x', null from ${all}`,
  ]
}

/** A number below `below` that looks as if it were drawn for each `i`; the same on every server. */
const drawn = (factor: number, below: number): string => `((i * ${factor} % 2147483647) % ${below})`
const organisation = drawn(48_271, ORGANISATIONS)

const series = (dialect: Dialect, from: number, to: number): string =>
  dialect === 'postgres'
    ? `(select i::bigint from generate_series(${from}, ${to}) i) s`
    : `(select seq as i from seq_${from}_to_${to}) s`

/** As docs/identity.md has them: over tables that were never made for the bot. */
function views(dialect: Dialect): readonly string[] {
  const truth = dialect === 'postgres' ? 'boolean' : 'tinyint(1)'
  return [
    `create table members (number int primary key, name varchar(150), active ${truth}, admin ${truth}, paid ${truth}, standing varchar(30), discord_id bigint)`,
    `insert into members select u.id, u.username, u.is_active, u.is_superuser, s.id < 2, s.name, d.uid from auth_user u
      join authentication_userprofile p on p.user_id = u.id join authentication_state s on s.id = p.state_id join discord_discorduser d on d.user_id = u.id`,
    'create table team_members (number int, team varchar(150), primary key (number, team))',
    'insert into team_members select m.user_id, g.name from auth_user_groups m join auth_group g on g.id = m.group_id',
    'create view rolecall_people as select number as id, name as username, active, admin as superuser, paid as access, standing as state from members',
    'create view rolecall_memberships as select number as person_id, team as group_name from team_members',
    'create view rolecall_links as select number as person_id, discord_id from members',
  ]
}
