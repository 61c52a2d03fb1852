import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Id, Identity } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { Db } from '#src/store/handle.ts'
import { identityImports } from '#src/store/schema/identity.ts'
import { changedIds } from './difference.ts'
import { type Imported, readMark } from './import-watch.ts'
import { type People, withUnsaidAccounts } from './people.ts'
import { changesNothing, DROP_LIMIT, dropsTooMany, type ImportDiff, planImport } from './plan.ts'
import { readPeople } from './reading.ts'
import { deletePeople, insertPeople, replaceNames } from './writing.ts'

/** Writes lines for the record in the transaction given. */
export type Append = (tx: Db, drafts: readonly TrailDraft[], at: number) => Promise<unknown>

export interface ImportOrder {
  /** The digest of what was stored when a human read the difference; the import is refused where that has changed since. */
  readonly expectedDigest: string
  readonly acceptDrop: boolean
  readonly actor: Actor
  readonly reason: string | null
  readonly append: Append
  /** Milliseconds since the epoch. */
  readonly at: number
  /** People written or dropped so far, and in all. */
  readonly onProgress?: (done: number, total: number) => void
}

/** What is stored for a guild now, accounts too, as of one moment. */
export async function storedPeople(db: Db, guildId: Id): Promise<People> {
  return await db.transaction((tx) => readPeople(tx, guildId), {
    isolationLevel: 'repeatable read',
    accessMode: 'read only',
  })
}

/**
 * Puts these people in the place of those stored for the guild, all or nothing, and writes down that it did.
 * Null where nothing would change; then nothing is written. Throws `Refusal` where the stored people are no longer those of `expectedDigest`,
 * where more than a tenth of them would be dropped and `acceptDrop` is false, or where a text cannot be stored.
 */
export async function applyImport(db: Db, guildId: Id, brought: People, order: ImportOrder): Promise<Imported | null> {
  const fault = unstorable(brought)
  if (fault !== null) throw new Refusal(fault)
  return await db.transaction(async (tx) => {
    await lockWriters(tx)
    const markBefore = await readMark(tx, guildId)
    const before = await readPeople(tx, guildId)
    const after = withUnsaidAccounts(before, brought)
    const diff = planImport(before, after)
    if (diff.beforeDigest !== order.expectedDigest) throw new Refusal(CHANGED_SINCE)
    if (changesNothing(diff)) return null
    if (dropsTooMany(diff) && !order.acceptDrop) throw new Refusal(dropSentence(diff))
    await write(tx, guildId, after, diff, order)
    await noteImport(tx, guildId, diff, order)
    return { before: markBefore, after: await readMark(tx, guildId), changed: changedIds(before, after, diff) }
  })
}

/** The refusal that a human reads before an import would drop more than a tenth of the people. */
export function dropSentence({ dropped, before }: ImportDiff): string {
  const share = Math.round((dropped.length / before.people) * 100)
  return `This would drop ${dropped.length} of ${before.people} people (${share}%), more than the ${DROP_LIMIT * 100}% that one import may: a cut-off export looks just so. Check the file; if they are truly gone, run it again with --accept-drop.`
}

const CHANGED_SINCE =
  'The stored people have changed since this difference was shown, so nothing was written. Run the import again and read the new difference.'

/** The lock that the triggers of the identity tables take for whoever writes (the migration that brings versions). */
const WRITERS = 7_265_438_202

/**
 * One writer at a time, another import or somebody's hand: from before the reading, so that nobody changes what was compared, and before any row is
 * held, so that two never wait for each other. The lock goes with the transaction. (On the embedded engine a transaction is alone anyhow.)
 */
async function lockWriters(tx: Db): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${WRITERS})`)
}

/**
 * A session keeps the plans by which it checks foreign keys. Those made when the tables held a handful of people walk the whole table for each row,
 * which takes an import of thousands from a second to minutes; so the old plans go, and the new ones use the indexes.
 */
async function planForMany(tx: Db): Promise<void> {
  await tx.execute(sql`set local enable_seqscan = off`)
  await tx.execute(sql`discard plans`)
}

/** Only what changed is written: a changed person is deleted and inserted anew, everybody else is left alone. */
async function write(tx: Db, guildId: Id, after: People, diff: ImportDiff, order: ImportOrder): Promise<void> {
  const changed = new Set(diff.changed.map(({ id }) => id))
  const added = new Set(diff.added.map(({ id }) => id))
  const gone = [...diff.dropped.map(({ id }) => id), ...changed]
  const come = after.identities.filter(({ id }) => changed.has(id) || added.has(id))
  const total = gone.length + come.length
  await planForMany(tx)
  await replaceNames(tx, guildId, diff)
  await deletePeople(tx, guildId, gone, (done) => order.onProgress?.(done, total))
  await insertPeople(tx, guildId, come, after.accounts, (done) => order.onProgress?.(gone.length + done, total))
}

/** The import's own row and its line for the record. */
async function noteImport(
  tx: Db,
  guildId: Id,
  diff: ImportDiff,
  { actor, reason, append, at }: ImportOrder,
): Promise<void> {
  const id = randomUUID()
  const counts = countsOf(diff)
  // The newest row is the last import, so its time is never before that of the one it follows, whatever the clock did.
  const moment = Math.max(at, (await lastMoment(tx, guildId)) + 1)
  await tx.insert(identityImports).values({ guildId, id, at: moment, actor, counts, digest: diff.afterDigest })
  const draft: TrailDraft = {
    guildId,
    type: 'identity.imported',
    actor,
    subject: `import:${id}`,
    data: { counts, beforeDigest: diff.beforeDigest, afterDigest: diff.afterDigest },
    ...(reason === null ? {} : { texts: { reason } }),
  }
  await append(tx, [draft], at)
}

async function lastMoment(tx: Db, guildId: Id): Promise<number> {
  const [row] = await tx.execute<{ at: string }>(
    sql`select (extract(epoch from at) * 1000)::bigint::text as at
      from identity_imports where guild_id = ${guildId} order by at desc limit 1`,
  )
  return Number(row?.at ?? 0)
}

function countsOf(diff: ImportDiff) {
  return {
    before: diff.before,
    after: diff.after,
    added: diff.added.length,
    changed: diff.changed.length,
    dropped: diff.dropped.length,
    groupsAdded: diff.groups.added.length,
    groupsRemoved: diff.groups.removed.length,
    statesAdded: diff.states.added.length,
    statesRemoved: diff.states.removed.length,
    linksMoved: diff.moved.length,
  }
}

/** Postgres keeps no U+0000, and half a character would come back as another; said before anything is written. */
function unstorable({ names, identities, accounts }: People): string | null {
  const bad = (text: string | null) => text !== null && (text.includes('\0') || !text.isWellFormed())
  if (Object.values(names).flat().some(bad))
    return 'The name of a group, state or reserved role holds a character that cannot be stored (U+0000 or half of one). Mend it in the source and export again.'
  const person = identities.find((one) => textsOf(one, accounts).some(bad))
  if (!person) return null
  return `The person with id ${JSON.stringify(person.id)} has a text with a character that cannot be stored (U+0000 or half of one). Mend it in the source and export again.`
}

function textsOf({ id, username, state, groups }: Identity, accounts: People['accounts']): (string | null)[] {
  const linked = accounts?.get(id) ?? []
  return [
    id,
    username,
    state,
    ...groups,
    ...linked.flatMap((one) => [one.id, one.name, one.organisation, one.parentOrganisation]),
  ]
}
