import type { Actor } from '#src/core/trail.ts'

/** Who wanted something done, for the record. The reason is a person's text. */
export interface AskedBy {
  readonly actor: Actor
  /** `interaction:<id>` or `order:<id>`. */
  readonly cause: string
  readonly reason: string | null
  readonly at: number
}
