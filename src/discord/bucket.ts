import type { Act } from '#src/core/run.ts'

/** What Discord limits: changes, and looks at a member. */
export type Limited = Act['kind'] | 'look'

/** How many requests a limit lets through in how long. */
export interface Shape {
  readonly limit: number
  readonly windowMs: number
}

/**
 * What Discord was seen to allow of each of them, for each guild on its own. It promises none of it, so this stands only until the
 * first answer tells better.
 */
const SHAPES: Readonly<Record<Limited, Shape>> = {
  remove_role: { limit: 10, windowMs: 10_000 },
  add_role: { limit: 10, windowMs: 10_000 },
  remove_roles: { limit: 10, windowMs: 10_000 },
  kick: { limit: 5, windowMs: 1_000 },
  look: { limit: 5, windowMs: 1_000 },
}

/** Requests a second by the known shape. */
export const knownPace = (kind: Limited): number => paceOf(SHAPES[kind])

const paceOf = ({ limit, windowMs }: Shape): number => limit / (windowMs / 1_000)

/** The share of a window that may be used at its beginning by what is not urgent: one member's two roles need not wait for each other. */
const HEAD_START = 1 / 5

/** An answer's headers. */
export interface Told {
  get(name: string): string | null
}

/** Headers tell whole milliseconds, so that a window may last one longer than told. */
const ROUNDED_MS = 1

/**
 * One of Discord's limits for one guild, by what its headers tell: how much of the window is left, and when it ends. Times are milliseconds of
 * a clock that only grows. A cold bucket, of which nothing is known (any more), lets one request through and waits for what its answer tells.
 *
 * To all but urgent requests a window is given out evenly, but for a small head start: so an urgent one finds room at once, or within one
 * request's share of the time. Nothing is lost by it, since the window is used up all the same when it ends.
 */
export class Bucket {
  #shape: Shape
  /** `untold`: this server tells nothing of limits. */
  #state: 'cold' | 'told' | 'untold' = 'cold'
  /** What is left of the window as the server counts, requests under way not deducted. */
  #told = 0
  #inFlight = 0
  #resetAt = Number.NEGATIVE_INFINITY
  /** The end of the window was reckoned from its first request, and no answer has told it yet. */
  #guessed = false

  constructor(kind: Limited) {
    this.#shape = SHAPES[kind]
  }

  /** Requests a second. */
  get pace(): number {
    return paceOf(this.#shape)
  }

  /** How long a request waits that comes after `before` others not yet sent, in ms; null: an answer under way tells. */
  dueIn(now: number, urgent: boolean, before: number): number | null {
    if (this.#state === 'untold') return 0
    if (this.#state === 'cold') return this.#dueInCold(now, before)
    const { limit, windowMs } = this.#shape
    const over = now >= this.#resetAt
    const rest = over ? windowMs : this.#resetAt - now
    const left = (over ? limit : this.#told) - this.#inFlight - before
    // A window begins with its first request: to spread that one as well would put it off for as long as answers are awaited.
    if (over && left > 0 && before === 0) return 0
    if (left > 0) return this.#spread(left, rest, urgent)
    const next = left + limit
    return over || next <= 0 ? null : rest + this.#spread(next, windowMs, urgent)
  }

  #dueInCold(now: number, before: number): number | null {
    return this.#inFlight + before > 0 ? null : Math.max(0, this.#resetAt - now)
  }

  /** What a request that may wait leaves to the urgent ones: of `left` requests, one for each part of the time that remains. */
  #spread(left: number, rest: number, urgent: boolean): number {
    const { limit, windowMs } = this.#shape
    return urgent || left > limit * (1 - HEAD_START) ? 0 : Math.max(0, rest - left * (windowMs / limit))
  }

  /** A request is sent now. */
  take(now: number): void {
    this.#inFlight++
    if (this.#state !== 'told' || now < this.#resetAt) return
    this.#told = this.#shape.limit
    this.#resetAt = now + this.#shape.windowMs
    this.#guessed = true
  }

  /** What an answer's headers tell. Nothing of it is trusted further than that a number is a number. */
  hear(now: number, headers: Told): void {
    const limit = numberIn(headers.get('x-ratelimit-limit'))
    const remaining = numberIn(headers.get('x-ratelimit-remaining'))
    const seconds = numberIn(headers.get('x-ratelimit-reset-after'))
    if (limit === null || limit < 1 || remaining === null || seconds === null) return
    const rest = seconds * 1_000 + ROUNDED_MS
    // Only the first request of a window is told how long a whole one lasts.
    const windowMs = remaining >= limit - 1 ? rest : Math.max(rest, this.#shape.windowMs)
    this.#shape = { limit, windowMs }
    this.#learn(now, remaining, now + rest)
  }

  #learn(now: number, remaining: number, resetAt: number): void {
    const half = this.#shape.windowMs / 2
    const begun = this.#state !== 'told' || now >= this.#resetAt || resetAt > this.#resetAt + half
    // An answer that is late speaks of the window before.
    if (!begun && resetAt < this.#resetAt - half) return
    this.#told = begun ? remaining : Math.min(this.#told, remaining)
    this.#resetAt = begun || this.#guessed ? resetAt : Math.min(this.#resetAt, resetAt)
    this.#guessed = false
    this.#state = 'told'
  }

  /** The answer is there, or none will come. A success that told nothing of limits comes from a server that has none. */
  land(succeeded: boolean): void {
    this.#inFlight--
    if (this.#state === 'cold' && succeeded) this.#state = 'untold'
  }

  /** Discord refused a request for its rate: until then nothing is sent, and then one to see. */
  close(until: number): void {
    this.#resetAt = this.#state === 'cold' ? Math.max(this.#resetAt, until) : until
    this.#state = 'cold'
  }
}

function numberIn(text: string | null): number | null {
  const number = text === null || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) && number >= 0 ? number : null
}
