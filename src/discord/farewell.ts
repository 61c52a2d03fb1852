import type { Client } from 'discord.js'

/** What is reached for below discord.js' own interface; all of it optional, so that a change there costs no more than the saving here. */
interface Inside {
  readonly _ws?: { readonly strategy?: { readonly shards?: ReadonlyMap<number, Shard> } } | null
}

interface Shard {
  internalConnect?: () => Promise<void>
  readonly connection?: { on?: (event: 'error', listener: () => void) => void; terminate?: () => void } | null
}

/**
 * Logs out for good. `Client#destroy` forgets a shard that is between two connections, and half a second later that shard connects anew,
 * for ever: the process would not end, and the bot would seem to be online. So reconnecting is taken from the shards first, and a socket
 * that was just being opened is cut.
 */
export async function sayFarewell(client: Client): Promise<void> {
  const shards = [...((client.ws as unknown as Inside)._ws?.strategy?.shards?.values() ?? [])]
  for (const shard of shards) shard.internalConnect = async () => {}
  await client.destroy()
  for (const { connection } of shards) {
    // Cutting a socket that is being opened raises an error on it, and nobody listens there any more.
    connection?.on?.('error', () => {})
    connection?.terminate?.()
  }
}
