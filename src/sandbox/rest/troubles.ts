import type { SandboxClock } from '../clock.ts'
import { type ApiFault, type FaultName, fault, serverFault } from './errors.ts'
import { type LimitScope, tooMany } from './limits.ts'

/** A request as a trouble sees it. */
export interface Asked {
  readonly method: string
  /** `/guilds/{guild_id}/members/{user_id}` */
  readonly route: string
  readonly params: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Which requests a trouble is for: `'DELETE /guilds/{guild_id}/members/{user_id}'`, or those for which the question is answered with yes. Absent: every request. */
export type RouteMatch = string | ((asked: Asked) => boolean) | undefined

type Deed =
  | { readonly kind: 'answer'; readonly make: () => ApiFault; readonly done: boolean }
  | { readonly kind: 'cut'; readonly done: boolean }
  | { readonly kind: 'lie' }
  | { readonly kind: 'wait'; readonly wait: () => Promise<void>; readonly done: boolean }
  | { readonly kind: 'act'; readonly act: (asked: Asked) => void | Promise<void> }

interface Trouble {
  readonly matches: (asked: Asked) => boolean
  readonly deed: Deed
  left: number | (() => boolean)
}

/** What becomes of a request. */
export type Fate =
  | { readonly kind: 'carry out' }
  | { readonly kind: 'answer'; readonly fault: ApiFault; readonly done: boolean }
  | { readonly kind: 'cut'; readonly done: boolean }
  | { readonly kind: 'lie' }
  | { readonly kind: 'late'; readonly wait: () => Promise<void> }

/** How Discord's REST end can fail, as switches. Each strikes `times` requests and then is over. */
export class RestTroubles {
  /** Two writes on one member's roles at once: both are answered 204, and one of them is lost. So it is inside Discord. */
  raceRoleWrites = false
  protected readonly clock: SandboxClock
  #troubles: Trouble[] = []

  constructor(clock: SandboxClock) {
    this.clock = clock
  }

  /** 429 for so many requests, or until the function says that it is over. `retryAfter` is in seconds. */
  storm429(times: number | (() => boolean), { route, retryAfter = 0.05, scope = 'user' }: StormOptions = {}): void {
    const make = () => tooMany({ retryAfter, scope, headers: {}, whole: false })
    this.#add(route, { kind: 'answer', make, done: false }, times)
  }

  /** 500, 502 or 503. With `done` the request is carried out all the same: so it happens, too. */
  serverErrors(
    times: number,
    status = 500,
    { route, done = false }: { route?: RouteMatch; done?: boolean } = {},
  ): void {
    this.#add(route, { kind: 'answer', make: () => serverFault(status), done }, times)
  }

  /** One of Discord's own refusals. */
  refuse(times: number, name: FaultName, route?: RouteMatch): void {
    this.#add(route, { kind: 'answer', make: () => fault(name), done: false }, times)
  }

  /** The connection breaks without an answer; with `done` only after the request was carried out. */
  cut(times: number, { route, done = false }: { route?: RouteMatch; done?: boolean } = {}): void {
    this.#add(route, { kind: 'cut', done }, times)
  }

  /** 204, and nothing was done; to a PATCH of a member, the roles as they were asked for. */
  lie(times: number, route: RouteMatch): void {
    this.#add(route, { kind: 'lie' }, times)
  }

  /** Matching requests wait until the returned function is called. */
  stall(route?: RouteMatch): () => void {
    return this.delay(route, Number.POSITIVE_INFINITY, { times: Number.POSITIVE_INFINITY })
  }

  /**
   * Matching requests wait so many ms of the sandbox's clock, `Infinity` for ever, before they are carried out; with `done` they are carried
   * out at once, and only the answer waits. The returned function ends it, for those that wait already too.
   */
  delay(route: RouteMatch, ms: number, { times = 1, done = false }: DelayOptions = {}): () => void {
    const waiting = new Set<() => void>()
    const trouble = this.#add(route, { kind: 'wait', wait: () => this.#wait(ms, waiting), done }, times)
    return () => {
      this.#troubles = this.#troubles.filter((other) => other !== trouble)
      for (const go of [...waiting]) go()
    }
  }

  /** Something happens just before a matching request is carried out: somebody leaves, a role goes. */
  before(route: RouteMatch, act: (asked: Asked) => void | Promise<void>, times = 1): void {
    this.#add(route, { kind: 'act', act }, times)
  }

  /** All REST troubles end. */
  calm(): void {
    this.#troubles = []
    this.raceRoleWrites = false
  }

  /** Meets every trouble that is for this request, in the order they were switched on, until one settles its fate. */
  async meet(asked: Asked): Promise<Fate> {
    for (const trouble of [...this.#troubles]) {
      if (!trouble.matches(asked) || !this.#strikes(trouble)) continue
      const fate = await strike(trouble.deed, asked)
      if (fate.kind !== 'carry out') return fate
    }
    return { kind: 'carry out' }
  }

  #wait(ms: number, waiting: Set<() => void>): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        callOff()
        waiting.delete(go)
        resolve()
      }
      const callOff = this.clock.after(ms, go)
      waiting.add(go)
    })
  }

  #strikes(trouble: Trouble): boolean {
    if (typeof trouble.left === 'function') return !trouble.left()
    if (trouble.left <= 0) return false
    trouble.left -= 1
    if (trouble.left <= 0) this.#troubles = this.#troubles.filter((other) => other !== trouble)
    return true
  }

  #add(route: RouteMatch, deed: Deed, left: Trouble['left']): Trouble {
    const trouble = { matches: toMatch(route), deed, left }
    this.#troubles.push(trouble)
    return trouble
  }
}

interface DelayOptions {
  readonly times?: number
  readonly done?: boolean
}

interface StormOptions {
  readonly route?: RouteMatch
  readonly retryAfter?: number
  readonly scope?: LimitScope
}

async function strike(deed: Deed, asked: Asked): Promise<Fate> {
  switch (deed.kind) {
    case 'answer':
      return { kind: 'answer', fault: deed.make(), done: deed.done }
    case 'cut':
      return { kind: 'cut', done: deed.done }
    case 'lie':
      return { kind: 'lie' }
    case 'wait':
      if (deed.done) return { kind: 'late', wait: deed.wait }
      await deed.wait()
      return { kind: 'carry out' }
    case 'act':
      await deed.act(asked)
      return { kind: 'carry out' }
  }
}

function toMatch(route: RouteMatch): (asked: Asked) => boolean {
  if (route === undefined) return () => true
  if (typeof route === 'function') return route
  return ({ method, route: path }) => `${method} ${path}` === route
}
