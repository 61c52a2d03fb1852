import { randomUUID } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { Refusal } from '#src/core/refusal.ts'
import type { Retry } from '#src/core/run.ts'
import { orders } from '#src/store/schema/runs.ts'
import type { StandingBook } from '#src/store/standing-book.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, HOUR, linesOf, MINUTE, newGuild, newId } from './book.ts'
import { standingBookOf } from './standing-book.ts'

const newOrder = (guildId: string, at = AT) =>
  ({
    guildId,
    id: randomUUID(),
    actor: 'cli:ann',
    command: 'audit',
    subcommand: 'run',
    options: { action: 'strip', member: '42', loud: true, limit: 3 },
    at,
  }) as const

const REPLY = { tone: 'good', title: 'Done', text: 'One role taken.', fields: [{ name: 'a', value: 'b' }] } as const

withDatabases('an order from the console', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)
  /** Orders are taken whatever their guild: what other tests left waiting is out of the way after this. */
  const clear = () => book().takeOrders(AT, 1_000)
  const idsOf = (taken: readonly { readonly id: string }[]) => taken.map(({ id }) => id)

  it('waits until the bot takes it, and then is as it was placed', async () => {
    await clear()
    const order = newOrder(newGuild())
    await book().placeOrder(order)
    const waiting = { ...order, state: 'waiting', reply: null, refused: false, seenAt: null }
    expect(await book().order(order.guildId, order.id)).toEqual(waiting)
    expect(await book().takeOrders(AT + 1, 5)).toEqual([
      { ...waiting, state: 'taken', seenAt: AT + 1, stoppedSince: false },
    ])
    expect(await book().takeOrders(AT + 2, 5)).toEqual([])
    expect(await book().order(order.guildId, order.id)).toMatchObject({ state: 'taken', seenAt: AT + 1 })
    expect(await book().order(newGuild(), order.id)).toBeNull()
  })

  it('is taken in its turn: the one that has waited the longest first', async () => {
    await clear()
    const placed = [3, 1, 2].map((nth) => newOrder(newGuild(), AT + nth))
    for (const order of placed) await book().placeOrder(order)
    expect(idsOf(await book().takeOrders(AT + 5, 2))).toEqual([placed[1]?.id, placed[2]?.id])
    expect(idsOf(await book().takeOrders(AT + 5, 2))).toEqual([placed[0]?.id])
  })

  it('is taken once, however many take at once', async () => {
    await clear()
    const placed = Array.from({ length: 12 }, () => newOrder(newGuild()))
    for (const order of placed) await book().placeOrder(order)
    const taken = await Promise.all(Array.from({ length: 6 }, () => book().takeOrders(AT, 4)))
    expect(taken.flatMap(idsOf).toSorted()).toEqual(idsOf(placed).toSorted())
  })

  it('is carried out or given up, never both', async () => {
    await clear()
    const placed = Array.from({ length: 8 }, () => newOrder(newGuild()))
    for (const order of placed) await book().placeOrder(order)
    const [taken, ...given] = await Promise.all([
      book().takeOrders(AT, 20),
      ...placed.map(({ guildId, id }) => book().giveUpOrder(guildId, id)),
    ])
    const givenUp = placed.filter((_, nth) => given[nth]).map(({ id }) => id)
    // What was being given up that very moment is passed over, and then was given up.
    expect([...idsOf(taken), ...givenUp].toSorted()).toEqual(idsOf(placed).toSorted())
  })

  it('knows of a stop that came while it waited, and of none in another guild', async () => {
    await clear()
    const [stopped, other] = [newOrder(newGuild()), newOrder(newGuild(), AT + 1)]
    for (const order of [stopped, other]) await book().placeOrder(order)
    await bookOf(database.opened.db).stop(stopped.guildId, {
      actor: 'discord:1',
      cause: 'interaction:1',
      reason: null,
      at: AT + 2,
    })
    const later = newOrder(stopped.guildId, AT + 3)
    await book().placeOrder(later)
    const taken = await book().takeOrders(AT + 4, 5)
    expect(taken.map(({ id, stoppedSince }) => [id, stoppedSince])).toEqual([
      [stopped.id, true],
      [other.id, false],
      [later.id, false],
    ])
  })

  it('that nobody took within a minute is given up: whoever asked has gone', async () => {
    await clear()
    const [late, inTime] = [newOrder(newGuild(), AT), newOrder(newGuild(), AT + 1)]
    for (const order of [late, inTime]) await book().placeOrder(order)
    expect(idsOf(await book().takeOrders(AT + MINUTE + 1, 5))).toEqual([inTime.id])
    expect(await book().order(late.guildId, late.id)).toMatchObject({ state: 'given_up', reply: null })
    expect(await book().takeOrders(AT, 5)).toEqual([])
  })

  it('is not carried out late where more were left lying than are given up at a time', async () => {
    await clear()
    const guildId = newGuild()
    await database.opened.sql`
      insert into orders (guild_id, id, at, actor, command, options, state)
      select ${guildId}, gen_random_uuid(), to_timestamp(0), 'cli:ann', 'audit', '{}', 'waiting' from generate_series(1, 101)`
    expect(await book().takeOrders(AT, 5)).toEqual([])
    expect(await book().takeOrders(AT, 5)).toEqual([])
    const givenUp = and(eq(orders.guildId, guildId), eq(orders.state, 'given_up'))
    expect(await database.opened.db.$count(orders, givenUp)).toBe(101)
  })

  it('shows how far it is, and has its answer once', async () => {
    const order = newOrder(newGuild())
    const { guildId, id } = order
    await book().placeOrder(order)
    await book().noteProgress(guildId, id, { title: 'too early' }, AT)
    expect(await book().order(guildId, id)).toMatchObject({ reply: null })
    await expect(book().answerOrder(guildId, id, REPLY, false, AT)).rejects.toThrow('no taken order')
    await book().takeOrders(AT, 100)
    await book().noteProgress(guildId, id, { ...REPLY, title: 'Half \0 done' }, AT + 2)
    expect(await book().order(guildId, id)).toMatchObject({
      state: 'taken',
      reply: { title: 'Half � done' },
      seenAt: AT + 2,
    })
    await book().answerOrder(guildId, id, REPLY, true, AT + 3)
    await book().noteProgress(guildId, id, { title: 'too late' }, AT + 4)
    expect(await book().order(guildId, id)).toMatchObject({ state: 'answered', refused: true, seenAt: AT + 3 })
    expect((await book().order(guildId, id))?.reply).toEqual(REPLY)
    await expect(book().answerOrder(guildId, id, REPLY, false, AT)).rejects.toThrow('no taken order')
    expect(await book().giveUpOrder(guildId, id)).toBe(false)
  })

  it('is kept whatever people typed in it', async () => {
    const order = { ...newOrder(newGuild()), options: { reason: 'rude \0 and \ud83d' } }
    await book().placeOrder(order)
    expect((await book().order(order.guildId, order.id))?.options).toEqual({ reason: 'rude � and �' })
  })

  it('is refused where a hundred wait already, but not for those that waited too long', async () => {
    await clear()
    const guildId = newGuild()
    for (let nth = 0; nth < 100; nth++) await book().placeOrder(newOrder(guildId, AT))
    await expect(book().placeOrder(newOrder(guildId, AT + MINUTE))).rejects.toBeInstanceOf(Refusal)
    await book().placeOrder(newOrder(newGuild(), AT + MINUTE))
    await book().placeOrder(newOrder(guildId, AT + MINUTE + 1))
  })

  it('is cleared away after a day, and not before', async () => {
    const order = newOrder(newGuild())
    await book().placeOrder(order)
    await book().sweep(AT + 24 * HOUR)
    expect(await book().order(order.guildId, order.id)).not.toBeNull()
    await book().sweep(AT + 24 * HOUR + 1)
    expect(await book().order(order.guildId, order.id)).toBeNull()
  })

  it('leaves nothing in the record by itself', async () => {
    const { guildId, ...order } = newOrder(newGuild())
    await book().placeOrder({ guildId, ...order })
    expect(await book().giveUpOrder(guildId, order.id)).toBe(true)
    expect(await book().giveUpOrder(guildId, order.id)).toBe(false)
    expect(await linesOf(database.opened.db, guildId)).toEqual([])
    expect(await database.opened.db.$count(orders)).toBeGreaterThan(0)
  })
})

withDatabases('a kick that failed for a passing reason', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)
  const retry = (guildId: string, more: Partial<Retry> = {}): Retry => ({
    guildId,
    memberId: '4',
    runId: newId(),
    tries: 1,
    notBefore: AT + MINUTE,
    detail: 'Discord answered 503.',
    ...more,
  })
  const due = async (guildId: string, now: number) =>
    (await book().dueRetries(now, 100)).filter((one) => one.guildId === guildId)

  it('is due again when its time has come, and says so in the record', async () => {
    const one = retry(newGuild())
    await book().scheduleRetry(one, AT)
    expect(await due(one.guildId, AT + MINUTE - 1)).toEqual([])
    expect(await due(one.guildId, AT + MINUTE)).toEqual([one])
    expect(await linesOf(database.opened.db, one.guildId)).toMatchObject([
      {
        type: 'kick.postponed',
        actor: 'system:retry',
        subject: 'member:4',
        run: one.runId,
        data: { tries: 1, notBefore: '2026-11-22T12:01:00.000Z', detail: 'Discord answered 503.' },
      },
    ])
  })

  it('is postponed again in place of the time before, and once where nothing is new', async () => {
    const first = retry(newGuild())
    const second = { ...first, tries: 2, notBefore: AT + HOUR, detail: null }
    for (const one of [first, first, second, second]) await book().scheduleRetry(one, AT)
    expect(await due(first.guildId, AT + HOUR)).toEqual([second])
    expect(await linesOf(database.opened.db, first.guildId)).toHaveLength(2)
  })

  it('keeps what Discord said, whatever it holds', async () => {
    const one = retry(newGuild(), { detail: 'No \0.' })
    await book().scheduleRetry(one, AT)
    expect(await due(one.guildId, AT + HOUR)).toMatchObject([{ detail: 'No �.' }])
    expect(await linesOf(database.opened.db, one.guildId)).toMatchObject([{ data: { detail: 'No �.' } }])
  })

  it('comes in the order in which they fall due, a page at a time', async () => {
    const guildId = newGuild()
    for (const [memberId, notBefore] of [
      ['5', -2],
      ['6', -3],
      ['7', -1],
    ] as const)
      await book().scheduleRetry(retry(guildId, { memberId, notBefore }), AT)
    const page = await book().dueRetries(0, 2)
    expect(page.map(({ memberId }) => memberId)).toEqual(['6', '5'])
  })

  it('is dropped once it is done or given up', async () => {
    const [one, other] = [retry(newGuild()), retry(newGuild())]
    for (const each of [one, other]) await book().scheduleRetry(each, AT)
    await book().dropRetry(one.guildId, '4')
    expect([await due(one.guildId, AT + HOUR), await due(other.guildId, AT + HOUR)]).toEqual([[], [other]])
  })
})
