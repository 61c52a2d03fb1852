import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { SandboxClock } from '../clock.ts'
import type { Disconnect, Faults, GatewayFaults } from '../faults.ts'
import type { Guild } from '../guild.ts'
import type { Json } from '../payloads.ts'
import { PERMISSION } from '../permissions.ts'
import type { Pulse } from '../pulse.ts'
import type { Id } from '../snowflake.ts'
import type { Announcement, Application } from '../surroundings.ts'
import { chunksFor, type MembersRequest, readMembersRequest } from './chunks.ts'
import { Connection } from './connection.ts'
import { closeForIntents, INTENT, intentsAllow } from './intents.ts'
import { toReady } from './ready.ts'
import { Session } from './session.ts'

/** Sessions kept for a resume. One bot has a handful of shards. */
const SESSIONS = 200
/** Every member of a guild may be asked for once in this time, ms. */
const WHOLE_LIST_EVERY = 30_000
/** What a client asks for when it says nothing of `large_threshold`. */
const LARGE = 50

export interface GatewayWorld {
  readonly clock: SandboxClock
  readonly pulse: Pulse
  readonly application: Application
  readonly faults: Faults
  readonly guilds: ReadonlyMap<Id, Guild>
  readonly heartbeatInterval: number
  /** Shortens the windows of rate limits. 1 is Discord. */
  readonly rateScale: number
  readonly replayLimit?: number | undefined
}

/** What happened at the gateway, for whoever watches it. */
export interface GatewayEvent {
  readonly kind:
    | 'connected'
    | 'identified'
    | 'ready'
    | 'resumed'
    | 'resume refused'
    | 'heartbeat'
    | 'members asked'
    | 'chunk'
    | 'closed'
  readonly sessionId: string | null
  readonly detail: Json
}

/** The gateway end: who is connected, what they are told, and what they ask. */
export class Gateway implements GatewayFaults {
  readonly #world: GatewayWorld
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 4096, perMessageDeflate: false })
  readonly #connections = new Set<Connection>()
  readonly #sessions = new Map<string, Session>()
  readonly #wholeLists = new Map<string, number>()
  readonly #listeners = new Set<(event: GatewayEvent) => void>()
  readonly #counts = new Map<string, number>()
  #url = ''

  constructor(world: GatewayWorld) {
    this.#world = world
  }

  listen(server: Server, url: string): void {
    this.#url = url
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const address = new URL(request.url ?? '/', url)
      if (address.pathname.replace(/\/$/, '') !== '/gateway') return void socket.destroy()
      this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#open(opened, address.searchParams))
    })
  }

  async close(): Promise<void> {
    for (const { socket } of this.#connections) socket.terminate()
    await new Promise<void>((resolve) => this.#sockets.close(() => resolve()))
  }

  /** How often each kind of thing happened, and how many events of each name were sent. */
  count(kind: GatewayEvent['kind'] | string): number {
    return this.#counts.get(kind) ?? 0
  }

  /** Called in the midst of it: what the listener does happens before anything else is sent. Returns the way to stop. */
  on(listener: (event: GatewayEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get connected(): number {
    return [...this.#sessions.values()].filter(({ connection }) => connection !== null).length
  }

  /** Tells an event to every session that covers the guild and asked for such events. */
  announce(event: Announcement): void {
    if (event.guildId !== null && !this.#mayTell(event)) return
    for (const passed of this.#world.faults.pass(event)) this.#tell(passed)
  }

  release(events: readonly Announcement[]): void {
    for (const event of events) this.#tell(event)
  }

  /** The guild is new to the bot, or within reach again. */
  welcome(guild: Guild): void {
    for (const session of this.#sessions.values()) this.#sendGuild(session, guild)
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
    for (const session of [...this.#sessions.values()]) {
      this.#sessions.delete(session.terms.id)
      session.connection?.op(9, false)
    }
  }

  disconnect({ resumable = true, how = 'op 7' }: Disconnect): void {
    for (const session of [...this.#sessions.values()]) {
      if (!resumable) this.#sessions.delete(session.terms.id)
      const connection = session.connection
      session.connection = null
      if (how === 'op 7') connection?.op(7, null)
      else connection?.close(how)
    }
  }

  zombie(): void {
    for (const connection of this.#connections) connection.dead = true
  }

  #open(socket: WebSocket, query: URLSearchParams): void {
    const connection = new Connection(socket, this.#world.clock)
    this.#connections.add(connection)
    socket.on('message', (data) => this.#hear(connection, data.toString()))
    socket.on('close', (code) => this.#closed(connection, code))
    socket.on('error', () => socket.terminate())
    if (query.get('v') !== '10') return connection.close(4012, 'Invalid API version')
    connection.op(10, { heartbeat_interval: this.#world.heartbeatInterval, _trace: [] })
    this.#note('connected', connection)
  }

  #closed(connection: Connection, code: number): void {
    this.#connections.delete(connection)
    const session = connection.session
    // A client that says goodbye with these codes ends its session.
    if (session && (code === 1000 || code === 1001)) this.#sessions.delete(session.terms.id)
    if (session?.connection === connection) session.connection = null
    this.#note('closed', connection, { code })
  }

  #hear(connection: Connection, text: string): void {
    if (!connection.takes()) return connection.close(4008, 'Rate limited')
    let payload: { op?: unknown; d?: unknown } | null
    try {
      payload = JSON.parse(text)
    } catch {
      return connection.close(4002, 'Decode error')
    }
    this.#answer(connection, payload?.op, payload?.d)
  }

  #answer(connection: Connection, op: unknown, d: unknown): void {
    if (op === 1) return this.#heartbeat(connection)
    if (op === 2) return this.#identify(connection, (d ?? {}) as Json)
    if (op === 6) return this.#resume(connection, (d ?? {}) as Json)
    if (!connection.session) return connection.close(4003, 'Not authenticated')
    if (op === 8) return this.#members(connection.session, d)
    if (op !== 3 && op !== 4) connection.close(4001, 'Unknown opcode')
  }

  #heartbeat(connection: Connection): void {
    if (!this.#world.faults.deaf) connection.op(11, null)
    this.#note('heartbeat', connection)
  }

  #identify(connection: Connection, d: Json): void {
    const { application } = this.#world
    if (connection.session) return connection.close(4005, 'Already authenticated')
    if (!application.tokens.has(String(d.token).replace(/^Bot /, '')))
      return connection.close(4004, 'Authentication failed')
    const refused = closeForIntents(d.intents, application.privileged)
    if (refused) return connection.close(refused, refused === 4013 ? 'Invalid intent(s)' : 'Disallowed intent(s)')
    const shard = readShard(d.shard)
    if (!shard) return connection.close(4010, 'Invalid shard')
    const largeThreshold = Number(d.large_threshold ?? LARGE)
    this.#begin(connection, {
      id: randomUUID().replaceAll('-', ''),
      intents: d.intents as number,
      shard,
      largeThreshold,
    })
  }

  #begin(connection: Connection, terms: Session['terms']): void {
    const session = new Session(terms, this.#world.clock.now(), this.#world.replayLimit)
    this.#sessions.set(terms.id, session)
    if (this.#sessions.size > SESSIONS) this.#sessions.delete(this.#sessions.keys().next().value!)
    this.#attach(session, connection)
    this.#note('identified', connection)
    const mine = [...this.#world.guilds.values()].filter(({ id }) => session.covers(id))
    const guildIds = mine.map(({ id }) => id)
    void session.send({ t: 'READY', d: toReady(this.#world.application, terms, guildIds, this.#url) })
    this.#note('ready', connection)
    for (const guild of mine) this.#sendGuild(session, guild)
  }

  #resume(connection: Connection, d: Json): void {
    if (!this.#world.application.tokens.has(String(d.token).replace(/^Bot /, '')))
      return connection.close(4004, 'Authentication failed')
    const session = this.#sessions.get(String(d.session_id))
    if (session) this.#attach(session, connection)
    if (session?.replay(Number(d.seq))) {
      void session.send({ t: 'RESUMED', d: { _trace: [] } })
      return this.#note('resumed', connection)
    }
    connection.session = null
    if (session) this.#sessions.delete(session.terms.id)
    connection.op(9, false)
    this.#note('resume refused', connection)
  }

  #attach(session: Session, connection: Connection): void {
    session.connection?.close(4000)
    session.connection = connection
    connection.session = session
  }

  #sendGuild(session: Session, guild: Guild): void {
    const { intents, largeThreshold } = session.terms
    if (!session.covers(guild.id) || guild.unavailable || !intentsAllow(intents, 'GUILD_CREATE')) return
    const small = guild.memberCount <= largeThreshold && (intents & INTENT.GUILD_PRESENCES) !== 0
    const d = guild.toGuildCreate(small ? [...guild.members.walk()] : [guild.bot], largeThreshold)
    for (const event of this.#world.faults.pass({ t: 'GUILD_CREATE', guildId: guild.id, d })) this.#send(session, event)
  }

  #members(session: Session, d: unknown): void {
    const request = readMembersRequest(d)
    if (!request) return session.connection?.close(4002, 'Decode error')
    this.#note('members asked', session.connection, { request })
    const guild = this.#world.guilds.get(request.guildId)
    if (!guild || guild.unavailable || !session.covers(guild.id)) return
    if (request.kind === 'everyone' && !this.#mayListAll(session, request)) return
    void this.#burst(session, guild, request)
  }

  /** Without the members intent nothing comes back at all; too soon after the last list, a refusal does. */
  #mayListAll(session: Session, { guildId, nonce }: MembersRequest): boolean {
    if (!(session.terms.intents & INTENT.GUILD_MEMBERS)) return false
    const now = this.#world.clock.now()
    const wait = (this.#wholeLists.get(guildId) ?? 0) + WHOLE_LIST_EVERY * this.#world.rateScale - now
    if (wait <= 0) {
      this.#wholeLists.set(guildId, now)
      return true
    }
    const meta = { guild_id: guildId, ...(nonce === undefined ? {} : { nonce }) }
    this.#send(session, { t: 'RATE_LIMITED', guildId, d: { opcode: 8, retry_after: wait / 1000, meta } })
    return false
  }

  /** As fast as the socket takes it. Events that happen meanwhile go out in between. */
  async #burst(session: Session, guild: Guild, request: MembersRequest): Promise<void> {
    for (const { d, again } of chunksFor(guild, request)) {
      const event = { t: 'GUILD_MEMBERS_CHUNK', guildId: guild.id, d }
      for (const passed of this.#world.faults.pass(event)) {
        const taken = session.send(passed, passed === event ? again : undefined)
        this.#count(passed.t)
        this.#note('chunk', session.connection, { guildId: guild.id, index: d.chunk_index, count: d.chunk_count })
        await taken
      }
    }
  }

  #mayTell({ t, guildId }: Announcement): boolean {
    const guild = this.#world.guilds.get(guildId!)
    if (!guild || guild.unavailable) return false
    if (t !== 'GUILD_AUDIT_LOG_ENTRY_CREATE') return true
    return (guild.permissionsOf(guild.bot) & PERMISSION.VIEW_AUDIT_LOG) !== 0n
  }

  #tell(event: Announcement): void {
    for (const session of this.#sessions.values()) {
      if (session.covers(event.guildId) && this.#wants(session, event)) this.#send(session, event)
    }
    this.#world.pulse.beat()
  }

  #wants({ terms, readyAt }: Session, { t, d }: Announcement): boolean {
    const early = this.#world.clock.now() - readyAt < this.#world.faults.silentStart
    if (early && t !== 'INTERACTION_CREATE') return false
    // Discord tells the bot of changes to itself whatever it asked for.
    const self = t === 'GUILD_MEMBER_UPDATE' && (d.user as Json).id === this.#world.application.botUserId
    return self || intentsAllow(terms.intents, t)
  }

  #send(session: Session, event: Announcement): void {
    void session.send(event)
    this.#count(event.t)
  }

  #count(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
  }

  #note(kind: GatewayEvent['kind'], connection: Connection | null, detail: Json = {}): void {
    this.#count(kind)
    const event = { kind, sessionId: connection?.session?.terms.id ?? null, detail }
    for (const listener of [...this.#listeners]) listener(event)
    this.#world.pulse.beat()
  }
}

function readShard(shard: unknown): readonly [number, number] | null {
  if (shard === undefined) return [0, 1]
  if (!Array.isArray(shard)) return null
  const [index, count] = shard.map(Number)
  return index! >= 0 && index! < count! ? [index!, count!] : null
}
