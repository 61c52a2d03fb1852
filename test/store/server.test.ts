import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { sql as statement } from 'drizzle-orm'
import postgres from 'postgres'
import { afterEach, expect, it } from 'vitest'
import { openDatabase } from '#src/store/database.ts'
import { toFault } from '#src/store/fault.ts'
import { transact } from '#src/store/transact.ts'
import { withDatabases, withServer } from '../database.ts'

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

  /** The way to the server, and scissors. */
  const cuttable = async () => {
    const { hostname, port } = new URL(url())
    const ends = new Set<Socket>()
    const cut = async (how: 'reset' | 'close') => {
      const gone = [...ends].map((end) => once(end, 'close'))
      for (const end of ends) how === 'reset' ? end.resetAndDestroy() : end.destroy()
      await Promise.all(gone)
    }
    const through = new URL(
      await listen((near) => {
        const far = connect(Number(port || 5432), hostname)
        for (const [end, other] of [
          [near, far],
          [far, near],
        ] as const) {
          ends.add(end)
          end.on('error', () => {}).on('close', () => ends.delete(end) && other.destroy())
          end.pipe(other)
        }
      }),
    )
    const { username, password, pathname } = new URL(url())
    Object.assign(through, { username, password, pathname })
    return { through: through.href, cut }
  }

  it.each(['reset', 'close'] as const)(
    'whose connections are lost (%s) costs what was under way, and nothing more',
    async (how) => {
      const { through, cut } = await cuttable()
      const { db, sql, close } = await open(through)
      undo.push(close)
      await sql`create table if not exists under_way (n int)`
      for (let round = 0; round < 3; round++) {
        let begun = 0
        const allBegun = Promise.withResolvers<void>()
        const work = Array.from({ length: 12 }, () =>
          transact(db, async (tx) => {
            await tx.execute(statement`insert into under_way values (1)`)
            if (++begun === 6) allBegun.resolve()
            await tx.execute(statement`select pg_sleep(0.2)`)
          }),
        )
        const settled = Promise.allSettled([...work, sql`select pg_sleep(0.2)`])
        await allBegun.promise
        await cut(how)
        const failed = (await settled).filter((one) => one.status === 'rejected')
        expect(failed.length).toBeGreaterThanOrEqual(6)
        for (const one of await Promise.allSettled(work))
          if (one.status === 'rejected') expect(one.reason).toMatchObject({ name: 'StoreFault' })
        const kept = (await Promise.allSettled(work)).filter((one) => one.status === 'fulfilled').length
        const [row] = await sql`with gone as (delete from under_way returning n) select count(*)::int as n from gone`
        expect(row?.n).toBe(kept)
      }
    },
  )

  it('that ends a connection never sees the rest of its transaction, neither alone nor inside another', async () => {
    const { db, sql, close } = await open(url())
    undo.push(close)
    await sql`create table if not exists rest (n int)`
    const late = Promise.withResolvers<unknown>()
    const dead = transact(db, async (tx) => {
      const [self] = await tx.execute<{ pid: number }>(statement`select pg_backend_pid() as pid`)
      await sql`select pg_terminate_backend(${self!.pid})`
      while ((await sql`select from pg_stat_activity where pid = ${self!.pid}`).length > 0);
      for (let nth = 0; nth < 5; nth++) await transact(db, (other) => other.execute(statement`select 1`))
      late.resolve(
        await tx.execute(statement`insert into rest values (1)`).then(
          () => 'done',
          () => 'refused',
        ),
      )
    })
    await expect(dead).rejects.toMatchObject({ name: 'StoreFault' })
    expect(await late.promise).toBe('refused')
    expect(await sql`select from rest`).toHaveLength(0)
  })

  it('does not keep a transaction for long that it hears nothing more of', async () => {
    const { db, close } = await open(url())
    undo.push(close)
    const [row] = await transact(db, (tx) => tx.execute(statement`show idle_in_transaction_session_timeout`))
    expect(row).toEqual({ idle_in_transaction_session_timeout: '30s' })
  })

  it('undoes a transaction whose deed ignores a statement that failed, and says so', async () => {
    const { db, sql, close } = await open(url())
    undo.push(close)
    await sql`create table if not exists ignored (n int)`
    const careless = transact(db, async (tx) => {
      await tx.execute(statement`insert into ignored values (1)`)
      await tx.execute(statement`select 1 / 0`).catch(() => {})
    })
    await expect(careless).rejects.toThrow('undone')
    expect(await sql`select from ignored`).toHaveLength(0)
  })

  it('does not take a statement that comes after its transaction is over', async () => {
    const { db, close } = await open(url())
    undo.push(close)
    const kept = await transact(db, async (tx) => [tx])
    await expect(kept[0]!.execute(statement`select 1`)).rejects.toThrow()
  })

  it('that is closed finishes what is under way, and begins nothing more', async () => {
    const { db, sql, close } = await open(url())
    await sql`create table if not exists last (n int)`
    const begun = Promise.withResolvers<void>()
    const last = transact(db, async (tx) => {
      await tx.execute(statement`insert into last values (1)`)
      begun.resolve()
      await tx.execute(statement`select pg_sleep(0.2)`)
    })
    await begun.promise
    await Promise.all([close(), last])
    await expect(transact(db, (tx) => tx.execute(statement`select 1`))).rejects.toMatchObject({ name: 'StoreFault' })
    await expect(sql`select 1`).rejects.toThrow()
    const again = await open(url())
    undo.push(again.close)
    expect(await again.sql`select from last`).toHaveLength(1)
  })
})

withServer('a connection', (url) => {
  /** What is asked of the server on the way of one opening and one statement. */
  async function askedBy(use: (database: Awaited<ReturnType<typeof open>>) => Promise<unknown>): Promise<string> {
    const { hostname, port, pathname } = new URL(url())
    const asked: Buffer[] = []
    const way = await listen((near) => {
      const far = connect({ host: hostname, port: Number(port || 5432) })
      far
        .on('error', () => near.destroy())
        .on('data', (bytes) => near.write(bytes))
        .on('close', () => near.destroy())
      near.on('data', (bytes) => {
        asked.push(bytes)
        far.write(bytes)
      })
      near.on('close', () => far.destroy())
    })
    const through = Object.assign(new URL(url()), { host: new URL(way).host, pathname })
    const database = await open(through.href)
    await use(database).finally(() => database.close())
    return Buffer.concat(asked).toString('latin1')
  }

  it('asks for nothing of its own, whose loss nobody could catch', async () => {
    const asked = await askedBy(({ db }) => db.execute(statement`select 'as it is asked'`))
    expect(asked).toContain('as it is asked')
    expect(asked).not.toMatch(/pg_type|typarray/)
  })
})

withDatabases('an array of texts', (database) => {
  it.each([
    [[]],
    [['a', '']],
    [['two words', 'a,b', '{c}', '"quoted"', 'back\\slash', 'NULL', 'null', null, ' ', 'new\nline', 'Ω']],
  ])('comes back as it was sent: %j', async (texts) => {
    const sent = statement`select ${statement.param(texts)}::text[] as texts`
    expect(await database.opened.db.execute(sent)).toMatchObject([{ texts }])
  })
})
