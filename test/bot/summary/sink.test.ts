import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RunFacts } from '#src/bot/summary/news.ts'
import { Summaries } from '#src/bot/summary/summaries.ts'
import { readConfig } from '#src/config.ts'
import type { Run } from '#src/core/run.ts'
import type { OutEvent } from '#src/sinks/sink.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { ANN, alikeOf, BEN, RUN, runOf, waitingRun } from '../../commands/small-world.ts'
import { HandClock } from '../../roster/hand-clock.ts'
import { openSandbox } from '../../sandbox/open.ts'
import { eventOf } from './events.ts'

const POST = 'POST /webhooks/{webhook_id}/{webhook_token}'
const never = new AbortController().signal

interface World {
  readonly runs?: readonly Run[]
  /** Members out of order in each of them. */
  readonly atStake?: number
  /** The channel that the bot posts its own notices in. */
  readonly noticesIn?: string | null
}

function factsOf(runs: readonly Run[], atStake: number): RunFacts {
  return {
    run: async (guildId, runId) => runs.find((run) => run.guildId === guildId && run.id === runId) ?? null,
    found: async () => [alikeOf(3)],
    atStake: async () => atStake,
    grantors: async () => [BEN],
  }
}

/** The summaries of servers whose webhooks have these addresses, and whatever was logged. */
function summariesOf(webhooks: string, apiUrl: string, { runs = [], atStake = 3, noticesIn = null }: World = {}) {
  const config = readConfig({ SUMMARY_WEBHOOKS: webhooks, DISCORD_API_URL: apiUrl })
  const logged: string[] = []
  const destination = { write: (line: string) => void logged.push(line) }
  const log = makeLog({ level: 'debug', secrets: [], destination })
  const clock = new HandClock()
  const parts = { config, facts: factsOf(runs, atStake), noticesIn: async () => noticesIn, clock, log }
  return { summaries: new Summaries(parts), clock, logged }
}

async function withGuild(world: (channelId: string, guildId: string) => World = () => ({})) {
  const sandbox = await openSandbox({ limits: false })
  const guild = sandbox.addGuild({ name: 'Example', channels: ['log'] })
  const { id, url } = sandbox.addWebhook(guild, 'log', 'summaries')
  const channelId = guild.channel('log').id
  const made = summariesOf(`${guild.id}=${url}`, sandbox.url, world(channelId, guild.id))
  const [{ sink }] = made.summaries.outlets as [(typeof made.summaries.outlets)[number]]
  const posts = () => sandbox.channels.in(channelId).map(({ seen }) => seen)
  const titles = () => posts().map(({ embeds }) => (embeds[0] as { title: string }).title)
  /** The same a while later, when no message has to wait for its turn. */
  const later = async (events: readonly OutEvent[]) => {
    await made.clock.pass(10_000)
    return sink.deliver(events, never)
  }
  return { ...made, sandbox, guild, id, url, channelId, sink, later, posts, titles }
}

const blinded = (guildId: string, at = 0): OutEvent =>
  eventOf({ guildId, type: 'guild.blinded', at, data: { source: 'native', why: [], problem: 'It is gone.' } })

const ended = (guildId: string, outcomes = { done: 2 }): OutEvent =>
  eventOf({ guildId, type: 'run.completed', run: RUN, subject: `run:${RUN}`, data: { outcomes } })

describe('the summaries of a server', () => {
  it('tell of a run in one message: who asked, what was found and done, who gave most, where to read more', async () => {
    const { sink, guild, posts } = await withGuild((_, guildId) => ({
      runs: [runOf({ guildId, action: 'strip', outcomes: { done: 2 } })],
    }))
    expect(await sink.deliver([ended(guild.id)], never)).toEqual({ refused: [] })
    expect(posts()).toHaveLength(1)
    const [{ embeds, mentions, components }] = posts() as [ReturnType<typeof posts>[number]]
    const whole = JSON.stringify(embeds)
    for (const words of [
      `by <@${ANN}>: \`strip\``,
      '2 role changes made',
      `<@${BEN}>`,
      `/audit findings run:${RUN}`,
      `run ${RUN}`,
    ])
      expect(whole).toContain(words)
    expect(mentions).toEqual({ members: [], roles: [], everyone: false })
    expect(components).toEqual([])
  })

  it('tell of everything else that they are for, from the line alone', async () => {
    const { later, guild, titles } = await withGuild()
    const role = 'role:300000000000000001'
    const member = `member:${ANN}`
    const note = `rolecall/0123456789abcdef/${guild.id}\n7\n${'A'.repeat(43)}=\n\n— rolecall/0123456789abcdef/${guild.id} ${'B'.repeat(20)}\n`
    const rows: readonly (readonly [string, object, string])[] = [
      [
        'guild.blinded',
        { data: { source: 'native', why: ['dropped:linked'], problem: null } },
        'Blind: nobody loses anything',
      ],
      ['guild.sighted', { data: { source: 'native', since: 0 }, at: 60_000 }, 'No longer blind'],
      ['role.quarantined', { subject: role, data: { detail: 'No.' } }, 'Discord refuses a role'],
      ['role.released', { subject: 'act:kick', actor: 'cli:ann' }, 'Kicks are tried again'],
      [
        'role.contested',
        { subject: member, data: { role: BEN, what: 'goes_away', times: 3, grantor: null } },
        'Something keeps taking a role away',
      ],
      ['guild.stopped', { actor: `discord:${ANN}`, data: { runs: [RUN], count: 1 } }, 'Everything was stopped'],
      ['truth.accepted', { subject: 'source:native', actor: 'cli:ann' }, 'An identity source was accepted as it is'],
      ['acts.held', { data: { affected: 34, limit: 30 } }, 'Too much at once: the rest is only reported'],
      ['trail.checkpointed', { data: { size: 7, note } }, 'The record, 7 lines long, signed'],
      [
        'trail.damage_found',
        { data: { detail: 'Line 5 was changed.' } },
        'The record was altered behind the bot’s back',
      ],
      ['trail.gap_accepted', { data: { written: 9, left: 4 } }, 'The end of the record was lost'],
    ]
    for (const [type, more, title] of rows) {
      expect(await later([eventOf({ guildId: guild.id, type, ...more })])).toEqual({ refused: [] })
      expect(titles().at(-1)).toBe(title)
    }
  })

  it('leave out what is not theirs: other lines, other servers, runs that nobody asked for and that came to nothing', async () => {
    const { sink, guild, titles } = await withGuild((_, guildId) => ({
      runs: [runOf({ guildId, purpose: 'live', trigger: 'realtime' })],
      atStake: 0,
    }))
    const events = [
      eventOf({ guildId: guild.id, type: 'action.settled' }),
      eventOf({ guildId: guild.id, type: 'toString' }),
      blinded('100000000000000009'),
      ended(guild.id, { done: 0 }),
      eventOf({ guildId: guild.id, type: 'run.completed', run: 'forgotten' }),
      eventOf({ guildId: guild.id, type: 'trail.checkpointed', data: { size: 1, note: '```@everyone' } }),
    ]
    expect(await sink.deliver(events, never)).toEqual({ refused: [] })
    expect(titles()).toEqual([])
  })

  it('tell of a run by its last line alone: one that was cut off and went on has ended once', async () => {
    const { sink, guild, titles } = await withGuild((_, guildId) => ({
      runs: [runOf({ guildId, outcomes: { done: 1 } })],
    }))
    const interrupted = eventOf({ guildId: guild.id, type: 'run.interrupted', run: RUN })
    expect(await sink.deliver([interrupted, ended(guild.id)], never)).toEqual({ refused: [] })
    expect(titles()).toEqual(['Audit: 3 members out of order, 1 role change made'])
  })

  it('fold together what is too much for single messages, and keep to one message for hundreds', async () => {
    const { sink, guild, titles } = await withGuild()
    const many = Array.from({ length: 500 }, () => ended(guild.id))
    expect(await sink.deliver([...many, blinded(guild.id)], never)).toEqual({ refused: [] })
    expect(titles()).toEqual(['501 happenings, told together'])
  })

  it('post nothing in another server than their own', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', channels: ['log'] })
    const { url } = sandbox.addWebhook(guild, 'log')
    const { summaries } = summariesOf(`100000000000000009=${url}`, sandbox.url)
    await expect(summaries.outlets[0]!.sink.deliver([blinded('100000000000000009')], never)).rejects.toThrow(
      /belongs to another server/,
    )
    expect(sandbox.channels.in(guild.channel('log').id)).toEqual([])
  })
})

describe('the summaries and the bot’s own notices', () => {
  const held = (guildId: string) => eventOf({ guildId, type: 'run.held', run: RUN, subject: `run:${RUN}` })
  const waiting = (guildId: string) => [waitingRun({ guildId })]

  it('in one channel share what there is to tell: a plan that waits is the bot’s own, for its button', async () => {
    const world = (noticesIn: string, guildId: string) => ({ noticesIn, runs: waiting(guildId) })
    const { sink, summaries, guild, channelId, titles } = await withGuild(world)
    await summaries.look(never)
    expect(await sink.deliver([held(guild.id)], never)).toEqual({ refused: [] })
    expect(titles()).toEqual([])
    const tells = (kind: 'stopped' | 'plan_waits') => summaries.tells(guild.id, channelId, { kind } as never)
    expect([tells('stopped'), tells('plan_waits')]).toEqual([true, false])
    expect(summaries.tells(guild.id, '400000000000000009', { kind: 'stopped' } as never)).toBe(false)
  })

  it('in two channels are both whole', async () => {
    const { sink, guild, titles } = await withGuild((_, guildId) => ({
      noticesIn: '400000000000000009',
      runs: waiting(guildId),
    }))
    await sink.deliver([held(guild.id)], never)
    expect(titles()).toEqual(['Audit: the plan is too large and waits'])
  })

  it('are left to the bot alone where the webhook is gone, and before anything is known of it', async () => {
    const { summaries, sandbox, id, guild, channelId, logged } = await withGuild()
    const tells = () => summaries.tells(guild.id, channelId, { kind: 'blind' } as never)
    expect(tells()).toBe(false)
    await summaries.look(never)
    expect(tells()).toBe(true)
    sandbox.removeWebhook(id)
    await summaries.look(never)
    expect(tells()).toBe(false)
    expect(logged.join()).toMatch(/Summaries cannot be posted\..*deleted/)
  })
})

describe('a webhook that is in trouble', () => {
  it('is tried three times, then what was to be told is refused, and nothing is told twice', async () => {
    const { sink, later, guild, titles, sandbox } = await withGuild()
    const events = [blinded(guild.id), eventOf({ guildId: guild.id, type: 'guild.stopped' }), blinded(guild.id)]
    sandbox.faults.before(POST, () => sandbox.faults.serverErrors(3, 503, { route: POST }), 1)
    await expect(sink.deliver(events, never)).rejects.toMatchObject({ name: 'SinkTrouble', retryAfterMs: 5_000 })
    await expect(sink.deliver(events, never)).rejects.toMatchObject({ name: 'SinkTrouble', retryAfterMs: 30_000 })
    const { refused } = await sink.deliver(events, never)
    expect(refused.map(({ id }) => id)).toEqual(events.slice(1).map(({ id }) => id))
    expect(refused[0]!.reason).toMatch(/503.*tried 3 times/)
    expect(await later(events)).toEqual({ refused: [] })
    expect(titles()).toHaveLength(3)
  })

  it('that took a part of a delivery gets only the rest at the next try', async () => {
    const { sink, guild, titles, sandbox } = await withGuild()
    const events = [blinded(guild.id), eventOf({ guildId: guild.id, type: 'guild.stopped' })]
    let asked = 0
    sandbox.faults.before(
      POST,
      () => {
        asked += 1
        if (asked === 1) sandbox.faults.serverErrors(1, 500, { route: POST })
      },
      2,
    )
    await expect(sink.deliver(events, never)).rejects.toThrow('500')
    await sink.deliver(events, never)
    expect(titles().toSorted()).toEqual(['Blind: nobody loses anything', 'Everything was stopped'])
  })

  it('that asks for a pause gets it, however often, and nothing is parked', async () => {
    const { later, guild, titles, sandbox } = await withGuild()
    sandbox.faults.storm429(5, { route: POST, retryAfter: 2.5, scope: 'global' })
    for (let round = 0; round < 5; round++)
      await expect(later([blinded(guild.id)])).rejects.toMatchObject({ retryAfterMs: 2_500 })
    await later([blinded(guild.id)])
    expect(titles()).toHaveLength(1)
  })

  it('that was deleted gets nothing more for a while, in words that say what to do, and nothing is parked', async () => {
    const { sink, guild, sandbox, id } = await withGuild()
    sandbox.removeWebhook(id)
    await expect(sink.deliver([blinded(guild.id)], never)).rejects.toMatchObject({
      name: 'SinkTrouble',
      message: expect.stringMatching(/deleted.*SUMMARY_WEBHOOKS.*start the bot again/),
      retryAfterMs: 900_000,
    })
  })

  it('holds up nobody else', async () => {
    const sandbox = await openSandbox({ rateScale: 0.01 })
    const guilds = ['One', 'Two'].map((name) => sandbox.addGuild({ name, channels: ['log'] }))
    const [one, two] = guilds.map((guild) => ({ guild, ...sandbox.addWebhook(guild, 'log') }))
    const webhooks = [one!, two!].map(({ guild, url }) => `${guild.id}=${url}`).join()
    const { summaries } = summariesOf(webhooks, sandbox.url)
    const release = sandbox.faults.delay(({ params }) => params.webhook_id === one!.id, Number.POSITIVE_INFINITY)
    const [first, second] = summaries.outlets.map(({ sink }) => sink)
    const stopping = new AbortController()
    const held = first!.deliver([blinded(one!.guild.id)], stopping.signal)
    expect(await second!.deliver([blinded(two!.guild.id)], never)).toEqual({ refused: [] })
    expect(sandbox.channels.in(two!.guild.channel('log').id)).toHaveLength(1)
    stopping.abort()
    await expect(held).rejects.toMatchObject({ name: 'SinkTrouble' })
    release()
    expect(summaries.outlets.map(({ filter }) => filter.guilds)).toEqual([[one!.guild.id], [two!.guild.id]])
  })

  const TOKEN = 'a-token-of-a-webhook-that-nobody-may-ever-see'
  const GUILD = '100000000000000001'
  const place = { guild_id: GUILD, channel_id: '400000000000000001', name: TOKEN }
  const rows: readonly (readonly [string, RequestListener])[] = [
    ['400', (_request, response) => void response.writeHead(400).end(JSON.stringify({ code: 50035, message: TOKEN }))],
    ['401', (_request, response) => void response.writeHead(401).end()],
    ['404', (_request, response) => void response.writeHead(404).end(TOKEN)],
    ['a redirect', ({ url }, response) => void response.writeHead(307, { location: `http://127.0.0.1:9${url}` }).end()],
    ['500', (_request, response) => void response.writeHead(500).end(TOKEN)],
    ['204', (_request, response) => void response.writeHead(204).end()],
    ['a broken line', (request) => void request.socket.destroy()],
  ]
  it.each(rows)('shows its address nowhere, whatever it answers: %s', async (_what, answer) => {
    const server = createServer((request, response) =>
      request.method === 'GET' ? void response.end(JSON.stringify(place)) : answer(request, response),
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { summaries, logged } = summariesOf(`${GUILD}=${api}/webhooks/100000000000000002/${TOKEN}`, api)
    await summaries.look(never)
    const came = await summaries.outlets[0]!.sink.deliver([blinded(GUILD)], never).catch((error: unknown) => error)
    const shown = [inspect([came, summaries], { depth: 12, showHidden: true }), JSON.stringify(came), ...logged].join()
    expect(shown).not.toMatch(new RegExp(`${TOKEN}|${api}|/webhooks/`))
  })
})
