import type { Socket } from 'node:net'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import { within } from './clock.ts'
import { dial } from './dial.ts'
import type { LineParts } from './line.ts'
import { codeOf, networkKind } from './network-troubles.ts'

/** Opens a line: the way to the server first, and then what the server asks for before it lets us in, each within its time. */
export async function openLine<L>(parts: LineParts, greet: (socket: Socket) => Promise<L>): Promise<L> {
  const { settings, limits, troubles, clock } = parts
  const seconds = limits.connectMs / 1_000
  let socket: Socket | null = null
  try {
    socket = await dial(settings, limits, clock)
    return await within(greet(socket), limits.connectMs, clock, () => troubles.say('late greeting', { seconds }))
  } catch (error) {
    socket?.destroy()
    if (error instanceof DirectoryUnreachable) throw error
    throw troubles.say(networkKind(error) ?? 'hung up', { seconds, code: codeOf(error) })
  }
}
