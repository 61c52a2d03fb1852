import type { OutEvent } from './sink.ts'

// What is said between the bot and the thread in which a module of the operator's runs.

export type ModuleOrder =
  | { readonly kind: 'deliver'; readonly events: readonly OutEvent[] }
  /** Close what is open, and end. */
  | { readonly kind: 'close' }

export type ModuleNews =
  | { readonly kind: 'ready'; readonly most: number | null }
  /** The module cannot be used; `why` is the end of a sentence. */
  | { readonly kind: 'unusable'; readonly why: string }
  /** What `deliver` came to, whatever that is. */
  | { readonly kind: 'answered'; readonly said: unknown }
  | { readonly kind: 'threw'; readonly name: string; readonly message: string; readonly retryAfterMs: number | null }
  | { readonly kind: 'closed' }

/** What the thread is told at its start: the module's file. */
export interface ModuleStart {
  readonly path: string
}
