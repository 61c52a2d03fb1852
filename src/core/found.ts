import { isOut } from './at-stake.ts'
import type { Finding, Gate } from './model.ts'

// What a run found, in numbers: so that every number that is shown adds up to another.

/** Findings of one run that are alike in all that is counted, and how many they are. */
export interface FoundAlike
  extends Pick<Finding, 'category' | 'policyAction' | 'decidedBy' | 'gates' | 'effectiveAction'> {
  /** Roles are held that were not earned, or earned ones lack. */
  readonly differs: boolean
  readonly count: number
}

type Holds = (found: FoundAlike) => boolean

export const countOf = (found: readonly FoundAlike[], holds: Holds): number =>
  found.filter(holds).reduce((sum, { count }) => sum + count, 0)

/** Those of whom a person should read: the members out of order. */
export const outOfOrder: Holds = (found) => isOut(found.differs, found)

/** How many findings each gate holds; one that several hold is counted with each. */
export function gatesIn(found: readonly FoundAlike[]): Readonly<Partial<Record<Gate, number>>> {
  const tally: Partial<Record<Gate, number>> = {}
  for (const { gates, count } of found) for (const gate of gates) tally[gate] = (tally[gate] ?? 0) + count
  return tally
}

/** What becomes of those who are out of order; each of them is in exactly one of these numbers. */
export interface Fates {
  /** Something is to be done, or, of a run that only reports, would be by one that may act. */
  readonly changed: number
  /** Of these, those whom an override has changed. */
  readonly changedByOverride: number
  readonly held: number
  readonly sparedByOverride: number
  readonly sparedByPolicy: number
}

export function fatesOf(all: readonly FoundAlike[], reportOnly: boolean): Fates {
  const out = all.filter(outOfOrder)
  const changed = out.filter((one) => isChanged(one, reportOnly))
  const rest = out.filter((one) => !isChanged(one, reportOnly))
  const spared = rest.filter(({ gates }) => gates.length === 0)
  return {
    changed: countOf(changed, () => true),
    changedByOverride: countOf(
      changed,
      ({ decidedBy, policyAction }) => decidedBy === 'override' && policyAction !== 'report',
    ),
    held: countOf(rest, ({ gates }) => gates.length > 0),
    sparedByOverride: countOf(spared, isSparedByOverride),
    sparedByPolicy: countOf(spared, (one) => !isSparedByOverride(one)),
  }
}

/** Every finding of a report is held by the report's own ceiling; what would be done is what no other gate holds. */
function isChanged({ effectiveAction, gates }: FoundAlike, reportOnly: boolean): boolean {
  if (!reportOnly) return effectiveAction !== 'report'
  return gates.length === 1 && gates[0] === 'action_ceiling'
}

const isSparedByOverride = ({ decidedBy, policyAction }: FoundAlike): boolean =>
  decidedBy === 'override' && policyAction === 'report'
