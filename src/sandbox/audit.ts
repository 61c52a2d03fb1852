import type { Json } from './payloads.ts'
import { compareIds, type Id } from './snowflake.ts'

/** Discord's numbers for what the audit log records. */
export const AUDIT = {
  GUILD_UPDATE: 1,
  MEMBER_KICK: 20,
  MEMBER_PRUNE: 21,
  MEMBER_BAN_ADD: 22,
  MEMBER_UPDATE: 24,
  MEMBER_ROLE_UPDATE: 25,
  BOT_ADD: 28,
  ROLE_CREATE: 30,
  ROLE_UPDATE: 31,
  ROLE_DELETE: 32,
} as const

export interface AuditChange {
  readonly key: string
  readonly new_value?: unknown
  readonly old_value?: unknown
}

export interface AuditEntry {
  readonly id: Id
  readonly action_type: number
  readonly user_id: Id | null
  readonly target_id: Id | null
  readonly changes?: readonly AuditChange[]
  readonly reason?: string
}

export interface AuditQuery {
  readonly userId?: Id | undefined
  readonly targetId?: Id | undefined
  readonly action?: number | undefined
  readonly before?: Id | undefined
  readonly after?: Id | undefined
  readonly limit: number
}

/** Discord keeps 45 days; the sandbox keeps as many entries as any test needs to read back. */
const KEPT = 20_000

export class AuditLog {
  readonly #entries: AuditEntry[] = []

  write(entry: AuditEntry): void {
    // An entry that shows up late stands where it would have stood.
    const after = this.#entries.findLastIndex(({ id }) => compareIds(id, entry.id) < 0)
    this.#entries.splice(after + 1, 0, entry)
    if (this.#entries.length > KEPT) this.#entries.splice(0, this.#entries.length - KEPT)
  }

  get entries(): readonly AuditEntry[] {
    return this.#entries
  }

  /** Newest first, as Discord answers; oldest first where `after` asks for it. */
  find(query: AuditQuery): AuditEntry[] {
    const ordered = query.after === undefined ? this.#entries.toReversed() : this.#entries
    return ordered.filter((entry) => matches(entry, query)).slice(0, query.limit)
  }
}

function matches(entry: AuditEntry, { userId, targetId, action, before, after }: AuditQuery): boolean {
  if (userId !== undefined && entry.user_id !== userId) return false
  if (targetId !== undefined && entry.target_id !== targetId) return false
  if (action !== undefined && entry.action_type !== action) return false
  if (before !== undefined && compareIds(entry.id, before) >= 0) return false
  return after === undefined || compareIds(entry.id, after) > 0
}

/** The change that stands for roles given (`$add`) or taken (`$remove`). */
export function roleChange(key: '$add' | '$remove', roles: readonly { id: Id; name: string }[]): AuditChange {
  return { key, new_value: roles.map(({ id, name }): Json => ({ id, name })) }
}
