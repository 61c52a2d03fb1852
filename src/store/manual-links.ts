import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { fieldChanges } from '#src/core/field-changes.ts'
import type { ManualLink } from '#src/core/link.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import { lockGuild } from './guild-lock.ts'
import { type Db, Statement } from './handle.ts'
import { byWhom, type Change, type Ledger } from './ledger.ts'
import { storable } from './schema/columns.ts'
import { manualLinks } from './schema/standing.ts'
import { read, transact } from './transact.ts'

// Accounts that were linked by hand, one row each: whoever has many of them wants to mend the identity source.

/** All of a guild are read where everybody is looked at. */
export const MAX_LINKS = 10_000

const LINKED = new Statement<{ guildId: Id; source: string; discordIds: readonly Id[] }>(
  sql`select discord_id as "discordId", identity_id as "identityId" from manual_links
    where guild_id = ${sql.placeholder('guildId')} and source = ${sql.placeholder('source')}
      and discord_id = any(${sql.placeholder('discordIds')}::text[])`,
)

/** The identity of each of these accounts that is linked by hand to somebody of this source. */
export async function linkedIdentities(
  db: Db,
  guildId: Id,
  source: string,
  discordIds: readonly Id[],
): Promise<ReadonlyMap<Id, string>> {
  type Row = Pick<ManualLink, 'discordId' | 'identityId'> & Record<string, unknown>
  const rows = await read(db.execute<Row>(LINKED.with({ guildId, source, discordIds })))
  return new Map(rows.map(({ discordId, identityId }) => [discordId, identityId]))
}

/** The same of every account that is linked by hand in this guild. */
export async function allLinkedIdentities(db: Db, guildId: Id, source: string): Promise<ReadonlyMap<Id, string>> {
  const { discordId, identityId } = manualLinks
  const ofSource = and(eq(manualLinks.guildId, guildId), eq(manualLinks.source, source))
  const rows = await read(db.select({ discordId, identityId }).from(manualLinks).where(ofSource))
  return new Map(rows.map((row) => [row.discordId, row.identityId]))
}

/** Null: this account is not linked by hand. */
export async function findLink(db: Db, guildId: Id, discordId: Id): Promise<ManualLink | null> {
  return (await find(db, ofAccount(guildId, discordId)))[0] ?? null
}

/** The accounts that were linked by hand to any of these identities of this source. */
export function linksTo(
  db: Db,
  guildId: Id,
  source: string,
  identityIds: readonly string[],
): Promise<readonly ManualLink[]> {
  const ofSource = and(eq(manualLinks.guildId, guildId), eq(manualLinks.source, source))
  return find(db, and(ofSource, inArray(manualLinks.identityId, [...identityIds])))
}

/** Throws `Refusal` where the account is linked by hand already, to whomever, or where there are as many links as there may be. */
export function linkByHand(
  ledger: Ledger,
  guildId: Id,
  link: Pick<ManualLink, 'discordId' | 'identityId' | 'source' | 'reason'>,
  change: Change,
): Promise<void> {
  const { discordId, identityId, source } = link
  return transact(ledger.db, async (tx) => {
    await lockGuild(tx, 'links', guildId)
    if ((await tx.$count(manualLinks, eq(manualLinks.guildId, guildId))) >= MAX_LINKS) throw tooMany()
    const made = { reason: storable(link.reason), actor: change.actor, at: change.at }
    const values = { guildId, discordId, identityId, source, ...made }
    const added = await tx.insert(manualLinks).values(values).onConflictDoNothing().returning()
    if (added.length === 0) throw linkedAlready()
    await ledger.append(tx, [lineOf('link.made', guildId, discordId, null, { identityId, source }, change)], change.at)
  })
}

/** Returns the link that was there; null where there was none. */
export function unlinkByHand(ledger: Ledger, guildId: Id, discordId: Id, change: Change): Promise<ManualLink | null> {
  return transact(ledger.db, async (tx) => {
    const [removed] = await tx.delete(manualLinks).where(ofAccount(guildId, discordId)).returning()
    if (!removed) return null
    const before = { identityId: removed.identityId, source: removed.source }
    await ledger.append(tx, [lineOf('link.removed', guildId, discordId, before, null, change)], change.at)
    return toLink(removed)
  })
}

const ofAccount = (guildId: Id, discordId: Id) =>
  and(eq(manualLinks.guildId, guildId), eq(manualLinks.discordId, discordId))

async function find(db: Db, where: SQL | undefined): Promise<readonly ManualLink[]> {
  const rows = await read(db.select().from(manualLinks).where(where).orderBy(manualLinks.at, manualLinks.discordId))
  return rows.map(toLink)
}

const toLink = ({ discordId, identityId, source, reason, actor, at }: typeof manualLinks.$inferSelect): ManualLink => ({
  ...{ discordId, identityId, source, reason, at },
  by: actor as Actor,
})

const linkedAlready = (): Refusal =>
  new Refusal(
    'This account is linked by hand already. Nothing was changed. `/identity show` says to whom and why; `/identity unlink` takes that back.',
  )

const tooMany = (): Refusal =>
  new Refusal(
    `${MAX_LINKS.toLocaleString('en')} accounts are linked by hand in this server, which is the most. Nothing was changed. Let people link their accounts in the identity database, and take back what is no longer needed with \`/identity unlink\`.`,
  )

type Linked = Pick<ManualLink, 'identityId' | 'source'> | null

function lineOf(
  type: 'link.made' | 'link.removed',
  guildId: Id,
  discordId: Id,
  before: Linked,
  after: Linked,
  change: Change,
): TrailDraft {
  const data = { before, after, ...fieldChanges('link', before ?? undefined, after ?? undefined) }
  return { ...byWhom(change), guildId, type, subject: `member:${discordId}`, data }
}
