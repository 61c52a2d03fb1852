import type { Id } from '#src/core/model.ts'
import type { Act } from '#src/core/run.ts'
import { ended, type Step } from './errand.ts'
import type { Looker } from './looker.ts'

type Bulk = Extract<Act, { kind: 'remove_roles' }>

/** Old news about a member is how a whole-array write undoes what others did meanwhile; an answer that took longer may be old news. */
const LONGEST_LOOK_MS = 3_000

/**
 * The roles that a member is left with when these are taken, from a read of this very moment; or the step that the act ends with. Every other
 * role stays, whoever gave it, except those that the guild no longer has, which Discord would not take back. Rejects where Discord did not say.
 */
export async function readRolesLeft(looker: Looker, act: Bulk, now: () => number): Promise<readonly Id[] | Step> {
  const existing = await looker.roleIds(act.guildId)
  const from = now()
  const member = await looker.member(act.guildId, act.memberId)
  if (!member) return ended('gone', 'The member is no longer in the server.')
  if (now() - from > LONGEST_LOOK_MS) return TOO_OLD
  const held = member.roleIds.filter((id) => existing.has(id))
  const left = held.filter((id) => !act.roleIds.includes(id))
  return left.length === held.length ? ended('done', null) : left
}

const TOO_OLD: Step = {
  ...ended(
    'failed',
    `Discord took more than ${LONGEST_LOOK_MS / 1_000} s to show the member's roles, and roles that may have changed since are not written back. Nothing was changed. Try again; where it stays, switch BULK_STRIP off, and roles are taken one by one.`,
  ),
  again: true,
}
