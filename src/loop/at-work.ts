import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
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

const ASKED_TO_END = 'The bot was asked to end in the middle of this run. What was done until then is listed.'
const STOPPED = 'Somebody stopped this server’s runs. What was done until then is listed; nothing more is changed.'
const STOPPED_BEFORE =
  'Somebody stopped this server with `/stop` after this was asked for and before it could begin. Nothing was begun; ask for it again if it is still meant.'
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

  /** True once somebody stopped the guild: then nothing of the run is to be taken up again by itself. */
  get isStopped(): boolean {
    return this.#stopped
  }

  stop(): void {
    this.#stopped = true
  }

  #why(): string | null {
    if (this.#stopped) return STOPPED
    if (this.#halt.asked) return ASKED_TO_END
    if (this.#world.elapsed() < this.#endsAt) return null
    const minutes = Math.max(1, Math.round(this.#world.deadlineMs / MINUTE_MS))
    return `This run was not done within ${minutes} min and was cut off. What was done until then is listed.`
  }
}

interface AtWork {
  readonly runs: Set<string>
  readonly leashes: Map<string, Leash>
  /** Of each run the work until its end is stored. */
  readonly ends: Set<Promise<Run>>
  /** By guild, the number of the last stop; stops of all guilds are numbered in one row. */
  readonly stops: Map<Id, number>
  lastStop: number
}

/** Of a guild, whether it was stopped since the moment of asking. */
export type StoppedSince = (guildId: Id) => boolean

const ofWorlds = new WeakMap<World, AtWork>()

const nothing = (): AtWork => ({
  runs: new Set(),
  leashes: new Map(),
  ends: new Set(),
  stops: new Map(),
  lastStop: 0,
})

function atWork(world: World): AtWork {
  const known = ofWorlds.get(world) ?? nothing()
  ofWorlds.set(world, known)
  return known
}

/** The runs that this process is at work on, those of live acts among them; a row that says `running` and is none of them was left behind. */
export const runsAtWork = (world: World): Set<string> => atWork(world).runs

/**
 * To be asked where somebody begins to ask for work, before anything is waited for: a stop may come while it is still looked into whether it may begin.
 * `asked`: the same since an earlier moment, where somebody has waited before they came here.
 */
export function sinceNow(world: World, asked: () => boolean = () => false): StoppedSince {
  const { lastStop } = atWork(world)
  return (guildId) => asked() || (atWork(world).stops.get(guildId) ?? 0) > lastStop
}

/** Throws `Refusal` where the server was stopped since this was asked for: whoever gave the stop has read that nothing more is begun. */
export function refuseWhatWasStopped({ stoppedSince }: { readonly stoppedSince: () => boolean }): void {
  if (stoppedSince()) throw new Refusal(STOPPED_BEFORE)
}

/** From now on this process is at work on the run, held by the leash; a guild that was stopped since it was asked for is not acted in. */
export function takeUp(
  world: World,
  run: Pick<Run, 'id' | 'guildId' | 'deadlineAt'>,
  halt: Halt,
  stoppedSince: StoppedSince,
): Leash {
  const leash = new Leash(world, run, halt)
  if (stoppedSince(run.guildId)) leash.stop()
  atWork(world).runs.add(run.id)
  atWork(world).leashes.set(run.id, leash)
  return leash
}

export function layDown(world: World, runId: string): void {
  atWork(world).runs.delete(runId)
  atWork(world).leashes.delete(runId)
}

/** Notes the work of a run, for whoever waits for its end. */
export function noteEnd(world: World, end: Promise<Run>): Promise<Run> {
  const { ends } = atWork(world)
  ends.add(end)
  return end.finally(() => ends.delete(end))
}

/** Resolves when the runs that were at work have ended, and that is stored. The runs of live acts are none of them: they wait for others. */
export async function untilEnded(world: World): Promise<void> {
  await Promise.all(atWork(world).ends)
}

/** Lets every run of the guild that this process is at work on end at its next step, and none begin that was asked for before. */
export function stopRuns(world: World, guildId: Id): void {
  const state = atWork(world)
  state.stops.set(guildId, ++state.lastStop)
  for (const leash of atWork(world).leashes.values()) if (leash.guildId === guildId) leash.stop()
}
