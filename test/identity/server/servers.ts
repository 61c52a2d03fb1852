import { createConnection } from 'mysql2/promise'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import type { Clock } from '#src/identity/server/clock.ts'
import { openIdentityServer } from '#src/identity/server/open.ts'
import type { Dialect, IdentityServer } from '#src/identity/server/server.ts'
import type { Address, Limits, Tls } from '#src/identity/server/settings.ts'
import { dropLater } from '../../database.ts'
import { HandClock } from '../../roster/hand-clock.ts'

// Real servers, each with a database of the test's own and a user who may only read it.

/** Where a MariaDB or MySQL for tests is looked for; `TEST_MARIADB_PORT` names another port. */
const MARIADB = { host: '127.0.0.1', port: Number(process.env.TEST_MARIADB_PORT ?? 3306), user: 'root', password: '' }
const LOOK_MS = 3_000

export const PASSWORD = 'hunter2@:/#?% and more'

/** A database of the test's own. */
export interface Place {
  readonly dialect: Dialect
  /** As the reading user sees it. */
  readonly address: Address
  /** Carries statements out as one who may do anything; gives the rows of the last. */
  admin(...statements: readonly string[]): Promise<readonly Record<string, unknown>[]>
  drop(): Promise<void>
}

interface Server {
  readonly dialect: Dialect
  make(): Promise<Place>
}

export const nameOf = (dialect: Dialect): string => (dialect === 'postgres' ? 'PostgreSQL' : 'MariaDB')

/** Describes the same for each kind of server. */
export function withEach(name: string, body: (place: () => Place, dialect: Dialect) => void): void {
  withPostgres(name, (place) => body(place, 'postgres'))
  withMariaDb(name, (place) => body(place, 'mysql'))
}

export function withPostgres(name: string, body: (place: () => Place) => void): void {
  const server = inject('server')
  if ('missing' in server) describe.skip(`${name}, on PostgreSQL: skipped, ${server.missing}`, () => body(NOWHERE))
  else during(`${name}, on PostgreSQL`, postgresAt(server.url), body)
}

export function withMariaDb(name: string, body: (place: () => Place) => void): void {
  if (mariaDb === null)
    describe.skip(`${name}, on MariaDB: skipped, no server answers at 127.0.0.1:${MARIADB.port}`, () => body(NOWHERE))
  else during(`${name}, on MariaDB`, mariaDb, body)
}

const NOWHERE = (): Place => {
  throw new Error('There is no server.')
}

function during(name: string, server: Server, body: (place: () => Place) => void): void {
  describe(name, () => {
    let made: Place | undefined
    beforeAll(async () => {
      made = await server.make()
    })
    afterAll(() => made?.drop())
    body(() => made!)
  })
}

const fresh = (): string => `rolecall_test_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`

function postgresAt(url: string): Server {
  const { hostname, port, username } = new URL(url)
  const make = async (): Promise<Place> => {
    const place = await makePostgres(hostname, Number(port || 5432), username || 'postgres')
    return { ...place, drop: () => dropLater(() => place.drop()) }
  }
  return { dialect: 'postgres', make }
}

/** Takes every table, view and collation of a test's own out of its database's sight. */
export async function clear({ admin, dialect, address }: Place): Promise<void> {
  if (dialect === 'postgres') {
    // A bot may be reading. To drop what it reads would wait for it, table by table, while it may wait for the next: so all is put aside instead.
    await admin(`alter schema public rename to ${fresh()}`, 'create schema public')
    await admin(`grant usage on schema public to ${address.user}`)
    await admin(`alter default privileges in schema public grant select on tables to ${address.user}`)
    return
  }
  const rows = await admin(
    `select table_name as name, table_type as type from information_schema.tables where table_schema = '${address.database}'`,
  )
  for (const { name, type } of rows) await admin(`drop ${type === 'VIEW' ? 'view' : 'table'} ${name}`)
}

/** A database on a server of this kind, for tests that `withEach` runs. */
export function makeIdentityPlace(dialect: Dialect): Promise<Place> {
  const server = inject('server')
  if (dialect === 'mysql') return makeMariaDb()
  if ('missing' in server) throw new Error(server.missing)
  return postgresAt(server.url).make()
}

/** Makes a database and a user in it; `options` are those of `create database`. */
export async function makePostgres(host: string, port: number, user: string, options = ''): Promise<Place> {
  const name = fresh()
  const open = (database: string) =>
    postgres({ host, port, user, database, max: 1, prepare: false, fetch_types: false, onnotice: () => {} })
  const root = open('postgres')
  await root.unsafe(`create database ${name} ${options}`)
  await root.unsafe(`create role ${name} login password '${PASSWORD}'`)
  const sql = open(name)
  await sql.unsafe(`alter default privileges in schema public grant select on tables to ${name}`)
  return {
    dialect: 'postgres',
    address: { dialect: 'postgres', host, port, socketPath: null, user: name, password: PASSWORD, database: name },
    admin: async (...statements) => {
      let rows: readonly Record<string, unknown>[] = []
      for (const statement of statements) rows = await sql.unsafe(statement)
      return rows
    },
    drop: async () => {
      await sql.end({ timeout: 1 })
      await root.unsafe(`drop database ${name} with (force)`)
      await root.unsafe(`drop role ${name}`)
      await root.end({ timeout: 1 })
    },
  }
}

/** Makes a database and a user who may read it. */
export async function makeMariaDb(port = MARIADB.port): Promise<Place> {
  const name = fresh()
  const root = await createConnection({ ...MARIADB, port, connectTimeout: LOOK_MS, charset: 'utf8mb4_general_ci' })
  const admin: Place['admin'] = async (...statements) => {
    let rows: unknown = []
    for (const statement of statements) [rows] = await root.query(statement)
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
  }
  await admin(
    `create database ${name} character set utf8mb4`,
    `create user ${name}@'%' identified by '${PASSWORD}'`,
    `grant select on ${name}.* to ${name}@'%'`,
    `use ${name}`,
  )
  return {
    dialect: 'mysql',
    address: {
      ...{ dialect: 'mysql', host: '127.0.0.1', port, socketPath: null },
      user: name,
      password: PASSWORD,
      database: name,
    },
    admin,
    drop: async () => {
      await admin(`drop database ${name}`, `drop user ${name}@'%'`)
      await root.end()
    },
  }
}

const mariaDb = await lookForMariaDb()

async function lookForMariaDb(): Promise<Server | null> {
  try {
    const connection = await createConnection({ ...MARIADB, connectTimeout: LOOK_MS })
    await connection.end()
    return { dialect: 'mysql', make: () => makeMariaDb() }
  } catch {
    return null
  }
}

/** Time that passes by hand, and chance that is always the same. */
export class TestClock extends HandClock implements Clock {
  random(): number {
    return 0.5
  }
}

export const SOME_LIMITS: Limits = { connectMs: 10_000, questionMs: 20_000, readingMs: 60_000, behindMs: 15_000 }

export interface Opening {
  readonly clock?: Clock
  readonly limits?: Limits
  readonly tls?: Tls
}

/** The server as the bot reads it, with parts of its address changed. Time stands still unless a clock is given. */
export function openAt(
  address: Address,
  { clock = new TestClock(), limits = SOME_LIMITS, tls = { mode: 'off' } }: Opening = {},
): IdentityServer {
  return openIdentityServer({ address, tls, timeoutSeconds: limits.questionMs / 1_000 }, { clock, limits })
}
