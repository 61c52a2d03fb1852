import { expect, it, onTestFinished } from 'vitest'
import type { IdentityServer, Session } from '#src/identity/server/server.ts'
import { openAt, SOME_LIMITS, withEach } from './servers.ts'
import { told } from './told.ts'

const one = (session: Session) => session.rows('select 1')

withEach('a question that the server does not answer to its end', (place, dialect) => {
  const isPostgres = dialect === 'postgres'

  function open(limits = SOME_LIMITS): IdentityServer {
    const server = openAt(place().address, { limits })
    onTestFinished(() => server.close())
    return server
  }

  /** Sends a row every few milliseconds, and would for minutes. */
  const dripping = isPostgres
    ? `select repeat('x', 10000), pg_sleep(0.005) from generate_series(1, 100000)`
    : `select repeat('x', 10000), sleep(0.005) from seq_1_to_100000`
  const sleeping = isPostgres ? 'select pg_sleep(100)' : 'select sleep(100)'

  /** The server's own number of the connection that is busy for the reading user. */
  async function busy(): Promise<string> {
    const { admin, address } = place()
    const question = isPostgres
      ? `select pid as id from pg_stat_activity where usename = '${address.user}' and state = 'active' and query like '%sleep%'`
      : `select id from information_schema.processlist where user = '${address.user}' and info like '%sleep%'`
    const ids = async () => (await admin(question)).map(({ id }) => String(id))
    let found: readonly string[] = []
    await expect
      .poll(async () => {
        found = await ids()
        return found.length
      })
      .toBe(1)
    return found.join()
  }

  const cancel = async () =>
    place().admin(isPostgres ? `select pg_cancel_backend(${await busy()})` : `kill query ${await busy()}`)
  const end = async () =>
    place().admin(isPostgres ? `select pg_terminate_backend(${await busy()})` : `kill connection ${await busy()}`)

  const ways: readonly (readonly [string, (session: Session) => Promise<unknown>])[] = [
    ['a few rows', (session: Session) => session.rows(sleeping)],
    ['many rows, before the first', (session: Session) => session.each(sleeping, () => {})],
    ['many rows, in their midst', (session: Session) => session.each(dripping, () => {})],
  ]
  for (const [what, ask] of ways) {
    it(`somebody stops it: ${what}`, async () => {
      const server = open()
      const reading = told(server.read(ask))
      await cancel()
      expect(await reading).toMatch(
        /Somebody at the identity database stopped a question of the bot.*\((?:57014|1317)\)$/,
      )
      expect(await server.read(one)).toEqual([['1']])
    })

    it(`somebody ends the connection: ${what}`, async () => {
      const server = open()
      const reading = told(server.read(ask))
      await end()
      // MariaDB hangs up without a word.
      const words = isPostgres ? /ended the connection.*\(57P01\)$/ : /broke off: .*somebody ended the connection there/
      expect(await reading).toMatch(words)
      expect(await server.read(one)).toEqual([['1']])
    })
  }

  it('takes longer than a question may', async () => {
    const server = open({ ...SOME_LIMITS, questionMs: 200 })
    const message = await told(server.read((session) => session.rows(sleeping)))
    expect(message).toMatch(/took longer than 0\.2 s over one question.*IDENTITY_TIMEOUT_SECONDS.*\((?:57014|1969)\)$/)
    expect(await server.read(one)).toEqual([['1']])
  })

  it('takes longer over everybody than a reading may', async () => {
    const server = open({ ...SOME_LIMITS, questionMs: 100, readingMs: 400 })
    const message = await told(server.read((session) => session.each(dripping, () => {})))
    expect(message).toMatch(/took longer than 0\.4 s over the list of everybody/)
    expect(await server.read(one)).toEqual([['1']])
  })

  it('waits for a table that somebody has locked', async () => {
    const { admin } = place()
    await admin('create table busy_table (id int)')
    await admin(
      ...(isPostgres ? ['begin', 'lock table busy_table in access exclusive mode'] : ['lock tables busy_table write']),
    )
    const server = open({ ...SOME_LIMITS, questionMs: isPostgres ? 400 : 2_000 })
    const asked = server.read((session) => session.rows('select id from busy_table'))
    expect(await told(asked)).toMatch(/is locked by somebody else.*\((?:55P03|1205)\)$/)
    await admin(isPostgres ? 'rollback' : 'unlock tables')
    expect(await server.read((session) => session.rows('select id from busy_table'))).toEqual([])
  })

  it('asks for what the user may not read, and may it once that is granted', async () => {
    const { admin, address } = place()
    const table = isPostgres ? 'secret_table' : `mysql.db`
    await admin(
      ...(isPostgres ? ['create table secret_table (id int)', `revoke all on secret_table from ${address.user}`] : []),
    )
    const server = open()
    const ask = () => server.read((session) => session.rows(`select 1 from ${table} where 1 = 0`))
    expect(await told(ask())).toMatch(
      new RegExp(`may not read ${table.replace('.', '\\.')} in the identity database. Grant it SELECT`),
    )
    await admin(
      isPostgres
        ? `grant select on secret_table to ${address.user}`
        : `grant select on mysql.db to ${address.user}@'%'`,
    )
    if (!isPostgres) await server.read(one)
    expect(await ask()).toEqual([])
  })

  it('asks for a table and a column that an upgrade has renamed', async () => {
    const { admin } = place()
    await admin('drop table if exists renamed', 'create table renamed (name varchar(20))')
    const server = open()
    const ask = () => server.read((session) => session.rows('select r.name from renamed r'))
    expect(await ask()).toEqual([])
    await admin('alter table renamed rename column name to label')
    expect(await told(ask())).toMatch(/has no column (?:r\.name|name)\. .*upgrade/)
    await admin('alter table renamed rename to gone')
    expect(await told(ask())).toMatch(/has no table (?:\w+\.)?renamed\. .*upgrade/)
    await admin('alter table gone rename to renamed', 'alter table renamed rename column label to name')
    expect(await ask()).toEqual([])
  })

  it('asks a view that no longer works', async () => {
    const { admin } = place()
    await admin('create table under (id int)', 'create view over_it as select id from under')
    await admin('drop table under cascade'.replace(isPostgres ? '' : ' cascade', ''))
    const message = await told(open().read((session) => session.rows('select id from over_it')))
    expect(message).toMatch(isPostgres ? /has no table over_it/ : /The view .*over_it no longer works/)
  })
})
