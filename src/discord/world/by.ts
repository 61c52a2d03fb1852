import type { Id } from '#src/core/model.ts'
import type { Actor } from '#src/core/trail.ts'

/** Who wants something done, for the record, and what their own permissions in the server allow. */
export interface By {
  readonly actor: Actor
  /** `interaction:<id>` or `order:<id>`. */
  readonly cause: string
  readonly reason: string | null
  readonly mayStrip: boolean
  readonly mayKick: boolean
  /** Roles below whose highest they may hand out roles, as Discord has it; null where no rank bounds them: the owner, Administrators, the console. */
  readonly roleIds: readonly Id[] | null
  /** True once somebody stopped the server since they asked. */
  readonly stoppedSince: () => boolean
}
