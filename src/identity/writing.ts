import { type SQL, sql } from 'drizzle-orm'
import type { Id, Identity, LinkedAccount } from '#src/core/model.ts'
import type { Db } from '#src/store/handle.ts'
import type { ListChange } from './difference.ts'

// How the identity tables are written: whole arrays in one statement, which is several times faster than a row at a time.
// Each function takes the transaction that makes it all or nothing.

/** People a statement: large enough to be fast, small enough that progress is seen and a parameter stays under some 2 MB. */
const AT_ONCE = 2_000

/** How many of the people given are done. */
type Done = (done: number) => void

export interface NameChanges {
  readonly groups: ListChange
  readonly states: ListChange
  readonly reservedNames: ListChange
}

const NAME_TABLES = [
  ['groups', sql`identity_groups`],
  ['states', sql`identity_states`],
  ['reservedNames', sql`identity_reserved_names`],
] as const

const TABLES_OF_PEOPLE = [sql`identity_memberships`, sql`identity_links`, sql`identity_accounts`]

export async function replaceNames(tx: Db, guildId: Id, changes: NameChanges): Promise<void> {
  for (const [kind, table] of NAME_TABLES) {
    const { added, removed } = changes[kind]
    if (removed.length > 0)
      await tx.execute(sql`delete from ${table} where guild_id = ${guildId} and name = any(${texts(removed)})`)
    if (added.length > 0)
      await tx.execute(sql`insert into ${table} (guild_id, name) select ${guildId}, unnest(${texts(added)})`)
  }
}

/** What hangs on a person goes first, all of a batch at once: the tables' own rule would look for it person by person. */
export async function deletePeople(tx: Db, guildId: Id, ids: readonly string[], onDone: Done): Promise<void> {
  for (const [batch, done] of batches(ids)) {
    for (const table of TABLES_OF_PEOPLE)
      await tx.execute(sql`delete from ${table} where guild_id = ${guildId} and person_id = any(${texts(batch)})`)
    await tx.execute(sql`delete from identity_people where guild_id = ${guildId} and id = any(${texts(batch)})`)
    onDone(done)
  }
}

export async function insertPeople(
  tx: Db,
  guildId: Id,
  people: readonly Identity[],
  accounts: ReadonlyMap<string, readonly LinkedAccount[]> | undefined,
  onDone: Done,
): Promise<void> {
  for (const [batch, done] of batches(people)) {
    await insertThemselves(tx, guildId, batch)
    await insertMemberships(tx, guildId, batch)
    await insertLinks(tx, guildId, batch)
    await insertAccounts(tx, guildId, batch, accounts)
    onDone(done)
  }
}

async function insertThemselves(tx: Db, guildId: Id, people: readonly Identity[]): Promise<void> {
  const flags = (of: (person: Identity) => boolean) =>
    sql`${sql.param(people.map((one) => String(of(one))))}::text[]::boolean[]`
  await tx.execute(sql`insert into identity_people (guild_id, id, username, active, superuser, access, state)
    select ${guildId}, * from unnest(
      ${texts(people.map(({ id }) => id))}, ${texts(people.map(({ username }) => username))},
      ${flags(({ active }) => active)}, ${flags(({ superuser }) => superuser)}, ${flags(({ access }) => access)},
      ${texts(people.map(({ state }) => state))})`)
}

async function insertMemberships(tx: Db, guildId: Id, people: readonly Identity[]): Promise<void> {
  const pairs = people.flatMap(({ id, groups }) => [...new Set(groups)].map((name) => [id, name] as const))
  await tx.execute(sql`insert into identity_memberships (guild_id, person_id, group_name)
    select ${guildId}, * from unnest(${texts(pairs.map(([id]) => id))}, ${texts(pairs.map(([, name]) => name))})`)
}

async function insertLinks(tx: Db, guildId: Id, people: readonly Identity[]): Promise<void> {
  const pairs = people.flatMap(({ id, discordIds }) =>
    [...new Set(discordIds)].map((discordId) => [id, discordId] as const),
  )
  await tx.execute(sql`insert into identity_links (guild_id, person_id, discord_id)
    select ${guildId}, * from unnest(${texts(pairs.map(([id]) => id))}, ${texts(pairs.map(([, id]) => id))})`)
}

async function insertAccounts(
  tx: Db,
  guildId: Id,
  people: readonly Identity[],
  accounts: ReadonlyMap<string, readonly LinkedAccount[]> | undefined,
): Promise<void> {
  const owned = people.flatMap(({ id }) => (accounts?.get(id) ?? []).map((one) => ({ owner: id, ...one })))
  if (owned.length === 0) return
  const column = (of: (one: LinkedAccount & { owner: string }) => string | null) => texts(owned.map(of))
  await tx.execute(sql`insert into identity_accounts
      (guild_id, person_id, account_id, name, organisation, parent_organisation, main)
    select ${guildId}, person_id, account_id, name, organisation, parent_organisation, main::boolean from unnest(
      ${column((one) => one.owner)}, ${column((one) => one.id)}, ${column((one) => one.name)},
      ${column((one) => one.organisation)}, ${column((one) => one.parentOrganisation)}, ${column((one) => String(one.main))})
      as t (person_id, account_id, name, organisation, parent_organisation, main)`)
}

/** One array parameter. */
function texts(values: readonly (string | null)[]): SQL {
  return sql`${sql.param(values)}::text[]`
}

function* batches<T>(list: readonly T[]): Generator<readonly [batch: readonly T[], done: number]> {
  for (let from = 0; from < list.length; from += AT_ONCE) {
    const batch = list.slice(from, from + AT_ONCE)
    yield [batch, from + batch.length]
  }
}
