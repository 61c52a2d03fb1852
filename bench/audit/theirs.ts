import { boolean, pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Identity } from '#src/core/model.ts'
import { INVOCATION, settingsOf } from '../decide/orders.ts'
import { makePlainClaims, plainFindings } from '../decide/plain-rules.ts'
import { fillCache } from '../guild/theirs.ts'
import { Town } from '../guild/town.ts'
import { byDrizzle } from '../identity/plain.ts'
import { type Auditor, type AuditPlan, storedFindings } from './side.ts'

const plainTable = pgTable('plain_findings', {
  ...{ memberId: text('member_id').notNull(), identityId: text('identity_id'), category: text().notNull() },
  ...{ policyAction: text('policy_action').notNull(), decidedBy: text('decided_by').notNull() },
  ...{
    gates: text().array().notNull(),
    effectiveAction: text('effective_action').notNull(),
    kick: boolean().notNull(),
  },
  ...{ removeRoles: text('remove_roles').array().notNull(), addRoles: text('add_roles').array().notNull() },
  ...{ excessRoles: text('excess_roles').array().notNull(), missingRoles: text('missing_roles').array().notNull() },
  unreachableRoles: text('unreachable_roles').array().notNull(),
})
const MAKE_TABLE = `create table plain_findings (member_id text primary key, identity_id text, category text not null, policy_action text not null,
  decided_by text not null, gates text[] not null, effective_action text not null, kick boolean not null, remove_roles text[] not null,
  add_roles text[] not null, excess_roles text[] not null, missing_roles text[] not null, unreachable_roles text[] not null)`
/** Findings in one statement, which may have 65,535 values. */
const BATCH = 1_000

/** The same report as one would write it for a bot of discord.js with drizzle: its cache of members, rows as objects, the same rules, rows inserted. */
export async function openTheirs({ town: plan, identity, record }: AuditPlan): Promise<Auditor> {
  const town = new Town(plan)
  const guild = fillCache(town)
  guild.client.user = guild.members.cache.get(town.botUserId)!.user as NonNullable<typeof guild.client.user>
  const sql = postgres(record, { max: 1, onnotice: () => {} })
  const db = drizzle(sql)
  await sql.unsafe(MAKE_TABLE)
  const source = byDrizzle(identity)
  const settings = { ...settingsOf(town), acknowledged: false }
  const orders = { settings, invocation: { ...INVOCATION, action: 'report' } } as const
  return {
    run: async () => {
      const [users = [], memberships = []] = await source.read('alliance-auth')
      const identities = toIdentities(
        users as unknown as readonly UserRow[],
        memberships as unknown as readonly MembershipRow[],
        town,
      )
      const known = makePlainClaims(guild, [...town.groups, ...town.states], identities)
      const findings = plainFindings(guild, known, orders)
      await db.transaction(async (tx) => {
        await tx.delete(plainTable)
        for (let from = 0; from < findings.length; from += BATCH)
          await tx.insert(plainTable).values(findings.slice(from, from + BATCH).map(toRow))
      })
      return () => storedFindings(sql, 'plain_findings', 'true')
    },
    close: async () => {
      await source.close()
      await sql.end({ timeout: 1 })
    },
  }
}

type Finding = ReturnType<typeof plainFindings>[number]

const toRow = (finding: Finding) => ({
  ...finding,
  ...{ gates: [...finding.gates], removeRoles: [...finding.removeRoles], addRoles: [...finding.addRoles] },
  ...{ excessRoles: [...finding.excessRoles], missingRoles: [...finding.missingRoles] },
  unreachableRoles: [...finding.unreachableRoles],
})

interface UserRow {
  readonly id: number
  readonly username: string
  readonly active: boolean
  readonly superuser: boolean
  readonly stateId: number | null
  readonly uid: bigint | null
}

interface MembershipRow {
  readonly userId: number
  readonly groupId: number
}

/** Of this town every state brings the permission. */
function toIdentities(
  users: readonly UserRow[],
  memberships: readonly MembershipRow[],
  { groups, states }: Town,
): readonly Identity[] {
  const groupsOf = new Map<number, string[]>()
  for (const { userId, groupId } of memberships) {
    const own = groupsOf.get(userId)
    if (own) own.push(groups[groupId]!)
    else groupsOf.set(userId, [groups[groupId]!])
  }
  return users.map(({ id, username, active, superuser, stateId, uid }) => ({
    ...{ id: String(id), username, active, superuser, access: stateId !== null },
    state: stateId === null ? null : states[stateId]!,
    groups: groupsOf.get(id) ?? [],
    discordIds: uid === null ? [] : [String(uid)],
  }))
}
