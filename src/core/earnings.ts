import type { Governed } from './governed.ts'
import type { Id } from './model.ts'
import { sortedIds } from './order.ts'
import type { Combination } from './people.ts'

/** The governed roles that a combination of groups and a state earns. */
export interface Earned {
  readonly roleIds: ReadonlySet<Id>
  /** The same, as numbers in order. */
  readonly sorted: readonly Id[]
}

/** The groups of a person lead from node to node, in the order in which the person has them; what they earn stands where they end. */
interface Path {
  readonly next: Map<string, Path>
  earned: Earned | null
}

/**
 * What people's groups and states earn. People are many and combinations are few, so each is worked out once and the same combination gives
 * the same object. It grows with the combinations that it was asked of, and lives as long as one run.
 */
export class Earnings {
  readonly #governed: Governed
  readonly #states = new Map<string | null, Path>()

  constructor(governed: Governed) {
    this.#governed = governed
  }

  /** Whether or not the person has access. */
  of(combination: Combination): Earned {
    const path = this.#pathOf(combination)
    path.earned ??= this.#earn(combination)
    return path.earned
  }

  #pathOf({ state, groups }: Combination): Path {
    let path = step(this.#states, state)
    for (const group of groups) if (this.#governed.byGroup.get(group)?.length) path = step(path.next, group)
    return path
  }

  #earn({ state, groups }: Combination): Earned {
    const { byGroup, byState } = this.#governed
    const byTheirState = state === null ? [] : (byState.get(state) ?? [])
    const sorted = sortedIds([...groups.flatMap((group) => byGroup.get(group) ?? []), ...byTheirState])
    return { roleIds: new Set(sorted), sorted }
  }
}

function step<K>(paths: Map<K, Path>, key: K): Path {
  const known = paths.get(key)
  if (known) return known
  const path: Path = { next: new Map(), earned: null }
  paths.set(key, path)
  return path
}
