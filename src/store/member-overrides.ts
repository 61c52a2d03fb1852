import { and, eq } from 'drizzle-orm'
import type { Id, Override } from '#src/core/model.ts'
import { lockGuild } from './guild-lock.ts'
import type { Db } from './handle.ts'
import type { Change, Ledger } from './ledger.ts'
import {
  isSame,
  MOST_BY_UNDO,
  type Moved,
  overrideLine,
  refuseTooMany,
  storeOverride,
  type WrittenOverride,
} from './overrides.ts'
import { overrides } from './schema/guilds.ts'
import type { SettingsForm } from './settings.ts'
import { transact } from './transact.ts'

// The override of one member, without touching anybody else's: an undo places thousands, one by one.

/** In place of any other of this member. What cannot be read back is refused; the same again changes nothing. */
export async function setOverride(
  ledger: Ledger,
  form: SettingsForm,
  guildId: Id,
  override: Override,
  change: Change,
): Promise<void> {
  const after = asWritten(form, override)
  const { memberId } = override
  await transact(ledger.db, async (tx) => {
    await lockGuild(tx, 'settings', guildId)
    const before = await find(tx, form, guildId, memberId)
    if (!before) refuseTooMany((await tx.$count(overrides, eq(overrides.guildId, guildId))) + 1, MOST_BY_UNDO)
    await move(tx, ledger, guildId, { memberId, before, after }, change)
  })
}

/** False where there was none. */
export function liftOverride(
  ledger: Ledger,
  form: SettingsForm,
  guildId: Id,
  memberId: Id,
  change: Change,
): Promise<boolean> {
  return transact(ledger.db, async (tx) => {
    await lockGuild(tx, 'settings', guildId)
    const before = await find(tx, form, guildId, memberId)
    if (before) await move(tx, ledger, guildId, { memberId, before, after: null }, change)
    return before !== null
  })
}

async function move(tx: Db, ledger: Ledger, guildId: Id, moved: Moved, change: Change): Promise<void> {
  if (isSame(moved)) return
  await storeOverride(tx, guildId, moved, change)
  await ledger.append(tx, [overrideLine(guildId, moved, change)], change.at)
}

async function find(tx: Db, form: SettingsForm, guildId: Id, memberId: Id): Promise<WrittenOverride | null> {
  const ofMember = and(eq(overrides.guildId, guildId), eq(overrides.memberId, memberId))
  const [row] = await tx.select().from(overrides).where(ofMember)
  if (!row) return null
  const { action, expiresAt, reason } = row
  return asWritten(form, { memberId, action: action as Override['action'], expiresAt, reason })
}

/** As it would stand among settings that are otherwise the default ones, and only where it can be read from there. */
function asWritten(form: SettingsForm, override: Override): WrittenOverride {
  const settings = { ...form.readSettings({}), overrides: [override] }
  const written = form.writeSettings(settings) as { readonly overrides: readonly [WrittenOverride] }
  form.readSettings(written)
  return written.overrides[0]
}
