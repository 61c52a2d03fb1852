import type { OutEvent } from './sink.ts'

// One event as a log record of OpenTelemetry, in the JSON form of OTLP (opentelemetry-proto, logs/v1).

type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  /** 64 bits, so a string in JSON. */
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }
  | { readonly kvlistValue: { readonly values: readonly KeyValue[] } }
  /** How an empty value is written. */
  | Record<string, never>

interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

/** SEVERITY_NUMBER_INFO and SEVERITY_NUMBER_WARN. */
const INFO = 9
const WARN = 13

/** Collectors refuse what is nested deeper than their parser goes; what lies deeper here stands there as JSON. */
const DEEPEST = 20

export function toAnyValue(value: unknown, depth = 0): AnyValue {
  if (typeof value === 'string') return { stringValue: value.toWellFormed() }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if (typeof value !== 'object' || value === null) return {}
  if (depth >= DEEPEST) return { stringValue: JSON.stringify(value) }
  if (Array.isArray(value)) return { arrayValue: { values: value.map((item) => toAnyValue(item, depth + 1)) } }
  return { kvlistValue: { values: keyValues(value, depth + 1) } }
}

const keyValues = (values: object, depth = 0): readonly KeyValue[] =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key: key.toWellFormed(), value: toAnyValue(value, depth) }))

/** What somebody should look at: something was not done that was meant to be. */
const WORTH_A_LOOK = new Set(['held', 'refused', 'failed', 'unknown'])

function isWorthALook({ type, data }: OutEvent): boolean {
  const participle =
    type
      .replace(/\.v\d+$/, '')
      .split('.')
      .at(-1) ?? ''
  return WORTH_A_LOOK.has(participle) || (typeof data.outcome === 'string' && WORTH_A_LOOK.has(data.outcome))
}

/** Milliseconds to nanoseconds in digits: as a number it would lose some. */
const nanoseconds = (time: string): string => `${BigInt(Date.parse(time)) * 1_000_000n}`

export function toLogRecord(event: OutEvent): object {
  const [severityNumber, severityText] = isWorthALook(event) ? [WARN, 'WARN'] : [INFO, 'INFO']
  const at = nanoseconds(event.time)
  return {
    timeUnixNano: at,
    observedTimeUnixNano: at,
    ...{ severityNumber, severityText },
    eventName: event.type,
    body: toAnyValue(event.data),
    attributes: keyValues({
      // OpenTelemetry's conventions for CloudEvents.
      'cloudevents.event_id': event.id,
      'cloudevents.event_source': event.source,
      'cloudevents.event_spec_version': event.specversion,
      'cloudevents.event_type': event.type,
      'cloudevents.event_subject': event.subject,
      // What a CloudEvent carries beyond those.
      'rolecall.guild': placeOf(event).guild,
      'rolecall.sequence': event.sequence,
      'rolecall.authtype': event.authtype,
      'rolecall.authid': event.authid,
      'rolecall.correlationid': event.correlationid,
      'rolecall.causationid': event.causationid,
    }),
  }
}

function placeOf({ source }: OutEvent): {
  readonly installation?: string | undefined
  readonly guild?: string | undefined
} {
  const [, installation, guild] = /^rolecall:\/\/([^/]+)(?:\/(.+))?$/.exec(source) ?? []
  return { installation, guild }
}

/** The body of one request: events of one chain, so of one installation. */
export function toRequest(events: readonly OutEvent[], version: string): string {
  const first = events[0]
  return JSON.stringify({
    resourceLogs: [
      {
        resource: {
          attributes: keyValues({
            'service.name': 'rolecall',
            'service.version': version,
            'service.instance.id': first && placeOf(first).installation,
          }),
        },
        scopeLogs: [{ scope: { name: 'rolecall.trail', version }, logRecords: events.map(toLogRecord) }],
      },
    ],
  })
}
