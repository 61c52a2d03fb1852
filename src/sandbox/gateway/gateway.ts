import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Disconnect, GatewayFaults } from '../faults.ts'
import type { Guild } from '../guild.ts'
import type { Json } from '../payloads.ts'
import type { Pulse } from '../pulse.ts'
import type { Id } from '../snowflake.ts'
import type { Announcement } from '../surroundings.ts'
import { readMembersRequest } from './chunks.ts'
import { Connection } from './connection.ts'
import { readIdentify, tokenIsGood } from './handshake.ts'
import { type ListsWorld, MemberLists } from './lists.ts'
import { toReady } from './ready.ts'
import { Session, type SessionTerms } from './session.ts'
import { Sessions, type SessionsWorld } from './sessions.ts'
import { type GatewayEvent, GatewayWatch } from './watch.ts'

/** Discord closes on a client that sends more than 4,096 bytes at once. */
const PAYLOAD_LIMIT = 4096
/** A client that closes with one of these ends its session. */
const GOODBYE: ReadonlySet<number> = new Set([1000, 1001])
/** After Discord closes with one of these (invalid sequence, session timed out) the session cannot be resumed. */
const ENDED: ReadonlySet<number> = new Set([4007, 4009])

export interface GatewayWorld extends SessionsWorld, ListsWorld {
  readonly pulse: Pulse
  readonly heartbeatInterval: number
  readonly replayLimit?: number | undefined
}

/** The gateway end: connections, what they ask, and the faults that strike them all. */
export class Gateway implements GatewayFaults {
  readonly #world: GatewayWorld
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: PAYLOAD_LIMIT, perMessageDeflate: false })
  /** Every open connection, and the session it carries once there is one. */
  readonly #connections = new Map<Connection, Session | null>()
  readonly #watch: GatewayWatch
  readonly #sessions: Sessions
  readonly #lists: MemberLists
  #url = ''

  constructor(world: GatewayWorld) {
    this.#world = world
    this.#watch = new GatewayWatch(world.pulse)
    this.#sessions = new Sessions(world, this.#watch)
    this.#lists = new MemberLists(world, this.#sessions, this.#watch)
  }

  listen(server: Server, url: string): void {
    this.#url = url
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const address = new URL(request.url ?? '/', url)
      if (address.pathname.replace(/\/$/, '') !== '/gateway') socket.destroy()
      else this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#open(opened, address.searchParams))
    })
  }

  async close(): Promise<void> {
    for (const { socket } of this.#connections.keys()) socket.terminate()
    await new Promise<void>((resolve) => this.#sockets.close(() => resolve()))
  }

  /** How often this happened, or how many events of this name were sent. */
  count(kind: GatewayEvent['kind'] | string): number {
    return this.#watch.count(kind)
  }

  /** Called in the midst of it: what the listener does comes before anything else is sent. Returns the way to stop. */
  on(listener: (event: GatewayEvent) => void): () => void {
    return this.#watch.on(listener)
  }

  /** Sessions with a connection at this moment. */
  get connected(): number {
    return this.#sessions.all.filter(({ connection }) => connection !== null).length
  }

  announce(event: Announcement): void {
    this.#sessions.announce(event)
    this.#world.pulse.beat()
  }

  release(events: readonly Announcement[]): void {
    for (const event of events) this.#sessions.tell(event)
    this.#world.pulse.beat()
  }

  /** The guild is new to the bot, or within reach again. */
  welcome(guild: Guild): void {
    for (const session of this.#sessions.all) this.#sessions.welcome(session, guild)
    this.#world.pulse.beat()
  }

  outage(guildId: Id): void {
    const guild = this.#world.guilds.get(guildId)
    if (!guild || guild.unavailable) return
    this.announce({ t: 'GUILD_DELETE', guildId, d: { id: guildId, unavailable: true } })
    guild.unavailable = true
  }

  endOutage(guildId: Id): void {
    const guild = this.#world.guilds.get(guildId)
    if (!guild?.unavailable) return
    guild.unavailable = false
    this.welcome(guild)
  }

  freshSession(): void {
    for (const session of this.#sessions.all) {
      this.#sessions.forget(session)
      session.connection?.op(9, false)
    }
  }

  disconnect({ resumable = true, how = 'op 7' }: Disconnect): void {
    for (const session of this.#sessions.all) {
      if (!resumable || ENDED.has(Number(how))) this.#sessions.forget(session)
      const { connection } = session
      session.connection = null
      if (how === 'op 7') connection?.op(7, null)
      else connection?.close(how)
    }
  }

  /** Op 1: Discord wants a heartbeat now. */
  askHeartbeat(): void {
    for (const connection of this.#connections.keys()) connection.op(1, null)
  }

  zombie(): void {
    for (const connection of this.#connections.keys()) connection.dead = true
  }

  #open(socket: WebSocket, query: URLSearchParams): void {
    const connection = new Connection(socket, this.#world.clock)
    this.#connections.set(connection, null)
    socket.on('message', (data) => this.#hear(connection, data.toString()))
    socket.on('close', (code) => this.#closed(connection, code))
    socket.on('error', () => socket.terminate())
    if (query.get('v') !== '10') {
      connection.close(4012, 'Invalid API version.')
      return
    }
    connection.op(10, { heartbeat_interval: this.#world.heartbeatInterval, _trace: [] })
    this.#note('connected', connection)
  }

  #closed(connection: Connection, code: number): void {
    const session = this.#connections.get(connection)
    if (session && GOODBYE.has(code)) this.#sessions.forget(session)
    if (session?.connection === connection) session.connection = null
    this.#note('closed', connection, { code })
    this.#connections.delete(connection)
  }

  #hear(connection: Connection, text: string): void {
    const payload = parsed(text)
    if (!connection.takes()) connection.close(4008, 'Rate limited.')
    else if (payload === null) connection.close(4002, 'Error while decoding payload.')
    else this.#answer(connection, payload.op, payload.d)
  }

  #answer(connection: Connection, op: unknown, d: unknown): void {
    const session = this.#connections.get(connection)
    if (op === 1) this.#heartbeat(connection)
    else if (op === 2) this.#identify(connection, d)
    else if (op === 6) this.#resume(connection, (d ?? {}) as Json)
    else if (!session) connection.close(4003, 'Not authenticated.')
    else if (op === 8) this.#list(session, d)
    else if (op !== 3 && op !== 4) connection.close(4001, 'Unknown opcode.')
  }

  #heartbeat(connection: Connection): void {
    if (!this.#world.faults.deaf) connection.op(11, null)
    this.#note('heartbeat', connection)
  }

  #identify(connection: Connection, d: unknown): void {
    const asked = readIdentify(d, this.#world.application)
    if (this.#connections.get(connection)) connection.close(4005, 'Already authenticated.')
    else if ('close' in asked) connection.close(asked.close, asked.reason)
    else this.#begin(connection, asked)
  }

  #begin(connection: Connection, terms: SessionTerms): void {
    const session = new Session(terms, this.#world.clock.now(), this.#world.replayLimit)
    this.#sessions.add(session)
    this.#attach(session, connection)
    this.#note('identified', connection)
    const guilds = [...this.#world.guilds.values()].filter(({ id }) => session.covers(id))
    const ids = guilds.map(({ id }) => id)
    void session.send({ t: 'READY', d: toReady(this.#world.application, terms, ids, this.#url) })
    this.#note('ready', connection)
    for (const guild of guilds) this.#sessions.welcome(session, guild)
    this.#world.pulse.beat()
  }

  #resume(connection: Connection, { token, session_id, seq }: Json): void {
    const session = this.#sessions.find(String(session_id))
    if (!tokenIsGood(this.#world.application, token)) {
      connection.close(4004, 'Authentication failed.')
      return
    }
    if (session) this.#attach(session, connection)
    if (!session?.replay(Number(seq))) {
      this.#refuseResume(connection, session)
      return
    }
    void session.send({ t: 'RESUMED', d: { _trace: [] } })
    this.#note('resumed', connection)
  }

  #refuseResume(connection: Connection, session: Session | undefined): void {
    this.#connections.set(connection, null)
    if (session) this.#sessions.forget(session)
    connection.op(9, false)
    this.#note('resume refused', connection)
  }

  #attach(session: Session, connection: Connection): void {
    session.connection?.close(4000, 'Unknown error.')
    session.connection = connection
    this.#connections.set(connection, session)
  }

  #list(session: Session, d: unknown): void {
    const request = readMembersRequest(d)
    if (!request) {
      session.connection?.close(4002, 'Error while decoding payload.')
      return
    }
    this.#watch.note({ kind: 'members asked', sessionId: session.terms.id, detail: { request } })
    const guild = this.#world.guilds.get(request.guildId)
    if (guild && !guild.unavailable && session.covers(guild.id)) void this.#lists.answer(session, guild, request)
  }

  #note(kind: GatewayEvent['kind'], connection: Connection, detail: Json = {}): void {
    this.#watch.note({ kind, sessionId: this.#connections.get(connection)?.terms.id ?? null, detail })
  }
}

function parsed(text: string): Json | null {
  try {
    return JSON.parse(text) as Json | null
  } catch {
    return null
  }
}
