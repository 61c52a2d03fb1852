import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'

// Where our bot keeps its record: a fresh database for each row, on either engine.

export type Engine = 'embedded' | 'server'

export interface Place {
  /** Null: the embedded engine, in the folder. */
  readonly url: string | null
  readonly dataDir: string
}

export interface MadePlace {
  readonly place: Place
  drop(): Promise<void>
}

/** Where a server is looked for; `TEST_DATABASE_URL` names another, as it does for tests. */
const SERVER = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const SERVER_SECONDS = 3

/** Those that there are on this machine. */
export async function engines(): Promise<readonly Engine[]> {
  try {
    await tell('select 1')
    return ['embedded', 'server']
  } catch {
    return ['embedded']
  }
}

export async function makePlace(engine: Engine): Promise<MadePlace> {
  const dataDir = mkdtempSync(join(tmpdir(), 'rolecall-bench-'))
  const remove = () => rmSync(dataDir, { recursive: true, force: true })
  if (engine === 'embedded') return { place: { url: null, dataDir }, drop: async () => remove() }
  const name = `rolecall_bench_${crypto.randomUUID().replaceAll('-', '')}`
  await tell(`create database ${name}`)
  const url = new URL(SERVER)
  url.pathname = `/${name}`
  const drop = () => tell(`drop database if exists ${name} with (force)`).finally(remove)
  return { place: { url: url.href, dataDir }, drop }
}

async function tell(statement: string): Promise<void> {
  const sql = postgres(SERVER, { max: 1, connect_timeout: SERVER_SECONDS, onnotice: () => {} })
  await sql.unsafe(statement).finally(() => sql.end({ timeout: 1 }))
}
