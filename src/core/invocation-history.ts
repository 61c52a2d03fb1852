import type { Id } from './model.ts'

// What was asked of the bot, and what became of it.

export const REFUSED_BY = ['standby', 'rights', 'crowd', 'quota', 'command'] as const
/**
 * By what a request was refused: another bot acts here; whoever asked may not; too much is under way in the server; their quota is used up; or the
 * command itself, which says why.
 */
export type RefusedBy = (typeof REFUSED_BY)[number]

/** How many of the runs that one person may start in 24 hours they had started, this one among them where it was one. */
export interface UsedQuota {
  readonly used: number
  /** Null: no limit. */
  readonly limit: number | null
}

export const INVOCATION_OUTCOMES = ['accepted', 'refused', 'failed'] as const
export type InvocationOutcome = (typeof INVOCATION_OUTCOMES)[number]

/** Everything that is given must hold. Times in ms since the epoch, both ends included. */
export interface InvocationFilter {
  readonly memberId?: Id
  readonly command?: string
  readonly outcome?: InvocationOutcome
  readonly since?: number
  readonly until?: number
}

export interface InvocationLine {
  readonly at: number
  readonly actor: string
  readonly command: string
  readonly subcommand: string | null
  /** As they were given; what a person typed may have been erased, and is left out then. */
  readonly options: Readonly<Record<string, string | number | boolean>>
  /** `open`: it is still being worked on, or was cut off. */
  readonly outcome: InvocationOutcome | 'open'
  /** The sentence that they read; null where it was accepted. */
  readonly why: string | null
  readonly refusedBy: RefusedBy | null
  readonly quota: UsedQuota | null
}
