import canonicalize from 'canonicalize'
import { sql } from 'drizzle-orm'
import type { Id, Settings } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { Change, Ledger } from './ledger.ts'
import { overrideChanges, overrideLine, storeOverride, type WrittenOverride } from './overrides.ts'
import { acknowledgements, overrides, settings } from './schema/guilds.ts'
import { read, transact } from './transact.ts'

// What the operators of a guild have set, one row a setting, overrides one row a member. Its written form is that of a snapshot file's `settings`.

/** How settings are read from their written form and written into it; reading throws with a clear sentence where something is wrong. */
export interface SettingsForm {
  readonly readSettings: (value: unknown) => Settings
  readonly writeSettings: (settings: Settings) => object
}

type Written = Readonly<Record<string, unknown>>

export async function findSettings({ db }: Ledger, form: SettingsForm, guildId: Id): Promise<Settings> {
  return form.readSettings(await read(stored(db, guildId)))
}

/** One statement, so that all of it is of one moment. */
async function stored(db: Db, guildId: Id): Promise<Written> {
  const [row] = await db.execute<{
    plain: Written | null
    moved: readonly WrittenOverride[]
    acknowledged: boolean
  }>(sql`
    select
      (select jsonb_object_agg(name, value) from ${settings} where guild_id = ${guildId}) as plain,
      (select coalesce(jsonb_agg(jsonb_build_object('memberId', member_id, 'action', action, 'reason', reason,
          'expiresAt', to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
          order by length(member_id), member_id), '[]')
        from ${overrides} where guild_id = ${guildId}) as moved,
      exists (select from ${acknowledgements} where guild_id = ${guildId} and kind = 'first_run') as acknowledged`)
  return { ...row?.plain, overrides: row?.moved ?? [], acknowledged: row?.acknowledged ?? false }
}

/**
 * Replaces the settings that `wanted` names, in their written form, all or nothing; what it would come to is read before it is stored, so that what is wrong is never stored.
 * Each setting that really changed has a line with what it was and what it is; one that is set to what it was has none. Returns the names that changed.
 */
export async function saveSettings(
  ledger: Ledger,
  form: SettingsForm,
  guildId: Id,
  wanted: Written,
  change: Change,
): Promise<readonly string[]> {
  if ('acknowledged' in wanted) throw notASetting()
  return transact(ledger.db, async (tx) => {
    // Two who set different things at once must not each judge the whole by what the other replaces.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`settings ${guildId}`}, 0))`)
    const current = await stored(tx, guildId)
    const before = asWritten(form, current)
    const after = asWritten(form, { ...current, ...wanted })
    const names = Object.keys(after).filter((name) => canonicalize(before[name]) !== canonicalize(after[name]))
    const lines: TrailDraft[] = []
    for (const name of names.filter((name) => name !== 'overrides')) {
      await storeSetting(tx, guildId, name, after[name], change)
      lines.push(settingLine(guildId, name, before[name], after[name], change))
    }
    for (const moved of overrideChanges(before.overrides, after.overrides)) {
      await storeOverride(tx, guildId, moved, change)
      lines.push(overrideLine(guildId, moved, change))
    }
    await ledger.append(tx, lines, change.at)
    return names
  })
}

const notASetting = (): Refusal =>
  new Refusal(
    'The first-run lock is not a setting. `/acknowledge first-run` lifts it by naming a report run that a human has read.',
  )

/** With every default filled in, so that before and after can be compared and shown. */
const asWritten = (form: SettingsForm, value: Written): Written => ({
  ...form.writeSettings(form.readSettings(value)),
})

async function storeSetting(tx: Db, guildId: Id, name: string, value: unknown, { actor, at }: Change): Promise<void> {
  await tx
    .insert(settings)
    .values({ guildId, name, value, at, actor })
    .onConflictDoUpdate({ target: [settings.guildId, settings.name], set: { value, at, actor } })
}

function settingLine(
  guildId: Id,
  name: string,
  before: unknown,
  after: unknown,
  { actor, reason }: Change,
): TrailDraft {
  const line = { guildId, type: 'setting.changed', actor, subject: `setting:${name}`, data: { before, after } }
  return reason === null ? line : { ...line, texts: { reason } }
}
