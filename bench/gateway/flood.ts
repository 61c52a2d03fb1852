import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { GUILD_ID } from '../guild/town.ts'
import { answer } from '../peer.ts'
import { dispatch, Stock } from './stock.ts'

// A gateway that does nothing but speak: it greets, answers op 8, and floods. The sandbox is the one that behaves like Discord in all else;
// it would be what these rows measure.

export type FloodQuestion =
  | { readonly ask: 'open'; readonly members: number; readonly seed: number; readonly governed: number }
  /** Writes the updates out; they are for the session of this number, in the order in which clients came. */
  | { readonly ask: 'prepare'; readonly session: number; readonly updates: number }
  | { readonly ask: 'flood' }

export interface FloodAddress {
  readonly apiUrl: string
  readonly token: string
}

const HEARTBEAT_MS = 41_250
const TOKEN = 'bench.good-on-this-machine-only'

/** One client, how far its events have been counted, and how many updates are meant for it. */
class Session {
  readonly #socket: Duplex
  #seq = 0
  /** A session begins with everybody as the guild has them. */
  told = 0

  constructor(socket: Duplex) {
    this.#socket = socket
  }

  readonly nextSeq = (): number => ++this.#seq

  /** As fast as the other side takes it, batch by batch. Each is whole frames: the answer to a heartbeat may come in between. */
  async write(batches: Iterable<readonly Buffer[]>): Promise<void> {
    for (const pieces of batches) {
      this.#socket.cork()
      for (const piece of pieces) this.#socket.write(piece)
      this.#socket.uncork()
      if (this.#socket.writableNeedDrain) await once(this.#socket, 'drain')
    }
  }
}

const sessions: Session[] = []
let stock: Stock
let ready: { readonly session: Session; readonly batches: readonly (readonly Buffer[])[] } | null = null

const http = createServer((_, reply) => {
  const limit = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 }
  reply.setHeader('content-type', 'application/json')
  reply.end(JSON.stringify({ url: `ws://127.0.0.1:${port()}`, shards: 1, session_start_limit: limit }))
})
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

http.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (client) => {
    const session = new Session(socket)
    const say = (op: number, d: unknown) => client.send(JSON.stringify({ t: null, s: null, op, d }))
    client.on('error', () => client.terminate())
    client.on('message', (data) => {
      const { op, d } = JSON.parse(data.toString()) as { op: number; d: { nonce: string } }
      if (op === 1) say(11, null)
      if (op === 2) greet(session, (text) => client.send(text))
      if (op === 8) void list(session, d.nonce)
    })
    say(10, { heartbeat_interval: HEARTBEAT_MS })
  })
})

function greet(session: Session, send: (text: string) => void): void {
  sessions.push(session)
  const { botUserId } = stock.town
  const user = { id: botUserId, username: 'rolecall', discriminator: '0001', bot: true, avatar: null, flags: 0 }
  const ready = {
    v: 10,
    user,
    guilds: [{ id: GUILD_ID, unavailable: true }],
    session_id: `bench-${sessions.length}`,
    resume_gateway_url: `ws://127.0.0.1:${port()}`,
    shard: [0, 1],
    application: { id: botUserId, flags: 0 },
  }
  send(dispatch('READY', session.nextSeq(), JSON.stringify(ready)))
  send(dispatch('GUILD_CREATE', session.nextSeq(), stock.guild))
}

async function list(session: Session, nonce: string): Promise<void> {
  await session.write(stock.chunks(nonce, session.nextSeq))
}

function port(): number {
  return (http.address() as AddressInfo).port
}

answer(async (question: FloodQuestion) => {
  switch (question.ask) {
    case 'open':
      stock = new Stock(question.members, question.seed, question.governed)
      http.listen(0, '127.0.0.1')
      await once(http, 'listening')
      return { apiUrl: `http://127.0.0.1:${port()}/api`, token: TOKEN } satisfies FloodAddress
    case 'prepare': {
      const session = sessions[question.session]!
      ready = { session, batches: stock.updates(session.told, question.updates, session.nextSeq) }
      session.told += question.updates
      return null
    }
    case 'flood':
      void ready!.session.write(ready!.batches)
      return null
  }
})
