import type { Member } from '#src/core/model.ts'

/**
 * Whether somebody came, or came back, when it was decided already to send them away: they have had no chance to link their account
 * (docs/semantics.md, section 5). Of whom Discord does not say since when they are here, that is taken to be so.
 */
export const cameSince = ({ joinedAt }: Member, decidedAt: number): boolean =>
  (joinedAt ?? Number.POSITIVE_INFINITY) >= decidedAt
