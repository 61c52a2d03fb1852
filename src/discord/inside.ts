import type { Client } from 'discord.js'

/** What is reached for below discord.js' own interface. All of it is optional, so that a change there costs no more than what is gained by it. */
export interface Shard {
  internalConnect?: () => Promise<void>
  unpackMessage?: (data: unknown, isBinary: boolean) => unknown
  readonly connection?: {
    on?: (event: 'error', listener: () => void) => void
    terminate?: () => void
    pause?: () => void
    resume?: () => void
  } | null
}

interface Inside {
  readonly _ws?: { readonly strategy?: { readonly shards?: ReadonlyMap<number, Shard> } } | null
}

const NONE: ReadonlyMap<number, Shard> = new Map()

/** The shards by their number; none before the client logs in. */
export function shardsOf(client: Client): ReadonlyMap<number, Shard> {
  return (client.ws as unknown as Inside)._ws?.strategy?.shards ?? NONE
}
