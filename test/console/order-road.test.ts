import { expect, it } from 'vitest'
import { byOrder, type OrderWorld } from '#src/console/order-road.ts'
import type { Watch } from '#src/console/road.ts'
import { type TestDatabase, withDatabases } from '../database.ts'
import { AT, bookOf, newGuild } from '../store/book.ts'

const ERRAND = { command: 'audit', subcommand: 'run', options: {}, actor: 'cli:ann' } as const
const watch: Watch = { onProgress: () => {}, onNote: () => {}, signal: new AbortController().signal }

/** The console's side of a database, by a clock that moves only while it waits; `meanwhile` is what happens at each wait. */
function world({ opened }: TestDatabase, meanwhile: (now: number, id: string) => Promise<unknown> = async () => {}) {
  let now = AT
  const id = crypto.randomUUID()
  const book = bookOf(opened.db)
  const side: OrderWorld = {
    book,
    livingTerm: async () => 1,
    newId: () => id,
    now: () => now,
    pause: async (milliseconds) => {
      now += milliseconds
      await meanwhile(now, id)
    },
  }
  return { side, book, id, waited: () => now - AT }
}

withDatabases('an order of the console', (database) => {
  it('that nobody takes within 15 seconds is given up, so that no bot carries it out later', async () => {
    const guildId = newGuild()
    const { side, book, id, waited } = world(database)
    await expect(byOrder({ ...ERRAND, guildId }, watch, side)).rejects.toThrow(/did not take the command within 15 s/)
    expect(waited()).toBeLessThan(16_000)
    expect((await book.order(guildId, id))?.state).toBe('given_up')
    expect((await book.takeOrders(AT + 15_000, 10)).filter((order) => order.guildId === guildId)).toEqual([])
  })

  it('that is taken at the last moment is waited for', async () => {
    const guildId = newGuild()
    const reply = { tone: 'good', title: 'Done', text: '' }
    const { side, book, id } = world(database, async (now) => {
      if (now - AT >= 14_500 && now - AT < 14_800) await book.takeOrders(now, 10)
      if (now - AT > 60_000 && (await book.order(guildId, id))?.state === 'taken')
        await book.answerOrder(guildId, id, reply, false, now)
    })
    expect(await byOrder({ ...ERRAND, guildId }, watch, side)).toEqual({ kind: 'answered', reply, refused: false })
  })

  it('is answered by the bot that took it also where that was its last breath', async () => {
    const guildId = newGuild()
    const reply = { tone: 'bad', title: 'The audit was cut short', text: '' }
    const { side, book, id } = world(database, async (now) => {
      await book.takeOrders(now, 10)
    })
    let asked = 0
    const dying = {
      ...side,
      livingTerm: async () => {
        asked += 1
        if (asked > 1) await book.answerOrder(guildId, id, reply, false, AT)
        return asked > 1 ? null : 1
      },
    }
    expect(await byOrder({ ...ERRAND, guildId }, watch, dying)).toEqual({ kind: 'answered', reply, refused: false })
  })

  it('of a bot that another has followed is not waited for', async () => {
    const guildId = newGuild()
    const { side } = world(database, async (now) => {
      await bookOf(database.opened.db).takeOrders(now, 10)
    })
    let term = 0
    const followed = { ...side, livingTerm: async () => ++term }
    expect(await byOrder({ ...ERRAND, guildId }, watch, followed)).toMatchObject({ kind: 'left', code: 1 })
  })
})
