import type { REST } from '@discordjs/rest'
import { InteractionResponseType, MessageFlags, RESTJSONErrorCodes, Routes } from 'discord.js'
import type { Log } from '#src/telemetry/log.ts'
import { type Answerable, turnsPage } from './asking.ts'
import type { Reply } from './command.ts'
import { answered, toFault } from './faults.ts'
import { render } from './render.ts'
import { STILL_AT_WORK } from './replies.ts'

/** An interaction's token is good for 15 minutes; half a minute is left for clocks and the way there. */
const EDITABLE_MS = 870_000
/** When the asker is told where to look for the outcome, while that can still be said. */
const LAST_WORD_MS = 840_000
/** Discord shows no more than a few edits of one message in a row at once; progress need not be smoother. */
const BETWEEN_UPDATES_MS = 1_500

/** Does something later, unless the function that it returns is called before. */
export type After = (ms: number, act: () => void) => () => void

/** By the machine's time, which does not keep the process alive for it. */
export const realAfter: After = (ms, act) => {
  const timer = setTimeout(act, ms).unref()
  return () => clearTimeout(timer)
}

export interface AnswerWorld {
  readonly rest: REST
  readonly log: Log
  /** Milliseconds that only ever grow: the clock of the machine may jump. */
  readonly elapsed: () => number
  readonly after: After
}

/** The one answer to one interaction: deferred at once, shown to the asker alone, edited while the work goes on. */
export class Answer {
  readonly #rest: REST
  readonly #raw: Answerable
  readonly #log: Log
  readonly #elapsed: () => number
  readonly #after: After
  readonly #bornAt: number
  #lastUpdate = Number.NEGATIVE_INFINITY
  #sending: Promise<unknown> | null = null
  #state: 'open' | 'last word' | 'finished' = 'open'
  #disarm = () => {}

  constructor({ rest, log, elapsed, after }: AnswerWorld, raw: Answerable) {
    this.#rest = rest
    this.#raw = raw
    this.#log = log
    this.#elapsed = elapsed
    this.#after = after
    this.#bornAt = elapsed()
  }

  /** Tells Discord within its 3 seconds that an answer comes. False: it was too late or did not get through, and nothing may be begun. */
  async defer(): Promise<boolean> {
    const taken = await this.#callBack(
      turnsPage(this.#raw)
        ? { type: InteractionResponseType.DeferredMessageUpdate }
        : { type: InteractionResponseType.DeferredChannelMessageWithSource, data: { flags: MessageFlags.Ephemeral } },
    )
    if (taken) this.#disarm = this.#after(LAST_WORD_MS, () => void this.#sayStillAtWork())
    return taken
  }

  /** Answers at once, for what needs no thought. */
  async say(reply: Reply): Promise<void> {
    const data = { ...render(reply), flags: MessageFlags.Ephemeral }
    await this.#callBack({ type: InteractionResponseType.ChannelMessageWithSource, data })
  }

  /** Shows how far the work is; what comes too soon after the last is left out. Never throws. */
  async update(reply: Reply): Promise<void> {
    const tooSoon = this.#elapsed() - this.#lastUpdate < BETWEEN_UPDATES_MS
    if (this.#state !== 'open' || this.#sending || tooSoon || !this.#isEditable()) return
    this.#lastUpdate = this.#elapsed()
    await this.#show(reply)
  }

  /** The answer itself, after which nothing else is shown. Never throws. */
  async finish(reply: Reply): Promise<void> {
    this.end()
    // An update that is under way must not overwrite the answer.
    await this.#sending
    if (this.#isEditable()) await this.#edit(reply)
    else
      this.#log.warn(
        this.#names(),
        'An answer came after the 15 minutes that Discord keeps an interaction open, and was not shown.',
      )
  }

  /** A message of its own beside the one that a button sits on, which stays as it is. Never throws. */
  async add(reply: Reply): Promise<void> {
    this.end()
    const { application_id, token } = this.#raw
    const body = { ...render(reply), flags: MessageFlags.Ephemeral }
    await this.#quietly('showing an answer', () =>
      this.#rest.post(Routes.webhook(application_id, token), { auth: false, body }),
    )
  }

  /** Nothing else is shown by itself from now on. */
  end(): void {
    this.#state = 'finished'
    this.#disarm()
  }

  /** Shortly before nothing can be shown any more; no progress is shown after it, or that would stand there for good. */
  async #sayStillAtWork(): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'last word'
    await this.#sending
    if (this.#state === 'last word') await this.#show(STILL_AT_WORK)
  }

  async #show(reply: Reply): Promise<void> {
    this.#sending = this.#edit(reply)
    await this.#sending
    this.#sending = null
  }

  #isEditable(): boolean {
    return this.#elapsed() - this.#bornAt < EDITABLE_MS
  }

  #edit(reply: Reply): Promise<boolean> {
    const route = Routes.webhookMessage(this.#raw.application_id, this.#raw.token, '@original')
    return this.#quietly('showing an answer', () => this.#rest.patch(route, { auth: false, body: render(reply) }))
  }

  async #callBack(body: unknown): Promise<boolean> {
    const route = Routes.interactionCallback(this.#raw.id, this.#raw.token)
    return this.#quietly('answering an interaction', () => this.#rest.post(route, { auth: false, body }))
  }

  /** An answer that does not get through is written down and nothing else: the asker sees Discord's own message. */
  async #quietly(doing: string, send: () => Promise<unknown>): Promise<boolean> {
    try {
      await send()
      return true
    } catch (error) {
      const { code } = answered(error)
      // The REST client repeats what a 5xx answered; the first time had been taken after all.
      if (code === RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged) return true
      this.#log.warn(
        { ...this.#names(), fault: faultOf(error, code, doing) },
        'An answer to a person did not get through.',
      )
      return false
    }
  }

  #names(): Readonly<Record<string, unknown>> {
    return { interactionId: this.#raw.id, guildId: this.#raw.guild_id, ageMs: this.#elapsed() - this.#bornAt }
  }
}

function faultOf(error: unknown, code: unknown, doing: string): string {
  if (code === RESTJSONErrorCodes.UnknownInteraction)
    return 'Discord no longer knows the interaction (10062): it was answered later than 3 s, or twice.'
  // Interactions are answered by their own token; a 401 speaks of that one, never of the bot's.
  if (answered(error).status === 401) return 'The interaction is too old to be answered (401).'
  return toFault(error, doing).message
}
