import type { OutEvent } from '#src/sinks/sink.ts'

// Lines of the record as they leave the house, made by hand.

const INSTALLATION = '0198c0de-0000-4000-8000-000000000000'

export interface EventPlan {
  readonly guildId: string
  readonly type: string
  readonly actor?: string
  readonly subject?: string
  readonly run?: string
  readonly at?: number
  readonly data?: Readonly<Record<string, unknown>>
}

let made = 0

export function eventOf({
  guildId,
  type,
  actor = 'system:test',
  subject,
  run,
  at = 0,
  data = {},
}: EventPlan): OutEvent {
  made += 1
  return {
    specversion: '1.0',
    id: `0198c0de-0000-7000-8000-${String(made).padStart(12, '0')}`,
    source: `rolecall://${INSTALLATION}/${guildId}`,
    type: `app.rolecall.${type}.v1`,
    subject: subject ?? `guild:${guildId}`,
    time: new Date(at).toISOString(),
    datacontenttype: 'application/json',
    sequence: String(made).padStart(20, '0'),
    authtype: 'system',
    authid: actor,
    ...(run !== undefined && { correlationid: run }),
    data,
  }
}
