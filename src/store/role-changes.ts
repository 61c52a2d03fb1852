import { and, eq, gte, inArray, isNull, or } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { RoleChangeEntry } from '#src/core/role-history.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { intents } from './schema/runs.ts'
import { transact } from './transact.ts'

// The history of governed roles: a line for each change that was seen. Where the change is an act of ours, the line names it.

/** How long before a change its intent may have been written: an act waits for rate limits, and is given up after that. */
const INTENT_MS = 15 * 60_000
/** The echo of an act may come so long after it was settled, by an answer or a look. */
const ECHO_MS = 10_000

type OwnAct = Pick<
  typeof intents.$inferSelect,
  'id' | 'kind' | 'memberId' | 'roleId' | 'roleIds' | 'actor' | 'runId' | 'at' | 'settledAt'
>

export async function noteRoleChanges(
  ledger: Ledger,
  guildId: Id,
  changes: readonly RoleChangeEntry[],
  at: number,
): Promise<void> {
  await transact(ledger.db, async (tx) => {
    const own = Map.groupBy(await ownActs(tx, guildId, changes), ({ memberId }) => memberId)
    const lines = changes.map((change) => lineOf(guildId, change, actOf(own.get(change.memberId) ?? [], change)))
    await ledger.append(tx, lines, at)
  })
}

/** Acts on these members that may have been done; the newest first. */
async function ownActs(tx: Db, guildId: Id, changes: readonly RoleChangeEntry[]): Promise<readonly OwnAct[]> {
  const since = changes.reduce((first, { seenAt }) => Math.min(first, seenAt), Number.POSITIVE_INFINITY) - INTENT_MS
  const memberIds = [...new Set(changes.map(({ memberId }) => memberId))]
  const { id, kind, memberId, roleId, roleIds, actor, runId, at, settledAt, outcome } = intents
  const mayBeDone = or(isNull(outcome), inArray(outcome, ['done', 'unknown']))
  const acts = await tx
    .select({ id, kind, memberId, roleId, roleIds, actor, runId, at, settledAt })
    .from(intents)
    .where(and(eq(intents.guildId, guildId), inArray(memberId, memberIds), gte(at, since), mayBeDone))
  return acts.toSorted((a, b) => b.at - a.at)
}

/** The act that the change is the echo of; null where somebody else is named for it, or none of ours fits. */
function actOf(acts: readonly OwnAct[], change: RoleChangeEntry): OwnAct | null {
  if (change.by !== null || change.why === 'role_deleted') return null
  return acts.find((act) => did(act, change) && fits(act, change)) ?? null
}

function did({ kind, roleId, roleIds }: OwnAct, change: RoleChangeEntry): boolean {
  if (change.why === 'leave') return kind === 'kick'
  if (change.operation === 'added') return kind === 'add_role' && roleId === change.roleId
  return kind === 'remove_role' ? roleId === change.roleId : kind === 'remove_roles' && roleIds.includes(change.roleId)
}

const fits = ({ at, settledAt }: OwnAct, { seenAt }: RoleChangeEntry): boolean =>
  at <= seenAt && (settledAt === null || seenAt <= settledAt + ECHO_MS)

function lineOf(guildId: Id, change: RoleChangeEntry, act: OwnAct | null): TrailDraft {
  const { memberId, roleId, operation, scope, why, seenAt, by } = change
  const data = { role: roleId, scope, why, seenAt: new Date(seenAt).toISOString(), by: wordOf(act, by) }
  const line = { guildId, type: `role.${operation}`, subject: `member:${memberId}`, data }
  if (act) {
    const run = act.runId === null ? {} : { run: act.runId }
    return { ...line, actor: act.actor as Actor, cause: act.id, ...run }
  }
  if (by) return { ...line, actor: `discord:${by.memberId}`, cause: `audit_log:${by.entryId}` }
  return { ...line, actor: 'system:roster' }
}

/** How whoever made the change is known. */
const wordOf = (act: OwnAct | null, by: RoleChangeEntry['by']): 'own_act' | 'audit_log' | 'nobody' =>
  act ? 'own_act' : by ? 'audit_log' : 'nobody'
