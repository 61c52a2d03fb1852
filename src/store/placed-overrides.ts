import { and, eq, inArray } from 'drizzle-orm'
import type { Id, Override } from '#src/core/model.ts'
import type { Actor } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import { overrides } from './schema/guilds.ts'
import { read } from './transact.ts'

/** An override with who set it, and when. */
export interface Placed extends Override {
  readonly by: Actor
  readonly at: number
}

/** The overrides that are set for these members, run out or not, with who set them; whom none is set for is left out. */
export async function placedOverrides(db: Db, guildId: Id, memberIds: readonly Id[]): Promise<ReadonlyMap<Id, Placed>> {
  if (memberIds.length === 0) return new Map()
  const wanted = and(eq(overrides.guildId, guildId), inArray(overrides.memberId, [...memberIds]))
  const rows = await read(db.select().from(overrides).where(wanted))
  return new Map(
    rows.map(({ memberId, action, expiresAt, reason, actor, at }) => [
      memberId,
      { memberId, action, expiresAt, reason, by: actor, at } as Placed,
    ]),
  )
}
