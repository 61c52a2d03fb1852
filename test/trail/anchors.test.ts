import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { anchorsOf, keepAnchoring } from '#src/bot/anchoring.ts'
import { readConfig } from '#src/config.ts'
import { trailCheckpoints } from '#src/store/schema/trail.ts'
import { transact } from '#src/store/transact.ts'
import { makeLog } from '#src/telemetry/log.ts'
import type { Anchor } from '#src/trail/anchor.ts'
import { fileAnchor } from '#src/trail/anchor-file.ts'
import { webhookAnchor } from '#src/trail/anchor-webhook.ts'
import { failingAnchors, giveTo } from '#src/trail/anchoring.ts'
import { makeCheckpoint } from '#src/trail/checkpoints.ts'
import { chainHeads } from '#src/trail/reading.ts'
import { withDatabases } from '../database.ts'
import { HandClock } from '../roster/hand-clock.ts'
import { AT, append, MINUTE, newGuild } from '../store/book.ts'
import { KEY } from './forge.ts'

// Checkpoints on their way to a place that nobody reaches who has the database.

const NEVER = new AbortController().signal
const NOTE = 'rolecall/0/1\n1\nroot\n\n— rolecall/0/1 signature\n'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'rolecall-anchor-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}

/** A service that takes notes, and its address with something in it that nobody else may know. */
async function service(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/${SECRET}`
}
const SECRET = 'k3y-that-nobody-sees'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** Keeps what is posted, and answers what the test says. */
async function keeper() {
  const kept: string[] = []
  const says = { status: 204 }
  const address = await service(async (request, response) => {
    const text = (await request.toArray()).join('')
    if (says.status < 300) kept.push(text)
    response.writeHead(says.status, { location: '/elsewhere' }).end('x'.repeat(100))
  })
  return { address, kept, says }
}

describe('a file', () => {
  it('is made for its owner alone, and is given note after note, each on the disk', async () => {
    const path = join(folder(), 'anchor')
    await fileAnchor(path).keep(NOTE, NEVER)
    await fileAnchor(path).keep(NOTE, NEVER)
    expect([statSync(path).mode & 0o777, readFileSync(path, 'utf8')]).toEqual([0o600, NOTE + NOTE])
  })

  it('that ends in the middle of a note is gone on with on a line of its own', async () => {
    const path = join(folder(), 'anchor')
    writeFileSync(path, NOTE.slice(0, 18))
    await fileAnchor(path).keep(NOTE, NEVER)
    expect(readFileSync(path, 'utf8')).toBe(`${NOTE.slice(0, 18)}\n${NOTE}`)
  })

  it('says why it cannot be written, and never makes a folder that a volume should have', async () => {
    const inside = folder()
    const away = join(inside, 'volume')
    await expect(fileAnchor(join(away, 'anchor')).keep(NOTE, NEVER)).rejects.toThrow('is the volume mounted?')
    expect(existsSync(away)).toBe(false)
    await expect(fileAnchor(inside).keep(NOTE, NEVER)).rejects.toThrow('it is a folder (EISDIR)')
  })
})

describe('a webhook', () => {
  it.each([
    [200, null],
    [404, 'answered 404'],
    [500, 'answered 500'],
    [302, 'leads elsewhere (302), which is not followed'],
  ])('that answers %d', async (status, problem) => {
    const { address, says } = await keeper()
    says.status = status
    const asked = webhookAnchor(address).keep(NOTE, NEVER)
    if (problem === null) await asked
    else await expect(asked).rejects.toThrow(problem)
  })

  it('that says nothing, is not there, or hangs up is not waited for', async () => {
    const silent = await service(() => {})
    await expect(webhookAnchor(silent, 30).keep(NOTE, NEVER)).rejects.toThrow('did not answer in time')
    const rude = await service((request) => request.destroy())
    await expect(webhookAnchor(rude).keep(NOTE, NEVER)).rejects.toThrow(/^cannot be reached/)
    const nobody = webhookAnchor(`http://127.0.0.1:${await freePort()}/${SECRET}`).keep(NOTE, NEVER)
    await expect(nobody).rejects.toThrow('cannot be reached (ECONNREFUSED)')
    await nobody.catch((error: Error) => expect(error.stack).not.toContain(SECRET))
  })
})

it('the address of a webhook is a secret in every form, and one that is none is not repeated', () => {
  const address = 'https://Example.org/hook/ä?token=1'
  const { secrets, anchorWebhook } = readConfig({ TRAIL_ANCHOR_WEBHOOK: address })
  expect(secrets).toEqual([address, 'https://example.org/hook/%C3%A4?token=1'])
  expect(anchorWebhook).toBe(address)
  const wrong = () => readConfig({ TRAIL_ANCHOR_WEBHOOK: `ftp://${SECRET}` })
  expect(wrong).toThrow('TRAIL_ANCHOR_WEBHOOK must be an https')
  expect(wrong).not.toThrow(SECRET)
})

withDatabases('the anchors of a record', (database) => {
  let guildId: string
  let sent: string[]
  beforeEach(() => {
    guildId = newGuild()
    sent = []
  })
  const db = () => database.opened.db
  /** Signs the chain as it is after a line more. */
  const sign = async (chain = guildId) => {
    const line = { guildId: chain, type: 'role.given', actor: 'discord:7', subject: 'member:4' } as const
    await transact(db(), (tx) => append(tx, [line], AT))
    const head = (await chainHeads(db())).find((one) => one.chain === chain)!
    sent.push(await makeCheckpoint(db(), head, KEY, AT))
  }
  /** Of the chains of this test. */
  const own = (text: string, ...chains: string[]) =>
    (text.match(/rolecall.*\n\d+\n.*\n\n— .*\n/g) ?? []).filter((note) =>
      chains.some((chain) => note.includes(`/${chain}\n`)),
    )
  const give = (anchor: Anchor, at = AT) => giveTo(db(), anchor, () => at, NEVER)

  it('are given every checkpoint in the order of its chain, once, and go on where they were', async () => {
    const [path, other] = [join(folder(), 'anchor'), newGuild()]
    await sign()
    await sign()
    await sign(other)
    await give(fileAnchor(path))
    await give(fileAnchor(path))
    await sign()
    await give(fileAnchor(path))
    const [one, two, elsewhere, three] = sent
    expect(own(readFileSync(path, 'utf8'), guildId, other)).toEqual([one, two, elsewhere, three])
    const { address, kept } = await keeper()
    await give(webhookAnchor(address))
    expect(own(kept.join(''), guildId)).toEqual([one, two, three])
  })

  it('take nothing after the one that they did not take, and are told of until they do', async () => {
    const { address, kept, says } = await keeper()
    const anchor = webhookAnchor(address)
    await give(anchor)
    await sign()
    await sign()
    says.status = 503
    const problem = 'answered 503 and not that it keeps it'
    expect(await give(anchor)).toEqual({ kept: 0, failed: { since: AT, problem } })
    expect(await give(anchor, AT + MINUTE)).toMatchObject({ failed: { since: AT } })
    expect(await failingAnchors(db(), [anchor])).toEqual([{ kind: 'webhook', since: AT, problem }])
    expect(await failingAnchors(db(), [fileAnchor('/other')])).toEqual([])
    says.status = 200
    expect(await give(anchor)).toEqual({ kept: 2, failed: null })
    expect(own(kept.join(''), guildId)).toEqual(sent)
    expect(await failingAnchors(db(), [anchor])).toEqual([])
  })

  it('are given to by the bot each minute; one that fails holds up no other, and its address is nowhere', async () => {
    const place = folder()
    const volume = join(place, 'volume')
    const { address, kept, says } = await keeper()
    const [anchorFile, clock] = [join(volume, 'anchor'), new HandClock()]
    const said: string[] = []
    const destination = { write: (line: string) => void said.push(line) }
    const log = makeLog({ level: 'info', secrets: [], destination })
    await sign()
    const stop = keepAnchoring({ db: db(), clock, log }, anchorsOf({ anchorFile, anchorWebhook: address }))
    const until = (is: () => boolean) => vi.waitUntil(is, { timeout: 10_000, interval: 5 })
    await clock.pass(MINUTE)
    await until(() => said.length > 0 && own(kept.join(''), guildId).length === 1)
    expect(said[0]).toContain('The file of TRAIL_ANCHOR_FILE cannot be written: its folder is not there')
    mkdirSync(volume)
    says.status = 500
    await sign()
    await until(() => clock.waiting === 2)
    await clock.pass(MINUTE)
    await until(() => said.length === 3)
    await stop()
    expect(own(readFileSync(anchorFile, 'utf8'), guildId)).toEqual(sent)
    chmodSync(volume, 0o700)
    expect(said.join('')).toContain('TRAIL_ANCHOR_FILE takes checkpoints again')
    expect(said.join('')).toContain('TRAIL_ANCHOR_WEBHOOK answered 500')
    expect(said.join('')).not.toContain(SECRET)
  })

  it('are given a hundred in one turn, and the rest in the next', async () => {
    const { address, kept } = await keeper()
    const anchor = webhookAnchor(address)
    while ((await give(anchor)).kept > 0) kept.length = 0
    const row = { guildId, at: AT, head: '', peaks: '', note: 'x' }
    await sign()
    await db()
      .insert(trailCheckpoints)
      .values(Array.from({ length: 110 }, (_, nth) => ({ ...row, size: nth + 2 })))
    expect([(await give(anchor)).kept, (await give(anchor)).kept]).toEqual([100, 11])
  })
})
