import postgres from 'postgres'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Session } from '#src/identity/server/server.ts'
import { makeOwn, makeReplica, type OwnServer, withOwn } from './own-server.ts'
import { openAt, type Place, SOME_LIMITS } from './servers.ts'
import { told } from './told.ts'

withOwn('postgres', 'a replica', () => {
  let primary: OwnServer
  let replica: OwnServer
  let place: Place

  beforeAll(async () => {
    primary = await makeOwn('postgres')
    await primary.start()
    place = await primary.makePlace()
    await place.admin('create table people (name text)', "insert into people values ('ann')")
    replica = await makeReplica(primary)
    await replica.start()
  })
  afterAll(async () => {
    await place?.drop().catch(() => {})
    await replica?.remove()
    await primary?.remove()
  })

  const names = async (session: Session) => (await session.rows('select name from people order by name')).flat()

  function open(behindMs: number) {
    const server = openAt({ ...place.address, port: replica.port }, { limits: { ...SOME_LIMITS, behindMs } })
    onTestFinished(() => server.close())
    return server
  }

  /** On the replica itself, as its administrator. */
  async function there(statement: string): Promise<void> {
    const sql = postgres({ host: '127.0.0.1', port: replica.port, user: 'postgres', max: 1, onnotice: () => {} })
    await sql.unsafe(statement).finally(() => sql.end())
  }

  it('that keeps up is read, and one that lags is not believed until it has caught up', async () => {
    const server = open(200)
    await expect.poll(() => server.read(names).catch(() => null)).toEqual(['ann'])
    await place.admin("delete from people where name = 'cy'", "insert into people values ('ben')")
    await expect.poll(() => server.read(names).catch(() => null)).toEqual(['ann', 'ben'])
    await there('select pg_wal_replay_pause()')
    await place.admin("insert into people values ('bob')")
    await expect.poll(() => told(server.read(names)), { timeout: 10_000 }).toMatch(/is a replica and \d+ s behind/)
    expect(await open(SOME_LIMITS.behindMs).read(names)).toEqual(['ann', 'ben'])
    await there('select pg_wal_replay_resume()')
    await expect.poll(() => server.read(names).catch(() => null), { timeout: 10_000 }).toEqual(['ann', 'ben', 'bob'])
  })

  it('that gets nothing from its primary is not believed once it is old', async () => {
    const server = open(200)
    await primary.stop()
    await expect
      .poll(() => told(server.read(names)), { timeout: 10_000 })
      .toMatch(/is a replica (?:and \d+ s behind|that gets nothing)/)
    await primary.start()
    await expect.poll(() => server.read(names).catch(() => null), { timeout: 25_000 }).toEqual(['ann', 'ben', 'bob'])
  })
})
