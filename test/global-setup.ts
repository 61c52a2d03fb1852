import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '#src/store/database.ts'

// Once before all tests: an embedded engine with our migrations, to be cloned by each file that needs one, and a look whether a server answers.

declare module 'vitest' {
  interface ProvidedContext {
    /** A data folder that is not in use, with every migration applied. */
    engineFolder: string
    /** `template` is a database with every migration applied, which nobody is connected to. */
    server: { readonly url: string; readonly template: string } | { readonly missing: string }
  }
}

const ROOT = join(import.meta.dirname, '..')
const CACHE = join(ROOT, 'node_modules/.cache/rolecall')
/** Where a server for tests is looked for; `TEST_DATABASE_URL` names another. */
const SERVER = 'postgres://postgres@127.0.0.1:5432/postgres'
const SERVER_SECONDS = 3

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide('engineFolder', await engineFolder())
  const server = await findServer(process.env.TEST_DATABASE_URL ?? SERVER)
  if ('missing' in server) {
    project.provide('server', server)
    return async () => {}
  }
  const template = `rolecall_template_${crypto.randomUUID().replaceAll('-', '')}`
  await makeTemplate(server.url, template)
  project.provide('server', { ...server, template })
  return () => tell(server.url, `drop database if exists ${template}`)
}

/** To copy a database takes less time than to apply the migrations to a new one. */
async function makeTemplate(url: string, name: string): Promise<void> {
  await tell(url, `create database ${name}`)
  const its = new URL(url)
  its.pathname = `/${name}`
  const database = await openDatabase({ url: its.href, dataDir: CACHE, log: () => {} })
  await database.close()
}

async function tell(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await sql.unsafe(statement).finally(() => sql.end())
}

/** The first start of an engine takes seconds, so it is kept for as long as the engine and the migrations stay the same. */
async function engineFolder(): Promise<string> {
  const folder = join(CACHE, `engine-${fingerprint()}`)
  if (existsSync(folder)) return folder
  rmOutdated()
  const unfinished = mkdtempSync(join(CACHE, 'unfinished-'))
  const database = await openDatabase({ dataDir: unfinished, log: () => {} })
  await database.close()
  // Another run of the tests may have been quicker.
  if (existsSync(folder)) rmSync(unfinished, { recursive: true, force: true })
  else renameSync(unfinished, folder)
  return folder
}

function fingerprint(): string {
  const files = globSync('migrations/**/*.{sql,json}', { cwd: ROOT }).sort()
  const hash = createHash('sha256')
  for (const file of [...files, 'node_modules/@electric-sql/pglite/package.json'])
    hash.update(readFileSync(join(ROOT, file)))
  return hash.digest('hex').slice(0, 16)
}

const DAY_MS = 86_400_000

/** Another checkout with other migrations may share the packages, and be at its tests. */
function rmOutdated(): void {
  mkdirSync(CACHE, { recursive: true })
  for (const name of globSync('engine-*', { cwd: CACHE })) {
    const old = join(CACHE, name)
    if (Date.now() - statSync(old).mtimeMs > DAY_MS) rmSync(old, { recursive: true, force: true })
  }
}

async function findServer(url: string): Promise<{ url: string } | { missing: string }> {
  const sql = postgres(url, { max: 1, connect_timeout: SERVER_SECONDS, onnotice: () => {} })
  try {
    await sql`select 1`
    return { url }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    return { missing: `no PostgreSQL server answers at ${new URL(url).host}${code}` }
  } finally {
    await sql.end({ timeout: 1 })
  }
}
