import type { Id } from '#src/core/model.ts'
import type { Clock } from './clock.ts'

/** One write is under way for a member at a time, and each waits for seconds; this many at once is a fault of the caller. */
export const MAX_WAITING = 10_000

interface Waiter {
  readonly roleId: Id
  readonly held: boolean
  settle(seen: boolean): void
}

/** Those who wait to see a member with or without a role. */
export class Sightings {
  readonly #clock: Clock
  readonly #waiters = new Map<Id, Set<Waiter>>()
  #waiting = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether anybody waits, so that a burst of chunks need not ask member by member. */
  get any(): boolean {
    return this.#waiting > 0
  }

  /** False at once where too many wait: not seen is what they are told, and they look for themselves. */
  wait(memberId: Id, roleId: Id, held: boolean, timeoutMs: number): Promise<boolean> {
    if (this.#waiting >= MAX_WAITING) return Promise.resolve(false)
    return new Promise((resolve) => {
      const callOff = this.#clock.after(timeoutMs, () => waiter.settle(false))
      const settle = (seen: boolean) => {
        if (!this.#leave(memberId, waiter)) return
        callOff()
        resolve(seen)
      }
      const waiter: Waiter = { roleId, held, settle }
      this.#join(memberId, waiter)
    })
  }

  /** A dispatch showed this member. */
  show(memberId: Id, holds: (roleId: Id) => boolean): void {
    for (const waiter of [...(this.#waiters.get(memberId) ?? [])]) {
      if (holds(waiter.roleId) === waiter.held) waiter.settle(true)
    }
  }

  /** A dispatch said that the member left: they were seen neither with nor without the role, and whoever waits looks for themselves. */
  dismiss(memberId: Id): void {
    for (const waiter of [...(this.#waiters.get(memberId) ?? [])]) waiter.settle(false)
  }

  /** A dispatch said that the role is no more: nobody holds it. */
  showRoleGone(roleId: Id): void {
    for (const waiter of this.#all()) if (waiter.roleId === roleId && !waiter.held) waiter.settle(true)
  }

  /** Nothing will be seen any more. */
  stop(): void {
    for (const waiter of this.#all()) waiter.settle(false)
  }

  #all(): readonly Waiter[] {
    return [...this.#waiters.values()].flatMap((waiters) => [...waiters])
  }

  #join(memberId: Id, waiter: Waiter): void {
    const waiters = this.#waiters.get(memberId) ?? new Set()
    waiters.add(waiter)
    this.#waiters.set(memberId, waiters)
    this.#waiting++
  }

  #leave(memberId: Id, waiter: Waiter): boolean {
    const waiters = this.#waiters.get(memberId)
    if (!waiters?.delete(waiter)) return false
    if (waiters.size === 0) this.#waiters.delete(memberId)
    this.#waiting--
    return true
  }
}
