import type { Identity, LinkedAccount } from '#src/core/model.ts'
import type { People } from '#src/identity/people.ts'
import type { Place } from '../server/servers.ts'

// A database that was never made for the bot, whose texts are compared without regard to case, and the views over it.

export async function makeViews({ admin, dialect }: Place): Promise<void> {
  const isPostgres = dialect === 'postgres'
  const text = isPostgres ? 'text collate careless' : 'varchar(300)'
  const truth = isPostgres ? 'boolean' : 'tinyint(1)'
  const nothing = isPostgres ? 'null::text' : 'cast(null as char)'
  if (isPostgres)
    await admin(
      "create collation careless (provider = icu, locale = 'und-u-ks-level1-ka-shifted', deterministic = false)",
    )
  await admin(
    `create table person (id ${text}, name ${text}, active ${truth}, superuser ${truth}, access ${truth}, standing ${text})`,
    `create table team (name ${text})`,
    `create table standing (name ${text})`,
    `create table person_team (person ${text}, team ${text})`,
    `create table discord (person ${text}, uid ${isPostgres ? 'numeric(20)' : 'bigint unsigned'})`,
    `create table account (person ${text}, id ${text}, name ${text}, organisation ${text}, parent ${text}, main ${truth})`,
    `create view rolecall_people as select id, name as username, active, superuser, access, standing as state from person
      union all select null, ${nothing}, null, null, null, name from standing`,
    `create view rolecall_memberships as select person as person_id, team as group_name from person_team
      union all select null, name from team`,
    'create view rolecall_links as select person as person_id, uid as discord_id from discord',
    `create view rolecall_accounts as select person as person_id, id, name, organisation, parent as parent_organisation, main from account`,
  )
}

/** Puts these people in the place of all others, in one moment. */
export async function fillViews(place: Place, { names, identities, accounts }: People): Promise<void> {
  const { admin } = place
  const insert = (table: string, rows: readonly (readonly unknown[])[]): string[] =>
    rows.length === 0 ? [] : [`insert into ${table} values ${rows.map((row) => rowOf(place, row)).join(', ')}`]
  await admin(
    'start transaction',
    ...['person', 'team', 'standing', 'person_team', 'discord', 'account'].map((table) => `delete from ${table}`),
    ...insert('person', identities.map(personRow)),
    ...insert(
      'team',
      names.groups.map((name) => [name]),
    ),
    ...insert(
      'standing',
      names.states.map((name) => [name]),
    ),
    ...insert(
      'person_team',
      identities.flatMap(({ id, groups }) => groups.map((group) => [id, group])),
    ),
    ...insert(
      'discord',
      identities.flatMap(({ id, discordIds }) => discordIds.map((uid) => [id, BigInt(uid)])),
    ),
    ...insert(
      'account',
      [...(accounts ?? [])].flatMap(([person, own]) => own.map((account) => accountRow(person, account))),
    ),
    'commit',
  )
}

const personRow = ({ id, username, active, superuser, access, state }: Identity) => [
  ...[id, username, active, superuser, access],
  state,
]

const accountRow = (person: string, { id, name, organisation, parentOrganisation, main }: LinkedAccount) => [
  ...[person, id, name, organisation, parentOrganisation],
  main,
]

const rowOf = (place: Place, row: readonly unknown[]): string =>
  `(${row.map((value) => literal(place, value)).join(', ')})`

/** As bytes, so that no setting of the server can make anything else of a text. */
function literal({ dialect }: Place, value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return dialect === 'postgres' ? String(value) : value ? '1' : '0'
  if (typeof value !== 'string') return String(value)
  const hex = Buffer.from(value).toString('hex')
  return dialect === 'postgres' ? `convert_from('\\x${hex}', 'UTF8')` : `_utf8mb4 x'${hex}'`
}
