import type { REST } from '@discordjs/rest'
import { Routes } from 'discord.js'
import type { Id } from '#src/core/model.ts'
import type { Moment } from '#src/core/moment.ts'
import type { Act } from '#src/core/run.ts'
import type { Log } from '#src/telemetry/log.ts'
import { backOff, realWaiting, type Waiting } from './back-off.ts'
import { Errand, ended, type Performed, type Performing, type Step } from './errand.ts'
import { DiscordFault, TOKEN_SENTENCE } from './faults.ts'
import { InvalidRequests } from './invalid-requests.ts'
import { MOST_IN_FLIGHT } from './line.ts'
import { Lines } from './lines.ts'
import { type Looker, makeLooker } from './looker.ts'
import { orAborted } from './or-aborted.ts'
import { auditReason } from './reason.ts'
import { ACTS_PER_SECOND, makeActingRest, makeRest } from './rest.ts'
import { type Bulk, missedIn, missedWords, readRolesLeft } from './roles-left.ts'
import { type Failure, readFailure, readUnseen } from './verdict.ts'

export type { Performed, Performing } from './errand.ts'

export interface EnforcerOptions {
  readonly token: string
  readonly apiUrl?: string
  /** Requests a second, for a server that allows more or less than Discord does. */
  readonly perSecond?: number
  readonly log: Log
  /** Discord no longer accepts the token; nothing is done from then on. Called once. */
  readonly onFatal: (fault: DiscordFault) => void
  /** Reads what a bulk change is made from; one of its own where left out. */
  readonly looker?: Looker
  /** Counts what this client and others are refused; one of its own where left out. */
  readonly invalid?: InvalidRequests
  /** By which refused requests are forgotten again; ms that only ever grow, so that no clock that jumps lifts the brake. */
  readonly now?: () => number
  /** The two clocks by which callers say when they looked: milliseconds that only ever grow, and the time on the wall. */
  readonly elapsed?: () => number
  readonly wall?: () => number
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
const DONE = ended('done', null)

/**
 * The one file that changes anything at Discord, one act at a time. Two writes on one member at once race inside Discord, so a member has one
 * in flight at most; who goes first is the lines' to say. All waiting is done there and here, and none in the REST clients: before a try that
 * something was waited for, the caller is asked whether it is still wanted. Never throws for an answer that Discord gave.
 */
export class Enforcer {
  readonly #hands: readonly REST[]
  readonly #looker: Looker
  readonly #log: Log
  readonly #onFatal: (fault: DiscordFault) => void
  readonly #now: () => number
  readonly #elapsed: () => number
  readonly #wall: () => number
  readonly #waiting: Waiting
  readonly #invalid: InvalidRequests
  readonly #stopping = new AbortController()
  readonly #lines: Lines
  #acts = 0
  #halted = false

  constructor(options: EnforcerOptions) {
    this.#log = options.log
    this.#onFatal = options.onFatal
    this.#now = options.now ?? (() => performance.now())
    this.#elapsed = options.elapsed ?? (() => performance.now())
    this.#wall = options.wall ?? Date.now
    this.#waiting = options.waiting ?? realWaiting
    this.#invalid = options.invalid ?? new InvalidRequests(this.#now)
    this.#looker = options.looker ?? makeLooker(makeRest(options))
    this.#lines = this.#openLines(options.perSecond ?? ACTS_PER_SECOND)
    this.#hands = this.#openHands(options)
  }

  /** Always tells what came of it; `refusal` where trying again is no use. */
  async perform(act: Act, how: Performing): Promise<Performed> {
    if (this.#acts >= MOST_ACTS)
      return {
        outcome: 'failed',
        detail: `More than ${MOST_ACTS} changes wait to be made at Discord; this one was not made. Wait until they are through.`,
      }
    this.#acts++
    try {
      return await this.#tryUntilClear(new Errand(act, auditReason(how.reason), how))
    } finally {
      this.#acts--
    }
  }

  /** How many acts of this kind get through in a second, by the limits that Discord told last. */
  pace(guildId: Id, kind: Act['kind']): number {
    return this.#lines.pace(guildId, kind)
  }

  /** From now on nothing is sent; what waits ends at once, and what is in flight with its answer. Safe to call twice. */
  stop(): void {
    this.#stopping.abort()
    this.#lines.serveAll()
  }

  #openLines(perSecond: number): Lines {
    const sender = {
      now: this.#elapsed,
      obstacle: () => this.#obstacle(),
      isFresh: (errand: Errand) => errand.isFresh(this.#moment()),
      ask: (errand: Errand) => this.#ask(errand),
      send: (errand: Errand, hand: number) => this.#send(errand, this.#hands[hand]!),
    }
    return new Lines(sender, perSecond)
  }

  #moment(): Moment {
    return { elapsed: this.#elapsed(), now: this.#wall() }
  }

  /** A REST client sends one request of a kind at a time, so that there are as many as may be in flight in one guild. */
  #openHands(options: EnforcerOptions): readonly REST[] {
    const hear = this.#lines.hear.bind(this.#lines)
    return Array.from({ length: MOST_IN_FLIGHT }, () => {
      const rest = makeActingRest(options, hear)
      this.#invalid.watch(rest)
      return rest
    })
  }

  async #tryUntilClear(errand: Errand): Promise<Performed> {
    let step = await this.#lines.take(errand)
    for (let tried = 1; step.again && tried < TRIES; tried++) {
      await this.#pauseBefore(tried)
      errand.age()
      step = await this.#lines.take(errand)
    }
    return errand.conclude(step)
  }

  async #pauseBefore(tried: number): Promise<void> {
    const { signal } = this.#stopping
    const ms = backOff(tried - 1, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, this.#waiting.random)
    await orAborted(this.#waiting.pause(ms, signal), signal)
  }

  /** What forbids every try for now; null: nothing. */
  #obstacle(): Step | null {
    if (this.#stopping.signal.aborted) return ended('failed', STOPPED)
    if (this.#halted) return ended('failed', TOKEN_SENTENCE)
    const until = this.#invalid.stoppedUntil
    if (until === null) return null
    const minutes = Math.max(1, Math.ceil((until - this.#now()) / 60_000))
    return ended(
      'failed',
      `Discord refused 100 requests of this bot within 10 minutes, so it makes no changes for the next ${minutes} min: Discord bans an address that goes on. Look for what was refused in the last runs (permissions, role order) and mend that first.`,
    )
  }

  async #ask(errand: Errand): Promise<Step | null> {
    try {
      const wanted = await orAborted(
        errand.ask(() => this.#moment()),
        this.#stopping.signal,
      )
      return wanted === false ? UNWANTED : null
    } catch (error) {
      this.#log.error({ ...errand.act, error }, 'Whether a change was still wanted could not be found out.')
      return UNANSWERED
    }
  }

  async #send(errand: Errand, rest: REST): Promise<Step> {
    const step = await this.#sendBy(rest, errand)
    errand.note(step)
    const { act } = errand
    if (step.limit) this.#log.debug({ ...act, waitMs: step.limit.ms }, 'Waiting for a rate limit of Discord to pass.')
    return step
  }

  async #sendBy(rest: REST, { act, reason }: Errand): Promise<Step> {
    try {
      switch (act.kind) {
        case 'remove_role':
          await rest.delete(Routes.guildMemberRole(act.guildId, act.memberId, act.roleId), { reason })
          return DONE
        case 'add_role':
          await rest.put(Routes.guildMemberRole(act.guildId, act.memberId, act.roleId), { reason })
          return DONE
        case 'kick':
          await rest.delete(Routes.guildMember(act.guildId, act.memberId), { reason })
          return DONE
        case 'remove_roles':
          return await this.#sendBulk(rest, act, reason)
      }
    } catch (error) {
      return this.#note(act, readFailure(error, act.kind), error)
    }
  }

  async #sendBulk(rest: REST, act: Bulk, reason: string): Promise<Step> {
    const left = await this.#look(act)
    if ('outcome' in left) return left
    const { guildId, memberId } = act
    const answer = await rest.patch(Routes.guildMember(guildId, memberId), { reason, body: { roles: left } })
    const missed = missedIn(answer, guildId, left)
    if (missed.length === 0) return DONE
    this.#log.warn(
      { guildId, memberId, roleIds: missed },
      'Roles that were to stay are gone after several were taken in one write.',
    )
    return ended('done', missedWords(missed))
  }

  async #look(act: Bulk): Promise<readonly Id[] | Step> {
    try {
      return await readRolesLeft(this.#looker, act, this.#elapsed)
    } catch (error) {
      return this.#note(act, readUnseen(error, act.kind), error)
    }
  }

  #note(act: Act, { fault, ...step }: Failure, error: unknown): Step {
    const { outcome, detail, again } = step
    if (outcome !== 'gone' && !step.limit)
      this.#log.warn({ ...act, outcome, again, ...(fault === 'answer' && { error }) }, detail)
    if (fault === 'token') this.#halt()
    return step
  }

  #halt(): void {
    if (this.#halted) return
    this.#halted = true
    this.#onFatal(new DiscordFault('token', TOKEN_SENTENCE, null))
    this.#lines.serveAll()
  }
}

const UNWANTED = ended(
  'changed',
  'This was no longer wanted by the time that it could be sent, so it was not; nothing was changed.',
)
const UNANSWERED = ended(
  'failed',
  'It could not be found out whether this was still wanted, so it was not sent; nothing was changed.',
)

export const makeEnforcer = (options: EnforcerOptions): Enforcer => new Enforcer(options)
