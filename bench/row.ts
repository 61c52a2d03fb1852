// What a row of the benchmark is. Each is measured in a process of its own, so that none inherits another's heap.

/** What a row may be told. Sizes are people and events, not bytes. */
export interface Sizes {
  readonly members: number
  readonly seed: number
  /** Fewer rounds and fewer events: enough to see that a row works, too few to believe its figures. */
  readonly quick: boolean
}

/** One line of the table. `ours` and `baseline` are of the unit; their ratio is always ours divided by the baseline's. */
export interface Goal {
  readonly name: string
  readonly unit: string
  /** A bound on the ratio, or on `ours` where there is nothing to compare with. */
  readonly goal: number
  readonly bound: 'at most' | 'at least'
  /** Where `ours` is at most this, the goal is met whatever the baseline does. */
  readonly enough?: number
}

export interface Figure {
  readonly ours: number
  /** Null where nothing else does the same. */
  readonly baseline: number | null
}

export interface Measured {
  /** By the names of the row's goals, one each. */
  readonly figures: Readonly<Record<string, Figure>>
  /** What a reader of the figures should know besides, a sentence each; not for machines. */
  readonly notes: readonly string[]
}

export interface Row {
  /** The name of its result, or the beginning that its results share. */
  readonly name: string
  readonly goals: readonly Goal[]
  /** It is ended after this time. */
  readonly deadlineMs: number
  /** Rejects with a sentence where what was measured is not what should have been: a fast path not taken, an event not handled. */
  readonly measure: (sizes: Sizes, progress: (words: string) => void) => Promise<Measured>
}

/** A row with one result of its own name. */
export function singleRow(row: Goal & Omit<Row, 'goals' | 'measure'> & { readonly measure: MeasureOne }): Row {
  const { deadlineMs, measure: measureOne, ...goal } = row
  const { name } = goal
  const measure: Row['measure'] = async (sizes, progress) => {
    const { notes, ...figure } = await measureOne(sizes, progress)
    return { figures: { [name]: figure }, notes }
  }
  return { name, goals: [goal], deadlineMs, measure }
}

type MeasureOne = (
  sizes: Sizes,
  progress: (words: string) => void,
) => Promise<Figure & { readonly notes: readonly string[] }>
