import { indexClaims } from '#src/core/claims.ts'
import type { Plan } from '#src/core/model.ts'
import { inOrder, makePlan } from '#src/core/plan.ts'
import { Refusal } from '#src/core/refusal.ts'
import { makeScope } from '#src/core/scope.ts'
import { survey } from '#src/core/survey.ts'
import { checkTruth, vitalsOf } from '#src/core/truth.ts'
import { readBounded } from '#src/snapshot/bounded-file.ts'
import { digestOf } from '#src/snapshot/digest.ts'
import { readingFile } from '#src/snapshot/in-file.ts'
import { readSnapshot } from '#src/snapshot/read.ts'
import type { Snapshot } from '#src/snapshot/snapshot.ts'
import { planSummary } from './plan-summary.ts'

export const PLAN_FORMAT = 'rolecall-plan/1'

/** What the operator can mend. */
const REFUSED = 2

/** The longest text that the engine holds is a little under 512 Mi characters. */
const FILE_BYTES_MAX = 500 * 1024 * 1024

/**
 * Prints the plan of a snapshot file, without Discord and without a database, and gives the exit code. Where the file is refused, one
 * sentence goes to `err` and nothing to `out`. `fit` breaks a line that is for people.
 */
export async function replay(
  path: string,
  options: { readonly json: boolean },
  io: { out(text: string): void; err(text: string): void; fit?(line: string): string },
): Promise<number> {
  try {
    const { snapshot, warnings } = readingFile(path, await readBounded(path, FILE_BYTES_MAX), readSnapshot)
    const plan = planOf(snapshot)
    for (const warning of warnings) io.err(`warning: ${warning}\n`)
    const { fit = (line) => line } = io
    io.out(options.json ? planFile(plan) : planSummary(plan, snapshot).split('\n').map(fit).join('\n'))
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    io.err(`${error.message}\n`)
    return REFUSED
  }
}

/** The plan that a snapshot leads to. */
export function planOf(snapshot: Snapshot): Plan {
  const { guild, settings, invocation, takenAt } = snapshot
  const { names, identities } = snapshot.identity
  const reading = { names, vitals: vitalsOf(identities, names), complete: true, permissionExists: true }
  const truth = checkTruth(reading, snapshot.baseline, settings.truth)
  const scope = makeScope({ guild, names, settings, invocation, truth, now: takenAt })
  const claims = indexClaims(identities)
  const surveyed = survey(snapshot.members, (id) => claims.get(id) ?? [], scope)
  const findings = inOrder(surveyed.findings)
  return makePlan({ scope, counts: surveyed.counts, findings, digest: digestOf({ guildId: guild.id, findings }) })
}

function planFile(plan: Plan): string {
  return `${JSON.stringify({ format: PLAN_FORMAT, ...plan }, null, 2)}\n`
}
