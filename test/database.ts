import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { type Database, openDatabase } from '#src/store/database.ts'

// Real databases for tests, each with our migrations: the same tests on the embedded engine and on a server.

/** A database that is there while the tests of its `describe` run. It is shared by them and nothing can be taken out of the trail: let each test have its own guilds. */
export interface TestDatabase {
  readonly opened: Database
}

/** Describes `name` once for each engine. Where no server answers, its tests are skipped and say why. */
export function withDatabases(name: string, body: (database: TestDatabase) => void): void {
  describe(`${name}, on the embedded engine`, () => body(during(openEmbedded)))
  const server = inject('server')
  if ('missing' in server) describe.skip(`${name}, on a server: skipped, ${server.missing}`, () => body(NOT_OPEN))
  else describe(`${name}, on a server`, () => body(during(() => openOnServer(server))))
}

/** Describes what only a server can do; `url` is that of an empty database of its own. */
export function withServer(name: string, body: (url: () => string) => void): void {
  const server = inject('server')
  if ('missing' in server) {
    describe.skip(`${name}: skipped, ${server.missing}`, () => body(() => ''))
    return
  }
  describe(name, () => {
    let made: Made | undefined
    beforeAll(async () => {
      made = await makeDatabase(server.url)
    })
    afterAll(() => made?.drop())
    body(() => made!.url)
  })
}

/** A data folder of its own with every migration applied, for tests that open it themselves. */
export function cloneEngineFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-test-'))
  cpSync(inject('engineFolder'), folder, { recursive: true })
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A database for tests that ask only for some: a fresh one on the server, which is quicker, or else an embedded engine's folder. */
export async function anyPlace(): Promise<{
  readonly place: { readonly url?: string; readonly dataDir: string }
  drop(): Promise<void>
}> {
  const server = inject('server')
  if ('missing' in server) {
    const { folder, remove } = cloneEngineFolder()
    return { place: { dataDir: folder }, drop: async () => remove() }
  }
  const { url, drop } = await makeDatabase(server.url, server.template)
  return { place: { url, dataDir: tmpdir() }, drop }
}

interface Opened {
  readonly database: Database
  readonly end: () => Promise<void>
}

const NOT_OPEN: TestDatabase = {
  get opened(): Database {
    throw new Error('This database is not open.')
  },
}

function during(open: () => Promise<Opened>): TestDatabase {
  let now: Opened | undefined
  beforeAll(async () => {
    now = await open()
  })
  afterAll(() => now?.end())
  return {
    get opened() {
      return now?.database ?? NOT_OPEN.opened
    },
  }
}

async function openEmbedded(): Promise<Opened> {
  const { folder, remove } = cloneEngineFolder()
  const database = await openDatabase({ dataDir: folder, log: () => {} })
  return { database, end: () => database.close().finally(remove) }
}

async function openOnServer(server: { readonly url: string; readonly template: string }): Promise<Opened> {
  const { url, drop } = await makeDatabase(server.url, server.template)
  const database = await openDatabase({ url, dataDir: tmpdir(), log: () => {} })
  return { database, end: () => database.close().finally(drop) }
}

const toDrop: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const drop of toDrop.splice(0)) await drop()
})

/** The server writes out what everybody has written before it drops a database: those of a file go one after the other at its end, and only the first waits. */
export async function dropLater(drop: () => Promise<void>): Promise<void> {
  toDrop.push(drop)
}

interface Made {
  readonly url: string
  drop(): Promise<void>
}

/** Empty, or a copy of the template. */
async function makeDatabase(serverUrl: string, template = 'template1'): Promise<Made> {
  const name = `rolecall_test_${crypto.randomUUID().replaceAll('-', '')}`
  const once = async (statement: string) => {
    const sql = postgres(serverUrl, { max: 1, onnotice: () => {} })
    await sql.unsafe(statement).finally(() => sql.end())
  }
  await once(`create database ${name} template ${template}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => dropLater(() => once(`drop database if exists ${name} with (force)`)) }
}
