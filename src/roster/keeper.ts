import type { Id } from '#src/core/model.ts'
import type { RosterChange } from './change.ts'
import { CHECK_EVERY_MS, CountCheck } from './count-check.ts'
import { type FillBy, Filler } from './filler.ts'
import type { KeeperWorld } from './keeper-world.ts'
import { readGuildId } from './payloads.ts'
import { type Packet, Roster } from './roster.ts'

export interface KeeperOptions {
  readonly guildId: Id
  readonly botUserId: Id
  readonly world: KeeperWorld
  /** Hears every change, whether an event, a list or a check brought it, in order. */
  readonly heard: (changes: readonly RosterChange[]) => void
  /** How the list is read first; pages are the fallback of chunks. */
  readonly fillBy?: FillBy
  readonly checkEveryMs?: number
}

/** Keeps the roster of one guild right: reads the member list when it must, checks it now and then. Its faults stay in this guild. */
export class RosterKeeper {
  readonly roster: Roster
  readonly #heard: (changes: readonly RosterChange[]) => void
  readonly #filler: Filler
  readonly #check: CountCheck
  #stopped = false

  constructor({ guildId, botUserId, world, heard, fillBy = 'chunks', checkEveryMs = CHECK_EVERY_MS }: KeeperOptions) {
    this.roster = new Roster(guildId, botUserId, world.clock)
    this.#heard = heard
    this.#filler = new Filler(this.roster, world, fillBy, (changes) => this.#tell(changes))
    this.#check = new CountCheck(this.roster, world, checkEveryMs, (why) => this.#doubt(why))
  }

  /** What a person should know of the roster's health; null where there is nothing to say. */
  get note(): string | null {
    if (this.roster.state === 'live') return this.#check.note
    return this.#filler.note ?? this.roster.doubt
  }

  /** Each raw dispatch that concerns this guild, `RATE_LIMITED` too, in the order in which they came. */
  take(packet: Packet, at: number): void {
    if (this.#stopped) return
    if (packet.t === 'RATE_LIMITED') this.#filler.rateLimited(packet.d)
    this.#tell(this.roster.take(packet, at))
    if (isTurn(packet.t) && readGuildId(packet.d) === this.roster.guildId) this.#filler.reset()
    this.#filler.steer()
  }

  /** READY was seen again: what happened in between was not told. The list is read once the guild is announced. */
  freshSession(): void {
    if (this.#stopped) return
    this.#tell(this.roster.freshSession())
    this.#filler.reset()
  }

  /** RESUMED was seen: everything missed was replayed, in order. */
  resumed(): void {
    if (!this.#stopped) this.#filler.steer()
  }

  /** Compares Discord's role counts with ours now, without waiting for the next turn. */
  check(): Promise<void> {
    return this.#check.check()
  }

  /** Ends every wait; nothing is heard afterwards. */
  stop(): void {
    this.#stopped = true
    this.#filler.reset()
    this.#check.stop()
    this.roster.stop()
  }

  #doubt(why: string): void {
    this.#tell(this.roster.distrust(why))
    this.#filler.steer()
  }

  #tell(changes: readonly RosterChange[]): void {
    if (changes.length > 0 && !this.#stopped) this.#heard(changes)
  }
}

/** From here on the connection tells of the guild anew, or no longer. */
function isTurn(t: string): boolean {
  return t === 'GUILD_CREATE' || t === 'GUILD_DELETE'
}
