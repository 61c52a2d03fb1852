import type { Action, Id, Override } from '#src/core/model.ts'
import type { Act, Only, Purpose, Run } from '#src/core/run.ts'
import type { By } from './by.ts'

export interface AuditRequest {
  readonly guildId: Id
  readonly by: By
  readonly action: Action
  readonly only: Only
}

export interface AuditProgress {
  readonly stage: 'reading' | 'planning' | 'acting'
  readonly done: number
  readonly total: number
  /** Milliseconds that the rest takes by the limits that Discord tells; null where that is not known. */
  readonly leftMs: number | null
}

/** Give-backs of one undo, and what could not be given back, with why. */
export interface Undone {
  readonly run: Run
  readonly given: number
  /** Of those that were given, the ones of which nobody knows whether the run took them. */
  readonly unsure: number
  readonly alreadyHeld: number
  /** Members for whom an override of `report` was placed, since the policy would take the roles again; `replaced` is a harsher one that gave way to it. */
  readonly shielded: readonly {
    readonly memberId: Id
    readonly expiresAt: number
    readonly replaced: Override | null
  }[]
  readonly impossible: readonly { readonly memberId: Id; readonly act: Act; readonly why: string }[]
}

/** What is done in a server, halted, and taken back. */
export interface RunCommands {
  audit(request: AuditRequest, onProgress: (progress: AuditProgress) => void): Promise<Run>
  /** Goes on with an interrupted run's own plan; throws `Refusal` where the run cannot be resumed. */
  resume(guildId: Id, runId: string, by: By, onProgress: (progress: AuditProgress) => void): Promise<Run>
  /** Gives up a run that waits or was interrupted. */
  abandon(guildId: Id, runId: string, by: By): Promise<Run>
  undo(
    request: { readonly guildId: Id; readonly runId: string; readonly memberId: Id | null; readonly by: By },
    onProgress: (progress: AuditProgress) => void,
  ): Promise<Undone>
  /** Disarms everything and interrupts every run of the guild. */
  stop(
    guildId: Id,
    by: By,
  ): Promise<{
    readonly runs: readonly { readonly id: string; readonly purpose: Purpose }[]
    readonly wasArmed: { readonly schedule: boolean; readonly realtime: boolean }
  }>
  /** Lifts the first-run lock by naming a completed report run; throws `Refusal` where the run does not qualify. */
  acknowledgeFirstRun(guildId: Id, runId: string, by: By): Promise<Run>
  /** Lets the run that waits with this digest do its plan, for 24 hours, and carries it out at once. */
  acknowledgePlan(
    guildId: Id,
    plan: { readonly runId: string; readonly digest: string },
    by: By,
    onProgress: (progress: AuditProgress) => void,
  ): Promise<Run>
}
