import { type APIInteraction, type Client, Events, GatewayDispatchEvents, GatewayOpcodes, Status } from 'discord.js'
import type { Id } from '#src/core/model.ts'
import type { Log } from '#src/telemetry/log.ts'
import { Backlog } from './backlog.ts'
import { sayFarewell } from './farewell.ts'
import { DiscordFault, faultOfCloseCode, toFault } from './faults.ts'
import { shardsOf } from './inside.ts'
import { type MutablePacket, type Packet, retire } from './packets.ts'
import { realTurns } from './turns.ts'
import { UnreadChunk } from './unread-chunk.ts'

export interface SessionEvent {
  /**
   * `fresh`: a READY, the first one too; what was held of this shard's guilds is suspect. `resumed`: everything missed was replayed before
   * this. `reconnecting`: the connection was lost and comes back by itself. `disconnected`: it will not come back.
   */
  readonly kind: 'fresh' | 'resumed' | 'reconnecting' | 'disconnected'
  readonly shardId: number
}

export interface Listeners {
  /** Every dispatch, those of one guild in the order of their arrival. `interaction` dispatches go to `onInteraction` alone. */
  readonly onPacket: (packet: Packet, shardId: number) => void
  readonly onSession: (event: SessionEvent) => void
  readonly onInteraction: (interaction: APIInteraction) => void
  /** The connection is gone for good. Called at most once, and only after `connect` had succeeded. */
  readonly onFatal: (fault: DiscordFault) => void
  /** Whether something is under way to which the lists of members give way for a moment; never where left out. */
  readonly isBusy?: () => boolean
}

/** How long a closing connection may take; the process does not wait for Discord to say goodbye. */
const CLOSE_MS = 2_000

/** One login at Discord, over as many shards as Discord asks for. */
export class Connection {
  readonly client: Client
  readonly #listeners: Listeners
  readonly #log: Log
  readonly #backlog: Backlog
  readonly #guildIds = new Set<Id>()
  readonly #ready = Promise.withResolvers<void>()
  #bot: { readonly userId: Id; readonly applicationId: Id } | null = null
  #fault: DiscordFault | null = null
  #state: 'opening' | 'open' | 'closed' = 'opening'

  constructor(client: Client, listeners: Listeners, log: Log) {
    this.client = client
    this.#listeners = listeners
    this.#log = log
    this.#backlog = this.#makeBacklog()
    this.#listen()
  }

  /** Logs in; rejects with a `DiscordFault` that says what to do. */
  async open(token: string): Promise<void> {
    try {
      await this.client.login(token)
      await this.#ready.promise
    } catch (error) {
      this.#state = 'closed'
      throw this.#fault ?? toFault(error, 'logging in')
    }
    this.#state = 'open'
  }

  get botUserId(): Id {
    return this.#known().userId
  }

  get applicationId(): Id {
    return this.#known().applicationId
  }

  /** The guilds that the bot is in, those that are down for the moment included. */
  get guildIds(): readonly Id[] {
    return [...this.#guildIds]
  }

  /** Null where the guild is not known (yet). */
  ownerOf(guildId: Id): Id | null {
    return this.client.guilds.cache.get(guildId)?.ownerId ?? null
  }

  /** The permission bits of these roles and of @everyone in the whole guild, channels aside; null where the guild is not known (yet). */
  guildPermissionsOf(guildId: Id, roleIds: readonly Id[]): bigint | null {
    const roles = this.client.guilds.cache.get(guildId)?.roles.cache
    if (!roles?.has(guildId)) return null
    // @everyone has the guild's own id. A role that is no more grants nothing.
    return [guildId, ...roleIds].reduce((all, id) => all | (roles.get(id)?.permissions.bitfield ?? 0n), 0n)
  }

  /** Asks Discord for all members of a guild; they come as chunks with this nonce. Discord allows it once in 30 s for a guild. */
  async askMembers(guildId: Id, nonce: string): Promise<void> {
    const shardId = Number((BigInt(guildId) >> 22n) % BigInt(Math.max(1, this.client.ws.shards.size)))
    const shard = this.client.ws.shards.get(shardId)
    const connected = shard?.status === Status.Ready || shard?.status === Status.WaitingForGuilds
    // Sent during a resume it would never be answered, and would hang here.
    if (!connected || this.#state === 'closed')
      throw new DiscordFault(
        'disconnected',
        `The connection to Discord that serves server ${guildId} is down at the moment. It comes back by itself.`,
      )
    const payload = { op: GatewayOpcodes.RequestGuildMembers, d: { guild_id: guildId, query: '', limit: 0, nonce } }
    await this.#socket()
      .send(shardId, payload)
      .catch((error: unknown) => {
        throw toFault(error, `asking for the members of server ${guildId}`)
      })
  }

  /** Ends the connection. Safe to call twice; nothing is reported to the listeners afterwards. */
  async close(): Promise<void> {
    if (this.#state === 'closed' && this.client.token === null) return
    this.#state = 'closed'
    this.#backlog.stop()
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, CLOSE_MS)
    const gone = sayFarewell(this.client).catch((error: unknown) =>
      this.#log.warn({ error }, 'Closing the connection to Discord failed.'),
    )
    await Promise.race([gone, late])
    clearTimeout(timer)
  }

  /** `WebSocketShard#send` drops the promise of the send below it, and a rejection would then be nobody's: so past it. */
  #socket(): { send(shardId: number, payload: unknown): Promise<void> } {
    return (this.client.ws as unknown as { _ws: { send(shardId: number, payload: unknown): Promise<void> } })._ws
  }

  #known(): { readonly userId: Id; readonly applicationId: Id } {
    if (!this.#bot) throw new Error('The connection was used before it was open.')
    return this.#bot
  }

  #listen(): void {
    this.client.on('raw', (packet: MutablePacket, shardId: number) => this.#hear(packet, shardId))
    this.client.on(Events.ShardReconnecting, (shardId) => this.#tell({ kind: 'reconnecting', shardId }))
    this.client.on(Events.ShardDisconnect, ({ code }, shardId) => this.#lost(code, shardId))
    this.client.on(Events.ShardError, (error, shardId) => {
      this.#log.warn(
        { shardId, fault: toFault(error, 'listening to Discord').message },
        'A connection to Discord had a fault.',
      )
    })
    // Without a listener an `error` event would end the process.
    this.client.on(Events.Error, (error) => this.#log.error({ error }, 'discord.js reported a fault.'))
    this.client.on(Events.Warn, (warning) => this.#log.warn({ warning }, 'discord.js warns.'))
  }

  #makeBacklog(): Backlog {
    const socketOf = (shardId: number) => shardsOf(this.client).get(shardId)?.connection
    return new Backlog({
      ...realTurns,
      take: (packet, shardId) => this.#take(packet, shardId),
      isBusy: () => this.#listeners.isBusy?.() ?? false,
      guilds: () => this.#guildIds.size,
      pause: (shardId) => socketOf(shardId)?.pause?.(),
      resume: (shardId) => socketOf(shardId)?.resume?.(),
    })
  }

  #hear(packet: MutablePacket, shardId: number): void {
    if (this.#state !== 'closed') this.#backlog.put({ t: packet.t, d: packet.d }, shardId)
    retire(packet)
  }

  /** A fault in what listens must not reach discord.js: it would be lost there, and the packet with it. */
  #take(packet: Packet, shardId: number): void {
    const { t, d } = packet
    try {
      this.#dispatch(d instanceof UnreadChunk ? { t, d: d.read() } : packet, shardId)
    } catch (error) {
      this.#log.error({ error, dispatch: t, shardId }, 'A dispatch from Discord could not be taken in.')
    }
  }

  #dispatch(packet: Packet, shardId: number): void {
    if (packet.t === GatewayDispatchEvents.InteractionCreate) {
      this.#listeners.onInteraction(packet.d as APIInteraction)
      return
    }
    if (packet.t === GatewayDispatchEvents.Ready) this.#begin(packet.d as ReadyPart, shardId)
    if (packet.t === GatewayDispatchEvents.GuildCreate) this.#guildIds.add((packet.d as GuildPart).id)
    if (packet.t === GatewayDispatchEvents.GuildDelete) this.#leave(packet.d as GuildPart)
    this.#listeners.onPacket(packet, shardId)
    if (packet.t === GatewayDispatchEvents.Resumed) this.#tell({ kind: 'resumed', shardId })
  }

  #begin({ user, application, guilds }: ReadyPart, shardId: number): void {
    this.#bot = { userId: user.id, applicationId: application?.id ?? user.id }
    for (const { id } of guilds) this.#guildIds.add(id)
    this.#tell({ kind: 'fresh', shardId })
    this.#ready.resolve()
  }

  #leave({ id, unavailable }: GuildPart): void {
    // An outage is not a farewell: the guild comes back by a GUILD_CREATE.
    if (!unavailable) this.#guildIds.delete(id)
  }

  #tell(event: SessionEvent): void {
    if (this.#state === 'closed') return
    try {
      this.#listeners.onSession(event)
    } catch (error) {
      this.#log.error({ error, ...event }, 'A change of the session could not be taken in.')
    }
  }

  #lost(code: number, shardId: number): void {
    this.#tell({ kind: 'disconnected', shardId })
    if (this.#fault) return
    this.#fault =
      faultOfCloseCode(code) ??
      new DiscordFault(
        'disconnected',
        `Discord closed the connection for good (close code ${code}). Start the bot again.`,
        code,
      )
    if (this.#state === 'open') this.#listeners.onFatal(this.#fault)
  }
}

interface ReadyPart {
  readonly user: { readonly id: Id }
  readonly application?: { readonly id: Id }
  readonly guilds: readonly { readonly id: Id }[]
}

interface GuildPart {
  readonly id: Id
  readonly unavailable?: boolean
}
