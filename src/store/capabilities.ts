import { and, eq, sql } from 'drizzle-orm'
import { CAPABILITIES, type Capability } from '#src/core/capability.ts'
import { fieldChanges } from '#src/core/field-changes.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import { lockGuild } from './guild-lock.ts'
import { byWhom, type Change, type Ledger } from './ledger.ts'
import { capabilityGrants } from './schema/standing.ts'
import { read, transact } from './transact.ts'

// What roles were granted to ask of the bot. None of it contains another, so each is a row of its own.

/** A guild has at most 250 roles (Discord's limit); more rows than that are of roles that are gone. */
const MAX_ROLES = 250

/** Capabilities that were granted to nobody are left out, and so are those of another version. Roles in the order of their ids. */
export async function findCapabilities({ db }: Ledger, guildId: Id): Promise<ReadonlyMap<Capability, readonly Id[]>> {
  const { capability, roleId } = capabilityGrants
  const ofGuild = db.select({ capability, roleId }).from(capabilityGrants).where(eq(capabilityGrants.guildId, guildId))
  const rows = await read(ofGuild.orderBy(sql`length(${roleId})`, roleId))
  const roles = Map.groupBy(rows, (row) => row.capability)
  return new Map(
    CAPABILITIES.filter((known) => roles.has(known)).map((known) => [
      known,
      roles.get(known)!.map((row) => row.roleId),
    ]),
  )
}

/** Throws `Refusal` where as many roles have it as a guild can have. */
export function grantCapability(
  ledger: Ledger,
  guildId: Id,
  capability: Capability,
  roleId: Id,
  change: Change,
): Promise<'granted' | 'had it'> {
  return transact(ledger.db, async (tx) => {
    await lockGuild(tx, 'capabilities', guildId)
    const { actor, at } = change
    const values = { guildId, capability, roleId, at, actor }
    const added = await tx.insert(capabilityGrants).values(values).onConflictDoNothing().returning()
    if (added.length === 0) return 'had it'
    const same = and(eq(capabilityGrants.guildId, guildId), eq(capabilityGrants.capability, capability))
    if ((await tx.$count(capabilityGrants, same)) > MAX_ROLES) throw tooMany(capability)
    await ledger.append(tx, [grantLine(guildId, capability, [], [roleId], change)], at)
    return 'granted'
  })
}

export function revokeCapability(
  ledger: Ledger,
  guildId: Id,
  capability: Capability,
  roleId: Id,
  change: Change,
): Promise<'revoked' | 'had it not'> {
  return transact(ledger.db, async (tx) => {
    const { guildId: guild, capability: what, roleId: role } = capabilityGrants
    const one = and(eq(guild, guildId), eq(what, capability), eq(role, roleId))
    const removed = await tx.delete(capabilityGrants).where(one).returning()
    if (removed.length === 0) return 'had it not'
    await ledger.append(tx, [grantLine(guildId, capability, [roleId], [], change)], change.at)
    return 'revoked'
  })
}

const tooMany = (capability: Capability): Refusal =>
  new Refusal(
    `The capability ${capability} is granted to ${MAX_ROLES} roles, and a server has no more than that. Nothing was changed. Revoke it from roles that are gone or no longer need it.`,
  )

/** `before` and `after`: the role where it had or has it, and of the others nothing. */
function grantLine(
  guildId: Id,
  capability: Capability,
  before: readonly Id[],
  after: readonly Id[],
  change: Change,
): TrailDraft {
  const type = after.length > 0 ? 'capability.granted' : 'capability.revoked'
  const data = { capability, ...fieldChanges(`capabilities.${capability}`, before, after) }
  return { ...byWhom(change), guildId, type, subject: `role:${[...before, ...after][0]}`, data }
}
