import type { Config } from '#src/config.ts'
import type { Clock } from '#src/roster/clock.ts'
import type { Db } from '#src/store/handle.ts'
import type { Log } from '#src/telemetry/log.ts'
import type { Anchor } from '#src/trail/anchor.ts'
import { fileAnchor } from '#src/trail/anchor-file.ts'
import { webhookAnchor } from '#src/trail/anchor-webhook.ts'
import { giveTo } from '#src/trail/anchoring.ts'
import { every } from './ticker.ts'

const EVERY_MS = 60_000

export const anchorsOf = ({ anchorFile, anchorWebhook }: Pick<Config, 'anchorFile' | 'anchorWebhook'>): Anchor[] => [
  ...(anchorFile === null ? [] : [fileAnchor(anchorFile)]),
  ...(anchorWebhook === null ? [] : [webhookAnchor(anchorWebhook)]),
]

interface Parts {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
}

/** Gives each anchor the checkpoints as they are made, until the returned function is called. One that takes none is tried again each minute, and holds up nothing else. */
export function keepAnchoring(parts: Parts, anchors: readonly Anchor[]): () => Promise<void> {
  const over = new AbortController()
  const turns = anchors.map((anchor) =>
    every(parts, EVERY_MS, `giving checkpoints to the anchor (${anchor.kind})`, turnOf(parts, anchor, over.signal)),
  )
  return async () => {
    over.abort()
    await Promise.all(turns.map((end) => end()))
  }
}

/** What is wrong is told once, and again where it is something else. */
function turnOf({ db, clock, log }: Parts, anchor: Anchor, signal: AbortSignal): () => Promise<void> {
  let told: string | null = null
  const name = `The ${anchor.kind} of TRAIL_ANCHOR_${anchor.kind.toUpperCase()}`
  return async () => {
    const { failed } = await giveTo(db, anchor, () => clock.now(), signal)
    const problem = failed?.problem ?? null
    if (failed && problem !== told)
      log.error(
        { anchor: anchor.kind, since: new Date(failed.since).toISOString() },
        `${name} ${problem}. Checkpoints wait in the database, and it is tried again each minute.`,
      )
    if (problem === null && told !== null) log.info({ anchor: anchor.kind }, `${name} takes checkpoints again.`)
    told = problem
  }
}
