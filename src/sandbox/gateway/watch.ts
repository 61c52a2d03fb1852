import type { Json } from '../payloads.ts'
import type { Pulse } from '../pulse.ts'

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

/** Counts what happens at the gateway and tells those who watch. */
export class GatewayWatch {
  readonly #pulse: Pulse
  readonly #listeners = new Set<(event: GatewayEvent) => void>()
  readonly #counts = new Map<string, number>()

  constructor(pulse: Pulse) {
    this.#pulse = pulse
  }

  count(kind: string): number {
    return this.#counts.get(kind) ?? 0
  }

  on(listener: (event: GatewayEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** One event of this name went out. */
  sent(name: string): void {
    this.#counts.set(name, this.count(name) + 1)
    this.#pulse.beat()
  }

  note(event: GatewayEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
    this.sent(event.kind)
  }
}
