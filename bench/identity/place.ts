import { pipeline } from 'node:stream/promises'
import { createConnection } from 'mysql2/promise'
import postgres from 'postgres'
import type { Dialect } from '#src/identity/server/server.ts'
import type { Address } from '#src/identity/server/settings.ts'
import { fillTables, type Tell } from './tables.ts'

// An identity database of the benchmark's own on a server that runs already.

/** Where servers are looked for; the same words name others as do for tests. */
const POSTGRES = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const MARIADB = { host: '127.0.0.1', port: Number(process.env.TEST_MARIADB_PORT ?? 3306), user: 'root', password: '' }
const LOOK_MS = 3_000

export interface IdentityPlace {
  readonly address: Address
  drop(): Promise<void>
}

/** A database with so many people in it. Rejects with a sentence where no such server answers. */
export async function makeIdentityPlace(dialect: Dialect, people: number): Promise<IdentityPlace> {
  const place = dialect === 'postgres' ? await onPostgres(freshName()) : await onMariaDb(freshName())
  return await filled(place, () => fillTables(dialect, place.tell, people))
}

/** The same on PostgreSQL, with what `fill` puts there. */
export async function makePostgresPlace(fill: (tell: Tell, copy: Copy) => Promise<void>): Promise<IdentityPlace> {
  const place = await onPostgres(freshName())
  return await filled(place, () => fill(place.tell, place.copy))
}

const freshName = (): string => `rolecall_bench_${crypto.randomUUID().replaceAll('-', '')}`

async function filled<P extends IdentityPlace>(place: P, fill: () => Promise<void>): Promise<P> {
  try {
    await fill()
  } catch (error) {
    await place.drop()
    throw error
  }
  return place
}

/** Puts rows into a table: lines of columns that are parted by tabs. */
export type Copy = (table: string, lines: Iterable<string>) => Promise<void>

/** As much as is handed over at once. */
const BATCH_LETTERS = 262_144

function* batches(lines: Iterable<string>): Generator<string> {
  let batch = ''
  for (const line of lines) {
    batch += `${line}\n`
    if (batch.length < BATCH_LETTERS) continue
    yield batch
    batch = ''
  }
  yield batch
}

async function onPostgres(name: string) {
  const { hostname, port, username, password } = new URL(POSTGRES)
  const common = { max: 1, prepare: false, fetch_types: false, connect_timeout: LOOK_MS / 1_000, onnotice: () => {} }
  const root = postgres(POSTGRES, common)
  await root.unsafe(`create database ${name}`).catch((error: Error) => {
    throw new Error(`no PostgreSQL to measure with at ${hostname}:${port || 5432} (${error.message})`)
  })
  const own = postgres(POSTGRES, { ...common, database: name })
  return {
    address: {
      ...{ dialect: 'postgres', host: hostname, port: Number(port || 5432), socketPath: null },
      ...{ user: username || 'postgres', password: decodeURIComponent(password), database: name },
    } satisfies Address,
    tell: async (...statements: readonly string[]) => {
      for (const statement of statements) await own.unsafe(statement)
    },
    copy: async (table: string, lines: Iterable<string>) => {
      await pipeline(batches(lines), await own.unsafe(`copy ${table} from stdin`).writable())
    },
    drop: async () => {
      await own.end({ timeout: 1 })
      await root.unsafe(`drop database if exists ${name} with (force)`)
      await root.end({ timeout: 1 })
    },
  }
}

async function onMariaDb(name: string) {
  const root = await createConnection({ ...MARIADB, connectTimeout: LOOK_MS }).catch((error: Error) => {
    throw new Error(`no MariaDB to measure with at ${MARIADB.host}:${MARIADB.port} (${error.message})`)
  })
  const tell = async (...statements: readonly string[]) => {
    for (const statement of statements) await root.query(statement)
  }
  await tell(`create database ${name} character set utf8mb4`, `use ${name}`)
  return {
    address: { dialect: 'mysql', ...MARIADB, socketPath: null, database: name } satisfies Address,
    tell,
    drop: async () => {
      await tell(`drop database if exists ${name}`)
      await root.end()
    },
  }
}
