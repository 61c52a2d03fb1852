import type { REST } from '@discordjs/rest'
import { Routes } from 'discord.js'
import type { Act, Outcome } from '#src/core/run.ts'
import type { Log } from '#src/telemetry/log.ts'
import { backOff, realWaiting, type Waiting } from './back-off.ts'
import { Chains } from './chains.ts'
import { DiscordFault, TOKEN_SENTENCE } from './faults.ts'
import { InvalidRequests } from './invalid-requests.ts'
import { auditReason } from './reason.ts'
import { makeActingRest, type RateLimit } from './rest.ts'
import { readFailure } from './verdict.ts'

/** `done` means that Discord accepted it: no proof, so the caller reads back. `unknown`: it may have happened. */
export interface Performed {
  readonly outcome: Outcome
  readonly detail: string | null
}

export interface EnforcerOptions {
  readonly token: string
  readonly apiUrl?: string
  readonly log: Log
  /** Discord no longer accepts the token; nothing is done from then on. Called once. */
  readonly onFatal: (fault: DiscordFault) => void
  /** Counts what this client and others are refused; one of its own where left out. */
  readonly invalid?: InvalidRequests
  readonly now?: () => number
  readonly waiting?: Waiting
}

/** Tries of one act that Discord answered with a fault of its own, or not at all. */
const TRIES = 5
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
/** Answers of 429 that one act is sent again after; the REST client alone would go on for ever. */
const MOST_LIMITED = 5
/** A rate limit longer than this is not waited for: single-role writes are limited for ten seconds as a rule. */
const LONGEST_LIMIT_MS = 60_000
/** Acts under way and waiting in all. A run hands them over one by one, so that more than this is a fault. */
const MOST_ACTS = 5_000

/**
 * The one file that changes anything at Discord: one role of one member at a time. Whole-array writes lose updates, and two writes on one
 * member at once race inside Discord, so a member has one in flight at most. Never throws for an answer that Discord gave.
 */
export class Enforcer {
  readonly #rest: REST
  readonly #log: Log
  readonly #onFatal: (fault: DiscordFault) => void
  readonly #now: () => number
  readonly #waiting: Waiting
  readonly #chains = new Chains(MOST_ACTS)
  readonly #invalid: InvalidRequests
  /** Answers of 429 by route, of the acts that are under way. */
  readonly #limited = new Map<string, number>()
  #halted = false

  constructor(options: EnforcerOptions) {
    this.#log = options.log
    this.#onFatal = options.onFatal
    this.#now = options.now ?? Date.now
    this.#waiting = options.waiting ?? realWaiting
    this.#invalid = options.invalid ?? new InvalidRequests(this.#now)
    this.#rest = makeActingRest(options, (limit) => this.#tooLong(limit))
    this.#invalid.watch(this.#rest)
    this.#rest.on('response', ({ path }, { status }) => this.#countLimit(path, status))
  }

  async perform(act: Act, reason: string): Promise<Performed> {
    if (!this.#chains.hasRoom)
      return {
        outcome: 'failed',
        detail: `More than ${MOST_ACTS} changes wait to be made at Discord; this one was not made. Wait until they are through.`,
      }
    return this.#chains.run(`${act.guildId}:${act.memberId}`, () => this.#tryUntilClear(act, auditReason(reason)))
  }

  /** Once a try may have been carried out, only a clear yes or a vanished member is certain. */
  async #tryUntilClear(act: Act, reason: string): Promise<Performed> {
    let doubt: string | null = null
    let last: Performed = { outcome: 'failed', detail: null }
    for (let tried = 0; tried < TRIES; tried++) {
      if (tried > 0) await this.#pauseBefore(tried)
      const obstacle = this.#obstacle()
      const answer = obstacle
        ? { outcome: 'failed' as const, detail: obstacle, again: false }
        : await this.#tryOnce(act, reason)
      if (answer.outcome === 'unknown') doubt = answer.detail
      last = { outcome: answer.outcome, detail: answer.detail }
      if (!answer.again) break
    }
    const certain = last.outcome === 'done' || last.outcome === 'gone' || doubt === null
    return certain ? last : { outcome: 'unknown', detail: doubt }
  }

  async #pauseBefore(tried: number): Promise<void> {
    const { pause, random } = this.#waiting
    await pause(backOff(tried - 1, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, random))
  }

  #obstacle(): string | null {
    if (this.#halted) return TOKEN_SENTENCE
    const until = this.#invalid.stoppedUntil
    if (until === null) return null
    const minutes = Math.max(1, Math.ceil((until - this.#now()) / 60_000))
    return `Discord refused 100 requests of this bot within 10 minutes, so it makes no changes for the next ${minutes} min: Discord bans an address that goes on. Look for what was refused in the last runs (permissions, role order) and mend that first.`
  }

  async #tryOnce(act: Act, reason: string): Promise<Performed & { readonly again: boolean }> {
    const route = Routes.guildMemberRole(act.guildId, act.memberId, act.roleId)
    try {
      await (act.kind === 'remove_role' ? this.#rest.delete(route, { reason }) : this.#rest.put(route, { reason }))
      return { outcome: 'done', detail: null, again: false }
    } catch (error) {
      const { outcome, detail, again, fault } = readFailure(error)
      if (outcome !== 'gone') this.#log.warn({ ...act, outcome, again, ...(fault === 'answer' && { error }) }, detail)
      if (fault === 'token') this.#halt()
      return { outcome, detail, again }
    } finally {
      this.#limited.delete(route)
    }
  }

  #halt(): void {
    if (this.#halted) return
    this.#halted = true
    this.#onFatal(new DiscordFault('token', TOKEN_SENTENCE, null))
  }

  #countLimit(route: string, status: number): void {
    if (status === 429) this.#limited.set(route, (this.#limited.get(route) ?? 0) + 1)
  }

  /** Asked by the REST client at each limit, one that Discord told and one that it foresees. */
  #tooLong({ url, retryAfter }: RateLimit): boolean {
    if (retryAfter > LONGEST_LIMIT_MS || this.#invalid.stoppedUntil !== null) return true
    const [, times = 0] = [...this.#limited].find(([route]) => url.endsWith(route)) ?? []
    return times > MOST_LIMITED
  }
}

export const makeEnforcer = (options: EnforcerOptions): Enforcer => new Enforcer(options)
