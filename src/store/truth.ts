import { and, eq, lt, sql } from 'drizzle-orm'
import type { Baseline, Vitals } from '#src/core/directory.ts'
import { fieldChanges } from '#src/core/field-changes.ts'
import type { Id } from '#src/core/model.ts'
import { type Db, Statement } from './handle.ts'
import { byWhom, type Change, type Ledger } from './ledger.ts'
import { ReadOnce } from './read-once.ts'
import { truthReadings } from './schema/guilds.ts'
import { read, transact } from './transact.ts'

// The accepted readings of an identity source, one row an hour, of which the baseline is made (docs/semantics.md section 7).

const HOUR_MS = 3_600_000
const WINDOW_MS = 24 * HOUR_MS

/** A baseline as JSON holds it. */
interface Counted {
  readonly linked: number
  readonly withAccess: number
  readonly perGroup: Readonly<Record<string, number>>
  readonly perState: Readonly<Record<string, number>>
}

type Row = typeof truthReadings.$inferSelect

/** Reads the baseline of which this text holds the counts. */
export type ReadCounts = (guildId: Id, source: string, text: string | null) => Baseline | null

/** Whoever reads by this reads a baseline anew where its counts are others than the last time. */
export function readingCountsOnce(): ReadCounts {
  const once = new ReadOnce<Baseline>()
  return (guildId, source, text) =>
    text === null ? null : once.read(`${guildId} ${source}`, text, () => baselineOf(JSON.parse(text)))
}

/**
 * Number by number, the highest of the readings accepted in the last 24 hours or since a human accepted one. An hour counts as long as its newest reading does.
 * Where nothing was accepted for so long, the newest reading there is: a source that was silent for a day does not come back unchecked. Null before the first.
 */
export async function baseline(
  { db }: Ledger,
  readCounts: ReadCounts,
  guildId: Id,
  source: string,
  now: number,
): Promise<Baseline | null> {
  const [row] = await read(db.execute<{ counts: string | null }>(COUNTS.with({ guildId, ...countsOf(source, now) })))
  return readCounts(guildId, source, row!.counts)
}

/** What `ACCEPTED_COUNTS` asks for beside the guild. */
export const countsOf = (source: string, now: number) => ({ source, acceptedSince: now - WINDOW_MS })

const ofThis = sql`${truthReadings} where guild_id = ${sql.placeholder('guildId')} and source = ${sql.placeholder('source')}`

/** The counts of which the baseline is made, as one value of JSON text; of one moment with whatever else its statement asks. */
export const ACCEPTED_COUNTS = sql`coalesce(
  (select jsonb_agg(maxima order by hour)::text from ${ofThis}
    and at > ${sql.param(sql.placeholder('acceptedSince'), truthReadings.at)}),
  (select jsonb_build_array(newest)::text from ${ofThis} order by at desc limit 1))`

const COUNTS = new Statement<{ guildId: Id } & ReturnType<typeof countsOf>>(sql`select ${ACCEPTED_COUNTS} as counts`)

/** Takes a reading that passed the truth check into the baseline, and forgets what the baseline no longer needs. No line: nothing that stands has changed. */
export async function accept({ db }: Ledger, guildId: Id, source: string, vitals: Vitals, now: number): Promise<void> {
  await transact(db, async (tx) => {
    const counted = toCounted(vitals)
    const hour = now - (now % HOUR_MS)
    const key = { guildId, source, hour }
    const values = { ...key, maxima: counted, newest: counted, at: now }
    const inserted = await tx.insert(truthReadings).values(values).onConflictDoNothing().returning()
    if (inserted.length === 0) await fold(tx, guildId, source, hour, counted, now)
    await prune(tx, guildId, source, now)
  })
}

/** A human accepted this reading, whatever the check said: it is the new baseline, and nothing older counts any more. */
export async function acceptByHuman(
  ledger: Ledger,
  guildId: Id,
  source: string,
  vitals: Vitals,
  change: Change,
): Promise<void> {
  const { actor, at } = change
  await transact(ledger.db, async (tx) => {
    const counted = toCounted(vitals)
    const deleted = await tx.delete(truthReadings).where(ofSource(guildId, source)).returning()
    const hour = at - (at % HOUR_MS)
    await tx
      .insert(truthReadings)
      .values({ guildId, source, hour, maxima: counted, newest: counted, acceptedBy: actor, at })
    const before = deleted.length > 0 ? deleted.map(maximaOf).reduce(highest) : null
    const data = { before, after: counted, ...fieldChanges('accepted', before ?? undefined, counted) }
    const line = { guildId, type: 'truth.accepted', ...byWhom(change), subject: `source:${source}`, data }
    await ledger.append(tx, [line], at)
  })
}

const ofSource = (guildId: Id, source: string) =>
  and(eq(truthReadings.guildId, guildId), eq(truthReadings.source, source))

/** Into the row of this hour, which another process may be writing as well. */
async function fold(tx: Db, guildId: Id, source: string, hour: number, counted: Counted, at: number): Promise<void> {
  const thisHour = and(ofSource(guildId, source), eq(truthReadings.hour, hour))
  const [row] = await tx.select().from(truthReadings).where(thisHour).for('update')
  // A clock that stepped back must not make an old reading the newest.
  const newest = row!.at > at ? row!.newest : counted
  const maxima = highest(maximaOf(row!), counted)
  await tx
    .update(truthReadings)
    .set({ maxima, newest, at: Math.max(row!.at, at) })
    .where(thisHour)
}

/** At most 25 hours are kept; this runs just after a reading was taken in, so the window is never empty here. */
async function prune(tx: Db, guildId: Id, source: string, now: number): Promise<void> {
  await tx.delete(truthReadings).where(and(ofSource(guildId, source), lt(truthReadings.at, now - WINDOW_MS)))
}

const maximaOf = ({ maxima }: Row): Counted => maxima as Counted

const baselineOf = (counts: readonly Counted[]): Baseline => toBaseline(counts.reduce(highest))

function highest(a: Counted, b: Counted): Counted {
  return {
    linked: Math.max(a.linked, b.linked),
    withAccess: Math.max(a.withAccess, b.withAccess),
    perGroup: highestOfEach(a.perGroup, b.perGroup),
    perState: highestOfEach(a.perState, b.perState),
  }
}

function highestOfEach(a: Counted['perGroup'], b: Counted['perGroup']): Counted['perGroup'] {
  const of = new Map(Object.entries(a))
  for (const [name, count] of Object.entries(b)) of.set(name, Math.max(count, of.get(name) ?? 0))
  return Object.fromEntries(of)
}

const toCounted = ({ linked, withAccess, perGroup, perState }: Vitals): Counted => ({
  linked,
  withAccess,
  perGroup: Object.fromEntries(perGroup),
  perState: Object.fromEntries(perState),
})

const toBaseline = ({ linked, withAccess, perGroup, perState }: Counted): Baseline => ({
  linked,
  withAccess,
  perGroup: new Map(Object.entries(perGroup)),
  perState: new Map(Object.entries(perState)),
})
