import type { Id } from './model.ts'
import type { Actor } from './trail.ts'

/** An account of which a person has said whose it is; the identity source does not know of it. */
export interface ManualLink {
  readonly discordId: Id
  /** The source's own id of somebody, who may be gone from it by now. */
  readonly identityId: string
  /** The kind of source for which it was made; over any other it claims nothing, for there the id is another's. */
  readonly source: string
  readonly reason: string
  readonly by: Actor
  /** Milliseconds since the epoch. */
  readonly at: number
}
