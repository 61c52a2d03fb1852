import type { REST } from '@discordjs/rest'
import { RESTJSONErrorCodes as Code, Routes } from 'discord.js'
import type { Id } from '#src/core/model.ts'
import { idOf, partOf } from './answers.ts'
import type { Reply } from './command.ts'
import { answered, DiscordFault, toFault } from './faults.ts'
import { ABORTED, orAborted } from './or-aborted.ts'
import { render } from './render.ts'

/** How long a message may take, its waits for rate limits included; what is not sent by then is not sent at all. */
const LONGEST_MS = 30_000
/** Conversations whose channel is remembered: more people than subscribe to notices. The oldest is forgotten for the newest. */
const MOST_CONVERSATIONS = 1_000

export interface Posted {
  readonly messageId: Id
}

const IN_CHANNEL =
  'Open the channel → Edit Channel → Permissions, add the role of the bot, and switch on View Channel, Send Messages and Embed Links there.'

/** What keeps a message from being posted, in sentences that say what to click. */
const REFUSALS: Readonly<Record<number, string>> = {
  [Code.MissingAccess]: `The bot cannot see the channel that its notices go to (Missing Access, 50001). ${IN_CHANNEL}`,
  [Code.MissingPermissions]: `The bot may not write in the channel that its notices go to (Missing Permissions, 50013). ${IN_CHANNEL}`,
  [Code.CannotSendMessagesToThisUser]:
    'This member takes no direct messages from the bot (50007). They can allow it in Discord: right-click the server → Privacy Settings → Direct Messages.',
  [Code.CannotSendMessagesInNonTextChannel]:
    'The channel that the notices go to takes no messages (50008). Choose a text channel.',
}

const MISSING: Readonly<Record<number, string>> = {
  [Code.UnknownChannel]:
    'The channel that the notices go to no longer exists (Unknown Channel, 10003). Choose another one.',
  [Code.UnknownMessage]: 'The message that was to be edited no longer exists (Unknown Message, 10008).',
  [Code.UnknownUser]: 'Discord knows no such account any more (Unknown User, 10013).',
}

/**
 * Posts what nobody asked for by a command: notices and the progress of runs. Nobody is pinged by it. Every method rejects with a `DiscordFault`
 * where the message is not there, within `LONGEST_MS`.
 */
export class Poster {
  readonly #rest: REST
  readonly #longestMs: number
  readonly #conversations = new Map<Id, Id>()

  constructor(rest: REST, longestMs: number) {
    this.#rest = rest
    this.#longestMs = longestMs
  }

  post(channelId: Id, reply: Reply): Promise<Posted> {
    return this.#within(`posting in channel ${channelId}`, (signal) => this.#send(channelId, reply, signal))
  }

  async edit(channelId: Id, messageId: Id, reply: Reply): Promise<void> {
    await this.#within(`editing a message in channel ${channelId}`, (signal) =>
      this.#rest.patch(Routes.channelMessage(channelId, messageId), { body: render(reply), signal }),
    )
  }

  direct(memberId: Id, reply: Reply): Promise<Posted> {
    return this.#within(`writing to member ${memberId}`, async (signal) =>
      this.#send(await this.#conversationWith(memberId, signal), reply, signal),
    )
  }

  async #send(channelId: Id, reply: Reply, signal: AbortSignal): Promise<Posted> {
    const answer = await this.#rest.post(Routes.channelMessages(channelId), { body: render(reply), signal })
    return { messageId: idOf(partOf(answer, 'a message').id, "a message's id") }
  }

  async #conversationWith(memberId: Id, signal: AbortSignal): Promise<Id> {
    const known = this.#conversations.get(memberId)
    if (known !== undefined) return known
    const answer = await this.#rest.post(Routes.userChannels(), { body: { recipient_id: memberId }, signal })
    const channelId = idOf(partOf(answer, 'a conversation').id, "a channel's id")
    this.#conversations.set(memberId, channelId)
    const [oldest] = this.#conversations.keys()
    if (this.#conversations.size > MOST_CONVERSATIONS && oldest !== undefined) this.#conversations.delete(oldest)
    return channelId
  }

  /** The signal ends also what the REST client still keeps back for a rate limit, so that nothing is posted after it was said to have failed. */
  async #within<T>(doing: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(this.#longestMs)
    try {
      const done = await orAborted(work(signal), signal)
      if (done !== ABORTED) return done
    } catch (error) {
      throw toPostFault(error, doing)
    }
    throw new DiscordFault(
      'network',
      `Discord did not take a message within ${this.#longestMs / 1_000} s while ${doing}. It is not sent again; see https://discordstatus.com.`,
    )
  }
}

function toPostFault(error: unknown, doing: string): DiscordFault {
  const { code } = answered(error)
  if (typeof code !== 'number') return toFault(error, doing)
  const refusal = REFUSALS[code]
  if (refusal) return new DiscordFault('refused', refusal, code)
  const missing = MISSING[code]
  return missing ? new DiscordFault('missing', missing, code) : toFault(error, doing)
}

export const makePoster = (rest: REST, longestMs = LONGEST_MS): Poster => new Poster(rest, longestMs)
