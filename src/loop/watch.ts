import { Refusal } from '#src/core/refusal.ts'
import type { Carried } from './carrying.ts'

/** Members in a row with whom nothing came about; then the trouble is not theirs, and going on would only wear out Discord's patience. */
const MAX_FAILURES = 20
/** Refusals in a row: a permission or a rank is missing, and each further one counts towards Discord's ban of the address. */
const MAX_REFUSALS = 5
const OUT_OF_HAND = `Discord would not show or change ${MAX_FAILURES} members in a row, so the run was stopped. Look at Discord’s status page and at \`/audit status\`, then go on with \`/audit resume\`.`

/** Ends a run that gets nowhere: what is refused or fails for everybody is not the members' trouble. What was left alone asks nothing of Discord. */
export class Watch {
  #failures = 0
  #refusals = 0
  #detail: string | null = null

  see({ deeds, outcome, detail }: Carried): void {
    this.#failures = outcome === 'failed' || outcome === 'unknown' ? this.#failures + 1 : 0
    const refused = deeds.some((deed) => deed.outcome === 'refused')
    if (refused) this.#refusals += 1
    else if (deeds.length > 0) this.#refusals = 0
    this.#detail = detail ?? this.#detail
  }

  mustGoOn(): void {
    if (this.#failures >= MAX_FAILURES) throw new Refusal(OUT_OF_HAND)
    if (this.#refusals < MAX_REFUSALS) return
    throw new Refusal(
      `Discord refused ${this.#refusals} changes in a row, so the run was stopped. ${this.#detail ?? ''}`.trim(),
    )
  }
}
