import type { Id } from '#src/core/model.ts'
import type { Act } from '#src/core/run.ts'
import { toMember } from './answers.ts'
import { ended, type Step } from './errand.ts'
import type { Looker } from './looker.ts'

export type Bulk = Extract<Act, { kind: 'remove_roles' }>

/** Old news about a member is how a whole-array write undoes what others did meanwhile; an answer that took longer may be old news. */
const LONGEST_LOOK_MS = 3_000

/**
 * The roles that a member is left with when these are taken, from a read of this very moment; or the step that the act ends with. Every other
 * role stays, whoever gave it, except those that the guild no longer has, which Discord would not take back. Rejects where Discord did not say.
 */
export async function readRolesLeft(looker: Looker, act: Bulk, now: () => number): Promise<readonly Id[] | Step> {
  const from = now()
  const member = await looker.member(act.guildId, act.memberId)
  if (!member) return ended('gone', 'The member is no longer in the server.')
  // After the member: a role that was made and given in between would be taken for one that is no more.
  const existing = await looker.roleIds(act.guildId)
  if (now() - from > LONGEST_LOOK_MS) return TOO_OLD
  const held = member.roleIds.filter((id) => existing.has(id))
  const left = held.filter((id) => !act.roleIds.includes(id))
  return left.length === held.length ? ended('done', null) : left
}

/** The roles that were to stay and that Discord's answer to the write does not show; none where the answer cannot be read. */
export function missedIn(answer: unknown, guildId: Id, left: readonly Id[]): readonly Id[] {
  try {
    const { roleIds } = toMember(answer, guildId)
    return left.filter((id) => !roleIds.includes(id))
  } catch {
    return []
  }
}

export const missedWords = (roleIds: readonly Id[]): string =>
  `It is done, but the member no longer has these roles either, which were to stay: ${roleIds.join(', ')}. Look in the server's audit log for who took them, and give them back by hand where nobody meant it.`

const TOO_OLD: Step = {
  ...ended(
    'failed',
    `Discord took more than ${LONGEST_LOOK_MS / 1_000} s to show the member and the server's roles, and roles that may have changed since are not written back. Nothing was changed. Try again; where it stays, switch BULK_STRIP off, and roles are taken one by one.`,
  ),
  again: true,
}
