import { and, eq } from 'drizzle-orm'
import type { Id, Settings } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import { arrangementsIn } from './arrangements.ts'
import { lockGuild } from './guild-lock.ts'
import type { Db } from './handle.ts'
import type { Change, Ledger } from './ledger.ts'
import { acknowledgements, settings } from './schema/guilds.ts'
import { type SettingsForm, settingLine, storeSetting } from './settings.ts'
import { transact } from './transact.ts'

// Whether the bot acts where nobody asks. It is a setting of its own kind: other settings need not even be readable to take it away.

export type Armed = Settings['armed']

/** What it was, what it is, and the lines that say so, which the caller appends last. */
interface Arming {
  readonly before: Armed
  readonly after: Armed
  readonly lines: readonly TrailDraft[]
}

/** Throws `Refusal` where something would be armed while the first-run lock holds, or a schedule that is not set. */
export function setArmed(
  ledger: Ledger,
  form: SettingsForm,
  guildId: Id,
  wanted: Partial<Armed>,
  change: Change,
): Promise<{ readonly before: Armed; readonly after: Armed }> {
  return transact(ledger.db, async (tx) => {
    const { before, after, lines } = await arm(tx, form, guildId, wanted, change)
    await ledger.append(tx, lines, change.at)
    return { before, after }
  })
}

/** The same within the caller's transaction, as its first step. */
export async function arm(
  tx: Db,
  form: SettingsForm,
  guildId: Id,
  wanted: Partial<Armed>,
  change: Change,
): Promise<Arming> {
  await lockGuild(tx, 'settings', guildId)
  const before = await armedIn(tx, form, guildId)
  const after = { ...before, ...wanted }
  const newly = { schedule: after.schedule && !before.schedule, realtime: after.realtime && !before.realtime }
  if (newly.schedule || newly.realtime) await mustBeAcknowledged(tx, guildId)
  if (newly.schedule) await mustBeScheduled(tx, guildId)
  if (before.schedule === after.schedule && before.realtime === after.realtime) return { before, after, lines: [] }
  await storeSetting(tx, guildId, 'armed', after, change)
  return { before, after, lines: [settingLine(guildId, 'armed', before, after, change)] }
}

async function armedIn(tx: Db, form: SettingsForm, guildId: Id): Promise<Armed> {
  const one = and(eq(settings.guildId, guildId), eq(settings.name, 'armed'))
  const [row] = await tx.select({ value: settings.value }).from(settings).where(one)
  return form.readSettings(row ? { armed: row.value } : {}).armed
}

async function mustBeAcknowledged(tx: Db, guildId: Id): Promise<void> {
  const firstRun = and(eq(acknowledgements.guildId, guildId), eq(acknowledgements.kind, 'first_run'))
  if ((await tx.$count(acknowledgements, firstRun)) > 0) return
  throw new Refusal(
    'Nothing is armed before a human has read a report and lifted the first-run lock, so nothing was changed. Run `/audit run`, read what it found, and lift the lock with `/acknowledge first-run`; then arm.',
  )
}

async function mustBeScheduled(tx: Db, guildId: Id): Promise<void> {
  if ((await arrangementsIn(tx, guildId)).schedule !== null) return
  throw new Refusal(
    'No schedule is set for this server, so there is nothing to arm, and nothing was changed. Set a schedule first; then arm it.',
  )
}
