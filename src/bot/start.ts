import { COMMANDS } from '#commands/index.ts'
import type { Config } from '#src/config.ts'
import type { Id } from '#src/core/model.ts'
import { realWaiting, type Waiting } from '#src/discord/back-off.ts'
import { connect } from '#src/discord/gateway.ts'
import { Interactions } from '#src/discord/interactions.ts'
import type { Halt } from '#src/loop/audit.ts'
import { LiveReviews } from '#src/loop/live.ts'
import { Queue } from '#src/loop/queue.ts'
import { settleOpenIntents } from '#src/loop/settle.ts'
import type { World } from '#src/loop/world.ts'
import type { Clock } from '#src/roster/clock.ts'
import { digestOf } from '#src/snapshot/digest.ts'
import { writeSettings } from '#src/snapshot/settings.ts'
import { startHealth } from '#src/telemetry/health.ts'
import type { Log } from '#src/telemetry/log.ts'
import { makeCommandWorld } from './command-world.ts'
import { makeDirectories } from './directories.ts'
import { type DiscordSide, openDiscordSide, tellCommands } from './discord-side.ts'
import { makeLedger } from './ledger.ts'
import { GuildPosts } from './posts.ts'
import { makeReactions } from './reactions.ts'
import { readinessOf } from './readiness.ts'
import { openRecord, type Record } from './record.ts'
import { systemClock } from './system-clock.ts'

// Makes every room and joins them. Nothing here decides anything.

export type BotConfig = Config & { readonly token: string }

export interface Bot {
  /** Resolves with the fault by which the bot cannot go on; never where it is stopped. */
  readonly broken: Promise<Error>
  /** Finishes the act in hand, then closes every door. Safe to call twice. */
  stop(): Promise<void>
}

export interface StartOptions {
  /** Gives up the starting. */
  readonly signal?: AbortSignal
  /** How pauses between tries are made; the machine's own time where left out. */
  readonly waiting?: Waiting
  /** The rosters' time; the machine's own where left out. */
  readonly clock?: Clock
}

/** How long an answer that is under way may still take once the bot is asked to stop; a container is killed after ten seconds. */
const LAST_ANSWERS_MS = 6_000

/** Starts the bot. Throws `StoreFault`, `DiscordFault`, `HealthFault` or `Refusal` with a sentence that says what to do, and closes what it had opened. */
export async function startBot(config: BotConfig, log: Log, options: StartOptions = {}): Promise<Bot> {
  const opened = new AsyncDisposableStack()
  try {
    return await join(config, log, opened, options)
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

async function join(config: BotConfig, log: Log, opened: AsyncDisposableStack, options: StartOptions): Promise<Bot> {
  const { waiting = realWaiting, clock = systemClock } = options
  const broken = Promise.withResolvers<Error>()
  const record = await openRecord(config, log)
  opened.defer(() => record.database.close())
  void record.lost.then(broken.resolve)

  const queue = new Queue()
  opened.defer(() => queue.close())
  const access = { token: config.token, apiUrl: config.apiUrl }
  const discord = openDiscordSide(access, log, broken.resolve, { waiting, clock })
  const posts = makePosts(config, record, discord, log)
  opened.defer(() => posts.stop())
  const world = await makeWorld(config, record, discord, posts, log)
  posts.listen(makeReactions({ live: new LiveReviews(world, queue), world, looker: discord.looker, log }))
  await openHealth(config, posts, opened, log)

  const halt = { asked: false }
  const interactions = makeInteractions({ config, record, discord, posts, world, queue, halt, log })
  const connection = await connect({
    ...access,
    log,
    waiting,
    ...(options.signal && { signal: options.signal }),
    onPacket: (packet) => posts.take(packet, Date.now()),
    onSession: ({ kind }) => {
      if (kind === 'resumed') posts.resumed()
      log.info({ kind }, `gateway session ${kind}`)
    },
    onInteraction: (interaction) => interactions.take(interaction),
    onFatal: broken.resolve,
  })
  opened.defer(() => connection.close())
  opened.defer(() => within(interactions.settled(), LAST_ANSWERS_MS))
  discord.connected(connection)
  await settleWhatWasCutOff(world, log)
  await tellCommands(discord.rest, connection.applicationId, log)
  log.info({ guilds: connection.guildIds.length }, 'connected to Discord')
  return { broken: broken.promise, stop: stopper(halt, discord, opened) }
}

interface InteractionParts {
  readonly config: BotConfig
  readonly record: Record
  readonly discord: DiscordSide
  readonly posts: GuildPosts
  readonly world: World
  readonly queue: Queue
  readonly halt: Halt
  readonly log: Log
}

function makeInteractions({ config, record, discord, posts, world, queue, halt, log }: InteractionParts): Interactions {
  const { book } = record
  const { rest, looker } = discord
  const { quota } = config
  return new Interactions({
    rest,
    commands: COMMANDS,
    world: makeCommandWorld({ world, queue, halt, posts, book, looker, quota }),
    ledger: makeLedger(book, quota),
    ownerOf: (guildId) => posts.keeper(guildId)?.roster.guild()?.ownerId ?? null,
    guildPermissionsOf: (guildId, roleIds) => discord.guildPermissionsOf(guildId, roleIds),
    log,
  })
}

/** Acts of a killed process, of which nobody knows whether they happened: Discord is asked. */
async function settleWhatWasCutOff(world: World, log: Log): Promise<void> {
  const settled = await settleOpenIntents(world)
  if (settled > 0)
    log.warn({ acts: settled }, 'acts of an earlier process were cut off; they are settled by what Discord shows')
}

function makePosts(config: BotConfig, { book }: Record, { keeperWorld }: DiscordSide, log: Log): GuildPosts {
  const failed = (guildId: Id) => (error: unknown) =>
    log.error({ error, guildId }, 'A server’s name could not be stored.')
  return new GuildPosts({
    world: keeperWorld,
    fillBy: config.rosterFill === 'rest' ? 'pages' : 'chunks',
    checkEveryMs: config.checksumMinutes * 60_000,
    announced: (guildId, name) => void book.rememberGuild(guildId, name, Date.now()).catch(failed(guildId)),
  })
}

async function makeWorld(
  config: BotConfig,
  record: Record,
  discord: DiscordSide,
  posts: GuildPosts,
  log: Log,
): Promise<World> {
  return {
    now: Date.now,
    newId: record.newId,
    digestOf,
    settingsDigest: (settings) => digestOf(writeSettings(settings)),
    roster: (guildId) => posts.keeper(guildId)?.roster ?? null,
    directory: await makeDirectories(config, record.database.db, Date.now),
    looker: discord.looker,
    enforcer: discord.enforcer,
    book: record.book,
    notice: (message, facts) => log.warn(facts, message),
  }
}

async function openHealth(
  { health }: BotConfig,
  posts: GuildPosts,
  opened: AsyncDisposableStack,
  log: Log,
): Promise<void> {
  if (!health) return
  const door = await startHealth({ ...health, readiness: () => readinessOf(posts) })
  opened.defer(() => door.close())
  log.info({ host: health.host, port: door.port }, 'health door open')
}

/** Waits for the work, but no longer than this. */
async function within(work: Promise<void>, milliseconds: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  await Promise.race([work, late])
  clearTimeout(timer)
}

/** What waits at Discord's door is let go of first: a container is given ten seconds, and a rate limit may last longer. */
function stopper(halt: { asked: boolean }, discord: DiscordSide, opened: AsyncDisposableStack): () => Promise<void> {
  let stopping: Promise<void> | null = null
  return () => {
    halt.asked = true
    discord.enforcer.stop()
    stopping ??= opened.disposeAsync()
    return stopping
  }
}
