import type { Measured } from './reading.ts'

/** What was counted, and the version of the people of whom it is true; see `Claimed`. */
export interface Counted {
  readonly version: string | null
  readonly measured: Measured
}

/**
 * The newest counts of one guild's people, kept for as long as the database gives these people the same version. To count them means to walk through all
 * of them, and each look at one member needs the counts.
 */
export class Counts {
  readonly #count: () => Promise<Counted>
  #kept: Counted | null = null
  #counting: { readonly wanted: string; readonly done: Promise<Counted> } | null = null

  /** `count` counts the people of now. */
  constructor(count: () => Promise<Counted>) {
    this.#count = count
  }

  keep(counted: Counted): void {
    if (counted.version !== null) this.#kept = counted
  }

  known(version: string | null): Measured | null {
    return version !== null && this.#kept?.version === version ? this.#kept.measured : null
  }

  /** The counts of this version, made where they are not known: once for all who ask for the same. Null where the people have changed meanwhile. */
  async of(version: string | null): Promise<Measured | null> {
    if (version === null) return null
    const known = this.known(version)
    if (known) return known
    const counted = await this.#counted(version)
    return counted.version === version ? counted.measured : null
  }

  #counted(wanted: string): Promise<Counted> {
    if (this.#counting?.wanted === wanted) return this.#counting.done
    const done = this.#count()
    const counting = { wanted, done }
    this.#counting = counting
    const over = () => {
      if (this.#counting === counting) this.#counting = null
    }
    done.then(over, over)
    return done
  }
}
