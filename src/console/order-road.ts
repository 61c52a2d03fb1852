import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Actor } from '#src/core/trail.ts'
import type { Reply } from '#src/discord/command.ts'
import type { Book } from '#src/store/book.ts'
import { type Ending, type Errand, INTERRUPTED, type Watch } from './road.ts'

// Where a bot is alive on the database, it is asked by an order that is left on a table there, so that one bot alone acts and two consoles cannot disagree with it.

export interface OrderWorld {
  readonly book: Pick<Book, 'placeOrder' | 'order' | 'giveUpOrder'>
  /** The term under which a bot acts at present; null where none is alive. */
  livingTerm(): Promise<number | null>
  newId(): string
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves early where the signal is aborted. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** A person waits, and a look at one row costs nothing. */
const POLL_MS = 300
/** The bot looks for orders every second or so; one that takes none for so long is not at work. */
const TAKEN_WITHIN_MS = 15_000

const NOBODY_TOOK = `A bot is alive on this database, but it did not take the command within ${TAKEN_WITHIN_MS / 1_000} s. It was given up, and nothing was done. Look at the bot's log, and try again.`

const BEFORE_TAKEN: Ending = {
  kind: 'left',
  sentence: 'Given up before the bot took it: nothing was done.',
  code: INTERRUPTED,
}
const GOES_ON: Ending = {
  kind: 'left',
  sentence:
    'The bot goes on with it. `rolecall audit runs` shows how it ends, and `rolecall stop` halts everything at once.',
  code: INTERRUPTED,
}
const BOT_GONE: Ending = {
  kind: 'left',
  sentence:
    'The bot that was at work on this has ended, or lost the database, before it could answer. What it did until then is on record: `rolecall audit runs` lists it, and `rolecall audit resume` goes on with a run that was cut short.',
  code: 1,
}

/** Asks the bot that is alive on this database, and waits for its answer. Throws `Refusal` where it takes nothing. */
export async function byOrder(
  { guildId, actor, ...errand }: Errand & { readonly guildId: Id; readonly actor: Actor },
  watch: Watch,
  world: OrderWorld,
): Promise<Ending> {
  const order = { ...errand, guildId, actor, id: world.newId(), at: world.now() }
  await world.book.placeOrder(order)
  const taken = await untilTaken(order, watch, world)
  if (taken !== 'taken') return taken
  return await untilAnswered(order, watch, world)
}

interface Placed {
  readonly guildId: Id
  readonly id: string
  readonly at: number
}

async function untilTaken({ guildId, id, at }: Placed, watch: Watch, world: OrderWorld): Promise<Ending | 'taken'> {
  for (;;) {
    const order = await world.book.order(guildId, id)
    if (order?.state !== 'waiting') return 'taken'
    const late = world.now() - at >= TAKEN_WITHIN_MS
    if (!late && !watch.signal.aborted) await world.pause(POLL_MS, watch.signal)
    else if (await world.book.giveUpOrder(guildId, id)) {
      if (late) throw new Refusal(NOBODY_TOOK)
      return BEFORE_TAKEN
    }
  }
}

async function untilAnswered(placed: Placed, watch: Watch, world: OrderWorld): Promise<Ending> {
  const term = await world.livingTerm()
  for (;;) {
    const answer = await look(placed, watch, world)
    if (answer) return answer
    if (watch.signal.aborted) return GOES_ON
    // An answer may have been given with the bot's last breath.
    if (term === null || (await world.livingTerm()) !== term) return (await look(placed, watch, world)) ?? BOT_GONE
    await world.pause(POLL_MS, watch.signal)
  }
}

async function look({ guildId, id }: Placed, watch: Watch, { book }: OrderWorld): Promise<Ending | null> {
  const order = await book.order(guildId, id)
  if (!order || order.state === 'given_up') return BOT_GONE
  const reply = order.reply as Reply | null
  if (order.state === 'answered' && reply) return { kind: 'answered', reply, refused: order.refused }
  if (reply) watch.onProgress(reply)
  return null
}
