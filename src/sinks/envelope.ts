import type { Id } from '#src/core/model.ts'
import { capped } from './capped.ts'
import type { OutEvent } from './sink.ts'

/** A line of the record as the relay reads it. */
export interface SentLine {
  /** Null: of the whole installation. */
  readonly guildId: Id | null
  readonly seq: number
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly type: string
  readonly actor: string
  readonly subject: string
  readonly cause: string | null
  readonly run: string | null
  /** `texts` holds a commitment to each text of a person, under the text's name. */
  readonly data: Readonly<Record<string, unknown>>
  /** What people typed, by the same names; those that were erased are not here. */
  readonly texts: ReadonlyMap<string, string>
}

/** Digits that every number of a line has room in: 2^64 has twenty. */
const SEQUENCE_DIGITS = 20

/** The line as an event that says the same at every try, but for texts that were erased in between. `installation` is the uuid of this one. */
export function toEvent(line: SentLine, installation: string): OutEvent {
  const { guildId, seq, id, at, type, actor, subject, cause } = line
  return {
    specversion: '1.0',
    id,
    source: `rolecall://${installation}/${guildId ?? 'installation'}`,
    type: `app.rolecall.${type}.v1`,
    subject,
    time: new Date(at).toISOString(),
    datacontenttype: 'application/json',
    sequence: String(seq).padStart(SEQUENCE_DIGITS, '0'),
    authtype: AUTH_TYPES[actor.slice(0, actor.indexOf(':'))] ?? 'unknown',
    authid: actor,
    ...correlated(line),
    ...(cause === null ? {} : { causationid: cause }),
    data: dataOf(line),
  }
}

/** The run or, of what belongs to none, what set it off. */
function correlated({ run, data }: SentLine): Pick<OutEvent, 'correlationid'> {
  const correlation = run ?? data.correlation
  return typeof correlation === 'string' ? { correlationid: correlation } : {}
}

/** The words of CloudEvents' auth context for the kinds of actors. */
const AUTH_TYPES: Readonly<Record<string, string>> = { discord: 'app_user', cli: 'user', system: 'system' }

/** What the line says, texts in plain; one that was erased is null. */
function dataOf({ data, texts }: SentLine): OutEvent['data'] {
  const { value, leftOut } = capped(data)
  const facts = value as Readonly<Record<string, unknown>>
  const committed = typeof data.texts === 'object' && data.texts !== null ? Object.keys(data.texts) : []
  return {
    ...facts,
    ...(committed.length > 0 && {
      texts: Object.fromEntries(committed.map((name) => [name, texts.get(name) ?? null])),
    }),
    ...(Object.keys(leftOut).length > 0 && { leftOut }),
  }
}
