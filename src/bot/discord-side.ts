import type { REST } from '@discordjs/rest'
import { COMMANDS } from '#commands/index.ts'
import type { Id } from '#src/core/model.ts'
import type { Waiting } from '#src/discord/back-off.ts'
import { DiscordClock } from '#src/discord/discord-clock.ts'
import { type Enforcer, makeEnforcer } from '#src/discord/enforcer.ts'
import { type DiscordFault, toFault } from '#src/discord/faults.ts'
import type { Connection } from '#src/discord/gateway.ts'
import { InvalidRequests } from '#src/discord/invalid-requests.ts'
import { type Looker, makeLooker } from '#src/discord/looker.ts'
import { makePoster, type Poster } from '#src/discord/poster.ts'
import { registerCommands } from '#src/discord/registration.ts'
import { makeEyes, makeRest, type RestOptions } from '#src/discord/rest.ts'
import type { Clock } from '#src/roster/clock.ts'
import type { KeeperWorld } from '#src/roster/keeper-world.ts'
import type { Log } from '#src/telemetry/log.ts'

/** Looks at members of one guild at once: as many as Discord was seen to allow within a second. */
const EYES = 5

/** The doors to Discord that need no connection, and the one that comes. */
export interface DiscordSide {
  readonly rest: REST
  /** Until when acts stop since Discord refused too much, by the clock of their pauses; null: they do not. */
  stoppedUntil(): number | null
  /** The time by Discord's clock, ms since the epoch. */
  now(): number
  readonly looker: Looker
  readonly enforcer: Enforcer
  readonly poster: Poster
  /** What the rosters need of Discord; asking over the gateway waits until the connection stands. */
  readonly keeperWorld: KeeperWorld
  /** The permission bits of these roles and @everyone in a whole guild; null where they are not known, as before the connection stands. */
  guildPermissionsOf(guildId: Id, roleIds: readonly Id[]): bigint | null
  /** Called once, when the connection stands. */
  connected(connection: Connection): void
}

interface DiscordParts {
  readonly waiting: Waiting
  readonly clock: Clock
  /** Hears the status of every answer to a look or an act. */
  readonly onAnswer?: (status: number) => void
}

export function openDiscordSide(
  access: RestOptions,
  log: Log,
  onFatal: (fault: DiscordFault) => void,
  { waiting, clock, onAnswer }: DiscordParts,
): DiscordSide {
  const rest = makeRest(access)
  // Discord counts the refused requests of all clients together, so the brake does too.
  const invalid = new InvalidRequests(() => performance.now(), onAnswer)
  const discordClock = new DiscordClock(() => clock.now())
  const eyes = makeEyes(rest, access, EYES)
  for (const eye of eyes) {
    invalid.watch(eye)
    discordClock.watch(eye)
  }
  const looker = makeLooker(rest, eyes)
  const connection = Promise.withResolvers<Connection>()
  let standing: Connection | null = null
  return {
    rest,
    stoppedUntil: () => invalid.stoppedUntil,
    now: () => discordClock.now(),
    looker,
    enforcer: makeEnforcer({ ...access, log, onFatal, looker, invalid, waiting, wall: () => clock.now() }),
    poster: makePoster(rest),
    keeperWorld: {
      askMembers: async (guildId: Id, nonce: string) => (await connection.promise).askMembers(guildId, nonce),
      listMembers: (guildId: Id, after: Id) => looker.listRawMembers(guildId, after),
      roleCounts: async (guildId: Id) => Object.fromEntries(await looker.roleCounts(guildId)),
      clock,
    },
    guildPermissionsOf: (guildId, roleIds) => standing?.guildPermissionsOf(guildId, roleIds) ?? null,
    connected: (stands) => {
      standing = stands
      connection.resolve(stands)
    },
  }
}

/** Without its commands the bot still keeps its roster and its record, so a failure is said and not fatal. */
export async function tellCommands(rest: REST, applicationId: Id, log: Log): Promise<void> {
  try {
    const result = await registerCommands(rest, applicationId, COMMANDS)
    log.info({ commands: COMMANDS.length, result }, 'slash commands registered')
  } catch (error) {
    log.error({}, toFault(error, 'registering the slash commands').message)
  }
}
