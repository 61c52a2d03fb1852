import { type LiveBlast, measureLiveBlast, populationOf } from '#src/core/live-blast.ts'
import type { Id, Settings } from '#src/core/model.ts'
import { momentAgo } from './ago.ts'
import { knownGuild } from './facts.ts'
import { HOUR_MS, type LiveRuns } from './live-run.ts'
import type { World } from './world.ts'

// The blast radius of live acts. Many looks come to an act at once, so each member is counted from the moment at which it is decided that they may.

const DAY_MS = 24 * HOUR_MS

interface Door {
  /** Members who were let through and whose act has not ended. */
  readonly inHand: Set<Id>
  /** The last who asks; each waits for the one before. */
  last: Promise<unknown>
}

export class Reservations {
  readonly #world: World
  readonly #runs: LiveRuns
  readonly #doors = new Map<Id, Door>()

  constructor(world: World, runs: LiveRuns) {
    this.#world = world
    this.#runs = runs
  }

  /** Lets the member through unless that were one too many. Who was let through is counted until `release`, and from the intent on by the book. */
  reserve(guildId: Id, memberId: Id, settings: Settings): Promise<LiveBlast> {
    const door = this.#doors.get(guildId) ?? { inHand: new Set(), last: Promise.resolve() }
    this.#doors.set(guildId, door)
    const asked = door.last.then(async () => {
      const blast = await this.#measure(guildId, new Set([...door.inHand, memberId]), settings)
      if (!blast.over) door.inHand.add(memberId)
      return blast
    })
    door.last = asked.catch(() => {})
    return asked
  }

  release(guildId: Id, memberId: Id): void {
    this.#doors.get(guildId)?.inHand.delete(memberId)
  }

  async #measure(guildId: Id, inHand: ReadonlySet<Id>, settings: Settings): Promise<LiveBlast> {
    const { book } = this.#world
    const run = this.#runs.current(guildId)
    const others = [...inHand]
    const [lastHour, ofOtherRuns, ofThisRun] = await Promise.all([
      book.liveAffectedSince(guildId, momentAgo(this.#world, HOUR_MS), others),
      book.unattendedSince(guildId, momentAgo(this.#world, DAY_MS), run?.id ?? null),
      run ? book.liveAffectedSince(guildId, run.startedAt, others) : 0,
    ])
    const affected = {
      lastHour: lastHour + inHand.size,
      lastDay: ofOtherRuns.affected + ofThisRun + inHand.size,
    }
    const { roster, guild } = knownGuild(this.#world, guildId)
    return measureLiveBlast(affected, populationOf(roster.columns, guild.botUserId, settings), settings)
  }
}
