import { GatewayDispatchEvents, GatewayOpcodes } from 'discord.js'
import { isId } from '#src/core/ids.ts'
import type { Id } from '#src/core/model.ts'

/** A members chunk as it came over the socket. Parsing its thousand members takes milliseconds, so that is done when its turn comes. */
export class UnreadChunk {
  readonly guildId: Id
  readonly #frame: string

  constructor(guildId: Id, frame: string) {
    this.guildId = guildId
    this.#frame = frame
  }

  /** The body of the dispatch. Throws where the frame is no JSON. */
  read(): unknown {
    return (JSON.parse(this.#frame) as { readonly d: unknown }).d
  }
}

/** What discord.js makes of a frame, with a body that is still to be read. */
export interface UnreadPayload {
  readonly op: number
  readonly t: string
  readonly s: number
  readonly d: UnreadChunk
}

/** A frame shorter than this is parsed as fast as it is looked at, and nearly all are. */
const LONG = 4_096
/** Where the body begins at the latest. Before it stand three short fields. */
const HEAD = 100
const BODY = ',"d":{'
/** How far into the body its guild is looked for. */
const NEAR = 400
const GUILD = /"guild_id":"\d+"/

/**
 * Null for any other frame, and where the body is not the last field or does not name its guild near its beginning or its end: such a frame is
 * for others to parse. What it takes for a field of the frame or of the body is one: what was cut out of the text would not parse otherwise.
 */
export function readUnread(frame: string): UnreadPayload | null {
  if (frame.length < LONG) return null
  const head = frame.slice(0, HEAD)
  const at = head.indexOf(BODY)
  if (at < 0 || !head.includes(GatewayDispatchEvents.GuildMembersChunk)) return null
  const { op, t, s } = fieldsOf(`${frame.slice(0, at)}}`)
  if (op !== GatewayOpcodes.Dispatch || t !== GatewayDispatchEvents.GuildMembersChunk) return null
  const guildId = guildAtStart(frame, at + BODY.length - 1) ?? guildAtEnd(frame)
  if (typeof s !== 'number' || guildId === null) return null
  return { op, t, s, d: new UnreadChunk(guildId, frame) }
}

function guildAtStart(frame: string, at: number): Id | null {
  const start = frame.slice(at, at + NEAR)
  const found = GUILD.exec(start)
  return found && guildIn(`${start.slice(0, found.index + found[0].length)}}`)
}

/** After the last list, and before the two braces that close the body and the frame. */
function guildAtEnd(frame: string): Id | null {
  return guildIn(`{"":0${frame.slice(frame.lastIndexOf(']') + 1, -1)}`)
}

function guildIn(text: string): Id | null {
  const { guild_id: guildId } = fieldsOf(text)
  return isId(guildId) ? guildId : null
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
