import type { Id } from '#src/core/model.ts'
import type { Disagreement } from './counts.ts'
import type { KeeperWorld } from './keeper-world.ts'
import { readCounts } from './payloads.ts'
import type { Roster } from './roster.ts'

/** Every few minutes: one request, and so the longest that a change of which we were never told stays unseen. */
export const CHECK_EVERY_MS = 300_000
/** An event that was under way when Discord counted has come by then. */
export const CONFIRM_AFTER_MS = 5_000
/** A busy role never stands still long enough to be confirmed; wrong at so many checks on end, it is wrong. */
export const MOST_IN_A_ROW = 4

/** Compares Discord's count of each role's holders with ours, again and again. */
export class CountCheck {
  readonly #roster: Roster
  readonly #world: KeeperWorld
  readonly #everyMs: number
  readonly #doubted: (why: string) => void
  #callOff: (() => void) | null = null
  #stopped = false
  #note: string | null = null
  /** At how many checks on end a role disagreed. */
  #streaks = new Map<Id, number>()
  /** The differences for which the list was read anew last: if a fresh list has them too, the count is what is wrong. */
  #blamed = new Map<Id, number>()

  /** `doubted` hears that the roster is wrong, once it is confirmed. */
  constructor(roster: Roster, world: KeeperWorld, everyMs: number, doubted: (why: string) => void) {
    this.#roster = roster
    this.#world = world
    this.#everyMs = everyMs
    this.#doubted = doubted
    this.#schedule(everyMs * (0.5 + share(roster.guildId) / 2))
  }

  /** What a person should know of the last check; null where it agreed. */
  get note(): string | null {
    return this.#note
  }

  stop(): void {
    this.#stopped = true
    this.#callOff?.()
  }

  /** One check. Never rejects. */
  async check(): Promise<void> {
    try {
      if (this.#roster.state === 'live') await this.#compare()
    } catch (problem) {
      this.#note = `Discord's role counts could not be read: ${problem instanceof Error ? problem.message : problem}`
    }
  }

  async #compare(): Promise<void> {
    const began = this.#world.clock.now()
    const { moment } = this.#roster
    const first = await this.#disagreements()
    if (first.length === 0) return this.#agree(began)
    await this.#pause(CONFIRM_AFTER_MS)
    const second = await this.#disagreements()
    if (this.#stopped || this.#roster.state !== 'live') return
    if (second.length === 0) return this.#agree(began)
    this.#judge(first, second, moment)
  }

  async #disagreements(): Promise<readonly Disagreement[]> {
    const counts = readCounts(await this.#world.roleCounts(this.#roster.guildId))
    if (counts === null) throw new Error('the answer is no list of counts')
    return this.#roster.compareCounts(counts)
  }

  #agree(at: number): void {
    this.#note = null
    this.#streaks.clear()
    this.#blamed.clear()
    this.#roster.verified(at)
  }

  /** Wrong is a role of which both counts say the same, with no event on it in between; or one that never agrees. */
  #judge(first: readonly Disagreement[], second: readonly Disagreement[], moment: number): void {
    this.#streaks = new Map(second.map(({ roleId }) => [roleId, (this.#streaks.get(roleId) ?? 0) + 1]))
    const before = new Map(first.map(({ roleId, theirs }) => [roleId, theirs]))
    const wrong = second.filter(({ roleId, theirs }) => {
      const still = before.get(roleId) === theirs && this.#roster.changedAt(roleId) <= moment
      return still || (this.#streaks.get(roleId) ?? 0) >= MOST_IN_A_ROW
    })
    if (wrong.length > 0) this.#blame(wrong)
  }

  /** A list read anew for the very same differences did not mend them, and another would not: Discord's count itself is off. */
  #blame(wrong: readonly Disagreement[]): void {
    const why = `Discord counts other role holders than we do: ${wrong.slice(0, 3).map(toWords).join('; ')}`
    this.#note = why
    if (wrong.every(({ roleId, ours, theirs }) => this.#blamed.get(roleId) === theirs - ours)) return
    this.#blamed = new Map(wrong.map(({ roleId, ours, theirs }) => [roleId, theirs - ours]))
    this.#streaks.clear()
    this.#doubted(why)
  }

  #schedule(milliseconds: number): void {
    this.#callOff = this.#world.clock.after(milliseconds, () => void this.#turn())
  }

  async #turn(): Promise<void> {
    await this.check()
    if (!this.#stopped) this.#schedule(this.#everyMs)
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#callOff = this.#world.clock.after(milliseconds, resolve)
    })
  }
}

function toWords({ roleId, ours, theirs }: Disagreement): string {
  return `role ${roleId} has ${theirs} there and ${ours} here`
}

/** A share from 0 to 1 that differs from guild to guild, so that a thousand guilds are not all asked about in the same second. */
function share(guildId: Id): number {
  return (Array.from(guildId).reduce((sum, digit) => (sum * 31 + Number(digit)) % 997, 0) % 997) / 997
}
