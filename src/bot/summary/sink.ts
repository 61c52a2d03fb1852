import { type Folded, foldedReply, isFoldedKind } from '#commands/summary-fold.ts'
import { summaryReply } from '#commands/summary-words.ts'
import type { Id } from '#src/core/model.ts'
import type { Reply } from '#src/discord/command.ts'
import { type Delivery, type OutEvent, type Sink, SinkTrouble } from '#src/sinks/sink.ts'
import type { Address } from './address.ts'
import { numbersIn, readLine, type SummaryLine } from './line.ts'
import { noteOf, type RunFacts, TOLD } from './news.ts'
import type { Pace } from './pace.ts'

// Summaries of one server, posted by its webhook: a message a happening, and one message for many.

export interface SummaryParts {
  readonly address: Pick<Address, 'guildId' | 'post'>
  readonly facts: RunFacts
  readonly pace: Pace
  /** True where the bot's own message tells of it in the same channel, with buttons. */
  readonly isToldByBot: (line: SummaryLine) => Promise<boolean>
}

/** Happenings of one delivery that are told one by one; more are counted in one message. */
const MOST_SINGLE = 4
/** After so many tries in a row that came to nothing, what was to be told is parked. */
const TRIES = 3
/** How long after each of the first tries that the next may come. */
const PAUSES_MS = [5_000, 30_000]
/** How long a webhook that is gone is left in peace. It never comes back, but another address may be set: then all that waits is told without anybody's doing. */
const GONE_PAUSE_MS = 15 * 60_000
/** Lines remembered as posted, so that a delivery that is made again for the rest of it doubles nothing; more than one delivery holds. */
const MOST_REMEMBERED = 2_000

const NAME = 'summary-'

interface Message {
  readonly lines: readonly SummaryLine[]
  readonly reply: () => Promise<Reply | null>
}

type Came = { readonly kind: 'told' } | { readonly kind: 'refused' | 'given_up'; readonly why: string }

type Refused = Delivery['refused'][number]

const refusals = ({ lines }: Message, reason: string): readonly Refused[] => lines.map(({ id }) => ({ id, reason }))

export class SummarySink implements Sink {
  readonly name: string
  readonly #parts: SummaryParts
  readonly #posted = new Set<string>()
  #failed = 0

  constructor(parts: SummaryParts) {
    this.name = `${NAME}${parts.address.guildId}`
    this.#parts = parts
  }

  async deliver(events: readonly OutEvent[], signal: AbortSignal): Promise<Delivery> {
    const lines = events.map(readLine).filter((line) => this.#isNews(line))
    const left = [...this.#messagesOf(await this.#unsaid(lines))]
    const refused: Refused[] = []
    for (let next = left.shift(); next; next = left.shift()) {
      const came = await this.#tell(next, signal)
      if (came.kind === 'told') this.#remember(next)
      else refused.push(...refusals(next, came.why))
      // What follows would meet the same silence.
      if (came.kind === 'given_up') refused.push(...left.splice(0).flatMap((one) => refusals(one, came.why)))
    }
    return { refused }
  }

  #isNews({ id, guildId, type }: SummaryLine): boolean {
    return guildId === this.#parts.address.guildId && isFoldedKind(type) && !this.#posted.has(id)
  }

  async #unsaid(lines: readonly SummaryLine[]): Promise<readonly SummaryLine[]> {
    const said = await Promise.all(lines.map((line) => this.#parts.isToldByBot(line)))
    return lines.filter((_, place) => !said[place])
  }

  #messagesOf(lines: readonly SummaryLine[]): readonly Message[] {
    if (lines.length > MOST_SINGLE) return [{ lines, reply: async () => foldedReply(lines.map(toFolded)) }]
    return lines.map((line) => ({ lines: [line], reply: () => this.#replyTo(line) }))
  }

  async #replyTo(line: SummaryLine): Promise<Reply | null> {
    const { facts } = this.#parts
    const news = isFoldedKind(line.type) ? await TOLD[line.type](line, facts) : null
    if (news === null) return null
    const found = news.kind === 'run_ended' ? await facts.found(line.guildId, news.run.id) : []
    return summaryReply(news, line.at, found)
  }

  /** Throws `SinkTrouble` where it may be told later. */
  async #tell({ reply: makeReply }: Message, signal: AbortSignal): Promise<Came> {
    const reply = await makeReply()
    if (reply === null) return { kind: 'told' }
    await this.#parts.pace.turn(signal)
    const posted = await this.#parts.address.post(reply, signal)
    if (posted.kind === 'gone') throw new SinkTrouble(posted.why, GONE_PAUSE_MS)
    if (posted.kind === 'wait') throw new SinkTrouble(posted.why, posted.ms)
    if (posted.kind === 'trouble') return this.#tryAgain(posted.why, signal)
    this.#failed = 0
    return posted.kind === 'posted' ? { kind: 'told' } : posted
  }

  #tryAgain(why: string, signal: AbortSignal): Came {
    if (signal.aborted) throw new SinkTrouble(why)
    const pause = PAUSES_MS[this.#failed] ?? null
    this.#failed += 1
    if (this.#failed < TRIES) throw new SinkTrouble(why, pause)
    this.#failed = 0
    return { kind: 'given_up', why: `${why} It was tried ${TRIES} times.` }
  }

  #remember({ lines }: Message): void {
    for (const { id } of lines) {
      this.#posted.add(id)
      const [oldest] = this.#posted
      if (this.#posted.size > MOST_REMEMBERED && oldest !== undefined) this.#posted.delete(oldest)
    }
  }
}

/** Which other servers the bot is in, and how their webhooks stand, is nothing that a server is told. */
export const mayKnowOf = (sink: string, guildId: Id): boolean => !sink.startsWith(NAME) || sink === `${NAME}${guildId}`

function toFolded(line: SummaryLine): Folded {
  const { type, at, runId, data } = line
  if (!isFoldedKind(type)) throw new TypeError(`${type} is not told in summaries.`)
  return { kind: type, at, runId, outcomes: numbersIn(data.outcomes), note: noteOf(line) }
}
