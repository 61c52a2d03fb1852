import type { FindingCategory, Id } from './model.ts'
import type { Held, RoleChangeCause } from './role-history.ts'

// What the record is asked about the past.

/** Everything that is given must hold. Times in ms since the epoch, both ends included. */
export interface RoleHistoryFilter {
  readonly memberId?: Id
  readonly roleId?: Id
  /** Who gave or took the role. */
  readonly moderatorId?: Id
  readonly operation?: 'added' | 'removed'
  /** The beginning of what governs the role: `group:`, `state:Mem`. */
  readonly scope?: string
  readonly since?: number
  readonly until?: number
}

/** A change of a governed role, as it was seen. */
export interface RoleHistoryLine {
  /** Its number in the server's record. */
  readonly seq: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly memberId: Id
  readonly roleId: Id
  readonly operation: 'added' | 'removed'
  readonly scope: string
  readonly why: RoleChangeCause
  /** Null: nobody could be named. */
  readonly actor: string | null
  /** The run of the bot that did it. */
  readonly run: string | null
}

/** A page of the newest first; `more`: there are others. */
export interface HistoryPage<Line> {
  readonly lines: readonly Line[]
  readonly more: boolean
}

/** What somebody held at a moment, and what was known of them. */
export interface HeldThen {
  readonly roles: readonly { readonly roleId: Id; readonly held: Held; readonly since: RoleHistoryLine | null }[]
  /** Since when changes are on record at all, ms since the epoch; null: they are not. */
  readonly recordedSince: number | null
  /** The last look at everybody before it. `finding` null: they were in order, or nobody of importance. */
  readonly run: {
    readonly id: string
    readonly at: number
    readonly finding: {
      readonly category: FindingCategory
      readonly decidedBy: string
      readonly policyAction: string
    } | null
  } | null
  /** What the record says of them by name, the newest first. */
  readonly said: readonly {
    readonly at: number
    readonly type: string
    readonly category: string | null
    readonly roles: readonly Id[]
    readonly run: string | null
  }[]
}
