import type { Id } from './model.ts'

// Where the record is sent, as an operator has set it: read by the settings, opened by the sinks.

/** The lines that a sink is sent. */
export interface SinkFilter {
  /** Types of lines, or what they begin with, ended by a star: `action.settled`, `action.*`. Null: every type. */
  readonly only: readonly string[] | null
  readonly not: readonly string[]
  /** Ids of servers, and `installation` for what concerns them all. Null: every one. */
  readonly guilds: readonly string[] | null
}

interface Named {
  /** What the sink's place in the record is kept under, so it stays the same from start to start. */
  readonly name: string
  readonly filter: SinkFilter
}

export interface OtlpPlan extends Named {
  readonly kind: 'otlp'
  readonly url: string
  /** Sent with each request; their values are secrets. */
  readonly headers: Readonly<Record<string, string>>
}

export interface WebhookPlan extends Named {
  readonly kind: 'webhook'
  readonly url: string
  /** Each request is signed with every one, so that a receiver can go from one to the next. */
  readonly keys: readonly Uint8Array[]
  /** Whether it may lead to addresses of this machine and of private networks. */
  readonly allowPrivate: boolean
}

export interface FilePlan extends Named {
  readonly kind: 'file'
  readonly path: string
  /** Beyond this the file is put aside and a new one is begun. */
  readonly maxBytes: number
  /** How many are kept that were put aside. */
  readonly keep: number
}

/** A module of the operator's own. */
export interface ModulePlan extends Named {
  readonly kind: 'module'
  readonly path: string
}

export type SinkPlan = OtlpPlan | WebhookPlan | FilePlan | ModulePlan

export interface SinkSettings {
  /** `queued`: acts do not wait. `sync`: an act waits until its lines are delivered or parked. `off`: nothing is sent. */
  readonly mode: 'queued' | 'sync' | 'off'
  /** What a sink is sent first that was never there before: the record from its beginning, or only what comes from now on. */
  readonly from: 'start' | 'now'
  readonly plans: readonly SinkPlan[]
}

/** A null guild is the installation. */
export function wants(
  filter: SinkFilter,
  { type, guildId }: { readonly type: string; readonly guildId: Id | null },
): boolean {
  const means = (pattern: string) => (pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern)
  if (filter.guilds !== null && !filter.guilds.includes(guildId ?? 'installation')) return false
  return (filter.only === null || filter.only.some(means)) && !filter.not.some(means)
}
