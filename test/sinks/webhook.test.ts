import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Refusal } from '#src/core/refusal.ts'
import type { WebhookPlan } from '#src/core/sink-plan.ts'
import { signedHeaders } from '#src/sinks/signature.ts'
import { type OutEvent, SinkGone, SinkTrouble } from '#src/sinks/sink.ts'
import { type WebhookOptions, WebhookSink } from '#src/sinks/webhook.ts'
import {
  type AnswerTo,
  type Collector,
  deadPort,
  eventOf,
  eventsOf,
  half,
  hangs,
  hangsUp,
  openCollector,
  openRawPort,
  says,
  surroundings,
  taken,
} from './collector.ts'

let collector: Collector
const sinks: WebhookSink[] = []
beforeEach(async () => {
  collector = await openCollector()
})
afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.close()
  await collector.close()
})

const never = new AbortController().signal
const SOON_MS = 150
const KEY = Buffer.alloc(32, 7)
const OTHER = Buffer.alloc(24, 9)

function sinkTo(plan: Partial<WebhookPlan> = {}, options: WebhookOptions = {}): WebhookSink {
  const whole: WebhookPlan = {
    ...{ kind: 'webhook', name: 'webhook', url: `${collector.url}/in/hunter2`, keys: [KEY], allowPrivate: true },
    filter: { only: null, not: [], guilds: null },
    ...plan,
  }
  const sink = new WebhookSink(whole, surroundings, options)
  sinks.push(sink)
  return sink
}

const sent = () => collector.got.map(({ headers }) => headers['webhook-id'])
const idsOf = (events: readonly OutEvent[]) => events.map(({ id }) => id)

async function thrownBy(deliver: Promise<unknown>): Promise<Error> {
  const error = await deliver.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Error)
  expect((error as Error).message).not.toMatch(/hunter2|127\.0\.0\.1/)
  return error as Error
}

async function troubleOf(deliver: Promise<unknown>): Promise<SinkTrouble> {
  const error = await thrownBy(deliver)
  expect(error).toBeInstanceOf(SinkTrouble)
  return error as SinkTrouble
}

describe('a signature', () => {
  it('is that of the reference implementations of Standard Webhooks', () => {
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
    const at = 1_614_265_330_999
    expect(signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', at, '{"test": 2432232314}', [key])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })
})

describe('what a receiver gets', () => {
  it('is each event in a request of its own, in order, over one connection', async () => {
    const connections = new Set<number | undefined>()
    collector.answer((response, got) => {
      connections.add(response.socket?.remotePort)
      taken(response, got)
    })
    const events = eventsOf(3)
    expect(await sinkTo().deliver(events, never)).toEqual({ refused: [] })
    expect(collector.got.map(({ body }) => JSON.parse(body))).toEqual(events)
    expect(sent()).toEqual(idsOf(events))
    expect(connections.size).toBe(1)
    expect(collector.got[0]).toMatchObject({
      path: '/in/hunter2',
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8', 'user-agent': 'rolecall/1.2.3' },
    })
  })

  it('is signed over the very bytes that came, letters beyond ASCII too', async () => {
    await sinkTo().deliver([eventOf(1, { data: { name: 'Zoë 🚀' } })], never)
    const { headers, body } = collector.got[0]!
    const signed = createHmac('sha256', KEY)
      .update(`${eventOf(1).id}.1767323045.${body}`)
      .digest('base64')
    expect(headers).toMatchObject({ 'webhook-timestamp': '1767323045', 'webhook-signature': `v1,${signed}` })
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)))
  })

  it('is signed with both keys while one takes the place of the other', async () => {
    await sinkTo({ keys: [KEY, OTHER] }).deliver([eventOf(1)], never)
    const signatures = String(collector.got[0]!.headers['webhook-signature']).split(' ')
    await sinkTo({ keys: [OTHER] }).deliver([eventOf(1)], never)
    expect(signatures).toHaveLength(2)
    expect(signatures[1]).toBe(collector.got[1]!.headers['webhook-signature'])
  })

  it('is known again by its id when it comes twice', async () => {
    collector.answer(says(503), taken)
    const sink = sinkTo()
    await troubleOf(sink.deliver([eventOf(1)], never))
    await sink.deliver([eventOf(1)], never)
    expect(sent()).toEqual([eventOf(1).id, eventOf(1).id])
  })
})

describe('a receiver that answers', () => {
  for (const status of [200, 201, 202, 204])
    it(`${status} has the event`, async () => {
      collector.answer(says(status))
      expect(await sinkTo().deliver([eventOf(1)], never)).toEqual({ refused: [] })
    })

  for (const status of [400, 401, 403, 404, 409, 413, 422])
    it(`${status} refuses the event for good, and takes the next`, async () => {
      collector.answer(says(status, { 'content-type': 'text/plain' }, 'no\nsuch field'), taken)
      const { refused } = await sinkTo().deliver(eventsOf(2), never)
      expect(refused).toEqual([
        { id: eventOf(1).id, reason: `The receiver refuses the event: no such field (${status}).` },
      ])
      expect(collector.got).toHaveLength(2)
    })

  it('410 wants no more', async () => {
    collector.answer(says(410))
    const error = await thrownBy(sinkTo().deliver(eventsOf(2), never))
    expect(error).toBeInstanceOf(SinkGone)
    expect(error.message).toMatch(/wants no more events \(410\)/)
    expect(collector.got).toHaveLength(1)
  })

  const waits: readonly (readonly [number, string | null, number | null])[] = [
    [429, '7', 7_000],
    [503, new Date(surroundings.now() + 90_000).toUTCString(), 90_000],
    [500, null, null],
    [502, 'soon', null],
    [408, null, null],
    [425, null, null],
  ]
  for (const [status, after, wait] of waits)
    it(`${status} is asked again${after === null ? '' : `, after ${after}`}`, async () => {
      collector.answer(says(status, after === null ? {} : { 'retry-after': after }))
      const trouble = await troubleOf(sinkTo().deliver([eventOf(1)], never))
      expect(trouble).toMatchObject({ retryAfterMs: wait, message: `The receiver asks for patience (${status}).` })
    })

  for (const status of [301, 302, 303, 307, 308])
    it(`${status} sends on, and is not followed`, async () => {
      collector.answer(says(status, { location: '/elsewhere/hunter2' }), taken)
      expect((await troubleOf(sinkTo().deliver([eventOf(1)], never))).message).toMatch(/which is not followed/)
      expect(collector.got.map(({ path }) => path)).toEqual(['/in/hunter2'])
    })

  it('308 and is the second of several is known by its own setting', async () => {
    collector.answer(says(308))
    const { message } = await troubleOf(sinkTo({ name: 'webhook-2' }).deliver([eventOf(1)], never))
    expect(message).toContain('Set SINK_WEBHOOK_URL_2 to')
  })

  it('and cuts the connection behind the head of its answer has the event', async () => {
    collector.answer(half(), taken)
    expect(await sinkTo().deliver(eventsOf(2), never)).toEqual({ refused: [] })
    expect(sent()).toEqual(idsOf(eventsOf(2)))
  })

  it('and never ends has the event, and its connection is given up', { timeout: 5_000 }, async () => {
    const endless: AnswerTo = (response) => {
      response.writeHead(200)
      response.write('x'.repeat(200_000))
    }
    collector.answer(endless, taken)
    expect(await sinkTo().deliver(eventsOf(2), never)).toEqual({ refused: [] })
  })

  it('in the middle of a call 503 is sent only what it has not yet, the next time', async () => {
    collector.answer(taken, says(400), says(503), taken)
    const sink = sinkTo()
    await troubleOf(sink.deliver(eventsOf(4), never))
    const { refused } = await sink.deliver(eventsOf(4), never)
    expect(refused).toMatchObject([{ id: eventOf(2).id }])
    expect(sent()).toEqual(idsOf([eventOf(1), eventOf(2), eventOf(3), eventOf(3), eventOf(4)]))
  })
})

describe('a call that broke off', () => {
  it('may be made again in parts, and nothing is sent twice', async () => {
    collector.answer(taken, says(400), taken, says(503), taken)
    const sink = sinkTo()
    const events = eventsOf(5)
    await troubleOf(sink.deliver(events, never))
    expect((await sink.deliver(events.slice(0, 2), never)).refused).toMatchObject([{ id: eventOf(2).id }])
    expect(await sink.deliver(events.slice(2), never)).toEqual({ refused: [] })
    expect(sent()).toEqual(idsOf([1, 2, 3, 4, 4, 5].map((number) => eventOf(number))))
  })

  it('is not remembered by another chain, and what was put aside is sent when it is wanted again', async () => {
    const sink = sinkTo()
    const other = eventOf(1, { source: 'rolecall://0123456789abcdef/installation' })
    collector.answer(says(400), says(503), taken)
    await troubleOf(sink.deliver(eventsOf(2), never))
    expect(await sink.deliver([other], never)).toEqual({ refused: [] })
    expect((await sink.deliver(eventsOf(2), never)).refused).toHaveLength(1)
    expect(await sink.deliver(eventsOf(1), never)).toEqual({ refused: [] })
  })
})

describe('a receiver that does not answer', () => {
  it('is waited for no longer than there is patience', async () => {
    collector.answer(hangs)
    const sink = sinkTo({}, { patienceMs: SOON_MS })
    expect((await troubleOf(sink.deliver([eventOf(1)], never))).message).toMatch(/No whole answer came within/)
  })

  it('but hangs up is asked again', async () => {
    collector.answer(hangsUp)
    expect((await troubleOf(sinkTo().deliver([eventOf(1)], never))).message).toMatch(/cut the connection/)
  })

  it('but half of the head of one is asked again', async () => {
    const raw = await openRawPort('HTTP/1.1 200 OK\r\nContent-Len')
    const sink = sinkTo({ url: `http://127.0.0.1:${raw.port}/` })
    expect((await troubleOf(sink.deliver([eventOf(1)], never))).message).toMatch(/cut the connection|not HTTP/)
    await raw.close()
  })

  it('but wants to speak something else is asked again', async () => {
    const raw = await openRawPort('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n')
    const sink = sinkTo({ url: `http://127.0.0.1:${raw.port}/` })
    expect((await troubleOf(sink.deliver([eventOf(1)], never))).message).toMatch(/cut the connection/)
    await raw.close()
  })

  it('because nobody is there', async () => {
    const sink = sinkTo({ url: `http://127.0.0.1:${await deadPort()}/hunter2` })
    expect((await troubleOf(sink.deliver([eventOf(1)], never))).message).toMatch(/Nobody listens.*\(ECONNREFUSED\)/)
  })

  it('because it does not speak TLS', async () => {
    const sink = sinkTo({ url: `https://127.0.0.1:${collector.port}/hunter2` })
    expect((await troubleOf(sink.deliver([eventOf(1)], never))).message).toMatch(/does not speak TLS/)
  })

  it('before the bot is asked to stop', async () => {
    collector.answer(hangs)
    const stop = new AbortController()
    const delivery = sinkTo().deliver([eventOf(1)], stop.signal)
    await expect.poll(() => collector.got).toHaveLength(1)
    stop.abort()
    expect((await troubleOf(delivery)).message).toMatch(/broken off/)
  })
})

describe('where private addresses are not allowed', () => {
  const spellings = [
    'http://127.0.0.1',
    'http://2130706433',
    'http://0x7f.1',
    'http://0177.0.0.1',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:7f00:1]',
    'http://[64:ff9b::10.0.0.1]',
    'https://169.254.169.254',
    'https://10.1.2.3',
    'https://[fe80::1]',
    'https://[fd00::1]',
    'https://0.0.0.0',
  ]
  for (const url of spellings)
    it(`an address that is one is refused at the start: ${url}`, () => {
      expect(() => sinkTo({ url: `${url}/`, allowPrivate: false })).toThrow(Refusal)
      expect(() => sinkTo({ url: `${url}/`, allowPrivate: false })).toThrow(/SINK_ALLOW_PRIVATE=true/)
    })

  it('a public one is taken', () => {
    for (const url of ['https://1.1.1.1/', 'https://[2606:4700::1111]/', 'https://hooks.example/'])
      expect(() => sinkTo({ url, allowPrivate: false })).not.toThrow()
  })

  it('a name that leads to this machine is sent nothing', async () => {
    const sink = sinkTo({ url: `http://localhost:${collector.port}/hunter2`, allowPrivate: false })
    expect((await troubleOf(sink.deliver([eventOf(1)], never))).message).toMatch(
      /to this machine or to a private network/,
    )
    expect(collector.got).toEqual([])
  })

  it('a name that led elsewhere when it was first asked is asked again for each connection', async () => {
    const said = [[{ address: '203.0.113.9', family: 4 }], [{ address: '127.0.0.1', family: 4 }]]
    const asked: string[] = []
    // As a name server of somebody's who would like to get in answers.
    const lookup = ((name: string, _: object, answer: (error: null, found: object) => void) => {
      asked.push(name)
      answer(null, said[Math.min(asked.length, said.length) - 1]!)
    }) as unknown as NonNullable<WebhookOptions['lookup']>
    const url = `http://rebound.example:${collector.port}/`
    const sink = sinkTo({ url, allowPrivate: false }, { lookup, patienceMs: SOON_MS })
    for (const _ of said) await troubleOf(sink.deliver([eventOf(1)], never))
    expect(asked).toEqual(['rebound.example', 'rebound.example'])
    expect(collector.got).toEqual([])
  })
})
