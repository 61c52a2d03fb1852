import type { REST } from '@discordjs/rest'
import { Routes } from 'discord.js'
import type { Act } from '#src/core/run.ts'
import type { Log } from '#src/telemetry/log.ts'
import { backOff, realWaiting, type Waiting } from './back-off.ts'
import { Chains } from './chains.ts'
import { Errand, type Performed, type Step } from './errand.ts'
import { DiscordFault, TOKEN_SENTENCE } from './faults.ts'
import { InvalidRequests } from './invalid-requests.ts'
import { orAborted } from './or-aborted.ts'
import { auditReason } from './reason.ts'
import { makeActingRest } from './rest.ts'
import { readFailure } from './verdict.ts'

export type { Performed } from './errand.ts'

export interface EnforcerOptions {
  readonly token: string
  readonly apiUrl?: string
  readonly log: Log
  /** Discord no longer accepts the token; nothing is done from then on. Called once. */
  readonly onFatal: (fault: DiscordFault) => void
  /** Counts what this client and others are refused; one of its own where left out. */
  readonly invalid?: InvalidRequests
  readonly now?: () => number
  /** The pauses after faults. Rate limits pass in Discord's time, which nobody can fold. */
  readonly waiting?: Waiting
}

/** Tries of one act that Discord answered with a fault of its own, or not at all. */
const TRIES = 5
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
/** Acts under way and waiting in all. A run hands them over one by one, so that more than this is a fault. */
const MOST_ACTS = 5_000

const STOPPED = 'The bot was asked to stop before this was sent; nothing was changed.'

/**
 * The one file that changes anything at Discord: one role of one member at a time. Whole-array writes lose updates, and two writes on one
 * member at once race inside Discord, so a member has one in flight at most. All waiting is done here and none in the REST client: before a
 * try that something was waited for, the caller is asked whether it is still wanted. Never throws for an answer that Discord gave.
 */
export class Enforcer {
  readonly #rest: REST
  readonly #log: Log
  readonly #onFatal: (fault: DiscordFault) => void
  readonly #now: () => number
  readonly #waiting: Waiting
  readonly #invalid: InvalidRequests
  readonly #stopping = new AbortController()
  readonly #members = new Chains(MOST_ACTS, this.#stopping.signal)
  /** Discord limits these writes by guild, so the acts of a guild stand in one line rather than all meet the limit at once. */
  readonly #guilds = new Chains(MOST_ACTS, this.#stopping.signal)
  #halted = false

  constructor(options: EnforcerOptions) {
    this.#log = options.log
    this.#onFatal = options.onFatal
    this.#now = options.now ?? Date.now
    this.#waiting = options.waiting ?? realWaiting
    this.#invalid = options.invalid ?? new InvalidRequests(this.#now)
    this.#rest = makeActingRest(options)
    this.#invalid.watch(this.#rest)
  }

  /** `stillWanted` looks anew; it is asked before each try but one sent right after the call. False: nothing (more) is sent. */
  async perform(act: Act, reason: string, stillWanted: () => Promise<boolean>): Promise<Performed> {
    if (!this.#members.hasRoom)
      return {
        outcome: 'failed',
        detail: `More than ${MOST_ACTS} changes wait to be made at Discord; this one was not made. Wait until they are through.`,
      }
    const errand = new Errand(act, auditReason(reason), stillWanted)
    return this.#members.run(`${act.guildId}:${act.memberId}`, (waited) => {
      if (waited) errand.age()
      return this.#tryUntilClear(errand)
    })
  }

  /** From now on nothing is sent; what waits ends at once, and what is in flight with its answer. Safe to call twice. */
  stop(): void {
    this.#stopping.abort()
  }

  async #tryUntilClear(errand: Errand): Promise<Performed> {
    let step = await this.#takeTurn(errand)
    for (let tried = 1; step.again && tried < TRIES; tried++) {
      await this.#pauseBefore(tried)
      errand.age()
      step = await this.#takeTurn(errand)
    }
    return errand.conclude(step)
  }

  #takeTurn(errand: Errand): Promise<Step> {
    return this.#guilds.run(errand.act.guildId, (waited) => {
      if (waited) errand.age()
      return this.#sendPastLimits(errand)
    })
  }

  /** A limit is waited for at the head of the guild's line: whoever stands behind would meet the same one. */
  async #sendPastLimits(errand: Errand): Promise<Step> {
    for (;;) {
      const bar = await this.#bar(errand)
      if (bar) return bar
      const step = await this.#send(errand)
      if (step.waitMs === null || !errand.mayWait(step.waitMs)) return step
      this.#log.debug({ ...errand.act, waitMs: step.waitMs }, 'Waiting for a rate limit of Discord to pass.')
      await realWaiting.pause(step.waitMs, this.#stopping.signal)
      errand.age()
    }
  }

  async #pauseBefore(tried: number): Promise<void> {
    const { signal } = this.#stopping
    const ms = backOff(tried - 1, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, this.#waiting.random)
    await orAborted(this.#waiting.pause(ms, signal), signal)
  }

  /** What forbids the next try; null: it is to be sent now. */
  async #bar(errand: Errand): Promise<Step | null> {
    const obstacle = this.#obstacle()
    if (obstacle) return ended('failed', obstacle)
    if (errand.isFresh) return null
    const said = await orAborted(this.#ask(errand), this.#stopping.signal)
    if (said === 'unanswered')
      return ended(
        'failed',
        'It could not be found out whether this was still wanted, so it was not sent; nothing was changed.',
      )
    if (said === 'unwanted')
      return ended(
        'changed',
        'This was no longer wanted by the time that it could be sent, so it was not; nothing was changed.',
      )
    // While it was asked, the bot may have been stopped or refused.
    const later = this.#obstacle()
    return later ? ended('failed', later) : null
  }

  async #ask(errand: Errand): Promise<'wanted' | 'unwanted' | 'unanswered'> {
    try {
      return (await errand.ask()) ? 'wanted' : 'unwanted'
    } catch (error) {
      this.#log.error({ ...errand.act, error }, 'Whether a change was still wanted could not be found out.')
      return 'unanswered'
    }
  }

  #obstacle(): string | null {
    if (this.#stopping.signal.aborted) return STOPPED
    if (this.#halted) return TOKEN_SENTENCE
    const until = this.#invalid.stoppedUntil
    if (until === null) return null
    const minutes = Math.max(1, Math.ceil((until - this.#now()) / 60_000))
    return `Discord refused 100 requests of this bot within 10 minutes, so it makes no changes for the next ${minutes} min: Discord bans an address that goes on. Look for what was refused in the last runs (permissions, role order) and mend that first.`
  }

  async #send(errand: Errand): Promise<Step> {
    const { act, reason } = errand
    const route = Routes.guildMemberRole(act.guildId, act.memberId, act.roleId)
    try {
      await (act.kind === 'remove_role' ? this.#rest.delete(route, { reason }) : this.#rest.put(route, { reason }))
      return ended('done', null)
    } catch (error) {
      const step = this.#readFailure(act, error)
      errand.note(step)
      return step
    }
  }

  #readFailure(act: Act, error: unknown): Step {
    const { outcome, detail, again, fault, waitMs } = readFailure(error)
    if (outcome !== 'gone' && waitMs === null)
      this.#log.warn({ ...act, outcome, again, ...(fault === 'answer' && { error }) }, detail)
    if (fault === 'token') this.#halt()
    return { outcome, detail, again, waitMs }
  }

  #halt(): void {
    if (this.#halted) return
    this.#halted = true
    this.#onFatal(new DiscordFault('token', TOKEN_SENTENCE, null))
  }
}

const ended = (outcome: Performed['outcome'], detail: string | null): Step => ({
  outcome,
  detail,
  again: false,
  waitMs: null,
})

export const makeEnforcer = (options: EnforcerOptions): Enforcer => new Enforcer(options)
