import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Session } from '#src/identity/server/server.ts'
import type { Address, Tls } from '#src/identity/server/settings.ts'
import { openAt, SOME_LIMITS, TestClock, withEach } from './servers.ts'
import { told } from './told.ts'
import { openWay } from './way.ts'

const one = (session: Session) => session.rows('select 1')

function read(address: Address, clock = new TestClock(), tls: Tls = { mode: 'off' }) {
  const server = openAt(address, { clock, tls })
  onTestFinished(() => server.close())
  return server.read(one)
}

const NOWHERE = { socketPath: null, user: 'ann', password: 'hunter2', database: 'aa' }
const dialects = ['postgres', 'mysql'] as const
const at = (dialect: Address['dialect'], host: string, port: number): Address => ({ ...NOWHERE, dialect, host, port })

/** Something that listens and is no database. */
async function listen(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    answer(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

describe.each(dialects)('no database is there (%s)', (dialect) => {
  it('a host without an address is named', async () => {
    expect(await told(read(at(dialect, 'nowhere.invalid', 1)))).toMatch(/host .*nowhere\.invalid, has no address/)
  })

  it('a port at which nobody listens', async () => {
    const port = await listen(() => {})
    const closed = createServer()
    await once(closed.listen(0, '127.0.0.1'), 'listening')
    const free = (closed.address() as AddressInfo).port
    await new Promise((resolve) => closed.close(resolve))
    expect(port).not.toBe(free)
    const message = await told(read(at(dialect, '127.0.0.1', free)))
    expect(message).toContain(`nothing listens at 127.0.0.1:${free}`)
    expect(message).toContain('(ECONNREFUSED)')
  })

  it('a socket that is not there', async () => {
    const address = { ...at(dialect, '/nowhere', 1), socketPath: '/nowhere/at.all' }
    expect(await told(read(address))).toContain('nothing listens at /nowhere/at.all')
  })

  it('a machine that does not take the connection', async () => {
    const port = await crowdedPort()
    const clock = new TestClock()
    const reading = told(read(at(dialect, '127.0.0.1', port), clock))
    await clock.pass(SOME_LIMITS.connectMs)
    expect(await reading).toMatch(/did not take the connection within 10 s\..*firewall/)
  })

  it('a server that takes the connection and never says a word', async () => {
    const taken = Promise.withResolvers<void>()
    const port = await listen((socket) => socket.on('data', () => {}) && taken.resolve())
    const clock = new TestClock()
    const reading = told(read(at(dialect, '127.0.0.1', port), clock))
    await taken.promise
    await clock.pass(SOME_LIMITS.connectMs)
    await clock.pass(SOME_LIMITS.connectMs)
    expect(await reading).toMatch(/took the connection and did not let the bot in within 10 s/)
  })

  it('a server that hangs up at once', async () => {
    const port = await listen((socket) => socket.destroy())
    expect(await told(read(at(dialect, '127.0.0.1', port)))).toMatch(/closed the connection before it let the bot in/)
  })

  it.each(['off', 'require'] as const)('a web server, with TLS %s', async (mode) => {
    const answer = 'HTTP/1.1 400 Bad Request\r\n\r\n'
    const port = await listen((socket) =>
      dialect === 'mysql' ? socket.end(answer) : socket.once('data', () => socket.end(answer)),
    )
    const message = await told(read(at(dialect, '127.0.0.1', port), new TestClock(), { mode }))
    expect(message).toMatch(/is not (?:PostgreSQL|MariaDB or MySQL)\.|closed the connection before/)
  })
})

/** A port where the system keeps nobody waiting any more: its program is stopped and its queue full. */
async function crowdedPort(): Promise<number> {
  const program = `const s = require('net').createServer(); s.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => { process.send(s.address().port); process.kill(process.pid, 'SIGSTOP') })`
  const child: ChildProcess = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [port] = (await once(child, 'message')) as [number]
  // Each takes a place in the queue; those that find none go on trying, and are heard of no more.
  const waiting = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  onTestFinished(() => waiting.forEach((socket) => void socket.destroy()))
  await expect.poll(() => waiting.filter(({ connecting }) => !connecting).length).toBeGreaterThan(0)
  return port
}

withEach('a server that lets nobody in', (place, dialect) => {
  it('because the password is another', async () => {
    const { address } = place()
    const wrong = { ...address, password: 'hunter2 is wrong' }
    if (dialect === 'postgres') {
      // Tests of this house trust everybody at PostgreSQL; a user of no name is turned away all the same.
      expect(await told(read({ ...address, user: 'nobody_of_that_name' }))).toMatch(
        /does not let this user in.*or does not know it/,
      )
      return
    }
    expect(await told(read(wrong))).toMatch(
      /refused the user or the password in IDENTITY_URL.*%40 %3A %2F %23.*\(1045\)$/,
    )
  })

  it('because there is no such database', async () => {
    const message = await told(read({ ...place().address, database: 'no_such' }))
    expect(message).toMatch(/has no database of the name that IDENTITY_URL ends with/)
  })

  it('because it is full for this user, and lets in again once there is room', async () => {
    const { address, admin } = place()
    await admin(
      dialect === 'postgres'
        ? `alter role ${address.user} connection limit 1`
        : `grant usage on *.* to ${address.user}@'%' with max_user_connections 1`,
    )
    const server = openAt(address)
    onTestFinished(() => server.close())
    await server.read(async () => {
      expect(await told(server.read(one))).toMatch(/has no connection left for the bot.*\((?:53300|1226)\)/)
    })
    expect(await server.read(one)).toEqual([['1']])
    await admin(
      dialect === 'postgres'
        ? `alter role ${address.user} connection limit -1`
        : `grant usage on *.* to ${address.user}@'%' with max_user_connections 0`,
    )
  })

  it('because it is another kind of server', async () => {
    const other = dialect === 'postgres' ? 'mysql' : 'postgres'
    const printed: unknown[] = []
    const print = console.error
    console.error = (...words: unknown[]) => printed.push(words)
    onTestFinished(() => {
      console.error = print
    })
    const clock = new TestClock()
    const way = await openWay(place().address)
    const reading = told(read({ ...way.address, dialect: other }, clock))
    // PostgreSQL waits for its client to speak first, and a client of the others for its server.
    await expect.poll(() => way.made).toBe(1)
    if (other === 'mysql') await clock.pass(SOME_LIMITS.connectMs)
    expect(await reading).toMatch(other === 'mysql' ? /See that it is MariaDB or MySQL/ : /is not PostgreSQL\./)
    expect(printed).toEqual([])
  })
})
