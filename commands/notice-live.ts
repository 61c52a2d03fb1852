import type { Id } from '#src/core/model.ts'
import type { Grantor, Notice } from '#src/core/notice.ts'
import type { Reply } from '#src/discord/command.ts'
import { memberList, memberMention, outcomeWords, paragraphs, roleList } from './wording.ts'

type ActedLive = Extract<Notice, { readonly kind: 'acted_live' }>

/** What was taken from or given to one member the moment it was seen, and who had given it. */
export function actedReply(notice: ActedLive): Reply {
  const { runId, memberId, removed, added, outcome, grantors } = notice
  return {
    tone: outcome === 'done' ? 'good' : 'warn',
    title: titleOf(notice),
    text: paragraphs([
      [removed.length > 0 ? takenWords(notice) : null, added.length > 0 ? givenWords(notice) : null]
        .filter((part) => part !== null)
        .join(' '),
      removed.length > 0 ? givenBy(grantors, memberId) : null,
      outcome === 'done' ? null : `What came of it: ${outcomeWords(outcome)}.`,
    ]),
    footer: `run ${runId} · /undo gives back what it took`,
  }
}

function titleOf({ removed, outcome }: ActedLive): string {
  const seen = outcome === 'done'
  if (removed.length > 0)
    return seen ? 'A role that was not earned was taken' : 'A role that was not earned was to be taken'
  return seen ? 'A role that was earned was given' : 'A role that was earned was to be given'
}

/** Said to be taken only where that was seen. */
const takenWords = ({ memberId, removed, outcome }: ActedLive): string =>
  outcome === 'done'
    ? `Took ${roleList(removed)} from ${memberMention(memberId)}: not earned.`
    : `Tried to take ${roleList(removed)} from ${memberMention(memberId)}: not earned.`

const givenWords = ({ memberId, added, outcome }: ActedLive): string =>
  outcome === 'done'
    ? `Gave ${roleList(added)} to ${memberMention(memberId)}: earned.`
    : `Tried to give ${roleList(added)} to ${memberMention(memberId)}: earned.`

/** Who gave the roles, each named once; never a guess. */
export function givenBy(grantors: readonly Grantor[], memberId: Id): string {
  const known = [...new Set(grantors.flatMap((grantor) => (grantor === null ? [] : [grantor.id])))]
  if (known.length === 0) return 'Who gave it could not be found.'
  const others = known.filter((id) => id !== memberId)
  const parts = [
    others.length > 0 ? `Given by ${memberList(others)}.` : null,
    others.length < known.length
      ? 'Discord names the member themselves: by onboarding, by a linked role, or by their own hand.'
      : null,
    grantors.includes(null) ? 'Who gave the rest could not be found.' : null,
  ]
  return parts.filter((part) => part !== null).join(' ')
}
