import { expect } from 'vitest'
import { pollingFeed } from '#src/identity/changes/polling.ts'
import { DatabaseDirectory } from '#src/identity/database.ts'
import type { Questions } from '#src/identity/questions.ts'
import type { IdentityServer } from '#src/identity/server/server.ts'

/** A directory over somebody's database that goes round looking for changes when the test says so. */
export function polled(
  server: IdentityServer,
  questions: Questions,
  now: () => number,
  most = 10_000,
  isHeard = () => true,
) {
  let look = async () => {}
  const repeat = (deed: () => Promise<void>) => {
    look = deed
    return () => {
      look = async () => {}
    }
  }
  const notice = (error: unknown) => expect.unreachable(String(error))
  const feed = pollingFeed({ server, questions, repeat, isHeard, most, notice })
  const directory = new DatabaseDirectory({ server, questions, feed, pollMs: 1_000, isHeard, most, now })
  return { directory, round: () => look() }
}
