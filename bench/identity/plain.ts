import { eq, sql } from 'drizzle-orm'
import { bigint, boolean, integer, pgTable, pgView, text } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import mysql, { type RowDataPacket } from 'mysql2'
import postgres, { type Sql } from 'postgres'
import type { Dialect } from '#src/identity/server/server.ts'
import type { Address } from '#src/identity/server/settings.ts'
import { Adder, type Sum } from './sum.ts'

// The same questions put plainly: every row an object, all of them kept, and nothing made of them yet.

export type Source = 'alliance-auth' | 'view'
type Row = Readonly<Record<string, unknown>>
/** The rows of each question. */
export type Rows = readonly (readonly Row[])[]

export interface Plain {
  /** Everybody. */
  read(source: Source): Promise<Rows>
  close(): Promise<void>
}

const user = pgTable('auth_user', {
  id: integer().notNull(),
  username: text().notNull(),
  active: boolean('is_active').notNull(),
  superuser: boolean('is_superuser').notNull(),
})
const profile = pgTable('authentication_userprofile', { userId: integer('user_id'), stateId: integer('state_id') })
const account = pgTable('discord_discorduser', { userId: integer('user_id'), uid: bigint({ mode: 'bigint' }) })
const userGroup = pgTable('auth_user_groups', { userId: integer('user_id'), groupId: integer('group_id') })
const PERSON = {
  ...{ id: user.id, username: user.username, active: user.active, superuser: user.superuser },
  ...{ stateId: profile.stateId, uid: account.uid },
}
const people = pgView('rolecall_people', {
  ...{ id: integer(), username: text(), active: boolean(), superuser: boolean(), access: boolean(), state: text() },
}).existing()
const memberships = pgView('rolecall_memberships', {
  ...{ personId: integer('person_id'), groupName: text('group_name') },
}).existing()
const links = pgView('rolecall_links', {
  ...{ personId: integer('person_id'), discordId: bigint('discord_id', { mode: 'bigint' }) },
}).existing()

/** As somebody writes it who uses drizzle: the tables, or the views, as they are. */
export function byDrizzle(address: Address): Plain {
  const client = openPostgres(address)
  const db = drizzle(client)
  const persons = () =>
    db
      .select(PERSON)
      .from(user)
      .leftJoin(profile, eq(profile.userId, user.id))
      .leftJoin(account, eq(account.userId, user.id))
  return {
    read: async (source) =>
      source === 'alliance-auth'
        ? [await persons(), await db.select().from(userGroup)]
        : [await db.select().from(people), await db.select().from(memberships), await db.select().from(links)],
    close: () => client.end({ timeout: 1 }),
  }
}

/** As somebody writes it who knows that the server gathers the groups of each more quickly than they are read one by one. */
export function byGatheringDrizzle(address: Address): Plain {
  const client = openPostgres(address)
  const db = drizzle(client)
  const list = sql<string>`string_agg(${userGroup.groupId}::text, ',')`.as('list')
  const gathered = db.select({ userId: userGroup.userId, list }).from(userGroup).groupBy(userGroup.userId).as('g')
  const persons = () =>
    db
      .select({ ...PERSON, list: gathered.list })
      .from(user)
      .leftJoin(profile, eq(profile.userId, user.id))
      .leftJoin(account, eq(account.userId, user.id))
      .leftJoin(gathered, eq(gathered.userId, user.id))
  return { read: async () => [await persons()], close: () => client.end({ timeout: 1 }) }
}

/** The driver alone: of PostgreSQL the whole answer at once, of MariaDB its stream of rows. */
export function byDriver(address: Address): Plain {
  return address.dialect === 'postgres' ? byPostgres(address) : byMysql(address)
}

function byPostgres(address: Address): Plain {
  const client = openPostgres(address)
  return {
    read: (source) => inTurn(questions('postgres', source), async (question) => await client.unsafe(question)),
    close: () => client.end({ timeout: 1 }),
  }
}

const openPostgres = ({ host, port, user, password, database }: Address): Sql =>
  postgres({ host, port, user, password, database, max: 1, fetch_types: false, onnotice: () => {} })

function byMysql({ host, port, user, password, database }: Address): Plain {
  const numbers = { supportBigNumbers: true, bigNumberStrings: true }
  const connection = mysql.createConnection({ host, port, user, password, database, ...numbers })
  const stream = (question: string) =>
    new Promise<readonly Row[]>((resolve, reject) => {
      const rows: Row[] = []
      const query = connection.query<RowDataPacket[]>(question)
      query.on('result', (row) => rows.push(row as Row))
      query.on('error', reject)
      query.on('end', () => resolve(rows))
    })
  return {
    read: (source) => inTurn(questions('mysql', source), stream),
    close: async () => connection.destroy(),
  }
}

async function inTurn(asked: readonly string[], ask: (question: string) => Promise<readonly Row[]>): Promise<Rows> {
  const all: (readonly Row[])[] = []
  for (const question of asked) all.push(await ask(question))
  return all
}

/** Columns are named as drizzle names them. */
function questions(dialect: Dialect, source: Source): readonly string[] {
  const quoted = (name: string) => (dialect === 'postgres' ? `"${name}"` : name)
  if (source === 'view')
    return [
      'select * from rolecall_people',
      `select person_id as ${quoted('personId')}, group_name as ${quoted('groupName')} from rolecall_memberships`,
      `select person_id as ${quoted('personId')}, discord_id as ${quoted('discordId')} from rolecall_links`,
    ]
  return [
    `select u.id, u.username, u.is_active as active, u.is_superuser as superuser, p.state_id as ${quoted('stateId')}, d.uid
      from auth_user u left join authentication_userprofile p on p.user_id = u.id left join discord_discorduser d on d.user_id = u.id`,
    `select user_id as ${quoted('userId')}, group_id as ${quoted('groupId')} from auth_user_groups`,
  ]
}

/** What was read comes to this. */
export function sumOfRows([persons = [], ...others]: Rows): Sum {
  const adder = new Adder()
  for (const { id, username, uid, list } of persons) {
    adder.person(String(username))
    if (uid != null) adder.link(Number(id), BigInt(uid as string))
    if (list != null) for (const group of String(list).split(',')) adder.membership(Number(id), group)
  }
  for (const rows of others)
    for (const { userId, groupId, personId, groupName, discordId } of rows)
      if (groupId != null) adder.membership(Number(userId), String(groupId))
      else if (groupName != null) adder.membership(Number(personId), String(groupName))
      else adder.link(Number(personId), BigInt(discordId as string))
  return adder.sum
}
