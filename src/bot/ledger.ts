import type { Ledger, OpenedInvocation } from '#src/discord/ledger.ts'
import type { Book } from '#src/store/book.ts'

/** The interactions door's ledger, kept in the store. `limit` is the accepted triggers a person has in 24 hours; null: no limit. */
export function makeLedger(book: Book, limit: number | null): Ledger {
  return {
    open: ({ memberId, options, ...invocation }) =>
      book.openInvocation({ ...invocation, options: given(options), actor: `discord:${memberId}` }),
    close: ({ guildId, interactionId, outcome, why, at }) =>
      book.closeInvocation(
        guildId,
        interactionId,
        outcome === 'accepted' ? { outcome, runId: null } : { outcome, why: why ?? '' },
        at,
      ),
    quota: ({ guildId, memberId, interactionId, at }) =>
      book.quota(guildId, `discord:${memberId}`, at, limit, interactionId),
  }
}

function given(options: OpenedInvocation['options']): Readonly<Record<string, string | number | boolean>> {
  const set = Object.entries(options).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
  )
  return Object.fromEntries(set)
}
