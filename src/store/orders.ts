import { and, asc, eq, gte, lt, type SQL } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Actor } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { storable } from './schema/columns.ts'
import { orders } from './schema/runs.ts'
import { read, transact } from './transact.ts'

// What a console asks the running bot to do, left on the table where both can read it, and the bot's answer beside it. They hold no secret.
// No lines: whoever carries one out opens and closes an invocation for it, and that has one.

export interface NewOrder {
  readonly guildId: Id
  /** A uuid, made by whoever asks. */
  readonly id: string
  readonly actor: Actor
  readonly command: string
  readonly subcommand: string | null
  readonly options: Readonly<Record<string, string | number | boolean>>
  readonly at: number
}

export interface Order extends NewOrder {
  readonly state: 'waiting' | 'taken' | 'answered' | 'given_up'
  /** The last answer so far, in the form of a command's reply; null before the first. */
  readonly reply: unknown
  /** True where the reply is a refusal. */
  readonly refused: boolean
  /** When the bot last did something about it; null while it waits, unless somebody stopped the guild meanwhile. */
  readonly seenAt: number | null
}

export interface TakenOrder extends Order {
  /** Somebody stopped the guild while it waited. */
  readonly stoppedSince: boolean
}

/** Whoever asked waits no longer than this for somebody to take the order; then they have gone. */
const WAITING_MS = 60_000
/** Orders of one guild that may wait at once: many more than people who sit at its console. */
const MAX_WAITING = 100

/** Throws `Refusal` where too many wait already. */
export async function placeOrder({ db }: Ledger, order: NewOrder): Promise<void> {
  await transact(db, async (tx) => {
    const ofGuild = and(eq(orders.guildId, order.guildId), eq(orders.state, 'waiting'))
    const waiting = and(ofGuild, gte(orders.at, order.at - WAITING_MS))
    if ((await tx.$count(orders, waiting)) >= MAX_WAITING) throw tooMany()
    await tx.insert(orders).values({ ...order, options: kept(order.options), state: 'waiting' })
  })
}

const tooMany = (): Refusal =>
  new Refusal(
    `${MAX_WAITING} orders wait for the bot of this server already, so this one was not placed. See that the bot runs, and try again in a minute.`,
  )

/** Takes those that have waited the longest, each once whoever else asks, and gives up those whose asker must have gone. */
export function takeOrders({ db }: Ledger, now: number, limit: number): Promise<readonly TakenOrder[]> {
  return transact(db, async (tx) => {
    const waiting = eq(orders.state, 'waiting')
    const stale = await lockOldest(tx, and(waiting, lt(orders.at, now - WAITING_MS)), MAX_WAITING)
    for (const order of stale) await change(tx, order, { state: 'given_up', seenAt: now })
    const taken = await lockOldest(tx, and(waiting, gte(orders.at, now - WAITING_MS)), limit)
    for (const order of taken) await change(tx, order, { state: 'taken', seenAt: now })
    return taken.map((row) => ({
      ...toOrder({ ...row, state: 'taken', seenAt: now }),
      stoppedSince: row.seenAt !== null,
    }))
  })
}

/** Lets whoever takes those that wait in the guild know that it was stopped meanwhile. */
export async function stopWaiting(tx: Db, guildId: Id, at: number): Promise<void> {
  await tx
    .update(orders)
    .set({ seenAt: at })
    .where(and(eq(orders.guildId, guildId), eq(orders.state, 'waiting')))
}

/** What somebody else is at work on this very moment is passed over, not waited for. */
const lockOldest = (tx: Db, wanted: SQL | undefined, limit: number) =>
  tx
    .select()
    .from(orders)
    .where(wanted)
    .orderBy(asc(orders.at), asc(orders.id))
    .limit(limit)
    .for('update', { skipLocked: true })

/** Shows how far it is. Once it was answered, what comes late is no longer news. */
export async function noteProgress({ db }: Ledger, guildId: Id, id: string, reply: object, at: number): Promise<void> {
  await read(change(db, { guildId, id }, { reply: kept(reply), seenAt: at }, 'taken'))
}

/** Once; throws where the order was not taken, or has its answer. */
export async function answerOrder(
  { db }: Ledger,
  guildId: Id,
  id: string,
  reply: object,
  refused: boolean,
  at: number,
): Promise<void> {
  const end = { state: 'answered', reply: kept(reply), refused, seenAt: at }
  const answered = await read(change(db, { guildId, id }, end, 'taken'))
  if (answered.length === 0) throw new Error(`There is no taken order ${id} in guild ${guildId}.`)
}

export async function findOrder({ db }: Ledger, guildId: Id, id: string): Promise<Order | null> {
  const [row] = await read(db.select().from(orders).where(one({ guildId, id })))
  return row ? toOrder(row) : null
}

/** For whoever asked and will not wait any longer. False where the order was taken by then: then it is carried out all the same. */
export async function giveUpOrder({ db }: Ledger, guildId: Id, id: string): Promise<boolean> {
  return (await read(change(db, { guildId, id }, { state: 'given_up' }, 'waiting'))).length > 0
}

interface Key {
  readonly guildId: Id
  readonly id: string
}

const one = ({ guildId, id }: Key) => and(eq(orders.guildId, guildId), eq(orders.id, id))

/** Only where the order is in the state `from`. */
const change = (db: Db, order: Key, to: Partial<OrderRow>, from: Order['state'] = 'waiting') =>
  db
    .update(orders)
    .set(to)
    .where(and(one(order), eq(orders.state, from)))
    .returning({ id: orders.id })

type OrderRow = typeof orders.$inferSelect

/** The columns hold only what the functions above put there. */
const toOrder = (row: OrderRow): Order => row as Order

/** As JSON holds it, with what Postgres cannot store replaced. */
const kept = (value: object): unknown =>
  JSON.parse(JSON.stringify(value), (_name, part) => (typeof part === 'string' ? storable(part) : part))
