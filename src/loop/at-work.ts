import type { Id } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import type { World } from './world.ts'

// The runs that this process is at work on. A row that stands as under way and is none of them was left behind.

export interface Halt {
  /** True from the moment that no further act is to be begun: the one in hand is finished. */
  readonly asked: boolean
}

/** Why a run ends though its plan is not done; `message` is the sentence that a person reads. */
export class CutShort extends Error {
  override readonly name = 'CutShort'
}

const ASKED_TO_END =
  'The bot was asked to end in the middle of this run. What was done until then is listed; `/audit resume` goes on with it.'
const STOPPED = 'Somebody stopped this server’s runs. What was done until then is listed; nothing more is changed.'
const MINUTE_MS = 60_000

/** What a run at work is held by: the process that ends, a `/stop`, or its deadline. Time is measured, not read from a clock that may jump. */
export class Leash implements Halt {
  readonly guildId: Id
  readonly #world: World
  readonly #halt: Halt
  readonly #endsAt: number
  #stopped = false

  constructor(world: World, { guildId, deadlineAt }: Pick<Run, 'guildId' | 'deadlineAt'>, halt: Halt) {
    this.guildId = guildId
    this.#world = world
    this.#halt = halt
    this.#endsAt = deadlineAt === null ? Number.POSITIVE_INFINITY : world.elapsed() + world.deadlineMs
  }

  get asked(): boolean {
    return this.#why() !== null
  }

  /** Throws `CutShort` with why, where no further act is to be begun. */
  mustGoOn(): void {
    const why = this.#why()
    if (why !== null) throw new CutShort(why)
  }

  stop(): void {
    this.#stopped = true
  }

  #why(): string | null {
    if (this.#stopped) return STOPPED
    if (this.#halt.asked) return ASKED_TO_END
    if (this.#world.elapsed() < this.#endsAt) return null
    const minutes = Math.max(1, Math.round(this.#world.deadlineMs / MINUTE_MS))
    return `This run was not done within ${minutes} min and was cut off. What was done until then is listed; \`/audit resume\` goes on with it.`
  }
}

const leashes = new WeakMap<World, Map<string, Leash>>()

function leashesOf(world: World): Map<string, Leash> {
  const known = leashes.get(world) ?? new Map<string, Leash>()
  leashes.set(world, known)
  return known
}

/** From now on this process is at work on the run. */
export function takeUp(world: World, run: Pick<Run, 'id' | 'guildId' | 'deadlineAt'>, halt: Halt): Leash {
  const leash = new Leash(world, run, halt)
  leashesOf(world).set(run.id, leash)
  return leash
}

export function layDown(world: World, runId: string): void {
  leashesOf(world).delete(runId)
}

export const runsAtWork = (world: World): ReadonlySet<string> => new Set(leashesOf(world).keys())

/** Lets every run of the guild that this process is at work on end at its next step. */
export function stopRuns(world: World, guildId: Id): void {
  for (const leash of leashesOf(world).values()) if (leash.guildId === guildId) leash.stop()
}
