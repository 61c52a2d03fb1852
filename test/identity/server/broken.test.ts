import { expect, it, onTestFinished } from 'vitest'
import type { IdentityServer, Session } from '#src/identity/server/server.ts'
import type { Address } from '#src/identity/server/settings.ts'
import { openAt, SOME_LIMITS, TestClock, withEach } from './servers.ts'
import { told } from './told.ts'
import { openWay, type Way } from './way.ts'

const MARK = '/* marked */'
const WAIT_MS = SOME_LIMITS.questionMs + 2_000
const LOST = /broke off|could not follow the answer|ended the connection/

withEach('an answer that breaks off', (place, dialect) => {
  const isPostgres = dialect === 'postgres'
  const few = `select ${MARK} 'one', 'two' union all select 'three', null`
  const many = isPostgres
    ? `select ${MARK} i, repeat('x', 100) from generate_series(1, 50000) i`
    : `select ${MARK} seq, repeat('x', 100) from seq_1_to_50000`

  function open(address: Address, clock = new TestClock(), limits = SOME_LIMITS): IdentityServer {
    const server = openAt(address, { clock, limits })
    onTestFinished(() => server.close())
    return server
  }

  const asRows = (question: string) => (session: Session) => session.rows(question)
  const asEach = (question: string) => (session: Session) => session.each(question, () => {})

  /** How long the whole answer is. */
  async function lengthOf(way: Way, server: IdentityServer, ask: (session: Session) => Promise<unknown>) {
    way.play(MARK, { after: Number.POSITIVE_INFINITY, act: 'cut' })
    let length = 0
    await server.read(async (session) => {
      await ask(session)
      length = way.answered
    })
    return length
  }

  const kinds: readonly (readonly [string, (question: string) => (session: Session) => Promise<unknown>])[] = [
    ['a few rows', asRows],
    ['many rows', asEach],
  ]
  for (const [what, ask] of kinds)
    it(`is never taken for a whole one, at whichever byte it does: ${what}`, { timeout: 120_000 }, async () => {
      const way = await openWay(place().address)
      const server = open(way.address)
      const length = await lengthOf(way, server, ask(few))
      expect(length).toBeGreaterThan(30)
      for (let after = 0; after < length; after++) {
        way.play(MARK, { after, act: after % 2 === 0 ? 'cut' : 'reset' })
        expect(await told(server.read(ask(few)))).toMatch(LOST)
      }
      way.rest()
      await server.read(ask(few))
    })

  it('is never taken for a whole one, however long it is', async () => {
    const way = await openWay(place().address)
    const server = open(way.address)
    const length = await lengthOf(way, server, asEach(many))
    expect(length).toBeGreaterThan(5_000_000)
    for (const after of [1, 65_536, 1_000_000, length - 30, length - 7, length - 1]) {
      way.play(MARK, { after, act: 'cut' })
      let rows = 0
      expect(await told(server.read((session) => session.each(many, () => rows++)))).toMatch(LOST)
      expect(rows).toBeLessThanOrEqual(50_000)
    }
    way.rest()
    await server.read(asEach(many))
  })

  it('by way of the end of the transaction is not believed either', async () => {
    const way = await openWay(place().address)
    const server = open(way.address)
    way.play('commit', { after: 0, act: 'cut' })
    expect(await told(server.read(asRows('select 1')))).toMatch(LOST)
    way.rest()
    expect(await server.read(asRows('select 1'))).toEqual([['1']])
  })

  it('ceases without a word, and is waited for no longer than a question may take', async () => {
    const way = await openWay(place().address)
    const clock = new TestClock()
    const server = open(way.address, clock, { ...SOME_LIMITS, readingMs: 1e9 })
    const asked: readonly (readonly [(session: Session) => Promise<unknown>, number])[] = [
      [asRows(few), 0],
      [asRows(few), 20],
      [asEach(many), 1_000_000],
    ]
    for (const [ask, after] of asked) {
      const before = way.played
      way.play(MARK, { after, act: 'stall', once: true })
      const reading = watched(told(server.read(ask)))
      await expect.poll(() => way.played).toBeGreaterThan(before)
      await expect.poll(() => clock.pass(WAIT_MS).then(reading.isOver)).toBe(true)
      expect(await reading.done).toMatch(/has said nothing for 22 s in the middle of an answer/)
      expect(await server.read(asRows('select 1'))).toEqual([['1']])
    }
  })

  it('may take its time before the first row of many, but not for ever', async () => {
    const way = await openWay(place().address)
    const clock = new TestClock()
    const server = open(way.address, clock)
    way.play(MARK, { after: 0, act: 'stall' })
    const reading = watched(told(server.read(asEach(many))))
    await expect.poll(() => way.played).toBe(1)
    await clock.pass(2 * WAIT_MS)
    expect(reading.isOver()).toBe(false)
    await clock.pass(SOME_LIMITS.readingMs - 2 * WAIT_MS)
    expect(await reading.done).toMatch(/took longer than 60 s over the list of everybody/)
  })

  it('a server that falls silent before a question is asked is met in time', async () => {
    const way = await openWay(place().address)
    const clock = new TestClock()
    const server = open(way.address, clock)
    await server.read(asRows('select 1'))
    way.play(isPostgres ? 'begin' : 'start transaction', { after: 0, act: 'stall' })
    const reading = told(server.read(asRows('select 1')))
    for (const times of [1, 2]) {
      await expect.poll(() => way.played).toBe(times)
      await clock.pass(WAIT_MS)
    }
    expect(await reading).toMatch(/has said nothing for 22 s/)
  })

  it('a server that says something else than its kind does is not followed', async () => {
    const way = await openWay(place().address)
    const server = open(way.address)
    for (const words of ['HTTP/1.1 200 OK\r\n\r\n', '\xff'.repeat(64)]) {
      way.play(MARK, { after: 0, act: Buffer.from(words, 'latin1') })
      for (const ask of [asRows(few), asEach(few)])
        expect(await told(server.read<unknown>(ask))).toMatch(/identity database/)
    }
    way.rest()
    expect(await server.read(asRows('select 1'))).toEqual([['1']])
  })
})

function watched<T>(work: Promise<T>): { readonly done: Promise<T>; readonly isOver: () => boolean } {
  let isOver = false
  const done = work.finally(() => {
    isOver = true
  })
  done.catch(() => {})
  return { done, isOver: () => isOver }
}
