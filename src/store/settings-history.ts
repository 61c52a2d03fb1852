import { and, desc, eq, gte, inArray, lte } from 'drizzle-orm'
import { type FieldChanges, fieldChanges } from '#src/core/field-changes.ts'
import type { HistoryPage } from '#src/core/history.ts'
import type { Id } from '#src/core/model.ts'
import { SETTING_KINDS, type SettingLine, type SettingsFilter, type SettingType } from '#src/core/settings-history.ts'
import { ERASED } from './erasing.ts'
import type { Db } from './handle.ts'
import type { PageWanted } from './role-history.ts'
import { SETTING_KIND, SETTINGS_HISTORY, trail, trailTexts } from './schema/trail.ts'
import { read } from './transact.ts'

// What was set, read out of the record itself. Each filter has an index of its own over these lines alone.

/** The query of a page, for whoever wants to see how it is planned. */
export function settingsHistoryQuery(
  db: Db,
  guildId: Id,
  { kind, memberId, since, until }: SettingsFilter,
  { offset, limit }: PageWanted,
) {
  const wanted = [
    eq(trail.guildId, guildId),
    SETTINGS_HISTORY,
    kind === undefined ? undefined : inArray(SETTING_KIND, [...SETTING_KINDS[kind]]),
    memberId === undefined ? undefined : eq(trail.actor, `discord:${memberId}`),
    since === undefined ? undefined : gte(trail.at, since),
    until === undefined ? undefined : lte(trail.at, until),
  ]
  const { id, at, type, subject, actor, data } = trail
  return db
    .select({ id, at, type, subject, actor, data })
    .from(trail)
    .where(and(...wanted))
    .orderBy(desc(at), desc(trail.seq))
    .offset(offset)
    .limit(limit + 1)
}

/** What was set, the newest first. */
export async function findSettingsHistory(
  db: Db,
  guildId: Id,
  filter: SettingsFilter,
  page: PageWanted,
): Promise<HistoryPage<SettingLine>> {
  const rows = await read(settingsHistoryQuery(db, guildId, filter, page))
  const shown = rows.slice(0, page.limit)
  const reasons = await reasonsOf(db, guildId, shown)
  return { lines: shown.map((row) => toLine(row, reasons)), more: rows.length > page.limit }
}

type Row = Pick<typeof trail.$inferSelect, 'id' | 'at' | 'type' | 'subject' | 'actor' | 'data'>

async function reasonsOf(db: Db, guildId: Id, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  if (rows.length === 0) return new Map()
  const { lineId, name, text } = trailTexts
  const ids = inArray(
    lineId,
    rows.map(({ id }) => id),
  )
  const ofRows = and(eq(trailTexts.guildId, guildId), ids, eq(name, 'reason'))
  const kept = await read(db.select({ lineId, text }).from(trailTexts).where(ofRows))
  return new Map(kept.map((row) => [row.lineId, row.text]))
}

interface Facts extends Partial<FieldChanges> {
  readonly before?: unknown
  readonly after?: unknown
  readonly texts?: Readonly<Record<string, string>>
}

function toLine({ id, at, type, subject, actor, data }: Row, reasons: ReadonlyMap<string, string>): SettingLine {
  const facts = data as Facts
  const { changes, leftOut = 0 } = facts.changes ? { ...facts, changes: facts.changes } : olderChanges(subject, facts)
  const reason = reasons.get(id) ?? (facts.texts?.reason === undefined ? null : ERASED)
  return { at, type: type as SettingType, subject, actor, changes, leftOut, reason }
}

/** Lines that older versions wrote hold the whole on either side alone. */
const olderChanges = (subject: string, { before, after }: Facts): FieldChanges =>
  fieldChanges(subject.slice(subject.indexOf(':') + 1), before ?? undefined, after ?? undefined)
