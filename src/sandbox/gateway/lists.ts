import { setImmediate } from 'node:timers/promises'
import type { SandboxClock } from '../clock.ts'
import type { Faults } from '../faults.ts'
import type { Guild } from '../guild.ts'
import type { Json } from '../payloads.ts'
import type { Id } from '../snowflake.ts'
import type { Announcement } from '../surroundings.ts'
import { chunksFor, type MembersRequest } from './chunks.ts'
import { INTENT } from './intents.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'
import type { GatewayWatch } from './watch.ts'

/** Every member of a guild may be asked for once in this time, ms. */
const WHOLE_LIST_EVERY = 30_000

export interface ListsWorld {
  readonly clock: SandboxClock
  readonly faults: Faults
  /** Shortens the window. 1 is Discord. */
  readonly rateScale: number
}

/** Answers op 8: who may ask for what when, and the bursts of chunks. */
export class MemberLists {
  readonly #world: ListsWorld
  readonly #sessions: Sessions
  readonly #watch: GatewayWatch
  readonly #askedAt = new Map<Id, number>()

  constructor(world: ListsWorld, sessions: Sessions, watch: GatewayWatch) {
    this.#world = world
    this.#sessions = sessions
    this.#watch = watch
  }

  /** As fast as the socket takes it. Events that happen meanwhile go out in between. */
  async answer(session: Session, guild: Guild, request: MembersRequest): Promise<void> {
    if (request.kind === 'everyone' && !this.#mayListAll(session, request)) return
    for (const { index, count, text, again } of chunksFor(guild, request)) {
      const event = new ChunkEvent(guild.id, text)
      for (const passed of this.#world.faults.pass(event)) {
        const taken = session.send(passed, passed === event ? again : undefined)
        this.#watch.sent(passed.t)
        this.#watch.note({ kind: 'chunk', sessionId: session.terms.id, detail: { guildId: guild.id, index, count } })
        await taken
        // A list holds up nothing else that Discord says or answers, however fast it is read.
        await setImmediate()
      }
    }
  }

  /** Without the members intent nothing comes back at all; too soon after the last list, a refusal does. */
  #mayListAll(session: Session, { guildId, nonce }: MembersRequest): boolean {
    if (!(session.terms.intents & INTENT.GUILD_MEMBERS)) return false
    const now = this.#world.clock.now()
    const wait = (this.#askedAt.get(guildId) ?? 0) + WHOLE_LIST_EVERY * this.#world.rateScale - now
    if (wait <= 0) {
      this.#askedAt.set(guildId, now)
      return true
    }
    const meta = { guild_id: guildId, ...(nonce === undefined ? {} : { nonce }) }
    this.#sessions.send(session, { t: 'RATE_LIMITED', guildId, d: { opcode: 8, retry_after: wait / 1000, meta } })
    return false
  }
}

/** Read only where a fault looks into it: a burst is not parsed again. */
class ChunkEvent implements Announcement {
  readonly t = 'GUILD_MEMBERS_CHUNK'
  readonly guildId: Id
  readonly text: string

  constructor(guildId: Id, text: string) {
    this.guildId = guildId
    this.text = text
  }

  get d(): Json {
    return JSON.parse(this.text) as Json
  }
}
