import { Peer } from '../peer.ts'
import type { ClientQuestion } from './client.ts'
import type { FloodAddress, FloodQuestion } from './flood.ts'

// The processes of a row that goes over sockets: one gateway, and clients of both kinds.

export type Side = 'ours' | 'theirs'

export class Gateway {
  readonly #peer = new Peer<FloodQuestion>(new URL('./flood.ts', import.meta.url))
  readonly #clients: Peer<ClientQuestion>[] = []
  readonly #members: number
  #address: FloodAddress | null = null

  constructor(members: number) {
    this.#members = members
  }

  async open(seed: number, governed: number): Promise<void> {
    this.#address = await this.#peer.ask<FloodAddress>({ ask: 'open', members: this.#members, seed, governed })
  }

  /** A client in a process of its own, logged in. The number by which the gateway knows it is that of its coming, from 0. */
  async connect(side: Side): Promise<Peer<ClientQuestion>> {
    const client = new Peer<ClientQuestion>(new URL('./client.ts', import.meta.url), [side])
    this.#clients.push(client)
    await client.ask({ ask: 'connect', ...this.#address!, members: this.#members })
    return client
  }

  async prepare(session: number, updates: number): Promise<void> {
    await this.#peer.ask({ ask: 'prepare', session, updates })
  }

  async flood(): Promise<void> {
    await this.#peer.ask({ ask: 'flood' })
  }

  stop(): void {
    for (const client of this.#clients) client.stop()
    this.#peer.stop()
  }
}
