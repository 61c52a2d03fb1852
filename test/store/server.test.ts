import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { inspect } from 'node:util'
import postgres from 'postgres'
import { afterEach, expect, it } from 'vitest'
import { openDatabase } from '#src/store/database.ts'
import { toFault } from '#src/store/fault.ts'
import { withServer } from '../database.ts'

const PASSWORD = 'hunter2-and-more'
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const open = (url: string, connectSeconds = 10) =>
  openDatabase({ url, dataDir: '/nowhere', log: () => {}, connectSeconds })

/** Opens, and returns what went wrong; nothing of it may hold the password or the address. */
async function faultOf(url: string, connectSeconds?: number): Promise<string> {
  const fault = await open(url, connectSeconds).then(
    (database) => database.close().then(() => null),
    (error: unknown) => error,
  )
  expect(fault).toMatchObject({ name: 'StoreFault', exitCode: 2 })
  for (const shown of [inspect(fault, { depth: 9, showHidden: true }), JSON.stringify(fault)]) {
    expect(shown).not.toContain(PASSWORD)
    expect(shown).not.toContain(url)
  }
  return (fault as Error).message
}

async function listen(answer: (socket: Socket) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {})
    answer(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  undo.push(() => server.close())
  const address = server.address()
  return `postgres://ann:${PASSWORD}@127.0.0.1:${typeof address === 'object' ? address?.port : 0}/rolecall`
}

/** A server that refuses everybody who introduces themselves, in Postgres' own form. */
const refusing = (code: string, message: string) =>
  listen((socket) =>
    socket.once('data', () => {
      const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`)
      const head = Buffer.alloc(5)
      head.write('E')
      head.writeInt32BE(fields.length + 4, 1)
      socket.end(Buffer.concat([head, fields]))
    }),
  )

it('a server that does not answer is told as such, with what to look at', async () => {
  const url = await listen(() => {})
  await undo.pop()?.()
  expect(await faultOf(url)).toMatch(/does not answer.*DATABASE_URL.*ECONNREFUSED/)
})

it('a server that hangs up is told as one that does not answer', async () => {
  expect(await faultOf(await listen((socket) => socket.destroy()), 0.5)).toMatch(/does not answer/)
})

it('a wrong password is told without the password, the name or the address', async () => {
  const message = await faultOf(await refusing('28P01', 'password authentication failed for user "ann"'))
  expect(message).toMatch(/refused the name or the password/)
  expect(message).not.toContain('ann"')
})

it('an address that the driver cannot read is not repeated', async () => {
  expect(await faultOf(`postgres://ann:${PASSWORD}%@127.0.0.1:1/x`)).toMatch(
    /cannot be opened.*DATABASE_URL looks like/,
  )
})

it('what a value held is not repeated, and what is no error of the database is left alone', () => {
  const error = Object.assign(new Error('invalid input syntax for type uuid: "their words"'), { code: '22P02' })
  expect((toFault(error) as Error).message).not.toContain('their words')
  const ours = new RangeError('ours')
  expect(toFault(ours)).toBe(ours)
})

withServer('a database server', (url) => {
  const asOwner = async (statement: string) => {
    const sql = postgres(url(), { max: 1, onnotice: () => {} })
    await sql.unsafe(statement).finally(() => sql.end())
  }
  const nameOfDatabase = () => new URL(url()).pathname.slice(1)

  it('without the database that is named says to create it', async () => {
    const missing = new URL(url())
    missing.pathname = '/rolecall_not_there'
    expect(await faultOf(missing.href)).toMatch(/does not exist.*createdb/)
  })

  it('that is read-only is refused before anything is tried', async () => {
    await asOwner(`alter database ${nameOfDatabase()} set default_transaction_read_only = on`)
    undo.push(() => {
      const writable = new URL(url())
      writable.searchParams.set('default_transaction_read_only', 'off')
      const sql = postgres(writable.href, { max: 1 })
      return sql
        .unsafe(`alter database ${nameOfDatabase()} reset default_transaction_read_only`)
        .finally(() => sql.end())
    })
    expect(await faultOf(url())).toMatch(/read-only.*primary/)
  })

  it('where the user may create nothing is refused with what to grant, and accepted once the tables are there', async () => {
    const role = `rolecall_test_${crypto.randomUUID().slice(0, 8)}`
    await asOwner(`create role ${role} login password '${PASSWORD}'; revoke create on schema public from public`)
    undo.push(() => asOwner(`drop owned by ${role}; drop role ${role}`))
    const asRole = new URL(url())
    asRole.username = role
    asRole.password = PASSWORD
    expect(await faultOf(asRole.href)).toMatch(/may not create tables.*OWNER TO/)
    await (await open(url())).close()
    await asOwner(`grant select, insert, update, delete on all tables in schema public to ${role}`)
    await (await open(asRole.href)).close()
  })

  it('is brought up once where two processes start at the same time', async () => {
    await asOwner('drop schema public cascade; create schema public')
    const both = await Promise.all([open(url()), open(url())])
    const rows = await both[0].sql`select tag from rolecall_migrations order by tag`
    expect(rows.map(({ tag }) => tag).slice(0, 2)).toEqual(['0000_foundation', '0001_trail_append_only'])
    await Promise.all(both.map((database) => database.close()))
  })
})
