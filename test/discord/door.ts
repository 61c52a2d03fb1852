import type { APIInteraction } from 'discord.js'
import type { Capability } from '#src/core/capability.ts'
import type { Id } from '#src/core/model.ts'
import type { Command } from '#src/discord/command.ts'
import type { Connection } from '#src/discord/gateway.ts'
import { type Interactions, makeInteractions } from '#src/discord/interactions.ts'
import { registerCommands } from '#src/discord/registration.ts'
import { makeRest } from '#src/discord/rest.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'
import { EMPTY_WORLD, KeptLedger, Stage, tryCommands } from './asking-world.ts'
import { keptLog, listen } from './listening.ts'

/** The door through which people ask, joined to a sandbox by the real discord.js, with everything behind it to be set and looked at. */
export interface Door {
  readonly connection: Connection
  readonly interactions: Interactions
  readonly ledger: KeptLedger
  readonly stage: Stage
  /** What an operator reads. */
  readonly lines: readonly string[]
  /** What Discord is made to say otherwise than the sandbox would. */
  twist: (raw: APIInteraction) => APIInteraction
  /** Whether the roles of the server are. */
  known: boolean
  /** What was granted to which roles; an error is thrown at whoever asks. */
  grants: ReadonlyMap<Capability, readonly Id[]> | Error
  /** By how much the clock of the machine has jumped, ms. */
  ahead: number
  /** How often the server was stopped. */
  stops: number
  /** Deeds put off, with their time. */
  readonly later: Deed[]
  close(): Promise<void>
}

export interface Deed {
  readonly ms: number
  readonly act: () => void
  undone: boolean
}

/** Opens it; what the commands do is on its stage, and `more` are registered beside them. `onlyHalts`: why nothing else is carried out here. */
export async function openDoor(
  sandbox: Sandbox,
  more: readonly Command[] = [],
  onlyHalts: string | null = null,
): Promise<Door> {
  const { log, lines } = keptLog()
  const stage = new Stage()
  const ledger = new KeptLedger()
  const later: Deed[] = []
  const rest = makeRest({ token: sandbox.token, apiUrl: sandbox.url })
  const commands = [...tryCommands(stage), ...more]
  const { connection } = await listen(sandbox, { onInteraction: (raw) => interactions.take(door.twist(raw)) })
  const interactions = makeInteractions({
    rest,
    commands,
    world: EMPTY_WORLD,
    ledger,
    sinceNow: () => {
      const before = door.stops
      return () => door.stops > before
    },
    ...(onlyHalts !== null && { onlyHalts }),
    ownerOf: (guildId) => connection.ownerOf(guildId),
    guildPermissionsOf: (guildId, roleIds) => (door.known ? connection.guildPermissionsOf(guildId, roleIds) : null),
    grantsOf: async () => {
      if (door.grants instanceof Error) throw door.grants
      return door.grants
    },
    log,
    now: () => sandbox.clock.now() + door.ahead,
    elapsed: () => sandbox.clock.now(),
    after: putOffInto(later),
  })
  const close = async () => {
    await interactions.settled()
    await connection.close()
  }
  const door: Door = {
    ...{ connection, interactions, ledger, stage, lines, later, close },
    twist: (raw) => raw,
    known: true,
    stops: 0,
    ahead: 0,
    grants: new Map(),
  }
  await registerCommands(rest, connection.applicationId, commands)
  return door
}

/** Puts deeds off for good: a test does them when their time has come. */
export function putOffInto(later: Deed[]): (ms: number, act: () => void) => () => void {
  return (ms, act) => {
    const deed = { ms, act, undone: false }
    later.push(deed)
    return () => {
      deed.undone = true
    }
  }
}
