import type { Category, Counts, Finding, Verdict } from './model.ts'

/** Counts verdicts by category and keeps the findings, in the order in which they come. */
export class Tally {
  readonly #findings: Finding[] = []
  readonly #counts: Record<Category | 'members', number> = {
    members: 0,
    bot_filtered: 0,
    identity_conflict: 0,
    unknown_guest: 0,
    linked_no_perm: 0,
    role_drift: 0,
    missing_roles: 0,
    in_order: 0,
  }

  add(verdict: Verdict): void {
    if (verdict.kind === 'quiet') {
      this.addQuiet(verdict.category, 1)
      return
    }
    this.#counts.members++
    this.#counts[verdict.finding.category]++
    this.#findings.push(verdict.finding)
  }

  /** Members who need no verdict each, because it is known to be this one. */
  addQuiet(category: 'bot_filtered' | 'in_order', howMany: number): void {
    this.#counts.members += howMany
    this.#counts[category] += howMany
  }

  result(): { readonly counts: Counts; readonly findings: readonly Finding[] } {
    return { counts: { ...this.#counts }, findings: this.#findings }
  }
}
