import type { Blast, Counts, Finding } from './model.ts'
import type { Scope } from './scope.ts'

/** How much harm a run would do, and how much it may (the policy, section 8). Findings as they are after all other gates. */
export function measureBlast(counts: Counts, findings: readonly Finding[], scope: Scope): Blast {
  const { blast } = scope.settings
  const population = counts.members - counts.bot_filtered
  const measured = {
    population,
    affected: findings.filter(isAffected).length,
    limit: limitOf(blast.run, population),
    dayLimit: limitOf(blast.day, population),
    kicks: findings.filter(({ kick }) => kick).length,
    kickLimit: limitOf(blast.kicks, population),
  }
  return { ...measured, over: isOver(measured, scope) }
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

function isAffected({ effectiveAction }: Finding): boolean {
  return effectiveAction === 'strip' || effectiveAction === 'strip_kick'
}

/** One is always allowed, or small guilds could never be put right. */
function limitOf(share: number, population: number): number {
  return Math.max(1, Math.floor(share * population))
}

function isOver({ affected, limit, dayLimit, kicks, kickLimit }: Omit<Blast, 'over'>, scope: Scope): boolean {
  const { dayAffected, dayKicks } = scope.invocation
  const tooMany = affected > limit || (scope.unattended && dayAffected + affected > dayLimit)
  const tooManyKicks = kicks > kickLimit || (scope.unattended && dayKicks + kicks > kickLimit)
  return (affected > 0 && tooMany) || (kicks > 0 && tooManyKicks)
}
