import type { Outcome, Run } from '#src/core/run.ts'
import type { Carried } from './carrying.ts'
import type { World } from './world.ts'

type Counted = Readonly<Record<string, number>>

/** Members who may be counted beside the acts: acts that are open are `unknown` only until they are settled. */
const BESIDE: readonly (Outcome | 'changed')[] = ['changed', 'gone', 'failed', 'refused']

/**
 * What a run came to. Acts are counted by what the book has of them, so that one which was cut off is not forgotten; beside them stand members with
 * whom nothing (more) was tried, and acts that were left alone.
 */
export class Tally {
  readonly #beside = new Map<string, number>()

  /** Takes up the count of a run that goes on. */
  async takeUp(world: World, { guildId, id, outcomes }: Run): Promise<void> {
    const acts = await world.book.outcomesOf(guildId, id)
    for (const outcome of BESIDE) this.#count(outcome, Math.max(0, (outcomes[outcome] ?? 0) - (acts[outcome] ?? 0)))
  }

  add({ left, withheld }: Carried): void {
    if (left !== null) this.#count(left, 1)
    this.#count('refused', withheld.length)
  }

  async outcomes(world: World, { guildId, id }: Pick<Run, 'guildId' | 'id'>): Promise<Counted> {
    const sum = new Map(Object.entries(await world.book.outcomesOf(guildId, id)))
    for (const [outcome, times] of this.#beside) sum.set(outcome, (sum.get(outcome) ?? 0) + times)
    return Object.fromEntries([...sum].filter(([, times]) => times > 0))
  }

  #count(outcome: string, times: number): void {
    this.#beside.set(outcome, (this.#beside.get(outcome) ?? 0) + times)
  }
}
