import { and, eq } from 'drizzle-orm'
import { fieldChanges } from '#src/core/field-changes.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import { byWhom, type Change } from './ledger.ts'
import { storable } from './schema/columns.ts'
import { overrides } from './schema/guilds.ts'

// Overrides are settings of one member each. Their reasons are people's text, so lines hold only a commitment to them.

/** What an undo of the largest run would place: a tenth of the members of a guild of 500,000, Discord's default bound. */
export const MOST_BY_UNDO = 50_000
/** Beside those there is room for as many as people may set one by one. */
const MAX_OVERRIDES = MOST_BY_UNDO + 1_000

/** Throws `Refusal` where a guild would have more than it may. */
export function refuseTooMany(overrides: number, most = MAX_OVERRIDES): void {
  if (overrides <= most) return
  throw new Refusal(
    `A server has at most ${most.toLocaleString('en')} overrides, and this would make ${overrides.toLocaleString('en')}. Nothing was changed. Lift some that are no longer needed.`,
  )
}

/** An override as a snapshot file has it. */
export interface WrittenOverride {
  readonly memberId: Id
  readonly action: string
  /** ISO 8601; null never expires. */
  readonly expiresAt: string | null
  readonly reason: string
}

/** Null: none. Never null on both sides. */
export interface Moved {
  readonly memberId: Id
  readonly before: WrittenOverride | null
  readonly after: WrittenOverride | null
}

/** What differs between two lists of overrides, each as the settings' written form has it. */
export function overrideChanges(before: unknown, after: unknown): readonly Moved[] {
  const old = byMember(before)
  const next = byMember(after)
  const members = [...new Set([...old.keys(), ...next.keys()])]
  return members
    .map((memberId) => ({ memberId, before: old.get(memberId) ?? null, after: next.get(memberId) ?? null }))
    .filter((moved) => !isSame(moved))
}

const byMember = (list: unknown): Map<Id, WrittenOverride> =>
  new Map((list as readonly WrittenOverride[]).map((one) => [one.memberId, one]))

export const isSame = ({ before, after }: Moved): boolean =>
  before?.action === after?.action && before?.expiresAt === after?.expiresAt && before?.reason === after?.reason

export async function storeOverride(
  tx: Db,
  guildId: Id,
  { memberId, after }: Moved,
  { actor, at }: Change,
): Promise<void> {
  await tx.delete(overrides).where(and(eq(overrides.guildId, guildId), eq(overrides.memberId, memberId)))
  if (!after) return
  const expiresAt = after.expiresAt === null ? null : Date.parse(after.expiresAt)
  const values = { guildId, memberId, action: after.action, expiresAt, reason: storable(after.reason), at, actor }
  await tx.insert(overrides).values(values)
}

export function overrideLine(guildId: Id, { memberId, before, after }: Moved, change: Change): TrailDraft {
  const type = after ? 'override.set' : 'override.lifted'
  const by = byWhom(change)
  const [old, next] = [factsOf(before), factsOf(after)]
  const texts = {
    ...by.texts,
    ...(before && { overrideBefore: before.reason }),
    ...(after && { override: after.reason }),
  }
  const data = { before: old, after: next, ...fieldChanges('override', old ?? undefined, next ?? undefined) }
  return { ...by, guildId, type, subject: `member:${memberId}`, data, texts }
}

const factsOf = (one: WrittenOverride | null) => (one ? { action: one.action, expiresAt: one.expiresAt } : null)
