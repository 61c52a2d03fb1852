import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Reply } from '#src/discord/command.ts'
import { Webhook } from '#src/discord/webhook.ts'
import { openSandbox } from '../sandbox/open.ts'

const POST = 'POST /webhooks/{webhook_id}/{webhook_token}'
const TOKEN = 'a-token-of-a-webhook-that-nobody-may-ever-see'

const reply: Reply = {
  tone: 'good',
  title: 'Scheduled audit: 1 member out of order',
  text: 'Asked for by <@200000000000000001>, not by @everyone',
  buttons: [{ id: 'audit:1', label: 'Show the findings' }],
}

async function withChannel() {
  const sandbox = await openSandbox({ rateScale: 0.01 })
  const guild = sandbox.addGuild({ name: 'Example', channels: ['log'] })
  const { id, url } = sandbox.addWebhook(guild, 'log', 'summaries')
  const posts = () => sandbox.channels.in(guild.channel('log').id).map(({ seen }) => seen)
  return { sandbox, guild, id, url, posts, webhook: new Webhook(url) }
}

/** A server that answers as it is told, in Discord's place. */
async function answering(answer: RequestListener): Promise<Webhook> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return new Webhook(`http://127.0.0.1:${port}/api/webhooks/100000000000000001/${TOKEN}`, 300)
}

const saying =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))

describe('a webhook of Discord’s', () => {
  it('takes a message without its buttons, and pings nobody', async () => {
    const { webhook, posts, sandbox } = await withChannel()
    expect(await webhook.post(reply)).toMatchObject({ kind: 'posted' })
    expect(posts()).toEqual([
      expect.objectContaining({
        embeds: [expect.objectContaining({ title: 'Scheduled audit: 1 member out of order' })],
        components: [],
        mentions: { members: [], roles: [], everyone: false },
      }),
    ])
    expect(sandbox.requests.all.at(-1)).toMatchObject({ status: 200 })
  })

  it('says where it posts to', async () => {
    const { webhook, guild } = await withChannel()
    const channelId = guild.channel('log').id
    const place = { name: 'summaries', guildId: guild.id, channelId }
    expect(await webhook.look()).toEqual({ kind: 'place', place })
    expect(await webhook.post(reply)).toEqual({ kind: 'posted', channelId })
  })

  it('takes what is far too long, cut between code points', async () => {
    const { webhook, posts } = await withChannel()
    const long = '👩‍🚀🚀'.repeat(3_000)
    const fields = Array.from({ length: 40 }, () => ({ name: long, value: long }))
    expect(await webhook.post({ ...reply, title: long, text: long, fields })).toMatchObject({ kind: 'posted' })
    expect(JSON.stringify(posts())).not.toMatch(/\\ud[89a-f]/i)
  })

  it('that was deleted, or whose token is another, is gone, and is said to be', async () => {
    const { webhook, sandbox, id, url } = await withChannel()
    const other = new Webhook(url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))
    expect(await other.post(reply)).toEqual({ kind: 'gone', why: expect.stringContaining('50027') })
    sandbox.removeWebhook(id)
    const gone = { kind: 'gone', why: expect.stringMatching(/deleted.*Make a new one.*SUMMARY_WEBHOOKS/) }
    expect(await webhook.post(reply)).toEqual(gone)
    expect(await webhook.look()).toEqual(gone)
  })

  it('is waited for as long as Discord asks, in seconds', async () => {
    const { webhook, sandbox } = await withChannel()
    sandbox.faults.storm429(1, { route: POST, retryAfter: 0.25 })
    expect(await webhook.post(reply)).toMatchObject({ kind: 'wait', ms: 250 })
    expect(await webhook.post(reply)).toMatchObject({ kind: 'posted' })
  })

  it('is tried again where Discord has a fault of its own', async () => {
    const { webhook, sandbox } = await withChannel()
    sandbox.faults.serverErrors(1, 502, { route: POST })
    expect(await webhook.post(reply)).toEqual({ kind: 'trouble', why: expect.stringContaining('502') })
  })
})

describe('whatever else answers', () => {
  const rows: readonly (readonly [string, RequestListener, object])[] = [
    ['a message', saying(200, { id: '1' }), { kind: 'posted' }],
    ['taken, and no more', saying(204, ''), { kind: 'posted' }],
    ['another page', saying(200, '<html>Please log in</html>'), { kind: 'trouble' }],
    ['a redirect', saying(302, '', { location: 'http://127.0.0.1:9/' }), { kind: 'refused' }],
    ['a bad request', saying(400, { code: 50035, message: TOKEN }), { kind: 'refused' }],
    ['a wrong token', saying(401, { code: 50027 }), { kind: 'gone' }],
    ['forbidden', saying(403, { code: 50013 }), { kind: 'refused' }],
    ['nothing there', saying(404, 'not found'), { kind: 'gone' }],
    ['too large', saying(413), { kind: 'refused' }],
    ['a pause told by the header', saying(429, 'slow', { 'retry-after': '7' }), { kind: 'wait', ms: 7_000 }],
    [
      'a pause of everything',
      saying(429, { retry_after: 1.5, global: true }, { 'retry-after': '1' }),
      { kind: 'wait', ms: 1_500 },
    ],
    ['a pause of nobody knows how long', saying(429), { kind: 'wait', ms: 5_000 }],
    ['a pause of a year', saying(429, { retry_after: 3e7 }), { kind: 'wait', ms: 3_600_000 }],
    ['a fault of its own', saying(500, 'oops'), { kind: 'trouble' }],
    ['nothing at all', () => {}, { kind: 'trouble', why: expect.stringContaining('in time') }],
    ['a closed door', (request) => void request.socket.destroy(), { kind: 'trouble' }],
    [
      'half an answer',
      (_request, response) => void response.writeHead(200, { 'content-length': '90' }).write('{"id":'),
      { kind: 'trouble' },
    ],
    [
      'no end of an answer',
      (_request, response) => void response.writeHead(200).end('x'.repeat(2e6)),
      { kind: 'trouble' },
    ],
  ]
  for (const [what, answer, expected] of rows)
    it(`is understood, and its address shown nowhere: ${what}`, async () => {
      const webhook = await answering(answer)
      const posted = await webhook.post(reply)
      expect(posted).toMatchObject(expected)
      const shown = inspect([posted, webhook, await webhook.look()], { depth: 9, showHidden: true })
      expect(shown + JSON.stringify([posted, webhook])).not.toMatch(new RegExp(`${TOKEN}|127\\.0\\.0\\.1|webhooks/`))
    })

  it('nobody there at all', async () => {
    const webhook = new Webhook(`http://127.0.0.1:9/webhooks/100000000000000001/${TOKEN}`)
    expect(await webhook.post(reply)).toEqual({
      kind: 'trouble',
      why: expect.stringMatching(/could not be reached \(/),
    })
  })

  it('is given up as soon as the bot stops', async () => {
    const webhook = await answering(() => {})
    const stopping = new AbortController()
    const posted = webhook.post(reply, stopping.signal)
    stopping.abort()
    expect(await posted).toMatchObject({ kind: 'trouble', why: expect.stringContaining('stops') })
  })
})
