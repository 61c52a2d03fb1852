import { and, asc, eq, gt, inArray, like, or, type SQL, sql } from 'drizzle-orm'
import { isAbout, type Told } from '#src/core/about.ts'
import type { Id } from '#src/core/model.ts'
import type { Actor } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { trail, trailTexts } from './schema/trail.ts'
import { transact } from './transact.ts'

// What people typed about a member is erased where the member asks for it; what was done, and to which id, stays.

/** Stands where a text has to stand. */
export const ERASED = '(erased)'

/** Where such texts lie. Names of members are kept nowhere but in the identity source. */
export const PLACES = ['texts', 'overrides', 'links', 'runs', 'invocations', 'orders'] as const
export type Place = (typeof PLACES)[number]
export type Erased = Readonly<Record<Place, number>>

export const isNothing = (erased: Erased): boolean => PLACES.every((place) => erased[place] === 0)

/** How much would be erased of a guild, and nothing is changed. */
export async function countTexts(db: Db, guildId: Id, memberId: Id): Promise<Erased> {
  const texts = await db.$count(trailTexts, textsOf(guildId, await linesAbout(db, guildId, memberId)))
  const counts: Record<Place, number> = { ...NONE, texts }
  for (const { place, table, about } of rules(guildId, memberId)) {
    const [row] = await db.execute<{ n: number }>(sql`select count(*)::float8 as n from ${table} where ${about}`)
    counts[place] = row!.n
  }
  return counts
}

/** Erases it in one transaction with a line that says how much, and nothing of what it was. Nothing is said where nothing was there. */
export async function eraseTexts(
  ledger: Ledger,
  guildId: Id,
  memberId: Id,
  { actor, at }: { readonly actor: Actor; readonly at: number },
): Promise<Erased> {
  return await transact(ledger.db, async (tx) => {
    const gone = await tx
      .delete(trailTexts)
      .where(textsOf(guildId, await linesAbout(tx, guildId, memberId)))
      .returning()
    const counts: Record<Place, number> = { ...NONE, texts: gone.length }
    for (const { place, about, erase } of rules(guildId, memberId))
      counts[place] = (await tx.execute(sql`${erase} where ${about} returning 1`)).length
    const line = { guildId, type: 'member.erased', actor, subject: `member:${memberId}`, data: { erased: counts } }
    if (!isNothing(counts)) await ledger.append(tx, [line], at)
    return counts
  })
}

const NONE = Object.fromEntries(PLACES.map((place) => [place, 0])) as Record<Place, number>

const textsOf = (guildId: Id, lineIds: readonly string[]): SQL | undefined =>
  and(eq(trailTexts.guildId, guildId), inArray(trailTexts.lineId, [...lineIds]))

/** Lines in one statement: those of settings may be long. */
const PAGE = 500

/** The ids of the lines whose texts are about the member. */
async function linesAbout(db: Db, guildId: Id, memberId: Id): Promise<readonly string[]> {
  const { subject, data } = trail
  const mayBe = or(eq(subject, `member:${memberId}`), like(sql`${data}::text`, `%"${memberId}"%`))
  const found: string[] = []
  for (let after = 0; ; ) {
    const page = await db
      .selectDistinct({ seq: trail.seq, id: trail.id, subject, data: sql<Told['data']>`${data}::jsonb` })
      .from(trail)
      .innerJoin(trailTexts, and(eq(trailTexts.guildId, trail.guildId), eq(trailTexts.lineId, trail.id)))
      .where(and(eq(trail.guildId, guildId), gt(trail.seq, after), mayBe))
      .orderBy(asc(trail.seq))
      .limit(PAGE)
    found.push(...page.filter((line) => isAbout(line, memberId)).map(({ id }) => id))
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return found
    after = last.seq
  }
}

interface Rule {
  readonly place: Place
  readonly table: SQL
  /** Which rows, where there is something to erase. */
  readonly about: SQL
  /** The statement up to its condition. */
  readonly erase: SQL
}

/** What is no fact among the options of a command: neither a number nor an id. */
const TYPED = sql`jsonb_typeof(value) = 'string' and value #>> '{}' !~ '^[0-9]+$'`

function rules(guildId: Id, memberId: Id): readonly Rule[] {
  const named = sql`guild_id = ${guildId} and exists (select from jsonb_each_text(options) where value = ${memberId})`
  return [
    {
      place: 'overrides',
      table: sql`overrides`,
      // The reason of one that an undo placed is the program's own, and known by it.
      about: sql`guild_id = ${guildId} and member_id = ${memberId} and reason <> ${ERASED} and reason !~ '^Undo of run [0-9a-f-]{36}'`,
      erase: sql`update overrides set reason = ${ERASED}`,
    },
    {
      place: 'links',
      table: sql`manual_links`,
      about: sql`guild_id = ${guildId} and discord_id = ${memberId} and reason <> ${ERASED}`,
      erase: sql`update manual_links set reason = ${ERASED}`,
    },
    {
      place: 'runs',
      table: sql`runs`,
      about: sql`guild_id = ${guildId} and only_member = ${memberId} and reason is not null`,
      erase: sql`update runs set reason = null`,
    },
    {
      place: 'invocations',
      table: sql`invocations`,
      about: sql`${named} and (coalesce(why, ${ERASED}) <> ${ERASED} or exists (select from jsonb_each(options) where ${TYPED}))`,
      erase: sql`update invocations set why = case when why is null then null else ${ERASED} end,
        options = (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(options) where not (${TYPED}))`,
    },
    {
      place: 'orders',
      table: sql`orders`,
      // Whoever asked has the answer by now; it may hold the names of everybody.
      about: sql`state in ('answered', 'given_up') and (${named} or guild_id = ${guildId} and reply::text like ${`%${memberId}%`})`,
      erase: sql`delete from orders`,
    },
  ]
}
