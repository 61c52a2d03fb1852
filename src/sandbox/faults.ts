import { RestTroubles } from './rest/troubles.ts'
import { Rival, type RivalPlan } from './rival.ts'
import type { Announcement, Oddities } from './surroundings.ts'

/** Which events a fault is for: those of a name, or those for which the question is answered with yes. */
export type EventMatch = string | ((event: Announcement) => boolean)

interface EventFault {
  readonly kind: 'drop' | 'double' | 'reorder' | 'hold' | 'delay'
  readonly matches: (event: Announcement) => boolean
  left: number
  readonly held: Announcement[]
  /** Of a delay: ms on the sandbox's clock. */
  readonly by: number
}

/** What the gateway gives the switches below to work with. */
export interface GatewayFaults {
  /** Sends events that a fault kept back. */
  release(events: readonly Announcement[]): void
  outage(guildId: string): void
  endOutage(guildId: string): void
  freshSession(): void
  disconnect(how: Disconnect): void
  zombie(): void
}

export interface Disconnect {
  /** False: the session is forgotten, and a resume is answered with op 9. */
  readonly resumable?: boolean
  /** Discord asks politely with op 7, or closes with a code. */
  readonly how?: 'op 7' | number
}

/** What can go wrong on the way out, as switches. Each says how often it strikes and then is over. */
export class Faults extends RestTroubles implements Oddities {
  deletedRoleIds = false
  auditFirst = false
  /** No heartbeat is acknowledged, on no connection. */
  deaf = false
  /** Ms after READY in which changes in a guild are never told, on the sandbox's clock. 0: all are told. */
  silentStart = 0
  auditDelay = 0
  #events: EventFault[] = []
  readonly #rivals: Rival[] = []
  #gateway: GatewayFaults | null = null

  join(gateway: GatewayFaults): void {
    this.#gateway = gateway
  }

  /** The next `times` matching events are never sent. */
  drop(match: EventMatch, times = 1): void {
    this.#add('drop', match, times)
  }

  /** The next `times` matching events are sent twice. */
  double(match: EventMatch, times = 1): void {
    this.#add('double', match, times)
  }

  /** The next `times` matching events are sent only after the event that follows them. */
  reorder(match: EventMatch, times = 1): void {
    this.#add('reorder', match, times)
  }

  /** Matching events wait until the returned function is called. */
  hold(match: EventMatch): () => void {
    const fault = this.#add('hold', match, Number.POSITIVE_INFINITY)
    return () => {
      this.#events = this.#events.filter((other) => other !== fault)
      this.#gateway?.release(fault.held)
    }
  }

  /** The next `times` matching events are sent so many ms later; what follows them is not held up. The returned function sends at once what waits. */
  delayEvents(match: EventMatch, ms: number, times = 1): () => void {
    const fault = this.#add('delay', match, times, ms)
    return () => {
      this.#events = this.#events.filter((other) => other !== fault)
      this.#gateway?.release(fault.held.splice(0))
    }
  }

  /** Another bot that gives a role back as often as it is taken. */
  rival(plan: RivalPlan): Rival {
    const rival = new Rival(plan, this.clock)
    this.#rivals.push(rival)
    return rival
  }

  /** The guild cannot be reached: GUILD_DELETE with `unavailable`, and REST answers 500 for it. */
  outage(guildId: string): void {
    this.#gateway?.outage(guildId)
  }

  endOutage(guildId: string): void {
    this.#gateway?.endOutage(guildId)
  }

  /** Op 9 with `d: false` on every connection: identify anew. */
  freshSession(): void {
    this.#gateway?.freshSession()
  }

  disconnect(how: Disconnect = {}): void {
    this.#gateway?.disconnect(how)
  }

  /** Every open connection goes dead without closing: no acknowledgement, no event. What happens meanwhile is replayed on resume. */
  zombie(): void {
    this.#gateway?.zombie()
  }

  /** What is really sent, now, in place of this event. */
  pass(event: Announcement): readonly Announcement[] {
    for (const rival of this.#rivals) rival.hear(event)
    const late = this.#dueAfter()
    const fault = this.#events.find((candidate) => candidate.left > 0 && candidate.matches(event))
    if (!fault) return [event, ...late]
    this.#spend(fault)
    if (fault.kind === 'drop') return late
    if (fault.kind === 'double') return [event, event, ...late]
    fault.held.push(event)
    if (fault.kind === 'delay') this.clock.after(fault.by, () => this.#sendHeld(fault, event))
    return late
  }

  #sendHeld({ held }: EventFault, event: Announcement): void {
    const at = held.indexOf(event)
    if (at >= 0) this.#gateway?.release(held.splice(at, 1))
  }

  #dueAfter(): Announcement[] {
    const due = this.#events.filter(({ kind, held }) => kind === 'reorder' && held.length > 0)
    this.#events = this.#events.filter((fault) => !(due.includes(fault) && fault.left <= 0))
    return due.flatMap(({ held }) => held.splice(0))
  }

  #spend(fault: EventFault): void {
    fault.left -= 1
    if (fault.left <= 0 && fault.kind !== 'reorder') this.#events = this.#events.filter((other) => other !== fault)
  }

  #add(kind: EventFault['kind'], match: EventMatch, times: number, by = 0): EventFault {
    const matches = typeof match === 'string' ? (event: Announcement) => event.t === match : match
    const fault: EventFault = { kind, matches, left: times, held: [], by }
    this.#events.push(fault)
    return fault
  }
}
