import { and, eq, inArray } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { PlacedOverride } from '#src/discord/command.ts'
import type { Db } from '#src/store/handle.ts'
import { overrides } from '#src/store/schema/guilds.ts'
import { read } from '#src/store/transact.ts'

/** The overrides that are set for these members, run out or not, with who set them; whom none is set for is left out. */
export async function placedOverrides(
  db: Db,
  guildId: Id,
  memberIds: readonly Id[],
): Promise<ReadonlyMap<Id, PlacedOverride>> {
  if (memberIds.length === 0) return new Map()
  const wanted = and(eq(overrides.guildId, guildId), inArray(overrides.memberId, [...memberIds]))
  const rows = await read(db.select().from(overrides).where(wanted))
  return new Map(
    rows.map(({ memberId, action, expiresAt, reason, actor, at }) => [
      memberId,
      { memberId, action, expiresAt, reason, by: actor, at } as PlacedOverride,
    ]),
  )
}
