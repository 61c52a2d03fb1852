import type { AddressInfo } from 'node:net'
import { Channels, Webhooks } from './channels.ts'
import { SandboxClock } from './clock.ts'
import { CommandBook } from './commands.ts'
import { DirectChannels } from './direct.ts'
import { Faults } from './faults.ts'
import { Gateway } from './gateway/gateway.ts'
import { Guild } from './guild.ts'
import { Interactions } from './interactions.ts'
import type { GuildPlan } from './plan.ts'
import type { Post } from './post.ts'
import { Pulse } from './pulse.ts'
import { Limits } from './rest/limits.ts'
import { type Exchange, RequestLog } from './rest/log.ts'
import { makeRestServer } from './rest/server.ts'
import { type Id, Snowflakes } from './snowflake.ts'
import { ALL_SLIPS, type Announcement, type Application, NO_SLIPS, type Slips } from './surroundings.ts'

/** What Discord asks of a client, ms. */
const HEARTBEAT = 41_250

export interface SandboxOptions {
  /** 0, the default: any free port. */
  readonly port?: number
  /** Further bot tokens that are good. */
  readonly tokens?: readonly string[]
  readonly heartbeatInterval?: number
  /** The base of the sandbox's clock, ms since the epoch; `sandbox.clock.advance` puts it forward. */
  readonly now?: () => number
  /** False: no REST request is refused for its rate. */
  readonly limits?: boolean
  /** Shortens every rate-limit window, so that clients that wait wait less. 1 is Discord. */
  readonly rateScale?: number
  /** Privileged intents that are switched on for the application. `['members']` by default. */
  readonly privileged?: readonly ('members' | 'presences' | 'content')[]
  /** A server that differs from Discord in small ways: all of them, or those named. */
  readonly slips?: 'all' | Partial<Slips>
  /** Events kept for a resume. */
  readonly replayLimit?: number
  readonly applicationName?: string
}

/** A Discord on this machine, on loopback only. Everything that can be done to it is here; what it says goes over real sockets. */
export class Sandbox {
  readonly clock: SandboxClock
  readonly faults: Faults
  readonly slips: Slips
  readonly application: Application
  readonly limits: Limits
  readonly requests = new RequestLog()
  readonly gateway: Gateway
  /** What the application registered. */
  readonly commands: CommandBook
  /** What stands in the channels. */
  readonly channels: Channels
  /** Who takes the bot's direct messages. */
  readonly direct: DirectChannels
  /** Faults of the sandbox itself. A test may hold that there are none. */
  readonly mishaps: Error[] = []
  readonly #guilds = new Map<Id, Guild>()
  readonly #pulse = new Pulse()
  readonly #ids: Snowflakes
  readonly #webhooks: Webhooks
  readonly #interactions: Interactions
  readonly #exchangeListeners = new Set<(exchange: Exchange) => void>()
  readonly #server: ReturnType<typeof makeRestServer>
  #port = 0

  constructor(options: SandboxOptions) {
    this.clock = new SandboxClock(options.now)
    this.faults = new Faults(this.clock)
    this.#ids = new Snowflakes(this.clock)
    this.slips = options.slips === 'all' ? { ...ALL_SLIPS } : { ...NO_SLIPS, ...options.slips }
    this.application = this.#makeApplication(options)
    const rateScale = options.rateScale ?? 1
    this.limits = new Limits(this.clock, rateScale, options.limits ?? true)
    const shared = {
      clock: this.clock,
      pulse: this.#pulse,
      application: this.application,
      faults: this.faults,
      guilds: this.#guilds,
    }
    const { heartbeatInterval = HEARTBEAT, replayLimit } = options
    this.gateway = new Gateway({ ...shared, heartbeatInterval, rateScale, replayLimit })
    this.faults.join(this.gateway)
    this.commands = new CommandBook(this.application.id, this.#ids)
    this.channels = new Channels({ ...shared, ids: this.#ids })
    this.direct = new DirectChannels(this.#ids)
    this.#webhooks = new Webhooks(this.#ids)
    const announce = (event: Announcement) => this.gateway.announce(event)
    this.#interactions = new Interactions({ ...shared, ids: this.#ids, commands: this.commands, announce })
    this.#server = makeRestServer({
      ...shared,
      ids: this.#ids,
      commands: this.commands,
      interactions: this.#interactions,
      channels: this.channels,
      direct: this.direct,
      webhooks: this.#webhooks,
      slips: this.slips,
      limits: this.limits,
      log: this.requests,
      gatewayUrl: () => this.gatewayUrl,
      onExchange: (exchange) => this.#tellExchange(exchange),
      onMishap: (error) => this.mishaps.push(error),
    })
  }

  /** For `DISCORD_API_URL`, and discord.js' `rest.api`. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/api`
  }

  get gatewayUrl(): string {
    return `ws://127.0.0.1:${this.#port}/gateway`
  }

  get token(): string {
    return this.application.tokens.values().next().value!
  }

  get applicationId(): Id {
    return this.application.id
  }

  get botUserId(): Id {
    return this.application.botUserId
  }

  get guilds(): readonly Guild[] {
    return [...this.#guilds.values()]
  }

  async listen(port: number): Promise<void> {
    await this.#server.listen({ host: '127.0.0.1', port })
    this.#port = (this.#server.server.address() as AddressInfo).port
    this.gateway.listen(this.#server.server, this.gatewayUrl)
  }

  async close(): Promise<void> {
    await this.gateway.close()
    await this.#server.close()
  }

  /** A guild that the bot is in. Sessions that are open learn of it at once. */
  addGuild(plan: GuildPlan): Guild {
    const around = {
      clock: this.clock,
      ids: this.#ids,
      pulse: this.#pulse,
      application: this.application,
      slips: this.slips,
      oddities: this.faults,
      announce: (event: Announcement) => this.gateway.announce(event),
    }
    const guild = new Guild(plan, around, this.#interactions)
    this.#guilds.set(guild.id, guild)
    this.gateway.welcome(guild)
    return guild
  }

  /** The bot is thrown out of the guild. */
  removeGuild(guildId: Id): void {
    this.gateway.announce({ t: 'GUILD_DELETE', guildId, d: { id: guildId } })
    this.#guilds.delete(guildId)
    this.#pulse.beat()
  }

  /** What the bot wrote to this person alone, the oldest first. */
  directMessages(memberId: Id): readonly Post[] {
    const channelId = this.direct.with(memberId)
    return channelId === undefined ? [] : this.channels.in(channelId)
  }

  /** A webhook of the guild's, and its address. */
  addWebhook(guild: Guild, channel: string, name = 'rolecall log'): { readonly id: Id; readonly url: string } {
    const place = guild.channels.find((candidate) => candidate.name === channel)
    if (!place) throw new Error(`The guild ${guild.name} has no channel ${channel}`)
    const { id, token } = this.#webhooks.add(guild.id, place.id, name)
    return { id, url: `${this.url}/webhooks/${id}/${token}` }
  }

  /** Somebody deletes the webhook: from now on its address is answered 404. */
  removeWebhook(id: Id): void {
    this.#webhooks.remove(id)
  }

  /** Watches every REST exchange. Returns the way to stop. */
  onExchange(listener: (exchange: Exchange) => void): () => void {
    this.#exchangeListeners.add(listener)
    return () => this.#exchangeListeners.delete(listener)
  }

  /** Resolves as soon as this holds; looked at again after everything that happens here. Rejects after `deadline` ms of real time. */
  until(holds: () => boolean, what = String(holds), deadline?: number): Promise<void> {
    return this.#pulse.until(holds, what, deadline)
  }

  #tellExchange(exchange: Exchange): void {
    for (const listener of [...this.#exchangeListeners]) listener(exchange)
  }

  #makeApplication({
    applicationName = 'rolecall',
    privileged = ['members'],
    tokens = [],
  }: SandboxOptions): Application {
    const id = this.#ids.next()
    const token = `${Buffer.from(id).toString('base64url')}.sandbox.good-on-this-machine-only`
    return {
      id,
      // An application made since 2016 and its bot share one id.
      botUserId: id,
      name: applicationName,
      botName: applicationName,
      ownerId: this.#ids.next(),
      ownerHasSecondFactor: true,
      privileged: new Set(privileged),
      tokens: new Set([token, ...tokens]),
    }
  }
}

/** Starts a sandbox on 127.0.0.1. Close it when done. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = new Sandbox(options)
  await sandbox.listen(options.port ?? 0)
  return sandbox
}
