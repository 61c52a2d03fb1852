import {
  type FoundGiver,
  GIVER_WINDOW_MS,
  giverOf,
  mayHaveGiven,
  type SeenGrant,
  type TimedRoleChange,
} from '#src/core/giver.ts'
import type { Id } from '#src/core/model.ts'
import type { Grantor, LoggedRoleChange } from '#src/core/notice.ts'
import type { Clock } from './clock.ts'
import { Seldom } from './seldom.ts'
import type { World } from './world.ts'

// Who gave a role. Discord tells of the change and of its author apart, in either order, and not always: nobody is named by a guess.

/** How long the author of a change is waited for before the audit log is asked; as a rule they come within a second of each other. */
const PATIENCE_MS = 3_000
/** Whoever has waited no longer than this when the log is asked, and is not in it, waits for the next question. */
const LEAST_PATIENCE_MS = 1_000
/** How long the log may take to answer. */
const ANSWER_MS = 10_000
/**
 * A log that could not be read is let alone for so long, twice as long each time, and at most for so long: what Discord refuses counts, over all
 * servers together, towards the point at which the bot makes no more changes.
 */
const REST_MS = 60_000
const LONGEST_REST_MS = 16 * REST_MS
/** Changes of a guild that are remembered, and for how long: both sides of the window, and some more for a late event. */
const MAX_HEARD = 1_000
const HEARD_MS = 3 * GIVER_WINDOW_MS
/** Roles of a guild whose giver is waited for; past it the giver stays unknown. */
const MAX_WAITING = 1_000

interface Waiter extends SeenGrant {
  readonly since: number
  settle(grantor: Grantor): void
}

interface Ear {
  heard: TimedRoleChange[]
  readonly waiting: Set<Waiter>
  /** Entries and roles that a giver was named by, the oldest first: one entry tells of one grant, and not of the next one as well. */
  readonly told: Set<string>
  /** A question to the audit log is due or under way. */
  asking: boolean
  /** The log could not be read, so often in a row; it is not asked before then. */
  failures: number
  restsUntil: number
}

/** Joins what Discord tells of changed roles with what its audit log tells of their authors. */
export class Attribution {
  readonly #world: World
  readonly #clock: Clock
  readonly #ears = new Map<Id, Ear>()
  readonly #notices: Seldom
  #closed = false

  constructor(world: World, clock: Clock) {
    this.#world = world
    this.#clock = clock
    this.#notices = new Seldom(3_600_000, () => world.elapsed())
  }

  /** An entry of the audit log that the gateway told of. */
  heard(guildId: Id, change: LoggedRoleChange): void {
    if (change.added.length === 0) return
    const ear = this.#earOf(guildId)
    const at = this.#world.now()
    const recent = ear.heard.filter((one) => at - one.at <= HEARD_MS)
    ear.heard = [...recent.slice(1 - MAX_HEARD), { change, at }]
    for (const waiter of ear.waiting) if (waiter.memberId === change.memberId) this.#tryHeard(guildId, ear, waiter)
  }

  /**
   * Who gave this role to this member, who was seen with it at `seenAt` (ms since the epoch). Null where that cannot be known. Resolves within
   * some seconds, at once where it was heard before, and never rejects.
   */
  whoGave(guildId: Id, memberId: Id, roleId: Id, seenAt: number): Promise<Grantor> {
    const ear = this.#earOf(guildId)
    const { promise, resolve } = Promise.withResolvers<Grantor>()
    const waiter: Waiter = {
      ...{ memberId, roleId, seenAt, since: this.#world.elapsed() },
      settle: (grantor) => {
        ear.waiting.delete(waiter)
        resolve(grantor)
      },
    }
    if (ear.waiting.size < MAX_WAITING && !this.#closed) ear.waiting.add(waiter)
    this.#tryHeard(guildId, ear, waiter)
    if (!ear.waiting.has(waiter)) resolve(null)
    this.#askLater(guildId, ear)
    return promise
  }

  /** Whether the bot itself is the only one who can have given it: asked where nobody else was found. */
  wasOwn(guildId: Id, memberId: Id, roleId: Id, seenAt: number): boolean {
    const botUserId = this.#botUserId(guildId)
    const heard = this.#ears.get(guildId)?.heard ?? []
    return botUserId !== null && mayHaveGiven(heard, { memberId, roleId, seenAt }, botUserId)
  }

  /** The bot is about to end: nobody is waited for any more, and whoever is not known by now stays unknown. */
  close(): void {
    this.#closed = true
    for (const { waiting } of this.#ears.values()) for (const waiter of waiting) waiter.settle(null)
  }

  #earOf(guildId: Id): Ear {
    const ear = this.#ears.get(guildId) ?? {
      heard: [],
      waiting: new Set(),
      told: new Set(),
      asking: false,
      failures: 0,
      restsUntil: 0,
    }
    this.#ears.set(guildId, ear)
    return ear
  }

  #tryHeard(guildId: Id, ear: Ear, waiter: Waiter): void {
    const found = this.#find(guildId, ear, ear.heard, waiter)
    if (found) waiter.settle(found.giverId === null ? null : { id: found.giverId, by: 'event' })
  }

  #find(guildId: Id, { told }: Ear, log: readonly TimedRoleChange[], grant: SeenGrant): FoundGiver | null {
    const keyOf = (entryId: string) => `${entryId}/${grant.memberId}/${grant.roleId}`
    const untold = log.filter(({ change }) => !told.has(keyOf(change.entryId)))
    const found = giverOf(untold, grant, this.#botUserId(guildId))
    if (!found || found.giverId === null) return found
    told.add(keyOf(found.entryId))
    const oldest = told.keys().next()
    if (told.size > MAX_HEARD && !oldest.done) told.delete(oldest.value)
    return found
  }

  #askLater(guildId: Id, ear: Ear): void {
    if (ear.asking || ear.waiting.size === 0) return
    ear.asking = true
    this.#clock.after(PATIENCE_MS, () => void this.#ask(guildId, ear))
  }

  /** One question for all who wait in the guild. */
  async #ask(guildId: Id, ear: Ear): Promise<void> {
    const now = this.#world.elapsed()
    const waiters = [...ear.waiting]
    const log = waiters.length === 0 ? [] : await this.#read(guildId, ear)
    const timed = log?.map((change) => ({ change, at: change.at })) ?? []
    for (const waiter of waiters) {
      const found = this.#find(guildId, ear, timed, waiter)
      const giverId = found?.giverId ?? null
      if (giverId !== null) waiter.settle({ id: giverId, by: 'query' })
      else if (found || !log || now - waiter.since >= LEAST_PATIENCE_MS) waiter.settle(null)
    }
    ear.asking = false
    this.#askLater(guildId, ear)
  }

  /** Null where the log did not answer. */
  async #read(guildId: Id, ear: Ear): Promise<readonly LoggedRoleChange[] | null> {
    if (this.#world.elapsed() < ear.restsUntil) return null
    const { promise: late, resolve } = Promise.withResolvers<null>()
    const callOff = this.#clock.after(ANSWER_MS, () => resolve(null))
    try {
      const log = await Promise.race([this.#world.looker.roleChanges(guildId), late])
      ear.failures = 0
      return log
    } catch (error) {
      ear.restsUntil = this.#world.elapsed() + Math.min(REST_MS * 2 ** ear.failures, LONGEST_REST_MS)
      ear.failures += 1
      if (this.#notices.isDue(guildId))
        this.#world.notice('who gave a role cannot be read from the audit log', { guild: guildId, error })
      return null
    } finally {
      callOff()
    }
  }

  #botUserId(guildId: Id): Id | null {
    return this.#world.roster(guildId)?.guild()?.botUserId ?? null
  }
}
