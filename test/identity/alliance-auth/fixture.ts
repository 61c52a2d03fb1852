import type { Place } from '../server/servers.ts'

// The tables of Alliance Auth, as far as they are read, made from a description of them; and people in them.

export interface User {
  readonly id: number
  readonly username: string
  readonly active: boolean
  readonly superuser: boolean
  /** A group of the database's by its place, and so on. */
  readonly groups: readonly number[]
  /** Null: a user without a profile. */
  readonly state: number | null
  readonly permitted: boolean
  readonly uid: string | null
}

export interface Auth {
  readonly groups: readonly { readonly name: string; readonly permitted: boolean }[]
  readonly states: readonly { readonly name: string; readonly permitted: boolean }[]
  readonly reserved: readonly string[]
  readonly users: readonly User[]
}

const PERMISSION = 7

interface Maker extends Pick<Place, 'dialect'> {
  readonly admin: (...statements: readonly string[]) => Promise<unknown>
}

/** Names are told apart byte by byte, so that twins that differ in case can be there at all. */
export async function makeTables({ admin, dialect }: Maker): Promise<void> {
  const text = (length: number) =>
    dialect === 'postgres' ? `varchar(${length})` : `varchar(${length}) character set utf8mb4 collate utf8mb4_nopad_bin`
  const truth = dialect === 'postgres' ? 'boolean' : 'tinyint(1)'
  await admin(
    `create table auth_user (id int primary key, username ${text(150)} not null unique, is_active ${truth} not null, is_superuser ${truth} not null, last_login int)`,
    `create table auth_group (id int primary key, name ${text(150)} not null unique)`,
    'create table auth_user_groups (user_id int not null, group_id int not null, unique (user_id, group_id))',
    'create table django_content_type (id int primary key, app_label varchar(100), model varchar(100))',
    'create table auth_permission (id int primary key, content_type_id int, codename varchar(100))',
    'create table auth_group_permissions (group_id int not null, permission_id int not null)',
    'create table auth_user_user_permissions (user_id int not null, permission_id int not null)',
    `create table authentication_state (id int primary key, name ${text(32)} not null unique, priority int)`,
    'create table authentication_state_permissions (state_id int not null, permission_id int not null)',
    'create table authentication_userprofile (user_id int primary key, main_character_id int, state_id int not null)',
    'create table authentication_characterownership (character_id int primary key, owner_hash varchar(28), user_id int not null)',
    `create table eveonline_evecharacter (id int primary key, character_id int, character_name ${text(254)}, corporation_name ${text(254)}, corporation_ticker varchar(5), alliance_name ${text(254)}, alliance_ticker varchar(5))`,
    'create table discord_discorduser (user_id int primary key, uid bigint not null, username varchar(100), activated int)',
    `create table groupmanagement_reservedgroupname (id int primary key, name ${text(150)} not null unique)`,
  )
}

export async function fill(place: Place, { groups, states, reserved, users }: Auth): Promise<void> {
  const { admin } = place
  const insert = async (table: string, rows: readonly (readonly unknown[])[]) => {
    if (rows.length > 0)
      await admin(
        `insert into ${table} values ${rows.map((row) => `(${row.map(literal(place)).join(', ')})`).join(', ')}`,
      )
  }
  await insert('django_content_type', [
    [3, 'discord', 'discorduser'],
    [4, 'mumble', 'mumbleuser'],
  ])
  await insert('auth_permission', [
    [PERMISSION, 3, 'access_discord'],
    [8, 4, 'access_mumble'],
  ])
  await insert(
    'auth_group',
    groups.map(({ name }, id) => [id, name]),
  )
  await insert(
    'auth_group_permissions',
    groups.flatMap(({ permitted }, id) => (permitted ? [[id, PERMISSION]] : [[id, 8]])),
  )
  await insert(
    'authentication_state',
    states.map(({ name }, id) => [id, name, id]),
  )
  await insert(
    'authentication_state_permissions',
    states.flatMap(({ permitted }, id) => (permitted ? [[id, PERMISSION]] : [])),
  )
  await insert(
    'groupmanagement_reservedgroupname',
    reserved.map((name, id) => [id, name]),
  )
  await insert(
    'auth_user',
    users.map(({ id, username, active, superuser }) => [id, username, active, superuser, null]),
  )
  await insert(
    'auth_user_groups',
    users.flatMap(({ id, groups: own }) => own.map((group) => [id, group])),
  )
  await insert(
    'auth_user_user_permissions',
    users.flatMap(({ id, permitted }) => [[id, permitted ? PERMISSION : 8]]),
  )
  await insert(
    'authentication_userprofile',
    users.flatMap(({ id, state }) => (state === null ? [] : [[id, null, state]])),
  )
  await insert(
    'discord_discorduser',
    users.flatMap(({ id, uid }) => (uid === null ? [] : [[id, BigInt(uid), 'x', null]])),
  )
}

export const literal =
  ({ dialect }: Place) =>
  (value: unknown): string => {
    if (value === null) return 'null'
    if (typeof value === 'boolean') return dialect === 'postgres' ? String(value) : value ? '1' : '0'
    if (typeof value !== 'string') return String(value)
    const hex = Buffer.from(value).toString('hex')
    return dialect === 'postgres' ? `convert_from('\\x${hex}', 'UTF8')` : `_utf8mb4 x'${hex}'`
  }

/** Who the source is to tell of, by rules written anew: what Django says of `user.has_perm`. */
export const expectedOf = ({ groups, states, users }: Auth) =>
  users.map(({ id, username, active, superuser, groups: own, state, permitted, uid }) => ({
    ...{ id: String(id), username, active, superuser },
    access: permitted || own.some((group) => groups[group]!.permitted) || (state !== null && states[state]!.permitted),
    state: state === null ? null : states[state]!.name,
    groups: own.map((group) => groups[group]!.name).sort(),
    discordIds: uid === null ? [] : [uid],
  }))
