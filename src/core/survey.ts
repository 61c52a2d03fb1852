import { decide } from './decide.ts'
import type { Counts, Finding, Id, Identity, Member } from './model.ts'
import type { Scope } from './scope.ts'
import { Tally } from './tally.ts'

/** Looks at every member as a plain object. `walk` does the same over columns, and a property test holds the two equal. */
export function survey(
  members: Iterable<Member>,
  claimsOf: (id: Id) => readonly Identity[],
  scope: Scope,
): { readonly counts: Counts; readonly findings: readonly Finding[] } {
  const tally = new Tally()
  for (const member of members) tally.add(decide(member, claimsOf(member.id), scope))
  return tally.result()
}
