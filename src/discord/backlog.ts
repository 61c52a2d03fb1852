import { GatewayDispatchEvents as Event } from 'discord.js'
import type { Id } from '#src/core/model.ts'
import type { Packet } from './packets.ts'
import type { Turns } from './turns.ts'
import { UnreadChunk } from './unread-chunk.ts'

/** What a backlog needs of the connection that it belongs to. */
export interface BacklogWorld extends Turns {
  /** Takes in a dispatch whose turn has come. Never throws. */
  take(packet: Packet, shardId: number): void
  /** Whether something is under way that the lists of members give way to. */
  isBusy(): boolean
  /** How many guilds share the connection. */
  guilds(): number
  /** Lets what comes over a shard's socket wait there, until it may go on. */
  pause(shardId: number): void
  resume(shardId: number): void
}

/** The longest stretch for which chunks give way; then one is taken in, whatever else is under way. */
export const GIVE_WAY_MS = 50
/** The longest stretch for which a socket is paused, and for which chunks give way where no more of them may wait. */
export const PAUSE_MS = 10
/** How often it is asked whether what they give way to is over. */
const ASK_EVERY_MS = 2
/** Dispatches that wait at most, nearly all of them chunks of some 600 KB (twice that where a name has other than Latin letters). */
export const ROOM = 128

interface Waiting {
  readonly packet: Packet
  readonly guildId: Id | null
  readonly shardId: number
}

/**
 * Dispatches whose turn is yet to come. The member list of a large guild comes as hundreds of chunks, and each holds up the process for some
 * milliseconds. So they are read off the socket as fast as they come, wait here unparsed, and are taken in one by one, while everything else
 * goes first. Within a guild nothing is reordered: once something of it waits, the rest of it waits behind. An interaction never waits, since
 * a person does.
 */
export class Backlog {
  readonly #world: BacklogWorld
  readonly #paused = new Set<number>()
  #line: Waiting[] = []
  #callOff: (() => void) | null = null
  #gaveWayAt: number | null = null
  #pausedAt = 0

  constructor(world: BacklogWorld) {
    this.#world = world
  }

  /** A dispatch as it comes: taken in at once, or when its turn has come. */
  put(packet: Packet, shardId: number): void {
    if (packet.t === Event.Ready) this.#dropChunks(shardId)
    if (this.#mustWait(packet)) this.#putInLine({ packet, guildId: guildOf(packet), shardId })
    else this.#world.take(packet, shardId)
  }

  /** Lets go of what waits. */
  stop(): void {
    this.#callOff?.()
    this.#callOff = null
    this.#line = []
    this.#resume()
  }

  /** With one guild there is nobody else to be heard meanwhile: what is read ahead would only cost memory. */
  #mustWait(packet: Packet): boolean {
    if (packet.t === Event.GuildMembersChunk && this.#world.guilds() > 1) return true
    if (this.#line.length === 0 || GOES_FIRST.has(packet.t)) return false
    const guildId = guildOf(packet)
    return this.#line.some((waiting) => guildId === null || waiting.guildId === null || waiting.guildId === guildId)
  }

  #putInLine(waiting: Waiting): void {
    this.#line.push(waiting)
    if (this.#isFull() || this.#world.isBusy()) this.#pause(waiting.shardId)
    this.#callOff ??= this.#world.next(() => this.#turn())
  }

  #isFull(): boolean {
    return this.#line.length >= ROOM
  }

  #turn(): void {
    this.#callOff = null
    const givesWay = this.#givesWay()
    if (!givesWay) this.#takeIn()
    if (!this.#isFull() && !(givesWay && this.#mayPause())) this.#resume()
    if (this.#line.length === 0) return
    const turn = () => this.#turn()
    this.#callOff = givesWay ? this.#world.after(ASK_EVERY_MS, turn) : this.#world.next(turn)
  }

  #givesWay(): boolean {
    if (this.#line.length === 0 || !this.#world.isBusy()) {
      this.#gaveWayAt = null
      return false
    }
    const now = this.#world.now()
    this.#gaveWayAt ??= now
    if (now - this.#gaveWayAt < (this.#isFull() ? PAUSE_MS : GIVE_WAY_MS)) return true
    this.#gaveWayAt = now
    return false
  }

  /** One chunk, and what stands before it. */
  #takeIn(): void {
    for (let first = this.#line.shift(); first; first = this.#line.shift()) {
      this.#world.take(first.packet, first.shardId)
      if (first.packet.t === Event.GuildMembersChunk) return
    }
  }

  /** A fresh session: nobody wants any more what was asked for in the one before. What happened in that one is still told. */
  #dropChunks(shardId: number): void {
    const ended = this.#line.filter((waiting) => waiting.shardId === shardId)
    this.#line = this.#line.filter((waiting) => waiting.shardId !== shardId)
    for (const { packet } of ended) if (packet.t !== Event.GuildMembersChunk) this.#world.take(packet, shardId)
  }

  #mayPause(): boolean {
    return this.#world.now() - this.#pausedAt < PAUSE_MS
  }

  #pause(shardId: number): void {
    if (this.#paused.size === 0) this.#pausedAt = this.#world.now()
    this.#paused.add(shardId)
    this.#world.pause(shardId)
  }

  #resume(): void {
    for (const shardId of this.#paused) this.#world.resume(shardId)
    this.#paused.clear()
  }
}

interface GuildPart {
  readonly id?: Id
  readonly guild_id?: Id
}

/** A person waits for the one; with the other, nothing is left that it could overtake. */
const GOES_FIRST: ReadonlySet<string> = new Set([Event.InteractionCreate, Event.Ready])
const OF_THE_GUILD_ITSELF: ReadonlySet<string> = new Set([Event.GuildCreate, Event.GuildUpdate, Event.GuildDelete])

/** Null for what speaks of no guild alone. */
function guildOf({ t, d }: Packet): Id | null {
  if (d instanceof UnreadChunk) return d.guildId
  const body = d as GuildPart | null
  return (OF_THE_GUILD_ITSELF.has(t) ? body?.id : body?.guild_id) ?? null
}
