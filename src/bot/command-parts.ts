import type { Id } from '#src/core/model.ts'
import type { Poster } from '#src/discord/poster.ts'
import type { Halt } from '#src/loop/audit.ts'
import type { Queue } from '#src/loop/queue.ts'
import type { Db } from '#src/store/handle.ts'
import type { Anchor } from '#src/trail/anchor.ts'
import type { StatusParts } from './guild-status.ts'
import type { Summaries } from './summary/summaries.ts'

/** What the commands' world is joined from. */
export interface CommandWorldParts extends StatusParts {
  readonly queue: Queue
  readonly halt: Halt
  readonly poster: Poster
  readonly db: Db
  readonly anchors: readonly Anchor[]
  readonly summaries: Pick<Summaries, 'standing'>
  /** Tells that a link of this account was made or taken away by hand. */
  readonly relinked: (guildId: Id, discordId: Id) => void
}
