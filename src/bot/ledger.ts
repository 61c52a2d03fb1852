import type { ClosedInvocation, Ledger, OpenedInvocation } from '#src/discord/ledger.ts'
import type { Book } from '#src/store/book.ts'
import type { InvocationEnd } from '#src/store/invocations.ts'

/** The interactions door's ledger, kept in the store. `limit` is the accepted triggers a person has in 24 hours; null: no limit. */
export function makeLedger(book: Book, limit: number | null): Ledger {
  return {
    open: ({ options, ...invocation }) => book.openInvocation({ ...invocation, options: given(options) }),
    close: (closed) => book.closeInvocation(closed.guildId, closed.interactionId, endOf(closed), closed.at),
    quota: ({ guildId, actor, interactionId, at }) => book.quota(guildId, actor, at, limit, interactionId),
  }
}

/** What was let through and then broke has a `why`; the record calls that failed. */
function endOf({ outcome, why, refusedBy, quota }: ClosedInvocation): InvocationEnd {
  if (outcome === 'refused') return { outcome, why: why ?? '', refusedBy: refusedBy ?? 'command', quota }
  return why === null ? { outcome, runId: null, quota } : { outcome: 'failed', why, quota }
}

function given(options: OpenedInvocation['options']): Readonly<Record<string, string | number | boolean>> {
  const set = Object.entries(options).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
  )
  return Object.fromEntries(set)
}
