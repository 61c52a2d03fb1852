import type { Id, Invocation } from '#src/core/model.ts'
import { EVERYTHING } from '#src/core/run.ts'
import { Hand } from './act.ts'
import { type Halt, type Leash, layDown, runsAtWork, takeUp } from './at-work.ts'
import type { World } from './world.ts'

// The live acts of a guild within an hour are one run (docs/semantics.md, section 8): opened at the first, and nobody waits for its end.

export const HOUR_MS = 3_600_000

/** What a live look may come to: never more than a role taken or given, and only where the guild is armed for it. */
export const LIVE: Invocation = {
  trigger: 'realtime',
  action: 'strip',
  mayDestroy: true,
  dayAffected: 0,
  dayKicks: 0,
  approved: null,
}

export interface LiveRun {
  readonly id: string
  /** One for all acts of the run, so that the guild is read once for many. */
  readonly hand: Hand
}

interface Kept {
  readonly runId: string
  /** By the world's `elapsed`. */
  readonly openedAt: number
  readonly opening: Promise<LiveRun>
}

export class LiveRuns {
  readonly #world: World
  readonly #halt: Halt
  readonly #kept = new Map<Id, Kept>()

  constructor(world: World, halt: Halt) {
    this.#world = world
    this.#halt = halt
  }

  /** The guild's run of this hour; opened where there is none. `isNew` for whoever opened it. */
  async of(guildId: Id): Promise<{ readonly run: LiveRun; readonly isNew: boolean }> {
    const kept = this.#keptNow(guildId)
    if (kept) return { run: await kept.opening, isNew: false }
    return { run: await this.#begin(guildId), isNew: true }
  }

  /** The run was ended by somebody else: the next act opens another. */
  forget(guildId: Id, runId: string): void {
    layDown(this.#world, runId)
    if (this.#kept.get(guildId)?.runId === runId) this.#kept.delete(guildId)
  }

  #keptNow(guildId: Id): Kept | null {
    const kept = this.#kept.get(guildId)
    return kept && this.#world.elapsed() - kept.openedAt < HOUR_MS ? kept : null
  }

  async #begin(guildId: Id): Promise<LiveRun> {
    const before = this.#kept.get(guildId)?.runId ?? null
    const runId = this.#world.newId()
    // An audit that opens at this moment must not take it for one that was left behind.
    const leash = takeUp(this.#world, { id: runId, guildId, deadlineAt: null }, this.#halt, () => false)
    const opening = this.#open(guildId, runId, leash, before)
    const kept: Kept = { runId, openedAt: this.#world.elapsed(), opening }
    this.#kept.set(guildId, kept)
    try {
      return await opening
    } catch (error) {
      this.forget(guildId, runId)
      throw error
    }
  }

  async #open(guildId: Id, runId: string, leash: Leash, before: string | null): Promise<LiveRun> {
    const { book } = this.#world
    if (before !== null) await this.#end(guildId, before)
    const at = this.#world.now()
    const { run } = await book.openRun({ ...orderOf(guildId, runId), at }, runsAtWork(this.#world))
    await book.moveRun(guildId, run.id, 'running', at)
    const reason = `rolecall live ${runId}`
    const who = { guildId, runId, actor: 'system:realtime', decidedAt: run.startedAt, reason } as const
    const hand = new Hand(this.#world, { ...who, invocation: LIVE, only: EVERYTHING, lane: 'live' }, leash)
    return { id: run.id, hand }
  }

  /** Two live runs of a guild are never under way at once. Whoever tidies up may have ended it already. */
  async #end(guildId: Id, runId: string): Promise<void> {
    const { book } = this.#world
    layDown(this.#world, runId)
    if ((await book.run(guildId, runId))?.state !== 'running') return
    await book.completeRun(guildId, runId, await book.outcomesOf(guildId, runId), this.#world.now())
  }
}

function orderOf(guildId: Id, id: string) {
  const purpose = { purpose: 'live', cause: null, only: EVERYTHING, deadlineAt: null } as const
  const who = { trigger: 'realtime', action: 'strip', actor: 'system:realtime', mayDestroy: true } as const
  return { id, guildId, ...purpose, ...who, reason: null, idempotencyKey: `live:${id}` }
}
