import type { Client } from 'discord.js'
import { shardsOf } from './inside.ts'

/**
 * Logs out for good. `Client#destroy` forgets a shard that is between two connections, and half a second later that shard connects anew,
 * for ever: the process would not end, and the bot would seem to be online. So reconnecting is taken from the shards first, and a socket
 * that was just being opened is cut.
 */
export async function sayFarewell(client: Client): Promise<void> {
  const shards = [...shardsOf(client).values()]
  for (const shard of shards) shard.internalConnect = async () => {}
  await client.destroy()
  for (const { connection } of shards) {
    // Cutting a socket that is being opened raises an error on it, and nobody listens there any more.
    connection?.on?.('error', () => {})
    connection?.terminate?.()
  }
}
