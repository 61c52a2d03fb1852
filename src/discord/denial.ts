import type { RefusedBy } from '#src/core/invocation-history.ts'
import { Refusal } from '#src/core/refusal.ts'

/** A request that did not come as far as its command. */
export class Denial extends Refusal {
  readonly by: Exclude<RefusedBy, 'command'>

  constructor(by: Denial['by'], sentence: string) {
    super(sentence)
    this.by = by
  }
}
