import { SimpleShardingStrategy } from 'discord.js'
import type { Shard } from './inside.ts'
import { readUnread } from './unread-chunk.ts'

/**
 * The shards as discord.js makes them, except that a members chunk is handed on without being parsed: as one whose body is an `UnreadChunk`.
 * discord.js counts it and emits it like any other dispatch. Should its shards ever unpack frames by another road, chunks come parsed, and
 * the test "a members chunk is not parsed by discord.js" says so.
 */
export class Shards extends SimpleShardingStrategy {
  override async spawn(shardIds: number[]): Promise<void> {
    await super.spawn(shardIds)
    const { shards } = this as unknown as { readonly shards?: ReadonlyMap<number, Shard> }
    for (const shard of shards?.values() ?? []) leaveChunksUnread(shard)
  }
}

function leaveChunksUnread(shard: Shard): void {
  const unpack = shard.unpackMessage?.bind(shard)
  if (!unpack) return
  shard.unpackMessage = (data, isBinary) =>
    (typeof data === 'string' ? readUnread(data) : null) ?? unpack(data, isBinary)
}
