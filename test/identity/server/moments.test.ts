import { expect, it, onTestFinished } from 'vitest'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { IdentityServer, Session } from '#src/identity/server/server.ts'
import { openAt, type Place, TestClock, withEach } from './servers.ts'
import { openWay } from './way.ts'

const MOST_AT_ONCE = 4
const IDLE_MS = 60_000

/** Two ways to count the rows of a table, for a moment must be the same by both. */
const counts = async (session: Session) => {
  let listed = 0
  await session.each('select id from t', () => listed++)
  return [listed, ...(await session.rows('select count(*) from t')).map(([count]) => Number(count))]
}

withEach('one reading is one moment', (place, dialect) => {
  async function open(of: Place = place()): Promise<IdentityServer> {
    await of.admin('drop table if exists t', 'create table t (id int primary key)', 'insert into t values (1), (2)')
    const server = openAt(of.address)
    onTestFinished(() => server.close())
    return server
  }

  it('whatever is written meanwhile, and the next reading sees it', async () => {
    const server = await open()
    const seen = await server.read(async (session) => {
      const before = await counts(session)
      await place().admin('insert into t values (3)', 'delete from t where id = 1')
      return [before, await counts(session)]
    })
    expect(seen).toEqual([
      [2, 2],
      [2, 2],
    ])
    await place().admin('insert into t values (4)')
    expect(await server.read(counts)).toEqual([3, 3])
  })

  it('two at once see a moment each', async () => {
    const server = await open()
    const isFirst = Promise.withResolvers<void>()
    const isWritten = Promise.withResolvers<void>()
    const older = server.read(async (session) => {
      const before = await counts(session)
      isFirst.resolve()
      await isWritten.promise
      return [before, await counts(session)]
    })
    await isFirst.promise
    await place().admin('insert into t values (3)')
    const newer = await server.read(counts)
    isWritten.resolve()
    expect([newer, await older]).toEqual([
      [3, 3],
      [
        [2, 2],
        [2, 2],
      ],
    ])
  })

  it('nothing can be written, though the user might', async () => {
    const server = await open()
    const { user } = place().address
    await place().admin(dialect === 'postgres' ? `grant all on t to ${user}` : `grant all on *.* to ${user}@'%'`)
    for (const statement of ['insert into t values (9)', 'delete from t', 'drop table t']) {
      const tried = server.read((session) => session.rows(statement))
      await expect(tried).rejects.toThrow(/did not answer a question.*\((?:25006|1792)\)/)
    }
    expect(await server.read(counts)).toEqual([2, 2])
  })
})

withEach('a reading that fails', (place) => {
  function open() {
    const server = openAt(place().address)
    onTestFinished(() => server.close())
    return server
  }
  const many = () =>
    place().dialect === 'postgres' ? 'select generate_series(1, 5000)' : 'select seq from seq_1_to_5000'

  it('ends with what the work has thrown, be it in the midst of rows', async () => {
    const server = open()
    const own = new Error('No more of this.')
    await expect(server.read(() => Promise.reject(own))).rejects.toBe(own)
    let seen = 0
    const refusing = server.read((session) =>
      session.each(many(), () => {
        if (++seen === 17) throw own
      }),
    )
    await expect(refusing).rejects.toBe(own)
    expect(seen).toBe(17)
    expect(await server.read((session) => session.rows('select 1'))).toEqual([['1']])
  })

  it('fails though the work took no notice of the question that failed', async () => {
    const server = open()
    const reading = server.read(async (session) => {
      await session.rows('select 1 from not_there').catch(() => {})
      return 'all is well'
    })
    await expect(reading).rejects.toThrow(/no table .*not_there/)
    const goingOn = server.read(async (session) => {
      await session.rows('select 1 from not_there').catch(() => {})
      return await session.rows('select 1')
    })
    await expect(goingOn).rejects.toThrow(/no table .*not_there/)
  })

  it('answers no question that comes after its end', async () => {
    const server = open()
    let kept: Session | undefined
    await server.read(async (session) => {
      kept = session
    })
    await expect(kept?.rows('select 1')).rejects.toThrow('This reading is over')
    expect(await server.read((session) => session.rows('select 2'))).toEqual([['2']])
  })
})

withEach('connections', (place, dialect) => {
  async function open(clock = new TestClock()) {
    const way = await openWay(place().address)
    const server = openAt(way.address, { clock })
    onTestFinished(() => server.close())
    return { way, server, clock }
  }
  const one = (session: Session) => session.rows('select 1')

  it('one serves for one reading after the other', async () => {
    const { way, server } = await open()
    for (let i = 0; i < 10; i++) await server.read(one)
    expect([way.made, way.open]).toEqual([1, 1])
  })

  it('there are a few at most, and two are kept', async () => {
    const { way, server } = await open()
    let atOnce = 0
    let most = 0
    const isCrowded = Promise.withResolvers<void>()
    const reading = () =>
      server.read(async (session) => {
        most = Math.max(most, ++atOnce)
        if (atOnce === MOST_AT_ONCE) isCrowded.resolve()
        await isCrowded.promise
        await session.rows('select 1')
        atOnce--
      })
    await Promise.all(Array.from({ length: 20 }, reading))
    expect(most).toBe(MOST_AT_ONCE)
    expect(way.made).toBeLessThan(20)
    await expect.poll(() => way.open).toBe(2)
  })

  it('whoever comes while a hundred wait is refused', async () => {
    const { server } = await open()
    const gate = Promise.withResolvers<void>()
    const reading = () => server.read(() => gate.promise)
    const taken = Array.from({ length: MOST_AT_ONCE + 100 }, reading)
    await expect(reading()).rejects.toThrow(/More is asked of the identity database than it answers/)
    gate.resolve()
    await Promise.all(taken)
  })

  it('one that nobody needs is let go of after a minute', async () => {
    const { way, server, clock } = await open()
    await server.read(one)
    await clock.pass(IDLE_MS - 1)
    expect(way.open).toBe(1)
    await clock.pass(1)
    await expect.poll(() => way.open).toBe(0)
    expect(await server.read(one)).toEqual([['1']])
  })

  it('one that died while nobody needed it costs nobody an answer', async () => {
    const { way, server } = await open()
    await server.read(one)
    way.sever()
    expect(await server.read(one)).toEqual([['1']])
    // And the same where its death is met only by the question.
    way.play(dialect === 'postgres' ? 'begin' : 'start transaction', { after: 0, act: 'reset', once: true })
    expect(await server.read(one)).toEqual([['1']])
    expect(way.made).toBe(3)
  })

  it('closing ends what is under way, and what waits, at once', async () => {
    const { way, server } = await open()
    const endless = () => server.read(() => new Promise(() => {}))
    const readings = Array.from({ length: MOST_AT_ONCE + 2 }, () => endless().then(String, (error: Error) => error))
    await expect.poll(() => way.open).toBe(MOST_AT_ONCE)
    await server.close()
    for (const error of await Promise.all(readings)) {
      expect(error).toBeInstanceOf(DirectoryUnreachable)
      expect(String(error)).toMatch(/The bot is stopping/)
    }
    await expect(server.read(one)).rejects.toThrow(/The bot is stopping/)
    await expect.poll(() => way.open).toBe(0)
  })
})
