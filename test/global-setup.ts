import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '#src/store/database.ts'

// Once before all tests: an embedded engine with our migrations, to be cloned by each file that needs one, and a look whether a server answers.

declare module 'vitest' {
  interface ProvidedContext {
    /** A data folder that is not in use, with every migration applied. */
    engineFolder: string
    server: { readonly url: string } | { readonly missing: string }
  }
}

const ROOT = join(import.meta.dirname, '..')
const CACHE = join(ROOT, 'node_modules/.cache/rolecall')
/** Where a server for tests is looked for; `TEST_DATABASE_URL` names another. */
const SERVER = 'postgres://postgres@127.0.0.1:5432/postgres'
const SERVER_SECONDS = 3

export default async function setup(project: TestProject): Promise<void> {
  project.provide('engineFolder', await engineFolder())
  project.provide('server', await findServer(process.env.TEST_DATABASE_URL ?? SERVER))
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

function rmOutdated(): void {
  mkdirSync(CACHE, { recursive: true })
  for (const old of globSync('engine-*', { cwd: CACHE })) rmSync(join(CACHE, old), { recursive: true, force: true })
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
