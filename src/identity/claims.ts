import { sql } from 'drizzle-orm'
import type { Id, Identity } from '#src/core/model.ts'
import type { Db } from '#src/store/handle.ts'

/** Ids in one question: an array parameter of some 20 kB. */
export const ASKED_AT_ONCE = 1_000

/** Who claims the ids that were asked for, and the version of the guild's people at that moment. */
export interface Claimed {
  /** Null where it is not known that the database notices every change: then nothing that was counted before may be taken for true. */
  readonly version: string | null
  /** Every asked id is a key. */
  readonly claims: ReadonlyMap<Id, readonly Identity[]>
}

/** Without a claim all but the version is null. */
type Row = { readonly version: string | null; readonly discordId: Id | null } & Identity & Record<string, unknown>

/** Asks in one statement, which sees one moment, and so for at most `ASKED_AT_ONCE` ids. */
export async function readClaims(db: Db, guildId: Id, discordIds: readonly Id[]): Promise<Claimed> {
  const rows = await db.execute<Row>(questionOf(guildId, discordIds))
  const claims = new Map<Id, Identity[]>(discordIds.map((id) => [id, []]))
  for (const { version, discordId, ...identity } of rows) if (discordId !== null) claims.get(discordId)?.push(identity)
  return { version: rows[0]?.version ?? null, claims }
}

/**
 * The planner is not told the guild and the ids as constants but as rows to join with. Of a constant it looks up how common it was when the table was
 * last analysed; of a row it goes by what the migration says of the columns, and so to the right index however old its statistics are.
 * The version is there though nobody claims anything, and the tables are asked though nobody is asked for, so that one that is gone is missed.
 */
function questionOf(guildId: Id, discordIds: readonly Id[]) {
  return sql`
    with now as materialized (select identity_version(${guildId}) as version)
    select now.version, link.discord_id as "discordId",
      person.id, person.username, person.active, person.superuser, person.access, person.state,
      array(select group_name from identity_memberships
        where guild_id = person.guild_id and person_id = person.id order by group_name) as groups,
      array(select discord_id from identity_links
        where guild_id = person.guild_id and person_id = person.id order by discord_id) as "discordIds"
    from now left join (
      (select ${guildId}::text as guild_id, unnest(${sql.param(discordIds)}::text[]) as discord_id) as asked
      join identity_links as link on link.guild_id = asked.guild_id and link.discord_id = asked.discord_id
      join identity_people as person on person.guild_id = link.guild_id and person.id = link.person_id
    ) on true
    order by person.id`
}
