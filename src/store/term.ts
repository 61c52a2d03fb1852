import { and, eq, sql } from 'drizzle-orm'
import { TermOver } from '#src/core/term.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { AppendLines } from './ledger.ts'
import { leadership } from './schema/standing.ts'
import { INSTALLATION } from './schema/trail.ts'

// Of several bots on one database one acts at a time, and each time has a number. All times here are the server's: the clocks of two machines differ.

/** Who acts, or did. */
export interface Term {
  readonly term: number
  readonly holder: string
  readonly since: number
  /** False once the holder has gone of its own accord. */
  readonly held: boolean
  /** How long nothing was heard of the holder, ms. */
  readonly silentMs: number
}

/**
 * How long the server keeps a transaction open that holds the term's row and of which it hears nothing: whoever takes over from a bot that hangs
 * there has to wait, so this is less than a lease.
 */
const IDLE_MS = 5_000
/** How long taking over waits for the row; then it is tried again. */
const LOCK_MS = 1_000

const ofInstallation = eq(leadership.guildId, INSTALLATION)
const silentMs = sql<number>`(extract(epoch from clock_timestamp() - ${leadership.beatAt}) * 1000)::float8`
const { term, holder, since, held } = leadership
const columns = { term, holder, since, held, silentMs }

const limited = (name: 'lock_timeout' | 'idle_in_transaction_session_timeout', milliseconds: number) =>
  sql`set_config(${name}, ${String(milliseconds)}, true)`

/**
 * Throws `TermOver` where somebody holds a newer term; until the transaction ends, none is begun. So what an older term writes is there before a newer one
 * looks, or never is. The lock does not keep the holder's own beats waiting.
 */
export async function mustHoldTerm(tx: Db, own: number): Promise<void> {
  const guarded = { term, idle: limited('idle_in_transaction_session_timeout', IDLE_MS) }
  const [row] = await tx.select(guarded).from(leadership).where(ofInstallation).for('key share')
  if (row && row.term > own)
    throw new TermOver(
      `Another rolecall acts on this database by now (term ${row.term}; this one has term ${own}), so this one changes nothing more. See which of them should run, and end the other.`,
    )
}

export async function findTerm(db: Db): Promise<Term | null> {
  const [row] = await db.select(columns).from(leadership).where(ofInstallation)
  return row ?? null
}

/** Begins a new term where nobody holds one, or where `mayFollow` says so of whoever does. Null where not. */
export async function takeTerm(
  db: Db,
  append: AppendLines,
  self: string,
  mayFollow: (before: Term) => boolean,
): Promise<number | null> {
  return await db.transaction(async (tx) => {
    await tx.execute(
      sql`select ${limited('lock_timeout', LOCK_MS)}, ${limited('idle_in_transaction_session_timeout', IDLE_MS)}`,
    )
    const before = await lockTerm(tx, self)
    if (before.held && !mayFollow(before)) return null
    const next = { term: before.term + 1, holder: self, held: true }
    const now = sql`clock_timestamp()`
    const [taken] = await tx
      .update(leadership)
      .set({ ...next, since: now, beatAt: now })
      .where(ofInstallation)
      .returning()
    await append(tx, [takenLine(next.term, self, before)], taken!.since)
    return next.term
  })
}

/** `before` tells whether the last holder had gone, or for how long it had been silent. */
function takenLine(own: number, self: string, before: Term): TrailDraft {
  const data = { term: own, holder: self, before: before.term === 0 ? null : before }
  return { guildId: null, type: 'leadership.taken', actor: 'system:leadership', subject: `term:${own}`, data }
}

/** The row, held until the transaction ends; made where this installation never had one. */
async function lockTerm(tx: Db, self: string): Promise<Term> {
  const find = () => tx.select(columns).from(leadership).where(ofInstallation).for('update')
  const [there] = await find()
  if (there) return there
  const now = sql`clock_timestamp()`
  const first = { guildId: INSTALLATION, term: 0, holder: self, since: now, beatAt: now, held: false }
  await tx.insert(leadership).values(first).onConflictDoNothing()
  return (await find())[0]!
}

const ownTerm = (own: number, self: string) => and(ofInstallation, eq(term, own), eq(holder, self), held)

/** Says that the holder is alive. False where it holds the term no more. */
export async function beat(db: Db, own: number, self: string): Promise<boolean> {
  const alive = db.update(leadership).set({ beatAt: sql`clock_timestamp()` })
  return (await alive.where(ownTerm(own, self)).returning({ term })).length > 0
}

/** Gives the term up, so that whoever stands by need not wait for silence. */
export async function endTerm(db: Db, own: number, self: string): Promise<void> {
  await db.update(leadership).set({ held: false }).where(ownTerm(own, self))
}
