import canonicalize from 'canonicalize'
import { sql } from 'drizzle-orm'
import { fieldChanges } from '#src/core/field-changes.ts'
import type { Id, Settings } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import { lockGuild } from './guild-lock.ts'
import { type Db, Statement } from './handle.ts'
import { byWhom, type Change, type Ledger } from './ledger.ts'
import { overrideChanges, overrideLine, refuseTooMany, storeOverride, type WrittenOverride } from './overrides.ts'
import { ReadOnce } from './read-once.ts'
import { acknowledgements, overrides, settings } from './schema/guilds.ts'
import { read, transact } from './transact.ts'

// What the operators of a guild have set, one row a setting, overrides one row a member. Its written form is that of a snapshot file's `settings`.

/** How settings are read from their written form and written into it; reading throws with a clear sentence where something is wrong. */
export interface SettingsForm {
  readonly readSettings: (value: unknown) => Settings
  readonly writeSettings: (settings: Settings) => object
}

type Written = Readonly<Record<string, unknown>>

interface Stored {
  readonly plain: Written | null
  readonly moved: readonly WrittenOverride[]
  readonly acknowledged: boolean
}

/** What an edit of settings came to. */
export interface SettingsChange {
  readonly before: Settings
  readonly after: Settings
  /** The names of the settings that are different now. */
  readonly changed: readonly string[]
}

/** A setting as JSON: room for 10,000 ids. It stands twice in the line of each change, as it was and as it is. */
const MAX_WRITTEN = 250_000

/** Reads settings that are stored as this text. */
export type ReadText = (guildId: Id, text: string) => Settings

/** Whoever reads by this reads a guild's settings anew where they are others than the last time. */
export function readingOnce({ readSettings }: SettingsForm): ReadText {
  const once = new ReadOnce<Settings>()
  return (guildId, text) => once.read(guildId, text, () => readSettings(writtenIn(text)))
}

export async function findSettings({ db }: Ledger, readText: ReadText, guildId: Id): Promise<Settings> {
  return readText(guildId, await read(stored(db, guildId)))
}

/** What is stored of the guild, as one value of JSON text; of one moment with whatever else its statement asks. */
export const STORED_SETTINGS = sql`
  (select jsonb_build_object(
    'plain', (select jsonb_object_agg(name, value) from ${settings} where guild_id = ${sql.placeholder('guildId')}),
    'moved', (select coalesce(jsonb_agg(jsonb_build_object('memberId', member_id, 'action', action, 'reason', reason,
        'expiresAt', to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        order by length(member_id), member_id), '[]')
      from ${overrides} where guild_id = ${sql.placeholder('guildId')}),
    'acknowledged', exists (
      select from ${acknowledgements} where guild_id = ${sql.placeholder('guildId')} and kind = 'first_run'))::text)`

const STORED = new Statement<{ guildId: Id }>(sql`select ${STORED_SETTINGS} as settings`)

async function stored(db: Db, guildId: Id): Promise<string> {
  const [row] = await db.execute<{ settings: string }>(STORED.with({ guildId }))
  return row!.settings
}

function writtenIn(text: string): Written {
  const { plain, moved, acknowledged } = JSON.parse(text) as Stored
  return { ...plain, overrides: moved, acknowledged }
}

/** Replaces the settings that `wanted` names, in their written form, all or nothing. Returns the names that changed. */
export async function saveSettings(
  ledger: Ledger,
  form: SettingsForm,
  guildId: Id,
  wanted: Written,
  change: Change,
): Promise<readonly string[]> {
  if ('acknowledged' in wanted) throw lockIsNoSetting()
  const { changed } = await replaceSettings(ledger, form, guildId, () => wanted, change)
  return changed
}

/** Replaces the settings that `edit` returns, given those that hold, all or nothing. `edit` may throw a `Refusal`; then nothing is changed. */
export function changeSettings(
  ledger: Ledger,
  form: SettingsForm,
  guildId: Id,
  edit: (settings: Settings) => Partial<Settings>,
  change: Change,
): Promise<SettingsChange> {
  const wantedOf = (current: Written): Written => {
    const before = form.readSettings(current)
    const wanted = edit(before)
    if ('acknowledged' in wanted) throw lockIsNoSetting()
    if ('armed' in wanted) throw armingIsNoSetting()
    const all = written(form, { ...before, ...wanted })
    return Object.fromEntries(Object.keys(wanted).map((name) => [name, all[name]]))
  }
  return replaceSettings(ledger, form, guildId, wantedOf, change)
}

/**
 * What it would come to is read before it is stored, so that what is wrong is never stored.
 * Each setting that really changed has a line with what it was and what it is; one that is set to what it was has none.
 */
function replaceSettings(
  ledger: Ledger,
  form: SettingsForm,
  guildId: Id,
  wantedOf: (current: Written) => Written,
  change: Change,
): Promise<SettingsChange> {
  return transact(ledger.db, async (tx) => {
    // Two who set different things at once must not each judge the whole by what the other replaces.
    await lockGuild(tx, 'settings', guildId)
    const current = writtenIn(await stored(tx, guildId))
    const before = form.readSettings(current)
    const after = form.readSettings({ ...current, ...wantedOf(current) })
    const [old, next] = [written(form, before), written(form, after)]
    const changed = Object.keys(next).filter((name) => canonicalize(old[name]) !== canonicalize(next[name]))
    await ledger.append(tx, await store(tx, guildId, changed, old, next, change), change.at)
    return { before, after, changed }
  })
}

/** Stores the settings of these names as they shall be. Returns their lines. */
async function store(
  tx: Db,
  guildId: Id,
  names: readonly string[],
  before: Written,
  after: Written,
  change: Change,
): Promise<readonly TrailDraft[]> {
  const lines: TrailDraft[] = []
  for (const name of names.filter((name) => name !== 'overrides')) {
    refuseTooLarge(name, after[name])
    await storeSetting(tx, guildId, name, after[name], change)
    lines.push(settingLine(guildId, name, before[name], after[name], change))
  }
  if (!names.includes('overrides')) return lines
  refuseTooMany((after.overrides as readonly unknown[]).length)
  for (const moved of overrideChanges(before.overrides, after.overrides)) {
    await storeOverride(tx, guildId, moved, change)
    lines.push(overrideLine(guildId, moved, change))
  }
  return lines
}

const lockIsNoSetting = (): Refusal =>
  new Refusal(
    'The first-run lock is not a setting. `/acknowledge first-run` lifts it by naming a report run that a human has read.',
  )

const armingIsNoSetting = (): Refusal =>
  new Refusal(
    'What is armed is not changed along with other settings. Nothing was changed. `/arm schedule` and `/arm realtime` arm, `/arm off` disarms.',
  )

function refuseTooLarge(name: string, value: unknown): void {
  if (JSON.stringify(value).length <= MAX_WRITTEN) return
  throw new Refusal(
    `The setting ${name} would be longer than ${MAX_WRITTEN.toLocaleString('en')} characters, and that is the most there is room for. Nothing was changed. Take out what is no longer needed.`,
  )
}

/** With every default filled in, so that before and after can be compared and shown. */
const written = (form: SettingsForm, settings: Settings): Written => ({ ...form.writeSettings(settings) })

export async function storeSetting(
  tx: Db,
  guildId: Id,
  name: string,
  value: unknown,
  { actor, at }: Change,
): Promise<void> {
  await tx
    .insert(settings)
    .values({ guildId, name, value, at, actor })
    .onConflictDoUpdate({ target: [settings.guildId, settings.name], set: { value, at, actor } })
}

export function settingLine(guildId: Id, name: string, before: unknown, after: unknown, change: Change): TrailDraft {
  return {
    ...byWhom(change),
    guildId,
    type: 'setting.changed',
    subject: `setting:${name}`,
    data: { before, after, ...fieldChanges(name, before, after) },
  }
}
