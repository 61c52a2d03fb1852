import type { Id } from './model.ts'

/** `discord:<id>`, `cli:<name>`, `system:<what>`. */
export type Actor = `discord:${string}` | `cli:${string}` | `system:${string}`

/**
 * A line for the record, before it has a number. Append it in the transaction of the change that it speaks of.
 * What people typed (names, reasons) goes into `texts`, never into `data`: the line keeps only a commitment to it, so that it can be erased.
 */
export interface TrailDraft {
  /** Null for what concerns the whole installation. */
  readonly guildId: Id | null
  /** A noun and a past participle: `action.intended`, `run.completed`. */
  readonly type: string
  readonly actor: Actor
  /** `member:<id>`, `role:<id>`, `run:<id>`, `setting:<name>`. */
  readonly subject: string
  /** The line or event that led to this one, if known. */
  readonly cause?: string
  readonly run?: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly texts?: Readonly<Record<string, string>>
}
