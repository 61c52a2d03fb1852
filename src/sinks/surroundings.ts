import type { Scrub } from '#src/telemetry/scrub.ts'

/** What a sink is told of where it runs. */
export interface SinkSurroundings {
  /** The program's own. */
  readonly version: string
  /** Takes secrets out of what the other side says before it is kept: it may say ours back. */
  readonly scrub: Scrub
  /** Milliseconds since the epoch. */
  readonly now: () => number
}
