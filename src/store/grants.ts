import { and, count, countDistinct, desc, eq, gte, isNotNull, max } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Grantor } from '#src/core/notice.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Ledger } from './ledger.ts'
import { grants } from './schema/standing.ts'
import { read, transact } from './transact.ts'

// Governed roles that were given to somebody who had not earned them, each with its giver: who keeps giving roles they should not.

interface Grant {
  readonly memberId: Id
  readonly roleId: Id
  readonly grantor: Grantor
  readonly at: number
}

export interface GrantorCount {
  /** Null: nobody could be found who did it. */
  readonly grantorId: Id | null
  readonly grants: number
  readonly members: number
  readonly lastAt: number
}

/** The grant bears the id of its line. The actor of the line is whoever gave the role, where that is known. */
export async function noteGrant(ledger: Ledger, guildId: Id, grant: Grant): Promise<void> {
  const { memberId, roleId, grantor, at } = grant
  await transact(ledger.db, async (tx) => {
    const [line] = await ledger.append(tx, [grantedLine(guildId, grant)], at)
    const giver = { grantorId: grantor?.id ?? null, by: grantor?.by ?? 'none' }
    await tx.insert(grants).values({ guildId, id: line!.id, at, memberId, roleId, ...giver })
  })
}

function grantedLine(guildId: Id, { memberId, roleId, grantor }: Grant): TrailDraft {
  return {
    guildId,
    type: 'role.granted',
    actor: grantor ? `discord:${grantor.id}` : 'system:attribution',
    subject: `member:${memberId}`,
    data: { role: roleId, grantor: grantor?.id ?? null, by: grantor?.by ?? 'none' },
  }
}

/** The last one who is known to have given this role to this member since then; null where nobody is. */
export async function lastGrantor(
  { db }: Ledger,
  guildId: Id,
  memberId: Id,
  roleId: Id,
  since: number,
): Promise<Grantor> {
  const same = and(eq(grants.guildId, guildId), eq(grants.memberId, memberId), eq(grants.roleId, roleId))
  const given = db.select({ id: grants.grantorId, by: grants.by }).from(grants)
  const known = given.where(and(same, isNotNull(grants.grantorId), gte(grants.at, since)))
  const [row] = await read(known.orderBy(desc(grants.at), desc(grants.id)).limit(1))
  return row ? (row as Grantor) : null
}

/** Who gave roles that were not earned since then, the most first; those that nobody was found for are one of them. */
export async function countGrantors(
  { db }: Ledger,
  guildId: Id,
  since: number,
  limit: number,
): Promise<readonly GrantorCount[]> {
  const times = count().as('times')
  const lastAt = max(grants.at).as('last_at')
  const members = countDistinct(grants.memberId)
  const given = db.select({ grantorId: grants.grantorId, grants: times, members, lastAt }).from(grants)
  const each = given.where(and(eq(grants.guildId, guildId), gte(grants.at, since))).groupBy(grants.grantorId)
  const rows = await read(each.orderBy(desc(times), desc(lastAt), grants.grantorId).limit(limit))
  return rows.map((row) => ({ ...row, lastAt: row.lastAt! }))
}
