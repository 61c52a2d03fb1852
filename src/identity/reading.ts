import { type SQL, sql } from 'drizzle-orm'
import type { DirectoryNames, Vitals } from '#src/core/directory.ts'
import type { Id, Identity, LinkedAccount } from '#src/core/model.ts'
import type { PeopleColumns } from '#src/core/people.ts'
import type { Db } from '#src/store/handle.ts'
import { inBatches } from './batches.ts'
import { type Alone, RowGathering } from './gathering-rows.ts'
import type { People } from './people.ts'

// How the bot's own identity tables are read. Each function takes the transaction in which it is to see them; none opens one.
// Names and ids are COLLATE "C" columns, so that the database too tells them apart byte by byte.

/** People a fetch: some 1 MB of them, and round trips that no longer count. */
const FETCH = 2_000

/** A type and not an interface: drizzle asks for something that could have any key. */
type Counted = { readonly kind: string; readonly name: string; readonly n: number }

export interface Measured {
  readonly names: DirectoryNames
  readonly vitals: Vitals
}

const NAME_KINDS = ['groups', 'states', 'reservedNames'] as const

/** The known names and the counts of the truth check, in one question. Every known name is counted, with 0 where nobody bears it. */
export async function readMeasures(tx: Db, guildId: Id): Promise<Measured> {
  const counted = await tx.execute<Counted>(sql`
    select 'groups' as kind, name, 0 as n from identity_groups where guild_id = ${guildId}
    union all select 'states', name, 0 from identity_states where guild_id = ${guildId}
    union all select 'reservedNames', name, 0 from identity_reserved_names where guild_id = ${guildId}
    union all select 'inGroup', group_name, count(*)::int from identity_memberships
      where guild_id = ${guildId} group by group_name
    union all select 'inState', state, count(*)::int from identity_people
      where guild_id = ${guildId} and state is not null group by state
    union all select 'identities', '', count(*)::int from identity_people where guild_id = ${guildId}
    union all select 'withAccess', '', count(*)::int from identity_people
      where guild_id = ${guildId} and active and (superuser or access)
    union all select 'linked', '', count(*)::int
      from (select distinct discord_id from identity_links where guild_id = ${guildId}) as ids
    order by kind, name`)
  const of = (kind: string) => counted.filter((row) => row.kind === kind)
  const [groups, states, reservedNames] = NAME_KINDS.map((kind) => of(kind).map(({ name }) => name))
  return {
    names: { groups: groups ?? [], states: states ?? [], reservedNames: reservedNames ?? [] },
    vitals: {
      identities: of('identities')[0]?.n ?? 0,
      linked: of('linked')[0]?.n ?? 0,
      withAccess: of('withAccess')[0]?.n ?? 0,
      perGroup: countsOf([...of('groups'), ...of('inGroup')]),
      perState: countsOf([...of('states'), ...of('inState')]),
    },
  }
}

/**
 * Keeps the tables from being emptied or replaced as a whole until the transaction ends. Other than changes to rows, such a thing shows at once also in a
 * moment that was fixed before: the old version would be seen, and nobody in the table. So this is asked first; it fixes no moment itself.
 */
export async function holdTables(tx: Db): Promise<void> {
  await tx.execute(sql`
    lock table identity_groups, identity_states, identity_reserved_names, identity_people, identity_memberships, identity_links
      in access share mode`)
}

/** The version of a guild's people as the transaction sees them; see `Claimed`. */
export async function readVersion(tx: Db, guildId: Id): Promise<string | null> {
  const [row] = await tx.execute<{ version: string | null }>(sql`select identity_version(${guildId}) as version`)
  return row?.version ?? null
}

/** Everybody in columns, by cursors and table by table: no more than one fetch of rows is held beside them, and nothing holds the loop for long. */
export async function readColumns(tx: Db, guildId: Id): Promise<PeopleColumns> {
  const people = new RowGathering()
  for await (const rows of byCursor<Alone>(tx, aloneOf(guildId))) for (const row of rows) people.person(row)
  const memberships = sql`select person_id as "personId", group_name as name from identity_memberships where guild_id = ${guildId}`
  for await (const rows of byCursor<Named>(tx, memberships))
    for (const { personId, name } of rows) people.membership(personId, name)
  const links = sql`select person_id as "personId", discord_id as name from identity_links where guild_id = ${guildId}`
  for await (const rows of byCursor<Named>(tx, links))
    for (const { personId, name } of rows) people.link(personId, name)
  return await people.columns()
}

/**
 * Everybody, by cursors: no more than one fetch of rows is held beside the people themselves. Three questions of one table each: a join would be one
 * question, but on tables whose statistics are old the database may choose to go through one of them once for each person.
 */
async function readEverybody(tx: Db, guildId: Id): Promise<Identity[]> {
  const groups = await listsOf(
    tx,
    sql`select person_id as "personId", array_agg(group_name order by group_name) as list
    from identity_memberships where guild_id = ${guildId} group by person_id`,
  )
  const discordIds = await listsOf(
    tx,
    sql`select person_id as "personId", array_agg(discord_id order by discord_id) as list
    from identity_links where guild_id = ${guildId} group by person_id`,
  )
  const people: Identity[] = []
  for await (const rows of byCursor<Alone>(tx, aloneOf(guildId)))
    for (const row of rows)
      people.push({ ...row, groups: groups.get(row.id) ?? [], discordIds: discordIds.get(row.id) ?? [] })
  return people
}

/** Those of these people that there are. */
export async function readSome(tx: Db, guildId: Id, ids: readonly string[]): Promise<ReadonlyMap<string, Identity>> {
  const found = new Map<string, Identity>()
  for (const batch of inBatches([...new Set(ids)])) {
    const rows = await tx.execute<Identity & Record<string, unknown>>(sql`
      select person.id, person.username, person.active, person.superuser, person.access, person.state,
        array(select group_name from identity_memberships
          where guild_id = person.guild_id and person_id = person.id order by group_name) as groups,
        array(select discord_id from identity_links
          where guild_id = person.guild_id and person_id = person.id order by discord_id) as "discordIds"
      from (select ${guildId}::text as guild_id, unnest(${sql.param(batch)}::text[]) as id) as asked
        join identity_people as person on person.guild_id = asked.guild_id and person.id = asked.id`)
    for (const identity of rows) found.set(identity.id, identity)
  }
  return found
}

export async function readAccounts(tx: Db, guildId: Id, personId: string): Promise<readonly LinkedAccount[]> {
  return await tx.execute<Account>(sql`
    select ${account()} from identity_accounts a where a.guild_id = ${guildId} and a.person_id = ${personId}`)
}

/** All that is stored for a guild, accounts too: what an import is compared with. */
export async function readPeople(tx: Db, guildId: Id): Promise<People> {
  const { names } = await readMeasures(tx, guildId)
  const identities = await readEverybody(tx, guildId)
  const accounts = new Map<string, LinkedAccount[]>()
  const question = sql`select a.person_id as "personId", ${account()} from identity_accounts a where a.guild_id = ${guildId}`
  for await (const rows of byCursor<LinkedAccount & { personId: string }>(tx, question))
    for (const { personId, ...one } of rows) append(accounts, personId, one)
  return { names, identities, accounts }
}

type Account = LinkedAccount & Record<string, unknown>
type Listed = { readonly personId: string; readonly list: readonly string[] }
type Named = { readonly personId: string; readonly name: string }

const aloneOf = (guildId: Id): SQL =>
  sql`select id, username, active, superuser, access, state from identity_people where guild_id = ${guildId}`

async function listsOf(tx: Db, question: SQL): Promise<ReadonlyMap<string, readonly string[]>> {
  const lists = new Map<string, readonly string[]>()
  for await (const rows of byCursor<Listed>(tx, question))
    for (const { personId, list } of rows) lists.set(personId, list)
  return lists
}

/** The columns of an account; the table is `a`. */
function account(): SQL {
  return sql`a.account_id as id, a.name, a.organisation, a.parent_organisation as "parentOrganisation", a.main`
}

/** One question at a time: the cursor has one name. */
async function* byCursor<Row>(tx: Db, question: SQL): AsyncGenerator<readonly Row[]> {
  await tx.execute(sql`declare some_people no scroll cursor for ${question}`)
  for (;;) {
    const rows = await tx.execute(sql.raw(`fetch forward ${FETCH} from some_people`))
    if (rows.length > 0) yield rows as unknown as readonly Row[]
    if (rows.length < FETCH) break
  }
  await tx.execute(sql`close some_people`)
}

function countsOf(counted: readonly Counted[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { name, n } of counted) counts.set(name, (counts.get(name) ?? 0) + n)
  return counts
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}
