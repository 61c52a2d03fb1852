import { GatewayDispatchEvents as Event } from 'discord.js'

// What discord.js may see of the gateway. We take every dispatch as it comes in (`raw`), in order, before and after the client is ready,
// replayed or not (which of them then wait for others, `Backlog` says); discord.js needs only enough to keep its session and its guilds, roles
// and channels.

/** A dispatch as it comes from Discord. `d` belongs to whoever takes it and is not changed afterwards. */
export interface Packet {
  readonly t: string
  readonly d: unknown
}

/** The very object that discord.js handles after our listener has returned. */
export interface MutablePacket {
  t: string
  d: unknown
}

const SEEN_BY_DISCORD_JS: ReadonlySet<string> = new Set([
  Event.Ready,
  Event.Resumed,
  Event.GuildCreate,
  Event.GuildUpdate,
  Event.GuildDelete,
  Event.GuildRoleCreate,
  Event.GuildRoleUpdate,
  Event.GuildRoleDelete,
  Event.ChannelCreate,
  Event.ChannelUpdate,
  Event.ChannelDelete,
])

/**
 * Takes from discord.js what it has no business with, so that it spends no time on members and holds nothing back.
 *
 * discord.js emits `raw` with the object that it handles next (`WebSocketManager#attachEvents`), so renaming the packet here retires it. A
 * name that discord.js does not know would not do: before the client is ready such packets wait in `packetQueue`, one drained a tick. An
 * empty members chunk is let through at once and dropped for want of a guild. Should discord.js ever hand `raw` a copy, nothing breaks but
 * the saving: it would keep building members again, and the test "discord.js builds no members" would say so.
 */
export function retire(packet: MutablePacket): void {
  if (packet.t === Event.GuildCreate) packet.d = withoutPeople(packet.d)
  else if (!SEEN_BY_DISCORD_JS.has(packet.t)) {
    packet.t = Event.GuildMembersChunk
    packet.d = {}
  }
}

/** A copy: whoever took the packet keeps the lists. */
function withoutPeople(guild: unknown): unknown {
  if (typeof guild !== 'object' || guild === null) return guild
  return { ...guild, members: [], presences: [], voice_states: [], threads: [] }
}
