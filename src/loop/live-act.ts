import { heldBack, isAffected } from '#src/core/blast.ts'
import type { Finding, Id, Settings } from '#src/core/model.ts'
import type { Grantor } from '#src/core/notice.ts'
import { Refusal, Unclear } from '#src/core/refusal.ts'
import { rolesOfAct } from '#src/core/run.ts'
import { CutShort, type Halt } from './at-work.ts'
import type { ReadBars } from './barred.ts'
import type { Carried } from './carrying.ts'
import type { Turn } from './line.ts'
import { HOUR_MS, LiveRuns } from './live-run.ts'
import { Peace } from './peace.ts'
import { askStanding, release, reserve, type Standing } from './reservations.ts'
import { Seldom } from './seldom.ts'
import type { World } from './world.ts'

// What a live look has decided is done at once: if nobody contests it, if it is not one too many, and under the guild's run of this hour.

/**
 * `held`: it would have been one too many, and the finding says so. `contested`: something else does not give way. `unaccepted`: no run has
 * looked at the identity source yet, so that nobody knows whether it is whole. `not_now`: the bot is about to end, another acts in its place, or
 * nobody can be judged at this moment. `run_over`: somebody ended the run; a new look decides whether there is to be another.
 */
export type Came =
  | { readonly kind: 'acted'; readonly carried: Carried }
  | { readonly kind: 'held'; readonly finding: Finding }
  | { readonly kind: 'contested' | 'unaccepted' | 'not_now' | 'run_over' }

export interface LiveWish {
  readonly guildId: Id
  readonly finding: Finding
  readonly settings: Settings
  /** Whether a run has ever looked at the identity source: numbers that nobody ever looked at cannot be found to have fallen. */
  readonly accepted: boolean
  /** Who gave the roles, as it is being found out; never waited for by an act. */
  readonly grantors: ReadonlyMap<Id, Promise<Grantor>>
  /** Called when an act stands in the record, before it is made; and before, where it has to wait for its turn, which may take long. */
  readonly onWritten: () => void
}

/** Makes live acts. */
export class LiveActs {
  readonly #world: World
  readonly #halt: Halt
  readonly #runs: LiveRuns
  readonly #peace: Peace
  readonly #held: Seldom

  constructor(world: World, halt: Halt) {
    this.#world = world
    this.#halt = halt
    this.#runs = new LiveRuns(world, halt)
    this.#peace = new Peace(world)
    this.#held = new Seldom(HOUR_MS, () => world.elapsed())
  }

  async goAhead(wish: LiveWish, turn: Turn): Promise<Came> {
    if (!this.#mayBegin()) return { kind: 'not_now' }
    if (!wish.accepted) return { kind: 'unaccepted' }
    const { guildId, finding } = wish
    try {
      return await this.#decide(wish, turn)
    } finally {
      release(this.#world, guildId, finding.memberId)
    }
  }

  async #decide(wish: LiveWish, turn: Turn): Promise<Came> {
    const { guildId, finding } = wish
    const { memberId, removeRoles, addRoles } = finding
    const standing = await askStanding(this.#world, guildId, memberId, this.#peace.takenSince)
    const contested = await this.#peace.contested(guildId, finding, standing)
    const isFree = (id: Id) => !contested.has(id)
    if (![...removeRoles, ...addRoles].some(isFree)) return { kind: 'contested' }
    const bars = { ...standing, contested }
    if (isAffected(finding) && removeRoles.some(isFree)) return this.#reserved(wish, bars, turn)
    release(this.#world, guildId, memberId)
    return this.#act(wish, bars, turn)
  }

  #mayBegin(): boolean {
    return !this.#halt.asked && this.#world.mayAct()
  }

  async #reserved(wish: LiveWish, standing: Standing, turn: Turn): Promise<Came> {
    const { guildId, finding, settings } = wish
    const { over, affected, limit } = await reserve(this.#world, guildId, finding.memberId, settings, standing)
    if (!over) return this.#act(wish, standing, turn)
    if (this.#held.isDue(guildId)) await this.#tellHeld(guildId, { affected, limit })
    return { kind: 'held', finding: heldBack(finding) }
  }

  async #tellHeld(guildId: Id, facts: { readonly affected: number; readonly limit: number }): Promise<void> {
    const subject = `guild:${guildId}`
    const line = { guildId, type: 'acts.held', actor: 'system:realtime', subject, data: facts } as const
    await this.#world.book.append([line], this.#world.now())
    this.#world.tell(guildId, { kind: 'live_held', ...facts })
  }

  async #act(wish: LiveWish, bars: ReadBars, turn: Turn): Promise<Came> {
    await turn.act(wish.onWritten)
    if (!this.#mayBegin()) return { kind: 'not_now' }
    const { run, isNew } = await this.#runs.of(wish.guildId)
    try {
      const carried = await run.hand.carryOut(wish.finding, { bars, onWritten: wish.onWritten })
      void this.#tell(wish, run.id, carried)
      return { kind: 'acted', carried }
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof CutShort)) throw error
      // The run has done nothing wrong, and goes on.
      if (error instanceof Unclear) return { kind: 'not_now' }
      this.#runs.forget(wish.guildId, run.id)
      if (!this.#mayBegin()) return { kind: 'not_now' }
      // What refuses in a run of this very moment will refuse again.
      if (isNew && error instanceof Refusal) throw error
      return { kind: 'run_over' }
    }
  }

  /** The moderators hear of it once it is known who had given the roles, or that nobody knows. */
  async #tell({ guildId, finding, grantors }: LiveWish, runId: string, { deeds }: Carried): Promise<void> {
    const made = deeds.filter((deed) => deed.outcome === 'done' || deed.outcome === 'unknown')
    if (made.length === 0) return
    // Of what is told here alone: another role of the member may have been refused or left alone.
    const outcome = made.find((deed) => deed.outcome !== 'done')?.outcome ?? 'done'
    const removed = made.flatMap(({ act }) => (act.kind === 'add_role' ? [] : rolesOfAct(act)))
    const added = made.flatMap(({ act }) => (act.kind === 'add_role' ? [act.roleId] : []))
    const givers = await Promise.all(removed.map((roleId) => grantors.get(roleId) ?? null))
    const { memberId } = finding
    this.#world.tell(guildId, { kind: 'acted_live', runId, memberId, removed, added, outcome, grantors: givers })
  }
}
