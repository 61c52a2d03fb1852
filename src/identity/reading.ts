import { type SQL, sql } from 'drizzle-orm'
import type { DirectoryNames, Vitals } from '#src/core/directory.ts'
import type { Id, Identity, LinkedAccount } from '#src/core/model.ts'
import type { Db } from '#src/store/handle.ts'
import type { People } from './people.ts'

// How the bot's own identity tables are read. Each function takes the transaction in which it is to see them; none opens one.
// Names and ids are COLLATE "C" columns, so that the database too tells them apart byte by byte.

/** People a fetch: some 3 MB of them, and round trips that no longer count. */
const FETCH = 5_000
/** Ids in one question: an array parameter of some 20 kB. */
const ASKED_AT_ONCE = 1_000

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

/** Everybody who claims each of these ids. Every asked id is a key. */
export async function readClaims(tx: Db, guildId: Id, discordIds: readonly Id[]): Promise<Map<Id, Identity[]>> {
  const claims = new Map<Id, Identity[]>(discordIds.map((id) => [id, []]))
  const asked = [...claims.keys()]
  for (let from = 0; from < asked.length; from += ASKED_AT_ONCE) {
    const batch = asked.slice(from, from + ASKED_AT_ONCE)
    const rows = await tx.execute<Asked>(sql`
      select l.discord_id as "askedId", ${person()}
      from identity_links l join identity_people p on p.guild_id = l.guild_id and p.id = l.person_id
      where l.guild_id = ${guildId} and l.discord_id = any(${sql.param(batch)}::text[])
      order by p.id`)
    for (const { askedId, ...identity } of rows) claims.get(askedId)?.push(identity)
  }
  return claims
}

/** Everybody, by a cursor: no more than one fetch of rows is held beside the people themselves. */
export async function readEverybody(tx: Db, guildId: Id): Promise<Identity[]> {
  await tx.execute(sql`declare everybody no scroll cursor for
    select ${person()} from identity_people p where p.guild_id = ${guildId}`)
  const everybody: Identity[] = []
  for await (const rows of fetches<Identity>(tx, 'everybody')) for (const row of rows) everybody.push(row)
  return everybody
}

export async function readAccounts(tx: Db, guildId: Id, personId: string): Promise<readonly LinkedAccount[]> {
  return await tx.execute<Account>(sql`
    select ${account()} from identity_accounts a where a.guild_id = ${guildId} and a.person_id = ${personId}`)
}

/** All that is stored for a guild, accounts too: what an import is compared with. */
export async function readPeople(tx: Db, guildId: Id): Promise<People> {
  const { names } = await readMeasures(tx, guildId)
  const identities = await readEverybody(tx, guildId)
  await tx.execute(sql`declare every_account no scroll cursor for
    select a.person_id as "personId", ${account()} from identity_accounts a where a.guild_id = ${guildId}`)
  const accounts = new Map<string, LinkedAccount[]>()
  for await (const rows of fetches<Account & { personId: string }>(tx, 'every_account'))
    for (const { personId, ...one } of rows) append(accounts, personId, one)
  return { names, identities, accounts }
}

type Asked = Identity & { readonly askedId: Id } & Record<string, unknown>
type Account = LinkedAccount & Record<string, unknown>

/** The columns of a person as the core knows them; the table is `p`. */
function person(): SQL {
  return sql`p.id, p.username, p.active, p.superuser, p.access, p.state,
    array(select m.group_name from identity_memberships m
      where m.guild_id = p.guild_id and m.person_id = p.id order by m.group_name) as "groups",
    array(select k.discord_id from identity_links k
      where k.guild_id = p.guild_id and k.person_id = p.id order by k.discord_id) as "discordIds"`
}

/** The columns of an account; the table is `a`. */
function account(): SQL {
  return sql`a.account_id as id, a.name, a.organisation, a.parent_organisation as "parentOrganisation", a.main`
}

async function* fetches<Row>(tx: Db, cursor: string): AsyncGenerator<readonly Row[]> {
  for (;;) {
    const rows = await tx.execute(sql.raw(`fetch forward ${FETCH} from ${cursor}`))
    if (rows.length > 0) yield rows as unknown as readonly Row[]
    if (rows.length < FETCH) break
  }
  await tx.execute(sql.raw(`close ${cursor}`))
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
