import type { SandboxClock } from '../clock.ts'
import type { Faults } from '../faults.ts'
import type { Guild } from '../guild.ts'
import type { Json } from '../payloads.ts'
import { PERMISSION } from '../permissions.ts'
import type { Id } from '../snowflake.ts'
import type { Announcement, Application } from '../surroundings.ts'
import { INTENT, intentsAllow } from './intents.ts'
import type { Session } from './session.ts'
import type { GatewayWatch } from './watch.ts'

/** Sessions kept for a resume. One bot has a handful of shards. */
const KEPT = 200

export interface SessionsWorld {
  readonly clock: SandboxClock
  readonly application: Application
  readonly faults: Faults
  readonly guilds: ReadonlyMap<Id, Guild>
}

/** Everyone who identified, and who of them is told what. */
export class Sessions {
  readonly #world: SessionsWorld
  readonly #watch: GatewayWatch
  readonly #sessions = new Map<string, Session>()

  constructor(world: SessionsWorld, watch: GatewayWatch) {
    this.#world = world
    this.#watch = watch
  }

  get all(): readonly Session[] {
    return [...this.#sessions.values()]
  }

  find(id: string): Session | undefined {
    return this.#sessions.get(id)
  }

  add(session: Session): void {
    this.#sessions.set(session.terms.id, session)
    if (this.#sessions.size > KEPT) this.forget(this.all[0]!)
  }

  forget(session: Session): void {
    this.#sessions.delete(session.terms.id)
  }

  /** Tells an event to every session that covers the guild and asked for such events; what faults make of it is told in its place. */
  announce(event: Announcement): void {
    if (event.guildId !== null && !this.#mayTell(event)) return
    for (const passed of this.#world.faults.pass(event)) this.tell(passed)
  }

  /** Past every fault. */
  tell(event: Announcement): void {
    for (const session of this.#sessions.values()) {
      if (session.covers(event.guildId) && this.#wants(session, event)) this.send(session, event)
    }
  }

  send(session: Session, event: Announcement): void {
    void session.send(event)
    this.#watch.sent(event.t)
  }

  /** GUILD_CREATE as this session gets it. */
  welcome(session: Session, guild: Guild): void {
    const { intents, largeThreshold } = session.terms
    if (!session.covers(guild.id) || guild.unavailable || !intentsAllow(intents, 'GUILD_CREATE')) return
    const seesAll = guild.memberCount <= largeThreshold && (intents & INTENT.GUILD_PRESENCES) !== 0
    const d = guild.toGuildCreate(seesAll ? [...guild.members.walk()] : [guild.bot], largeThreshold)
    for (const event of this.#world.faults.pass({ t: 'GUILD_CREATE', guildId: guild.id, d })) this.send(session, event)
  }

  #mayTell({ t, guildId }: Announcement): boolean {
    const guild = this.#world.guilds.get(guildId!)
    if (!guild || guild.unavailable) return false
    if (t !== 'GUILD_AUDIT_LOG_ENTRY_CREATE') return true
    return (guild.permissionsOf(guild.bot) & PERMISSION.VIEW_AUDIT_LOG) !== 0n
  }

  #wants({ terms, readyAt }: Session, { t, d }: Announcement): boolean {
    const early = this.#world.clock.now() - readyAt < this.#world.faults.silentStart
    if (early && t !== 'INTERACTION_CREATE') return false
    // Discord tells the bot of changes to itself whatever it asked for.
    const self = t === 'GUILD_MEMBER_UPDATE' && (d.user as Json).id === this.#world.application.botUserId
    return self || intentsAllow(terms.intents, t)
  }
}
