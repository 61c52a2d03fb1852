import postgres from 'postgres'
import { expect, it, onTestFinished } from 'vitest'
import { withServer } from './database.ts'
import { openProxy } from './severed.ts'

withServer('a way to a database that fails', (url) => {
  async function open() {
    const way = await openProxy(url())
    onTestFinished(() => way.close())
    const sql = postgres(way.url, { max: 1, onnotice: () => {}, connect_timeout: 2, backoff: false })
    onTestFinished(() => sql.end({ timeout: 0 }))
    const one = async () => (await sql`select 1 as one`)[0]?.one
    return { way, sql, one }
  }

  it('carries everything while all is well', async () => {
    const { way, sql, one } = await open()
    const [row] = await sql`select length(${'x'.repeat(1_000_000)}) as long`
    expect([row!.long, await one(), way.open]).toEqual([1_000_000, 1, 1])
  })

  it('breaks in the midst of a query when severed, refuses new connections, and heals', async () => {
    const { way, sql, one } = await open()
    await one()
    const slow = sql`select pg_sleep(60)`.then(
      () => 'done',
      (error: { code: string }) => error.code,
    )
    await expect.poll(async () => way.open).toBe(1)
    way.sever()
    expect(await slow).toBe('CONNECTION_CLOSED')
    await expect(one()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(way.open).toBe(0)
    await way.restore()
    expect(await one()).toBe(1)
  })

  it('goes silent when hung, without a word to anybody, and then goes on where it was', async () => {
    const { way, one } = await open()
    await one()
    way.hang()
    let answered = false
    const asked = one().then((value) => {
      answered = true
      return value
    })
    const other = postgres(url(), { max: 1 })
    await other`select pg_sleep(0.1)`.finally(() => other.end())
    expect([answered, way.open]).toEqual([false, 1])
    await way.restore()
    expect(await asked).toBe(1)
  })
})
