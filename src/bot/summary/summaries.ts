import { FOLDED_KINDS } from '#commands/summary-fold.ts'
import type { Config } from '#src/config.ts'
import type { Id } from '#src/core/model.ts'
import type { Notice } from '#src/core/notice.ts'
import type { SummaryStanding } from '#src/discord/command.ts'
import { Webhook } from '#src/discord/webhook.ts'
import type { Clock } from '#src/roster/clock.ts'
import type { Outlet } from '#src/sinks/relays.ts'
import type { Log } from '#src/telemetry/log.ts'
import type { Record } from '../record.ts'
import { makeRunFacts } from '../run-facts.ts'
import { Address } from './address.ts'
import type { SummaryLine } from './line.ts'
import type { RunFacts } from './news.ts'
import { Pace } from './pace.ts'
import { SummarySink } from './sink.ts'

interface SummariesParts {
  readonly config: Pick<Config, 'summaryWebhooks'>
  readonly facts: RunFacts
  /** The channel that the bot posts its own notices in; null: none. */
  readonly noticesIn: (guildId: Id) => Promise<Id | null>
  readonly clock: Clock
  readonly log: Log
}

/** The summaries of all servers that have a webhook for them, and what the bot's own notices leave to them. */
export class Summaries {
  /** A sink for each server, so that none waits for another. */
  readonly outlets: readonly Outlet[]
  readonly #addresses: ReadonlyMap<Id, Address>
  readonly #parts: SummariesParts

  constructor(parts: SummariesParts) {
    this.#parts = parts
    const { summaryWebhooks } = parts.config
    this.#addresses = new Map(
      [...summaryWebhooks].map(([guildId, address]) => [guildId, new Address(guildId, new Webhook(address))]),
    )
    this.outlets = [...this.#addresses.values()].map((address) => this.#sinkOf(address))
  }

  /** Looks at the webhooks, until the returned function is called. */
  begin(): () => Promise<void> {
    const over = new AbortController()
    const looking = this.look(over.signal)
    return () => {
      over.abort()
      return looking
    }
  }

  /** Asks Discord about each webhook, and logs what is amiss. Never rejects. */
  async look(signal: AbortSignal): Promise<void> {
    const { log } = this.#parts
    for (const [guildId, address] of this.#addresses) {
      const looked = await address.look(signal)
      if (signal.aborted) return
      if (looked.kind === 'place') log.info({ guildId, channelId: looked.place.channelId }, 'summaries go to a webhook')
      else log.warn({ guildId }, `Summaries cannot be posted. ${looked.why}`)
    }
  }

  /** Whether a webhook tells of this in that very channel, so that the bot need not. */
  tells(guildId: Id, channelId: Id, { kind }: Notice): boolean {
    return LEFT_TO_SUMMARIES.has(kind) && this.#addresses.get(guildId)?.channelId === channelId
  }

  /** Asks Discord how the webhook of this server stands; null where it has none. Never rejects. */
  async standing(guildId: Id): Promise<SummaryStanding | null> {
    const address = this.#addresses.get(guildId)
    return address === undefined ? null : await standingOf(address)
  }

  #sinkOf(address: Address): Outlet {
    const { facts, clock } = this.#parts
    const { guildId } = address
    const isToldByBot = async ({ type }: SummaryLine) =>
      type === 'run.held' && address.channelId !== null && (await this.#parts.noticesIn(guildId)) === address.channelId
    const sink = new SummarySink({ address, facts, pace: new Pace(clock), isToldByBot })
    return { sink, filter: { only: FOLDED_KINDS, not: [], guilds: [guildId] } }
  }
}

export async function standingOf(address: Address): Promise<SummaryStanding> {
  const looked = await address.look()
  return looked.kind === 'place' ? looked.place : { problem: looked.why }
}

export function makeSummaries(
  config: SummariesParts['config'],
  record: Pick<Record, 'book' | 'database'>,
  { clock, log }: Pick<SummariesParts, 'clock' | 'log'>,
): Summaries {
  const noticesIn = async (guildId: Id) => (await record.book.arrangements(guildId)).channelId
  return new Summaries({ config, facts: makeRunFacts(record), noticesIn, clock, log })
}

/** Told by both. What has a button that acts, a plan that waits for approval, is always the bot's own message; live acts one by one are too. */
const LEFT_TO_SUMMARIES: ReadonlySet<Notice['kind']> = new Set([
  'run_ended',
  'live_held',
  'blind',
  'sighted',
  'quarantined',
  'released',
  'contested',
  'stopped',
])
