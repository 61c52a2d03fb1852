import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { describe } from 'vitest'
import type { Dialect } from '#src/identity/server/server.ts'
import { makeMariaDb, makePostgres, type Place } from './servers.ts'

// Servers that a test starts for itself, where what it tries would disturb everybody at one that is shared.

export interface OwnServer {
  readonly folder: string
  readonly port: number
  /** Starts the server anew, with more words on its command line. */
  start(...options: readonly string[]): Promise<void>
  stop(): Promise<void>
  /** Has the server read its files again. */
  reread(): Promise<void>
  makePlace(): Promise<Place>
  /** A file in its folder that only the server may read. */
  take(name: string): string
  remove(): Promise<void>
}

const START_MS = 60_000

const postgresBin = () => globSync('/usr/lib/postgresql/*/bin').sort().at(-1)
const BINARIES: Readonly<Record<Dialect, () => string | undefined>> = {
  postgres: () => (existsSync(join(postgresBin() ?? '/nowhere', 'initdb')) ? postgresBin() : undefined),
  mysql: () => ['/usr/sbin', '/usr/bin', '/usr/local/bin'].find((folder) => existsSync(join(folder, 'mariadbd'))),
}

/** Describes what needs a server of its own; skipped where its programs are not installed. */
export function withOwn(dialect: Dialect, name: string, body: () => void): void {
  if (BINARIES[dialect]() === undefined)
    describe.skip(`${name}: skipped, no programs of ${dialect} are installed`, body)
  else describe(name, body)
}

/** A replica of a PostgreSQL server that runs. */
export const makeReplica = (of: OwnServer): Promise<OwnServer> => makeServer('postgres', of.port)

export const makeOwn = (dialect: Dialect): Promise<OwnServer> => makeServer(dialect, null)

async function makeServer(dialect: Dialect, primary: number | null): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-own-'))
  const port = await freePort()
  const user = dialect === 'postgres' ? 'postgres' : 'mysql'
  const identity = whoRuns(user)
  const own = (path: string) => identity && chownSync(path, identity.uid, identity.gid)
  own(folder)
  const run = dialect === 'postgres' ? postgresPrograms(folder, port, primary) : mariaDbPrograms(folder, port)
  execFileSync(run.make.program, run.make.words, { ...identity, cwd: folder, stdio: 'ignore' })
  let child: ChildProcess | null = null
  const stop = async () => {
    if (!child) return
    const gone = once(child, 'exit')
    child.kill(run.stopSignal)
    await gone
    child = null
  }
  return {
    folder,
    port,
    start: async (...options) => {
      await stop()
      child = spawn(run.start.program, [...run.start.words, ...options], { ...identity, cwd: folder, stdio: 'ignore' })
      await (primary === null ? untilItAnswers(dialect, port) : untilItIsRead(port))
    },
    stop,
    reread: async () => {
      if (dialect === 'postgres') child?.kill('SIGHUP')
    },
    makePlace: () => (dialect === 'postgres' ? makePostgres('127.0.0.1', port, 'postgres') : makeMariaDb(port)),
    take: (name) => {
      const path = join(folder, name)
      own(path)
      return path
    },
    remove: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** These servers refuse to be run by root; then their own user runs them. */
function whoRuns(user: string): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const number = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: number('-u'), gid: number('-g') }
}

interface Programs {
  readonly make: { readonly program: string; readonly words: readonly string[] }
  readonly start: { readonly program: string; readonly words: readonly string[] }
  readonly stopSignal: NodeJS.Signals
}

function postgresPrograms(folder: string, port: number, primary: number | null): Programs {
  const bin = BINARIES.postgres()!
  const cluster = join(folder, 'cluster')
  const copy = ['-h', '127.0.0.1', '-p', String(primary), '-R', '-X', 'stream', '--checkpoint=fast']
  return {
    make: {
      program: join(bin, primary === null ? 'initdb' : 'pg_basebackup'),
      words: [
        ...['-D', cluster, '-U', 'postgres', '--no-sync'],
        ...(primary === null ? ['--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8'] : copy),
      ],
    },
    start: {
      program: join(bin, 'postgres'),
      words: ['-D', cluster, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-F'],
    },
    // Ends every connection; its gentler way would wait for them.
    stopSignal: 'SIGINT',
  }
}

function mariaDbPrograms(folder: string, port: number): Programs {
  const data = join(folder, 'data')
  const common = ['--no-defaults', `--datadir=${data}`]
  const installer = ['/usr/bin/mariadb-install-db', '/usr/local/bin/mariadb-install-db'].find((path) =>
    existsSync(path),
  )
  return {
    make: {
      program: installer ?? 'mariadb-install-db',
      words: [...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
    },
    start: {
      program: join(BINARIES.mysql()!, 'mariadbd'),
      words: [
        ...common,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--socket=${join(folder, 'socket')}`,
        `--pid-file=${join(folder, 'pid')}`,
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-buffer-pool-size=16M',
        '--skip-log-bin',
      ],
    },
    stopSignal: 'SIGTERM',
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function untilItAnswers(dialect: Dialect, port: number): Promise<void> {
  const make = dialect === 'postgres' ? () => makePostgres('127.0.0.1', port, 'postgres') : () => makeMariaDb(port)
  for (const until = Date.now() + START_MS; ; ) {
    try {
      const place = await make()
      await place.drop()
      return
    } catch (error) {
      if (Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** Nothing can be made on a replica. */
async function untilItIsRead(port: number): Promise<void> {
  for (const until = Date.now() + START_MS; ; ) {
    const sql = postgres({ host: '127.0.0.1', port, user: 'postgres', max: 1, onnotice: () => {} })
    try {
      await sql`select 1`
      return
    } catch (error) {
      if (Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    } finally {
      await sql.end({ timeout: 0 })
    }
  }
}

/** Puts lines before those that a file of a server has. */
export function putFirst(path: string, lines: string): void {
  const before = readFileSync(path, 'utf8')
  rmSync(path)
  appendFileSync(path, `${lines}\n${before}`)
}
