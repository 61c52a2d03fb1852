import type { RefusedBy, UsedQuota } from '#src/core/invocation-history.ts'
import type { Id } from '#src/core/model.ts'
import type { Actor } from '#src/core/trail.ts'

// Where every invocation is written down, refused ones too. `main` fits the store in.

export interface OpenedInvocation {
  readonly interactionId: Id
  readonly guildId: Id
  readonly actor: Actor
  readonly command: string
  readonly subcommand: string | null
  /** As given; an entry in the menu of a member is `{ member: <id> }`, a pressed button `{ button: <rest of its id> }`. Text in it was typed by a person. */
  readonly options: Readonly<Record<string, string | number | boolean | undefined>>
  /** Whether it counts against the person's quota once accepted. */
  readonly counted: boolean
  readonly at: number
}

export interface ClosedInvocation {
  readonly interactionId: Id
  readonly guildId: Id
  readonly actor: Actor
  /** `accepted`: it was carried out, or failed on our side; `why` then names the fault's id. `refused`: `why` is the sentence that the person read. */
  readonly outcome: 'accepted' | 'refused'
  readonly why: string | null
  /** Null where it was accepted. */
  readonly refusedBy: RefusedBy | null
  /** Null where it does not count. */
  readonly quota: UsedQuota | null
  readonly at: number
}

export interface Quota {
  /** Counted invocations of the window that were accepted or are under way, the one named left out. */
  readonly used: number
  /** Null: no limit. */
  readonly limit: number | null
  /** When the next one is free again; null where none is used. */
  readonly freeAt: number | null
}

export interface Ledger {
  /** `repeated`: this interaction was opened before (by another process, or before a restart) and must not be carried out again. */
  open(invocation: OpenedInvocation): Promise<'opened' | 'repeated'>
  close(invocation: ClosedInvocation): Promise<void>
  quota(asker: {
    readonly guildId: Id
    readonly actor: Actor
    readonly interactionId: Id
    readonly at: number
  }): Promise<Quota>
}
