import type { Blast, Counts, Finding, Invocation, Settings } from './model.ts'
import { isUnattended, type Scope } from './scope.ts'

/** How much harm a run would do, and how much it may (the policy, section 8). Findings as they are after all other gates. */
export function measureBlast(counts: Counts, findings: readonly Finding[], scope: Scope): Blast {
  const { blast } = scope.settings
  const population = counts.members - counts.bot_filtered
  const harm = {
    population,
    affected: findings.filter(isAffected).length,
    kicks: findings.filter(({ kick }) => kick).length,
  }
  return besideLimits(harm, blast, scope.invocation)
}

/** A plan that is taken up again, beside the limits of now and what was done since it was made. */
export function measureAgain(plan: Harm, { blast }: Pick<Settings, 'blast'>, invocation: Invocation): Blast {
  return besideLimits(plan, blast, invocation)
}

type Harm = Pick<Blast, 'population' | 'affected' | 'kicks'>

function besideLimits({ population, affected, kicks }: Harm, blast: Settings['blast'], invocation: Invocation): Blast {
  const measured = {
    population,
    affected,
    limit: limitOf(blast.run, population),
    dayLimit: limitOf(blast.day, population),
    kicks,
    kickLimit: limitOf(blast.kicks, population),
  }
  return { ...measured, over: isOver(measured, invocation) }
}

/** The finding as it is once the gate closed: reported, and nothing else. */
export function heldBack(finding: Finding): Finding {
  if (finding.effectiveAction === 'report') return finding
  return {
    ...finding,
    gates: [...finding.gates, 'blast_radius'],
    effectiveAction: 'report',
    kick: false,
    removeRoles: [],
    addRoles: [],
  }
}

/** Something would be taken from the member. */
export function isAffected({ effectiveAction }: Finding): boolean {
  return effectiveAction === 'strip' || effectiveAction === 'strip_kick'
}

/** One is always allowed, or small guilds could never be put right. */
export function limitOf(share: number, population: number): number {
  return Math.max(1, Math.floor(share * population))
}

function isOver(measured: Omit<Blast, 'over'>, invocation: Invocation): boolean {
  const { affected, limit, dayLimit, kicks, kickLimit } = measured
  const { dayAffected, dayKicks } = invocation
  const unattended = isUnattended(invocation)
  const tooMany = affected > limit || (unattended && dayAffected + affected > dayLimit)
  const tooManyKicks = kicks > kickLimit || (unattended && dayKicks + kicks > kickLimit)
  return (affected > 0 && tooMany) || (kicks > 0 && tooManyKicks)
}
