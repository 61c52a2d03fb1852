import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Finding } from '#src/core/model.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import { makeBook } from '#src/store/book.ts'
import { type Database, openDatabase } from '#src/store/database.ts'
import { findings, runs } from '#src/store/schema/runs.ts'
import { makeAppend } from '#src/trail/append.ts'
import { Uuid7 } from '#src/trail/uuid7.ts'
import { planOf, runningRun } from '../../test/store/making-runs.ts'
import { storedFindings } from '../audit/side.ts'
import { singleRow } from '../row.ts'
import { soonEnough } from '../soon-enough.ts'
import { makePlace } from '../strip/place.ts'

/** Seventeen parameters a row; the protocol takes 65,534. */
const ROWS_A_STATEMENT = 3_000
const DEADLINE_MS = 300_000
const MEMBER = 200_000_000_000_000_000n

/** A finding of each member stored with its run's plan, beside drizzle's INSERT of many rows into the same table. */
export const findingsWrite = singleRow({
  ...{ name: 'findings.write', unit: 'findings/s', goal: 10, bound: 'at least', deadlineMs: DEADLINE_MS },
  measure: async ({ members }, progress) => {
    const { place, drop } = await makePlace('server')
    const database = await openDatabase({ url: place.url!, dataDir: place.dataDir, log: () => {} })
    try {
      return await soonEnough(DEADLINE_MS, compare(database, Array.from({ length: members }, found), progress))
    } finally {
      await database.close()
      await drop()
    }
  },
})

const found = (_: unknown, nth: number): Finding => ({
  ...{ memberId: String(MEMBER + BigInt(nth) * 1_234_567n), identityId: String(nth), category: 'role_drift' },
  ...{ policyAction: 'strip', decidedBy: 'default', gates: ['first_run_lock'], effectiveAction: 'report', kick: false },
  ...{ removeRoles: [], addRoles: [], missingRoles: [], unreachableRoles: [] },
  excessRoles: [String(700_000_000_000_000_000n + BigInt(nth % 64)), '700000000000000099'],
})

async function compare(database: Database, all: readonly Finding[], progress: (words: string) => void) {
  const { db, sql } = database
  const ids = new Uuid7(Date.now, randomBytes)
  const book = makeBook({ db, append: makeAppend(() => ids.next()), copies: true, readSettings, writeSettings })
  const stored = (runId: string) => storedFindings(sql, 'findings', `run_id = '${runId}'`)
  progress(`${all.length} findings by drizzle`)
  const plain = await runningRun(book)
  const theirs = await timed(() =>
    db.transaction(async (tx) => {
      for (let start = 0; start < all.length; start += ROWS_A_STATEMENT) {
        const some = all.slice(start, start + ROWS_A_STATEMENT)
        await tx.insert(findings).values(some.map((one) => toRow(plain, one)))
      }
    }),
  )
  const expected = await stored(plain.id)
  await db.delete(runs).where(eq(runs.id, plain.id))
  progress(`${all.length} findings with their plan`)
  const run = await runningRun(book)
  const ours = await timed(() => book.storePlan(planOf(run, all)))
  const { digest } = await stored(run.id)
  if (digest !== expected.digest) throw new Error('the two sides have stored different findings')
  const rate = (ms: number) => (all.length / ms) * 1_000
  const notes = [`${(ours / 1_000).toFixed(1)} s against ${(theirs / 1_000).toFixed(1)} s`]
  return { ours: rate(ours), baseline: rate(theirs), notes }
}

const toRow = ({ guildId, id }: { readonly guildId: string; readonly id: string }, finding: Finding) => ({
  ...{ guildId, runId: id, phase: 'shown' },
  ...finding,
  ...{ gates: [...finding.gates], removeRoles: [...finding.removeRoles], addRoles: [...finding.addRoles] },
  ...{ excessRoles: [...finding.excessRoles], missingRoles: [...finding.missingRoles] },
  unreachableRoles: [...finding.unreachableRoles],
})

async function timed(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc!()
  const began = performance.now()
  await work()
  return performance.now() - began
}
