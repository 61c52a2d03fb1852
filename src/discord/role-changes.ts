import { AuditLogEvent } from 'discord.js'
import type { Id } from '#src/core/model.ts'
import type { LoggedRoleChange } from '#src/core/notice.ts'

// Who gave or took a role, as Discord's audit log has it: the raw payload, since the objects of discord.js are null for people it does not hold.

/** The first moment that an id can tell of (docs, "Snowflakes"). */
const EPOCH_MS = 1_420_070_400_000n
const TIME_SHIFT = 22n
/** Discord's own limits: the roles of a guild, and the length of a reason. */
const MOST_ROLES = 250
const LONGEST_REASON = 512

type Part = Readonly<Record<string, unknown>>

/**
 * An entry of the audit log, as listed or as dispatched (GUILD_AUDIT_LOG_ENTRY_CREATE). Null where it tells of no role change, or is not
 * understood as a whole: half an entry would name the wrong one. Never throws.
 */
export function readRoleChange(raw: unknown): LoggedRoleChange | null {
  if (!isPart(raw) || raw.action_type !== AuditLogEvent.MemberRoleUpdate) return null
  const { id, target_id: memberId, user_id: executorId, reason } = raw
  const added = rolesUnder('$add', raw.changes)
  const removed = rolesUnder('$remove', raw.changes)
  if (!isId(id) || !isId(memberId) || !added || !removed || added.length + removed.length === 0) return null
  return {
    entryId: id,
    executorId: isId(executorId) ? executorId : null,
    memberId,
    added,
    removed,
    reason: typeof reason === 'string' ? reason.slice(0, LONGEST_REASON).toWellFormed() : null,
    at: Number((BigInt(id) >> TIME_SHIFT) + EPOCH_MS),
  }
}

/** The roles of all changes of this name; null where one of them cannot be read. */
function rolesUnder(key: '$add' | '$remove', changes: unknown): readonly Id[] | null {
  if (!Array.isArray(changes)) return null
  const ids: Id[] = []
  for (const change of changes) {
    if (!isPart(change) || change.key !== key) continue
    if (!Array.isArray(change.new_value) || change.new_value.length > MOST_ROLES) return null
    const named = change.new_value.map((role: unknown) => (isPart(role) ? role.id : null))
    if (!named.every(isId)) return null
    ids.push(...named)
  }
  return [...new Set(ids)]
}

const isPart = (raw: unknown): raw is Part => typeof raw === 'object' && raw !== null
const isId = (raw: unknown): raw is Id => typeof raw === 'string' && /^\d{1,20}$/.test(raw)
