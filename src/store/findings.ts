import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Finding, FindingCategory, Id } from '#src/core/model.ts'
import type { Outcome, StoredFinding, StoredPlan } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import { copyIn, type Field } from './copy-in.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { lockRun } from './run-moves.ts'
import { findings, runs } from './schema/runs.ts'
import { read, transact } from './transact.ts'

// What a run found, as shown after every gate; and as planned before the blast radius, where that closed.

export interface FindingsPage {
  /** Only those with a role too many or too few, a kick, or a conflict. */
  readonly atStake?: boolean
  readonly category: FindingCategory | null
  readonly offset: number
  readonly limit: number
}

const PHASES = ['shown', 'planned'] as const
type Phase = (typeof PHASES)[number]

/** Findings in one statement: about 3 MB of JSON, so that neither side holds a large run twice. */
const BATCH = 5_000

/** Stores a plan with all its findings, once, for a run that is running. */
export async function storePlan(ledger: Ledger, plan: StoredPlan): Promise<void> {
  const { guildId, runId, at, findings: shown, planned, ...facts } = plan
  await transact(ledger.db, async (tx) => {
    const run = await lockRun(tx, guildId, runId)
    if (run.state !== 'running') throw new Error(`A run that is ${run.state} takes no plan (${runId}).`)
    await tx
      .update(runs)
      .set(facts)
      .where(and(eq(runs.guildId, guildId), eq(runs.id, runId)))
    const store = ledger.copies ? copyAll : insertAll
    await store(tx, guildId, runId, 'shown', shown)
    await store(tx, guildId, runId, 'planned', planned ?? [])
    const data = { ...facts, findings: shown.length }
    const line = { guildId, type: 'run.planned', actor: run.actor as Actor, subject: `run:${runId}`, run: runId, data }
    await ledger.append(tx, [line], at)
  })
}

const COPIED = `findings (guild_id, run_id, phase, member_id, identity_id, category, policy_action, decided_by, gates,
  effective_action, kick, remove_roles, add_roles, excess_roles, missing_roles, unreachable_roles)`

async function copyAll(tx: Db, guildId: Id, runId: string, phase: Phase, all: readonly Finding[]): Promise<void> {
  if (all.length === 0) return
  await copyIn(tx, COPIED, rowsOf(guildId, runId, phase, all))
}

function* rowsOf(guildId: Id, runId: string, phase: Phase, all: readonly Finding[]): Generator<readonly Field[]> {
  for (const { memberId, identityId, category, policyAction, decidedBy, gates, effectiveAction, ...rest } of all) {
    const { kick, removeRoles, addRoles, excessRoles, missingRoles, unreachableRoles } = rest
    const roles = [removeRoles, addRoles, excessRoles, missingRoles, unreachableRoles]
    const said = [memberId, identityId, category, policyAction, decidedBy, gates, effectiveAction, kick]
    yield [guildId, runId, phase, ...said, ...roles]
  }
}

/** One parameter of JSON for a batch: a statement with seventeen parameters a row is six times slower. */
async function insertAll(tx: Db, guildId: Id, runId: string, phase: Phase, all: readonly Finding[]): Promise<void> {
  for (let start = 0; start < all.length; start += BATCH) {
    const batch = JSON.stringify(all.slice(start, start + BATCH))
    await tx.execute(sql`
      insert into ${findings} (guild_id, run_id, phase, member_id, identity_id, category, policy_action, decided_by, gates,
        effective_action, kick, remove_roles, add_roles, excess_roles, missing_roles, unreachable_roles)
      select ${guildId}, ${runId}, ${phase}, f.* from json_to_recordset(${batch}::json) as f ("memberId" text, "identityId" text,
        "category" text, "policyAction" text, "decidedBy" text, "gates" text[], "effectiveAction" text, "kick" boolean,
        "removeRoles" text[], "addRoles" text[], "excessRoles" text[], "missingRoles" text[], "unreachableRoles" text[])`)
  }
}

/**
 * The line of each act is written where it is settled; this only lets the finding show it, and says that nothing is left to be done of it:
 * both as it is shown and, where the blast radius had closed, as it was planned.
 */
export async function noteOutcome(
  { db }: Ledger,
  guildId: Id,
  runId: string,
  memberId: Id,
  outcome: Outcome | 'changed',
): Promise<void> {
  await read(
    db
      .update(findings)
      .set({ outcome })
      .where(and(foundIn(guildId, runId), inArray(findings.phase, PHASES), eq(findings.memberId, memberId))),
  )
}

/** One page, in the order of member ids as numbers, and how many there are in all. */
export async function findingsPage(
  db: Db,
  guildId: Id,
  runId: string,
  { category, atStake = false, offset, limit }: FindingsPage,
): Promise<{ readonly total: number; readonly findings: readonly StoredFinding[] }> {
  const wanted = and(
    shownIn(guildId, runId),
    category === null ? undefined : eq(findings.category, category),
    atStake ? somethingAtStake : undefined,
  )
  const rows = await read(
    db
      .select()
      .from(findings)
      .where(wanted)
      .orderBy(sql`length(${findings.memberId})`, findings.memberId)
      .offset(offset)
      .limit(limit),
  )
  return { total: await read(db.$count(findings, wanted)), findings: rows.map(toFinding) }
}

/** A guest who holds nothing governed is a finding too, but nobody needs to read of them one by one. */
const somethingAtStake = sql`(cardinality(${findings.excessRoles}) > 0 or cardinality(${findings.missingRoles}) > 0
  or ${findings.policyAction} = 'strip_kick' or ${findings.category} = 'identity_conflict')`

/** How many members of the run hold what they have not earned, lack what they have, would be kicked, or are claimed twice. */
export async function countAtStake(db: Db, guildId: Id, runId: string): Promise<number> {
  return await read(db.$count(findings, and(shownIn(guildId, runId), somethingAtStake)))
}

export function shownIn(guildId: Id, runId: string): SQL | undefined {
  return and(foundIn(guildId, runId), eq(findings.phase, 'shown'))
}

export const foundIn = (guildId: Id, runId: string): SQL | undefined =>
  and(eq(findings.guildId, guildId), eq(findings.runId, runId))

/** The columns hold only what `storePlan` and `noteOutcome` put there. */
export function toFinding({
  guildId: _guild,
  runId: _run,
  phase: _phase,
  ...row
}: typeof findings.$inferSelect): StoredFinding {
  return row as StoredFinding
}
