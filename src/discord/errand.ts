import { type Moment, msBetween } from '#src/core/moment.ts'
import type { Act, Outcome } from '#src/core/run.ts'

/** The most urgent first. */
export const LANES = ['live', 'command', 'sweep'] as const
export type Lane = (typeof LANES)[number]

/** How an act is to be made. */
export interface Performing {
  /** What Discord's own audit log is to show. */
  readonly reason: string
  readonly lane: Lane
  /** When the caller began to look at the member. */
  readonly lookedAt: Moment
  /** Looks at the member anew; false ends the act as `changed`. */
  readonly stillWanted: () => Promise<boolean>
}

/**
 * `done` means that Discord accepted it: no proof, so the caller reads back. `unknown`: it may have happened. `changed`: it was no longer wanted.
 * `refusal`: Discord refuses this for good (permission, rank, second factor).
 */
export interface Performed {
  readonly outcome: Outcome | 'changed'
  readonly detail: string | null
  readonly refusal?: boolean
}

/** A rate limit that Discord told: how long it asks to wait, and whether that goes for everything the bot sends. */
export interface ToldLimit {
  readonly ms: number
  readonly global: boolean
}

/** What came of one try. `again`: the same may go better in a moment. `limit`: it was not looked at, for the rate alone. */
export interface Step extends Performed {
  readonly again: boolean
  readonly limit: ToldLimit | null
}

/** A step after which no other try follows. */
export const ended = (outcome: Performed['outcome'], detail: string | null): Step => ({
  outcome,
  detail,
  again: false,
  limit: null,
})

/** A rate limit longer than this is not waited for: single-role writes are limited for ten seconds as a rule. */
export const LONGEST_LIMIT_MS = 60_000
/** Limits that one act is told; the line foresees them as a rule, so that more of them say that others use up what there is. */
const MOST_LIMITS = 20
/** How long a look at a member counts as one from just now: what comes between it and the sending may take its time, at the caller as at this door. */
const FRESH_MS = 1_000

/** One act on its way to Discord: how fresh the look at its member is, and what its tries have left in doubt. */
export class Errand {
  readonly act: Act
  readonly lane: Lane
  readonly reason: string
  readonly #stillWanted: () => Promise<boolean>
  /** The caller's own look is good for what is sent right away; a wait of any length in line ends it, and then it is null. */
  #seenAt: Moment | null
  #waits = 0
  #limits = 0
  #doubt: string | null = null

  constructor(act: Act, reason: string, { lane, lookedAt, stillWanted }: Performing) {
    this.act = act
    this.lane = lane
    this.reason = reason
    this.#seenAt = lookedAt
    this.#stillWanted = stillWanted
  }

  /** Members in different guilds have nothing to do with each other. */
  get member(): string {
    return `${this.act.guildId}:${this.act.memberId}`
  }

  isFresh(now: Moment): boolean {
    return this.#seenAt !== null && msBetween(this.#seenAt, now) < FRESH_MS
  }

  /** Something was waited for, and the member may have changed meanwhile. */
  age(): void {
    this.#seenAt = null
    this.#waits++
  }

  /** Whether the act is still wanted. A yes that something overtook does not make it fresh. */
  async ask(now: () => Moment): Promise<boolean> {
    const waits = this.#waits
    const wanted = await this.#stillWanted()
    if (wanted && waits === this.#waits) this.#seenAt = now()
    return wanted
  }

  mayWait(ms: number): boolean {
    this.#limits++
    return ms <= LONGEST_LIMIT_MS && this.#limits <= MOST_LIMITS
  }

  /** Keeps in mind that a try may have been carried out. */
  note({ outcome, detail }: Performed): void {
    if (outcome === 'unknown') this.#doubt = detail
  }

  /** Once a try may have been carried out, only a clear yes or a vanished member is certain. */
  conclude({ outcome, detail, refusal }: Performed): Performed {
    const certain = outcome === 'done' || outcome === 'gone' || this.#doubt === null
    const said = certain ? { outcome, detail } : { outcome: 'unknown' as const, detail: this.#doubt }
    return refusal ? { ...said, refusal } : said
  }
}
