import type { Id } from '#src/core/model.ts'
import type { Actor } from '#src/core/trail.ts'
import type { OutEvent } from '#src/sinks/sink.ts'

/** A line of the record, read back from the event that it leaves as. */
export interface SummaryLine {
  readonly id: string
  readonly guildId: Id
  /** `run.completed`. */
  readonly type: string
  readonly actor: Actor
  readonly subject: string
  readonly runId: string | null
  /** Ms since the epoch. */
  readonly at: number
  readonly data: OutEvent['data']
}

const TYPE = /^app\.rolecall\.(.+)\.v\d+$/

export function readLine({ id, source, type, subject, time, authid, correlationid, data }: OutEvent): SummaryLine {
  return {
    id,
    guildId: source.slice(source.lastIndexOf('/') + 1),
    type: TYPE.exec(type)?.[1] ?? type,
    actor: authid as Actor,
    subject,
    runId: correlationid ?? null,
    at: Date.parse(time),
    data,
  }
}

/** `123` of `role:123`. */
export const afterColon = (subject: string): string => subject.slice(subject.indexOf(':') + 1)

export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')

export const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

export const numberIn = (value: unknown): number => (typeof value === 'number' ? value : 0)

export const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

/** Numbers by name; what is no number is left out. */
export const numbersIn = (value: unknown): Readonly<Record<string, number>> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).filter(([, count]) => typeof count === 'number'))
    : {}
