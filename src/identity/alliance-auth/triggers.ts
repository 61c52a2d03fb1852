import { CHANNEL } from '../changes/channel.ts'
import type { Session } from '../server/server.ts'

// What may be installed in the PostgreSQL database of Alliance Auth, by its owner and only when asked, so that it says by itself who has changed.

/** Ids in one notice: PostgreSQL takes 8,000 bytes, and an id has 20 digits, two quotes and a comma. */
const MOST_NAMED = 300

interface Watched {
  readonly table: string
  /** Columns whose change matters; the first names the user, and is null for a table that concerns everybody. */
  readonly user: string | null
  readonly columns: readonly string[]
  /** Which rows matter, where it is not all of them. */
  readonly where?: string
}

const WATCHED: readonly Watched[] = [
  { table: 'auth_user', user: 'id', columns: ['id', 'is_active', 'is_superuser'] },
  { table: 'authentication_userprofile', user: 'user_id', columns: ['user_id', 'state_id'] },
  { table: 'auth_user_groups', user: 'user_id', columns: ['user_id', 'group_id'] },
  { table: 'auth_user_user_permissions', user: 'user_id', columns: ['user_id', 'permission_id'] },
  { table: 'discord_discorduser', user: 'user_id', columns: ['user_id', 'uid'] },
  { table: 'auth_group', user: null, columns: ['id', 'name'] },
  { table: 'authentication_state', user: null, columns: ['id', 'name'] },
  { table: 'auth_group_permissions', user: null, columns: ['group_id', 'permission_id'] },
  { table: 'authentication_state_permissions', user: null, columns: ['state_id', 'permission_id'] },
  { table: 'groupmanagement_reservedgroupname', user: null, columns: ['name'] },
  // An upgrade of any app writes rows here.
  {
    ...{ table: 'auth_permission', user: null, columns: ['id', 'content_type_id', 'codename'] },
    where: `codename = 'access_discord'`,
  },
  { table: 'django_content_type', user: null, columns: ['id', 'app_label'], where: `app_label = 'discord'` },
]

const EVENTS = [
  { event: 'insert', rows: ['new'] },
  { event: 'update', rows: ['old', 'new'] },
  { event: 'delete', rows: ['old'] },
] as const

const EACH = [...EVENTS.map(({ event }) => event), 'truncate']

const functionOf = (table: string, event: string): string => `rolecall_${table}_${event}`

/** The statements, one after the other; installing twice is the same as once. */
export function triggerStatements(): readonly string[] {
  return WATCHED.flatMap((watched) => [
    ...EVENTS.flatMap(({ event, rows }) => statementsOf(watched, event, rows)),
    ...truncateStatements(watched),
  ])
}

/** Takes out what `triggerStatements` puts in. */
export function dropStatements(): readonly string[] {
  return WATCHED.flatMap(({ table }) =>
    EACH.map((event) => `drop function if exists ${functionOf(table, event)}() cascade`),
  )
}

/**
 * Whether every trigger is there, on the tables that are read here, and awake for what people do, not for replicated rows alone. What a subscription
 * brings to a table wakes no trigger of a statement.
 */
export async function hasTriggers(session: Session): Promise<boolean> {
  const wanted = WATCHED.flatMap(({ table }) => EACH.map((event) => [table, functionOf(table, event)] as const))
  const [row] = await session.rows(
    `select count(*), coalesce(max((select count(*) from pg_subscription_rel s where s.srrelid = t.tgrelid)), 0)
      from (values ${wanted.map(() => '(?, ?)').join(', ')}) as w (place, name)
      join pg_trigger t on t.tgrelid = to_regclass(w.place) and t.tgname = w.name where t.tgenabled in ('O', 'A')`,
    wanted.flat(),
  )
  return Number(row?.[0]) === wanted.length && Number(row?.[1]) === 0
}

function statementsOf(
  { table, user, columns, where }: Watched,
  event: string,
  rows: readonly ('old' | 'new')[],
): readonly string[] {
  const name = functionOf(table, event)
  const referencing = rows.map((kind) => `${kind} table as ${kind}_rows`).join(' ')
  const changed = changedRows(columns, rows, where)
  const body = user === null ? tellIfAny(changed) : tellWhom(user, changed, table, rows)
  return [
    `create or replace function ${name}() returns trigger language plpgsql as $rolecall$\n${body}\n$rolecall$`,
    `drop trigger if exists ${name} on ${table}`,
    `create trigger ${name} after ${event} on ${table} referencing ${referencing} for each statement execute function ${name}()`,
  ]
}

/** An update that leaves these columns as they are, such as of the last login, changes nobody. */
function changedRows(columns: readonly string[], rows: readonly ('old' | 'new')[], where = 'true'): string {
  const [before, after] = ['old', 'new'].map((kind) => `select ${columns.join(', ')} from ${kind}_rows where ${where}`)
  if (rows.length === 1) return rows[0] === 'old' ? before! : after!
  return `(${after} except ${before}) union (${before} except ${after})`
}

/** Whatever goes wrong here, such as a right that whoever writes there lacks, must not undo their own work: then it may have been anybody. */
const OTHERWISE_ALL = `exception when others then
  perform pg_notify('${CHANNEL}', 'all');
  return null;
end`

const tellIfAny = (changed: string): string => `begin
  if exists (select from (${changed}) c) then
    perform pg_notify('${CHANNEL}', 'all');
  end if;
  return null;
${OTHERWISE_ALL}`

/** Of a link that is taken away only the row itself still tells which account it was. */
function tellWhom(user: string, changed: string, table: string, rows: readonly ('old' | 'new')[]): string {
  const own =
    table === 'discord_discorduser' ? rows.map((kind) => `union select uid::text from ${kind}_rows`).join(' ') : ''
  return `declare
  people bigint;
  ids text[];
begin
  select count(*) into people from (${changed}) c;
  if people = 0 then
    return null;
  end if;
  if people > ${MOST_NAMED} then
    perform pg_notify('${CHANNEL}', 'all');
    return null;
  end if;
  select array_agg(id) into ids from (
    select d.uid::text as id from discord_discorduser d where d.user_id in (select c.${user} from (${changed}) c) ${own}
  ) named;
  if ids is not null then
    perform pg_notify('${CHANNEL}', case when cardinality(ids) > ${MOST_NAMED} then 'all' else to_json(ids)::text end);
  end if;
  return null;
${OTHERWISE_ALL}`
}

function truncateStatements({ table }: Watched): readonly string[] {
  const name = functionOf(table, 'truncate')
  const body = `begin
  perform pg_notify('${CHANNEL}', 'all');
  return null;
end`
  return [
    `create or replace function ${name}() returns trigger language plpgsql as $rolecall$\n${body}\n$rolecall$`,
    `drop trigger if exists ${name} on ${table}`,
    `create trigger ${name} after truncate on ${table} for each statement execute function ${name}()`,
  ]
}
