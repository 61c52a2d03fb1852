import type { TownPlan } from '../guild/town.ts'
import { Peer, toFaultWords } from '../peer.ts'
import type { Address, Bursted, BurstPlan, Counted, DiscordPlan, DiscordQuestion } from './discord.ts'
import type { OurQuestion } from './ours.ts'
import { type Engine, type MadePlace, makePlace } from './place.ts'
import type { TheirQuestion } from './theirs.ts'

// The processes of a row in which roles are taken: one with a Discord for each side, and a bot of each side.

/** Our bot on one of its engines, or a plain one that knows who has earned what, or nothing. */
export type Side = Engine | 'everything' | 'nothing'

/** From the last word of the last bot's start until what that set off has come to rest: the roles of a server are compared 2 s after they came. */
const REST_MS = 4_000

export interface PartiesPlan extends DiscordPlan {
  /** What our bot allows itself in a second; null: as at Discord. */
  readonly perSecond: number | null
}

export class Parties {
  readonly sides: readonly Side[]
  readonly #discord = new Peer<DiscordQuestion>(new URL('./discord.ts', import.meta.url))
  readonly #ours = new Map<Side, Peer<OurQuestion>>()
  readonly #theirs = new Map<Side, Peer<TheirQuestion>>()
  readonly #places: MadePlace[] = []

  constructor(sides: readonly Side[]) {
    this.sides = sides
  }

  /** Every bot connected, and ours armed. */
  async open({ perSecond, ...plan }: PartiesPlan, progress: (words: string) => void): Promise<void> {
    const open = { ask: 'open', sides: this.sides.length, ...plan } as const
    const addresses = await this.#discord.ask<readonly Address[]>(open)
    for (const [nth, side] of this.sides.entries()) {
      progress(`starting ${nameOf(side)}`)
      await this.#start(side, plan.town, addresses[nth]!, perSecond)
    }
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
  }

  /** In ms, from the dispatch of a role that is given by hand to the arrival of the request that takes it. */
  give(side: Side, person: number): Promise<number> {
    return this.#ask(side, { ask: 'give', side: this.sides.indexOf(side), person })
  }

  /** The same again and again, from this person on, while a member list comes in. */
  burst(side: Side, person: number, plan: BurstPlan): Promise<Bursted> {
    return this.#ask(side, { ask: 'burst', side: this.sides.indexOf(side), person, ...plan })
  }

  count(side: Side): Promise<Counted> {
    return this.#ask(side, { ask: 'count', side: this.sides.indexOf(side) })
  }

  /** Our bot strips everybody who is out of order, as asked for at its console. What it says of it. */
  sweep(side: Engine): Promise<string> {
    return this.#ours.get(side)!.ask({ ask: 'sweep' })
  }

  /** Our bots are asked to end, so that their engines leave nothing behind. */
  async stop(): Promise<void> {
    for (const ours of this.#ours.values()) await ours.ask({ ask: 'stop' }).catch(() => {})
    for (const peer of [...this.#ours.values(), ...this.#theirs.values(), this.#discord]) peer.stop()
    for (const { drop } of this.#places) await drop()
  }

  /** Whose trouble it is. */
  async #ask<Answer>(side: Side, question: DiscordQuestion): Promise<Answer> {
    try {
      return await this.#discord.ask<Answer>(question)
    } catch (error) {
      throw new Error(`${nameOf(side)}: ${toFaultWords(error)}`)
    }
  }

  async #start(side: Side, town: TownPlan, address: Address, perSecond: number | null): Promise<void> {
    if (side === 'everything' || side === 'nothing') {
      const peer = new Peer<TheirQuestion>(new URL('./theirs.ts', import.meta.url), [side])
      this.#theirs.set(side, peer)
      return peer.ask({ ask: 'start', town, address })
    }
    const made = await makePlace(side)
    this.#places.push(made)
    const peer = new Peer<OurQuestion>(new URL('./ours.ts', import.meta.url))
    this.#ours.set(side, peer)
    return peer.ask({ ask: 'start', town, place: made.place, address, perSecond })
  }
}

export function nameOf(side: Side): string {
  switch (side) {
    case 'embedded':
      return 'our bot on the embedded engine'
    case 'server':
      return 'our bot on a PostgreSQL server'
    case 'everything':
      return 'a plain discord.js bot that looks up in memory who has earned what'
    case 'nothing':
      return 'a plain discord.js bot that asks nobody'
  }
}
