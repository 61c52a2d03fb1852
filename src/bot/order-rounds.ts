import { COMMANDS } from '#commands/index.ts'
import type { Id } from '#src/core/model.ts'
import type { CommandWorld } from '#src/discord/command.ts'
import type { Clock } from '#src/roster/clock.ts'
import type { Book } from '#src/store/book.ts'
import type { Log } from '#src/telemetry/log.ts'
import { carryOutOrder, type Desk } from './order-desk.ts'
import { every } from './ticker.ts'

// Consoles on the same database leave their orders there; the bot comes by often, since somebody sits and waits.

const EVERY_MS = 500
/** Orders taken at once; a person gives one at a time. */
const AT_ONCE = 10

export interface RoundsParts {
  readonly book: Book
  readonly commands: CommandWorld
  readonly guildIds: Desk['guildIds']
  /** Of a server, whether it was stopped since the moment of asking. */
  readonly sinceNow: () => (guildId: Id) => boolean
  readonly clock: Clock
  readonly log: Log
}

type Taken = Awaited<ReturnType<Book['takeOrders']>>[number]

/** Returns what ends the rounds and waits for the orders in hand. */
export function takeOrdersOften(parts: RoundsParts): () => Promise<void> {
  const inHand = new Set<Promise<void>>()
  const end = every(parts, EVERY_MS, 'orders of consoles', async () => {
    // Before they are taken: of a stop that comes later each is to hear.
    const stopped = parts.sinceNow()
    for (const order of await parts.book.takeOrders(parts.commands.now(), AT_ONCE)) {
      const work = carryOut(order, stopped, parts).catch((error: unknown) =>
        parts.log.error({ error, order: order.id }, 'What came of an order could not be written down.'),
      )
      inHand.add(work)
      void work.finally(() => inHand.delete(work))
    }
  })
  return async () => {
    await end()
    await Promise.all(inHand)
  }
}

async function carryOut(
  taken: Taken,
  stopped: (guildId: Id) => boolean,
  { book, commands, guildIds, log }: RoundsParts,
): Promise<void> {
  const { guildId, id, actor, command, subcommand, options, stoppedSince } = taken
  const heard = () => stoppedSince || stopped(guildId)
  const order = { guildId, requestId: id, actor, command, subcommand, options, stoppedSince: heard }
  const interactionId = `order:${id}`
  const asked = { guildId, interactionId, actor, command, subcommand, options, counted: false }
  await book.openInvocation({ ...asked, at: commands.now() })
  const desk = { commands: COMMANDS, world: commands, log, guildIds }
  const { reply, refused } = await carryOutOrder(order, desk, (progress) => {
    // Progress that cannot be written is shown by the next.
    void book.noteProgress(guildId, id, progress, commands.now()).catch(() => {})
  })
  await book.answerOrder(guildId, id, reply, refused, commands.now())
  const end = refused
    ? ({ outcome: 'refused', why: reply.text, refusedBy: 'command', quota: null } as const)
    : ({ outcome: 'accepted', runId: null, quota: null } as const)
  await book.closeInvocation(guildId, interactionId, end, commands.now())
}
