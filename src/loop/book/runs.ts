import type { Blast, Finding, FindingCategory, Id } from '#src/core/model.ts'
import type { Approval, NewRun, Outcome, Run, RunState, StoredFinding, StoredPlan } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import type { AskedBy } from './asked-by.ts'

/** Runs: what they found, how they stand, and what they came to. Each method is one transaction, and each change carries its trail line in it. */
export interface RunBook {
  /**
   * Throws `Refusal` where a run of this guild is under way; returns the earlier run where the idempotency key was seen before and still lives.
   * With `alive`, a run of this guild that is under way and none of these was left behind, and is interrupted first. Throws `TermOver` where somebody
   * else acts by now.
   */
  openRun(run: NewRun, alive?: ReadonlySet<string>): Promise<{ readonly run: Run; readonly repeated: boolean }>
  /** `problem` is the sentence that a person reads; `outcomes` what was done until then; `deadlineAt` where a resumed run gets a new one. */
  moveRun(
    guildId: Id,
    runId: string,
    to: RunState,
    at: number,
    more?: {
      readonly problem?: string
      readonly outcomes?: Readonly<Record<string, number>>
      readonly deadlineAt?: number
      /** Who moved it, where that is not who asked for the run. */
      readonly actor?: Actor
      readonly cause?: string
    },
  ): Promise<void>
  storePlan(plan: StoredPlan): Promise<void>
  /** Lets the run wait for a human: what is still to be done of its plan is shown as held by `blast_radius`, and `blast` is what the plan comes to. */
  holdRun(guildId: Id, runId: string, blast: Blast, at: number): Promise<void>
  noteOutcome(guildId: Id, runId: string, memberId: Id, outcome: Outcome | 'changed'): Promise<void>
  /** Ends the run `completed`, with what was done by outcome. */
  completeRun(guildId: Id, runId: string, outcomes: Readonly<Record<string, number>>, at: number): Promise<Run>
  run(guildId: Id, runId: string): Promise<Run | null>
  /** A page of the run's findings as shown, in the order of member ids as numbers, and how many there are in all; with `atStake`, of those that somebody should read of. */
  findingsPage(
    guildId: Id,
    runId: string,
    page: {
      readonly category: FindingCategory | null
      readonly atStake?: boolean
      readonly offset: number
      readonly limit: number
    },
  ): Promise<{ readonly total: number; readonly findings: readonly StoredFinding[] }>
  /**
   * What is still to be done of a run's plan: findings as they were before the blast radius, that want something done and have no outcome yet,
   * in the order of member ids as numbers, those above `after`.
   */
  pendingFindings(guildId: Id, runId: string, after: Id | null, limit: number): Promise<readonly Finding[]>
  countPending(guildId: Id, runId: string): Promise<number>
  /** Throws `Refusal` where the run does not wait for approval, or waits with another digest. */
  approve(
    guildId: Id,
    approval: AskedBy & { readonly runId: string; readonly digest: string; readonly expiresAt: number },
  ): Promise<void>
  /** Null where there is none, or it has expired. */
  approval(guildId: Id, digest: string, now: number): Promise<Approval | null>
  /** Lifts the guild's first-run lock by the run that a human named. */
  acknowledge(guildId: Id, run: Run, by: AskedBy): Promise<void>
  /** Disarms schedule and realtime, interrupts every run of the guild that is under way and forgets the kicks that were to be tried again, in one transaction. */
  stop(
    guildId: Id,
    by: AskedBy,
  ): Promise<{
    readonly runs: readonly Run[]
    readonly wasArmed: { readonly schedule: boolean; readonly realtime: boolean }
  }>
  /** Interrupts runs (of every guild) whose deadline passed more than `graceMs` ago and that are none of `alive`; returns them. */
  interruptOverdue(alive: ReadonlySet<string>, now: number, graceMs: number): Promise<readonly Run[]>
  /** Ends every `live` run that began before then, with its acts by outcome. */
  closeLiveRuns(startedBefore: number, at: number): Promise<readonly Run[]>
}
