import type { Id } from '#src/core/model.ts'
import { type Act, type Ground, type Intent, type IntentContext, type Outcome, rolesOfAct } from '#src/core/run.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'

// What the record says of an act: before it, with the roles that were held and what it stands on; and after it, with what came of it.

export function intendedLine(act: Act, { runId, actor, ground, heldBefore }: IntentContext): TrailDraft {
  const data = { ...whatOf(act), before: heldBefore, after: heldAfter(act, heldBefore), ...groundOf(ground) }
  return { ...lineOf(act, { actor, runId }), type: 'action.intended', data }
}

export function settledLine(
  { id, act }: Intent,
  by: { readonly actor: Actor; readonly runId: string | null },
  outcome: Outcome | 'changed',
  detail: string | null,
): TrailDraft {
  return { ...lineOf(act, by), type: 'action.settled', cause: id, data: { ...whatOf(act), outcome, detail } }
}

function lineOf(
  { guildId, memberId }: Act,
  { actor, runId }: { readonly actor: Actor; readonly runId: string | null },
) {
  const line = { guildId, actor, subject: `member:${memberId}` }
  return runId === null ? line : { ...line, run: runId }
}

function whatOf(act: Act): Readonly<Record<string, unknown>> {
  if (act.kind === 'kick') return { act: act.kind }
  return act.kind === 'remove_roles' ? { act: act.kind, roles: act.roleIds } : { act: act.kind, role: act.roleId }
}

/** Null after a kick: whoever is not there holds nothing. */
function heldAfter(act: Act, before: readonly Id[]): readonly Id[] | null {
  if (act.kind === 'kick') return null
  const named = rolesOfAct(act)
  return act.kind === 'add_role' ? [...new Set([...before, ...named])] : before.filter((id) => !named.includes(id))
}

function groundOf(ground: Ground): Readonly<Record<string, unknown>> {
  if ('undoes' in ground) return { undoes: ground.undoes.runId }
  const { category, policyAction, decidedBy, identityId, excessRoles, missingRoles } = ground.finding
  return { identity: identityId, rule: { category, policyAction, decidedBy }, excessRoles, missingRoles }
}
