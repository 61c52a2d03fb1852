import type { Blast, Id, Truth } from './model.ts'
import type { Purpose, Run } from './run.ts'
import type { Actor } from './trail.ts'

// What the moderators of a guild are told without having asked: in the channel that they chose, and by direct message to those who want it.

/** A role given to or taken from a member, as Discord's audit log has it. */
export interface LoggedRoleChange {
  readonly entryId: Id
  /** Null where Discord names nobody. */
  readonly executorId: Id | null
  readonly memberId: Id
  readonly added: readonly Id[]
  readonly removed: readonly Id[]
  readonly reason: string | null
  /** By the entry's own id, ms since the epoch. */
  readonly at: number
}

/** Who gave a role: a Discord account, or nobody that could be found. Never a guess. */
export type Grantor = { readonly id: Id; readonly by: 'event' | 'query' } | null

export type Notice =
  /** A run by schedule begins, goes on, or has ended. The message of its beginning is edited until its end. */
  | { readonly kind: 'run_ended'; readonly run: Run; readonly atStake: number; readonly grantors: readonly Id[] }
  /** The plan is larger than the blast radius and waits for `/acknowledge plan`; the message has a button for it. */
  | { readonly kind: 'plan_waits'; readonly run: Run; readonly blast: Blast; readonly digest: string }
  /** A live act: what was taken from or given to one member, and by whom it had been given. */
  | {
      readonly kind: 'acted_live'
      readonly runId: string
      readonly memberId: Id
      readonly removed: readonly Id[]
      readonly added: readonly Id[]
      readonly outcome: string
      readonly grantors: readonly Grantor[]
    }
  /** Live acts were so many within an hour (or a day) that the rest is only reported. Told once an hour. */
  | { readonly kind: 'live_held'; readonly affected: number; readonly limit: number }
  | { readonly kind: 'blind'; readonly source: string; readonly truth: Truth | null; readonly problem: string | null }
  | { readonly kind: 'sighted'; readonly source: string; readonly since: number }
  /** Discord refuses to let the bot touch the role (`kick`: to kick); it is left alone until that is mended. */
  | { readonly kind: 'quarantined'; readonly what: Id | 'kick'; readonly detail: string }
  | { readonly kind: 'released'; readonly what: Id | 'kick'; readonly actor: Actor }
  /** Something else keeps giving back what the bot takes (`comes_back`), or taking away what it gives. `grantor`: who gives it back. */
  | {
      readonly kind: 'contested'
      readonly memberId: Id
      readonly roleId: Id
      readonly what: 'comes_back' | 'goes_away'
      readonly times: number
      readonly grantor: Grantor
    }
  | {
      readonly kind: 'stopped'
      readonly actor: Actor
      readonly runs: readonly { readonly id: string; readonly purpose: Purpose }[]
    }
  /** The policy would take something, and nothing is armed: what is found is only reported. */
  | { readonly kind: 'nothing_armed' }
  | { readonly kind: 'kick_given_up'; readonly memberId: Id; readonly tries: number; readonly detail: string }

/** What is told only in summaries: what happened to the record itself, and what a person took upon themselves. */
export type News =
  | Notice
  | { readonly kind: 'source_accepted'; readonly source: string; readonly actor: Actor }
  /** The signed head of the server's record; `note` is the whole checkpoint. */
  | { readonly kind: 'checkpoint'; readonly size: number; readonly note: string }
  | { readonly kind: 'record_damaged'; readonly detail: string }
  | { readonly kind: 'gap_accepted'; readonly written: number; readonly left: number; readonly actor: Actor }
