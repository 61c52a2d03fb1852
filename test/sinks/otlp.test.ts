import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OtlpPlan } from '#src/core/sink-plan.ts'
import { OtlpSink } from '#src/sinks/otlp.ts'
import { toAnyValue } from '#src/sinks/otlp-record.ts'
import { type OutEvent, SinkGone, SinkTrouble } from '#src/sinks/sink.ts'
import { makeScrub } from '#src/telemetry/scrub.ts'
import {
  type AnswerTo,
  type Collector,
  deadPort,
  eventOf,
  eventsOf,
  GUILD,
  half,
  hangs,
  hangsUp,
  openCollector,
  openRawPort,
  rejects,
  says,
  surroundings,
  taken,
} from './collector.ts'

let collector: Collector
beforeEach(async () => {
  collector = await openCollector()
})
afterEach(() => collector.close())

const never = new AbortController().signal
const SOON_MS = 150

const planFor = (url: string): OtlpPlan => ({
  ...{ kind: 'otlp', name: 'otlp', url, headers: { authorization: 'Bearer hunter2-token' } },
  filter: { only: null, not: [], guilds: null },
})
const sinkTo = (url = `${collector.url}/v1/logs`, patienceMs?: number, name = 'otlp') =>
  new OtlpSink({ ...planFor(url), name }, { ...surroundings, scrub: makeScrub(['hunter2-token', url]) }, patienceMs)

/** The ids of the events in each request, in the order in which they came. */
const sent = () => collector.got.map(({ body }) => idsIn(body))
const idsIn = (body: string): readonly string[] =>
  recordsIn(body).map(
    ({ attributes }) => attributes.find(({ key }) => key === 'cloudevents.event_id')?.value.stringValue ?? '',
  )

interface LogRecord {
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[]
}
const recordsIn = (body: string): readonly LogRecord[] => JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords
const idsOf = (events: readonly OutEvent[]) => events.map(({ id }) => id)

/** What is thrown where the events are to be sent again. */
async function troubleOf(deliver: Promise<unknown>): Promise<SinkTrouble> {
  const error = await deliver.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(SinkTrouble)
  expect((error as Error).message).not.toMatch(/hunter2|127\.0\.0\.1/)
  return error as SinkTrouble
}

describe('what a collector gets', () => {
  it('is all events in one request, by whom and from where', async () => {
    const events = eventsOf(3)
    expect(await sinkTo().deliver(events, never)).toEqual({ refused: [] })
    expect(collector.got).toHaveLength(1)
    expect(collector.got[0]).toMatchObject({
      path: '/v1/logs',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer hunter2-token',
        'user-agent': 'rolecall/1.2.3',
      },
    })
    const { resource, scopeLogs } = JSON.parse(collector.got[0]!.body).resourceLogs[0]
    expect(resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'rolecall' } },
      { key: 'service.version', value: { stringValue: '1.2.3' } },
      { key: 'service.instance.id', value: { stringValue: '0123456789abcdef' } },
    ])
    expect(scopeLogs[0].scope).toEqual({ name: 'rolecall.trail', version: '1.2.3' })
    expect(idsIn(collector.got[0]!.body)).toEqual(idsOf(events))
  })

  it('is of each event a log record whose body is the event’s own', async () => {
    await sinkTo().deliver([eventOf(7)], never)
    const [record] = recordsIn(collector.got[0]!.body)
    const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })
    expect(record).toEqual({
      timeUnixNano: '1767323045007000000',
      observedTimeUnixNano: '1767323045007000000',
      severityNumber: 9,
      severityText: 'INFO',
      eventName: 'app.rolecall.action.settled.v1',
      body: {
        kvlistValue: {
          values: [
            { key: 'outcome', value: { stringValue: 'done' } },
            { key: 'roles', value: { arrayValue: { values: [{ stringValue: '300000000000000001' }] } } },
            { key: 'count', value: { intValue: '2' } },
            { key: 'share', value: { doubleValue: 0.5 } },
            { key: 'exact', value: { boolValue: true } },
            { key: 'reason', value: {} },
          ],
        },
      },
      attributes: [
        attribute('cloudevents.event_id', '0198c2a4-0000-7000-8000-000000000007'),
        attribute('cloudevents.event_source', `rolecall://0123456789abcdef/${GUILD}`),
        attribute('cloudevents.event_spec_version', '1.0'),
        attribute('cloudevents.event_type', 'app.rolecall.action.settled.v1'),
        attribute('cloudevents.event_subject', 'member:200000000000000003'),
        attribute('rolecall.guild', GUILD),
        attribute('rolecall.sequence', '00000000000000000007'),
        attribute('rolecall.authtype', 'system'),
        attribute('rolecall.authid', 'system:realtime'),
        attribute('rolecall.correlationid', '0198c2a4-0000-7000-8000-00000000ffff'),
      ],
    })
  })

  const severities: readonly (readonly [string, Partial<OutEvent>, number])[] = [
    ['what was done', { data: { outcome: 'done' } }, 9],
    ['what Discord refused', { data: { outcome: 'refused' } }, 13],
    ['an act whose outcome is unknown', { data: { outcome: 'unknown' } }, 13],
    ['an act that was held', { type: 'app.rolecall.action.held.v1', data: {} }, 13],
    ['a command that was refused', { type: 'app.rolecall.invocation.refused.v1', data: {} }, 13],
    ['a run that began', { type: 'app.rolecall.run.opened.v1', data: {} }, 9],
  ]
  for (const [what, more, severityNumber] of severities)
    it(`says how much to look at: ${what}`, async () => {
      await sinkTo().deliver([eventOf(1, more)], never)
      expect(recordsIn(collector.got[0]!.body)).toMatchObject([{ severityNumber }])
    })

  it('is bounded: what is nested too deep for a parser is text', () => {
    const deep = Array.from({ length: 100 }).reduce<object>((inner) => ({ inner }), { end: true })
    const written = JSON.stringify(toAnyValue(deep))
    expect(written.match(/kvlistValue/g)).toHaveLength(20)
    expect(written).toContain(String.raw`{\"end\":true}`)
  })

  it('is bounded: so much that one request would be too large goes in several', async () => {
    const events = eventsOf(3).map((event) => ({ ...event, data: { text: 'x'.repeat(2_000_000) } }))
    expect(await sinkTo().deliver(events, never)).toEqual({ refused: [] })
    expect(sent().flat()).toEqual(idsOf(events))
    expect(collector.got.length).toBeGreaterThan(1)
  })

  it('is well-formed, whatever people typed', async () => {
    await sinkTo().deliver([eventOf(1, { data: { text: '\ud800🚀\u0000' } })], never)
    expect(recordsIn(collector.got[0]!.body)).toMatchObject([
      { body: { kvlistValue: { values: [{ value: { stringValue: '\ufffd🚀\u0000' } }] } } },
    ])
  })
})

describe('a collector that takes only a part', () => {
  it('by rejecting the one event is taken at its word', async () => {
    collector.answer(rejects(1, 'no such\ntenant'))
    const { refused } = await sinkTo().deliver([eventOf(1)], never)
    expect(refused).toEqual([{ id: eventOf(1).id, reason: 'The collector rejects the event: no such tenant.' }])
    expect(collector.got).toHaveLength(1)
  })

  it('of several, and does not say which: none is sent again, and all are put aside', async () => {
    collector.answer(rejects('2', 'too old'), taken)
    const events = eventsOf(5)
    const { refused } = await sinkTo().deliver(events, never)
    expect(refused.map(({ id }) => id)).toEqual(idsOf(events))
    expect(refused[0]?.reason).toBe(
      'The collector rejects 2 of 5 events that it was sent together, and does not say which; the others it has: too old.',
    )
    expect(collector.got).toHaveLength(1)
  })

  it('is sent what follows one by one, so that it shows which it rejects', async () => {
    collector.answer(rejects(1), taken, rejects(1, 'too old'), taken)
    const sink = sinkTo()
    await sink.deliver(eventsOf(2), never)
    const { refused } = await sink.deliver(eventsOf(3, 10), never)
    expect(refused).toEqual([{ id: eventOf(11).id, reason: 'The collector rejects the event: too old.' }])
    expect(sent().slice(1)).toEqual([[eventOf(10).id], [eventOf(11).id], [eventOf(12).id]])
  })

  it('and says more than there were has rejected them all', async () => {
    collector.answer(rejects(7))
    const { refused } = await sinkTo().deliver(eventsOf(2), never)
    expect(refused.map(({ reason }) => reason)).toEqual(Array(2).fill('The collector rejects the event.'))
  })

  it('and rejects none, but has a suggestion, has taken all', async () => {
    collector.answer(rejects(0, 'use gzip'))
    expect(await sinkTo().deliver(eventsOf(2), never)).toEqual({ refused: [] })
  })
})

describe('what a collector refuses for good is put aside and never sent again', () => {
  const rows: readonly (readonly [number, Readonly<Record<string, string>>, string, RegExp])[] = [
    [
      400,
      { 'content-type': 'application/json' },
      '{"code":3,"message":"bad\\u0007 time"}',
      /cannot read the event: bad time \(400\)\.$/,
    ],
    [
      401,
      { 'content-type': 'text/plain' },
      'no token hunter2-token',
      /SINK_OTLP_HEADERS right: no token \[hidden\] \(401\)/,
    ],
    [403, {}, '', /does not take events from this sender.*\(403\)/],
    [
      404,
      { 'content-type': 'text/html' },
      '<h1>Not found</h1>',
      /no collector of logs at that address[^<]*\/v1\/logs \(404\)/,
    ],
    [413, {}, '', /larger than the collector allows \(413\)/],
    [415, {}, '', /does not take OTLP in JSON/],
    [500, {}, '', /refuses the event \(500\)/],
  ]
  for (const [status, headers, body, words] of rows)
    it(String(status), async () => {
      collector.answer(says(status, headers, body))
      const { refused } = await sinkTo().deliver([eventOf(1)], never)
      expect(refused).toEqual([{ id: eventOf(1).id, reason: expect.stringMatching(words) }])
      expect(collector.got).toHaveLength(1)
    })

  it('410: all is over, and nothing is lost', async () => {
    collector.answer(says(410))
    const error = await sinkTo()
      .deliver(eventsOf(2), never)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(SinkGone)
    expect((error as Error).message).toMatch(/gone for good.*\(410\)/)
  })

  it('and what it says at length is cut', async () => {
    collector.answer(says(400, { 'content-type': 'text/plain' }, '🚀'.repeat(10_000)))
    const { refused } = await sinkTo().deliver([eventOf(1)], never)
    expect([...refused[0]!.reason].length).toBeLessThan(260)
    expect(refused[0]!.reason.isWellFormed()).toBe(true)
  })
})

describe('a request that is too large', () => {
  const upTo =
    (most: number) =>
    (...[response, got]: Parameters<typeof taken>) =>
      (idsIn(got.body).length > most ? says(413) : taken)(response, got)

  it('is halved until the collector takes it, in order', async () => {
    collector.answer(upTo(2))
    const events = eventsOf(7)
    expect(await sinkTo().deliver(events, never)).toEqual({ refused: [] })
    expect(
      sent()
        .filter((ids) => ids.length <= 2)
        .flat(),
    ).toEqual(idsOf(events))
  })

  it('because of one event costs that one alone', async () => {
    const big = eventOf(3, { data: { text: 'x'.repeat(100) } })
    collector.answer((response, got) => (got.body.includes('x'.repeat(100)) ? says(413) : taken)(response, got))
    const { refused } = await sinkTo().deliver([eventOf(1), eventOf(2), big, eventOf(4)], never)
    expect(refused).toMatchObject([{ id: big.id, reason: expect.stringContaining('larger than the collector allows') }])
  })
})

describe('what may pass counts as nothing delivered', () => {
  const HTTP_DATE = new Date(surroundings.now() + 90_000).toUTCString()
  const rows: readonly (readonly [string, number, Readonly<Record<string, string>>, number | null])[] = [
    ['429 and for how many seconds', 429, { 'retry-after': '7' }, 7_000],
    ['503 and until when', 503, { 'retry-after': HTTP_DATE }, 90_000],
    ['503 until a time that is over', 503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    ['503 for a year is asked after an hour', 503, { 'retry-after': '31536000' }, 3_600_000],
    ['429 and nothing that can be understood', 429, { 'retry-after': 'soon' }, null],
    ['502', 502, {}, null],
    ['504', 504, {}, null],
  ]
  for (const [what, status, headers, wait] of rows)
    it(what, async () => {
      collector.answer(says(status, headers))
      const trouble = await troubleOf(sinkTo().deliver(eventsOf(2), never))
      expect(trouble.retryAfterMs).toBe(wait)
      expect(trouble.message).toContain(`(${status})`)
    })

  const odd: readonly (readonly [string, AnswerTo, RegExp])[] = [
    [
      'a redirect, which is not followed',
      says(307, { location: '/elsewhere' }),
      /another address \(307\).*Set SINK_OTLP_URL/,
    ],
    [
      'a page of a proxy',
      says(200, { 'content-type': 'text/html' }, '<html>Log in</html>'),
      /no OTLP collector.*proxy/,
    ],
    ['JSON that is no answer', says(200, {}, '[]'), /no OTLP collector/],
    ['an answer without an end', says(200, {}, `${' '.repeat(100_000)}{}`), /no OTLP collector/],
    ['a count that is none', rejects('many'), /not how many/],
    ['a count below zero', rejects(-1), /not how many/],
    ['a success that OTLP does not have', says(204), /no OTLP collector \(204\)/],
    ['half an answer', half(), /cut the connection|not HTTP, or was cut/],
    ['half a refusal', half(400), /cut the connection|not HTTP, or was cut/],
    ['a connection that is cut', hangsUp, /cut the connection before it had answered/],
  ]
  for (const [what, answer, words] of odd)
    it(what, async () => {
      collector.answer(answer)
      expect((await troubleOf(sinkTo().deliver(eventsOf(2), never))).message).toMatch(words)
      expect(collector.got.map(({ path }) => path)).toEqual(['/v1/logs'])
    })

  it('and of the third collector names the third’s setting', async () => {
    collector.answer(says(308))
    const { message } = await troubleOf(sinkTo(undefined, undefined, 'otlp-3').deliver([eventOf(1)], never))
    expect(message).toContain('Set SINK_OTLP_URL_3 to')
  })

  it('nothing at all, for as long as there is patience', async () => {
    collector.answer(hangs)
    expect((await troubleOf(sinkTo(undefined, SOON_MS).deliver(eventsOf(2), never))).message).toMatch(
      /No whole answer came within 0\.15 s/,
    )
  })

  it('an answer that never ends', async () => {
    collector.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{')
    })
    expect((await troubleOf(sinkTo(undefined, SOON_MS).deliver([eventOf(1)], never))).message).toMatch(
      /No whole answer/,
    )
  })

  it('nobody who listens', async () => {
    const sink = sinkTo(`http://127.0.0.1:${await deadPort()}/v1/logs`)
    expect((await troubleOf(sink.deliver([eventOf(1)], never))).message).toMatch(/Nobody listens.*\(ECONNREFUSED\)/)
  })

  it('a name that nobody knows', async () => {
    const sink = sinkTo('http://collector.invalid/v1/logs')
    expect((await troubleOf(sink.deliver([eventOf(1)], never))).message).toMatch(/name in the address is not known/)
  })

  it('TLS at a port that does not speak it', async () => {
    const sink = sinkTo(`https://127.0.0.1:${collector.port}/v1/logs`)
    expect((await troubleOf(sink.deliver([eventOf(1)], never))).message).toMatch(/does not speak TLS/)
  })

  const foreign: readonly (readonly [string, string, RegExp])[] = [
    ['a port that speaks something else', 'SSH-2.0-OpenSSH_9.6\r\n', /not HTTP/],
    [
      'a port that wants to speak something else',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n',
      /cut the connection/,
    ],
    ['nothing but an end', '\r\n', /cut the connection|not HTTP/],
    [
      'an answer that cannot be unpacked',
      'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone',
      /not HTTP, or was cut/,
    ],
  ]
  for (const [what, bytes, words] of foreign)
    it(what, async () => {
      const raw = await openRawPort(bytes)
      const sink = sinkTo(`http://127.0.0.1:${raw.port}/v1/logs`)
      expect((await troubleOf(sink.deliver([eventOf(1)], never))).message).toMatch(words)
      await raw.close()
    })

  it('being asked to stop', async () => {
    collector.answer(hangs)
    const stop = new AbortController()
    const delivery = sinkTo().deliver([eventOf(1)], stop.signal)
    await expect.poll(() => collector.got).toHaveLength(1)
    stop.abort()
    expect((await troubleOf(delivery)).message).toMatch(/broken off/)
  })

  it('and what was taken or refused before is not sent twice when it is tried again', async () => {
    const sink = sinkTo()
    collector.answer(rejects(1), taken, says(400), says(503), taken)
    await sink.deliver([eventOf(90), eventOf(91)], never)
    await troubleOf(sink.deliver(eventsOf(4), never))
    const { refused } = await sink.deliver(eventsOf(4), never)
    expect(refused).toMatchObject([{ id: eventOf(2).id }])
    expect(sent().slice(1).flat()).toEqual(idsOf([eventOf(1), eventOf(2), eventOf(3), eventOf(3), eventOf(4)]))
  })
})
