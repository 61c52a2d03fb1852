import { and, eq } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import { lockGuild } from './guild-lock.ts'
import type { Db } from './handle.ts'
import { byWhom, type Change, type Ledger } from './ledger.ts'
import { subscriptions } from './schema/standing.ts'
import { read, transact } from './transact.ts'

// Who gets the notices of a guild by direct message.

/** Discord looks askance at a bot that writes to many at once; moderators are few. */
const MAX_SUBSCRIBERS = 100

export async function isSubscribed({ db }: Ledger, guildId: Id, memberId: Id): Promise<boolean> {
  return (await read(db.$count(subscriptions, ofMember(guildId, memberId)))) > 0
}

/** Those who have been it the longest first. */
export async function findSubscribers({ db }: Ledger, guildId: Id): Promise<readonly Id[]> {
  const ofGuild = db.select().from(subscriptions).where(eq(subscriptions.guildId, guildId))
  const rows = await read(ofGuild.orderBy(subscriptions.at, subscriptions.memberId).limit(MAX_SUBSCRIBERS))
  return rows.map(({ memberId }) => memberId)
}

/** Throws `Refusal` where as many have subscribed as may. What is so already changes nothing. */
export async function subscribe(
  ledger: Ledger,
  guildId: Id,
  memberId: Id,
  wanted: boolean,
  change: Change,
): Promise<void> {
  await transact(ledger.db, async (tx) => {
    await lockGuild(tx, 'subscriptions', guildId)
    const changed = wanted ? await add(tx, guildId, memberId, change.at) : await remove(tx, guildId, memberId)
    const type = wanted ? 'subscription.started' : 'subscription.ended'
    const line: TrailDraft = { ...byWhom(change), guildId, type, subject: `member:${memberId}` }
    await ledger.append(tx, changed ? [line] : [], change.at)
  })
}

async function add(tx: Db, guildId: Id, memberId: Id, at: number): Promise<boolean> {
  const added = await tx.insert(subscriptions).values({ guildId, memberId, at }).onConflictDoNothing().returning()
  const ofGuild = eq(subscriptions.guildId, guildId)
  if (added.length > 0 && (await tx.$count(subscriptions, ofGuild)) > MAX_SUBSCRIBERS) throw tooMany()
  return added.length > 0
}

async function remove(tx: Db, guildId: Id, memberId: Id): Promise<boolean> {
  return (await tx.delete(subscriptions).where(ofMember(guildId, memberId)).returning()).length > 0
}

const ofMember = (guildId: Id, memberId: Id) =>
  and(eq(subscriptions.guildId, guildId), eq(subscriptions.memberId, memberId))

const tooMany = (): Refusal =>
  new Refusal(
    `${MAX_SUBSCRIBERS} members get the notices of this server by direct message, and no more may. Nothing was changed. Ask one of them to unsubscribe, or read the notices in the channel.`,
  )
