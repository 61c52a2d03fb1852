import { COMMANDS } from '#commands/index.ts'
import type { Config } from '#src/config.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { realWaiting, type Waiting } from '#src/discord/back-off.ts'
import type { CommandWorld, Reply } from '#src/discord/command.ts'
import { connect } from '#src/discord/gateway.ts'
import { Interactions } from '#src/discord/interactions.ts'
import type { RightsWorld } from '#src/discord/rights.ts'
import { type StoppedSince, sinceNow } from '#src/loop/at-work.ts'
import type { Clock } from '#src/roster/clock.ts'
import { blindSince } from '#src/store/counted.ts'
import { startHealth } from '#src/telemetry/health.ts'
import type { Log } from '#src/telemetry/log.ts'
import { Metrics } from '#src/telemetry/metrics.ts'
import { makeAppend } from '#src/trail/append.ts'
import { anchorsOf, keepAnchoring } from './anchoring.ts'
import { keepSigning } from './checkpoints.ts'
import { makeCommandWorld } from './command-world.ts'
import { openDirectories } from './directories.ts'
import { type DiscordSide, openDiscordSide, tellCommands } from './discord-side.ts'
import { makeLedger } from './ledger.ts'
import { openLoop } from './loop-side.ts'
import { openMetrics } from './metrics.ts'
import { carryOutOrder, type Order, type OrderAnswer } from './order-desk.ts'
import { takeOrdersOften } from './order-rounds.ts'
import { GuildPosts } from './posts.ts'
import { keepPruning } from './pruning.ts'
import { Stage } from './readiness.ts'
import { openRecord, type Record } from './record.ts'
import { serverStanding } from './server-standing.ts'
import { openRelays } from './sinks.ts'
import { makeSummaries, type Summaries } from './summary/summaries.ts'
import { systemClock } from './system-clock.ts'
import type { Seen } from './window.ts'

// Makes every room and joins them. Nothing here decides anything.

export type BotConfig = Config & { readonly token: string }

export interface Bot extends Seen {
  /** Resolves with the fault by which the bot cannot go on; never where it is stopped. */
  readonly broken: Promise<Error>
  /** Carries out what was asked for at a console, as soon as the server's members are known. Never rejects. */
  ask(order: Order, onProgress: (reply: Reply) => void): Promise<OrderAnswer>
  /** Finishes the act in hand, then closes every door. Safe to call twice. */
  stop(): Promise<void>
}

export interface StartOptions {
  /** Gives up the starting, and the standing by. */
  readonly signal?: AbortSignal
  /** Another bot acts on the database, and this one waits for its end; told once. */
  readonly onStandby?: () => void
  /** How pauses between tries are made; the machine's own time where left out. */
  readonly waiting?: Waiting
  /** The rosters' time, the loop's and that of the looks at the identity database; the machine's own where left out. */
  readonly clock?: Clock
  /** Requests a second, of reading and of acting each, for a server that allows more or less than Discord does. */
  readonly perSecond?: number
  /** For one command of a console: in Discord only `/stop` is carried out, and nothing is done by itself. */
  readonly console?: boolean
}

/** How long an answer that is under way may still take once the bot is asked to stop; a container is killed after ten seconds. */
const LAST_ANSWERS_MS = 6_000

/** What has not ended by then hangs for good, such as a question to a database that answers nothing; an act at Discord takes 15 s at most. */
const LAST_MS = 20_000

/** Whoever sits at a console is not kept waiting for a bot that may run for weeks. */
const TAKEN =
  'A bot has just begun to work on this database. Nothing was done. Give the command again: that bot takes it.'

/** Whoever may halt everything may halt what was asked for at a console too. */
const ONE_COMMAND =
  'The bot is not running: it is here only for as long as one command of the operator’s takes, and meanwhile only `/stop` works, which halts that one too. Nothing was done. Ask the operator to start the bot.'

/** Starts the bot; where another one acts on the database, stands by until it may. Throws `StoreFault`, `DiscordFault`, `HealthFault` or `Refusal` with a sentence that says what to do, and closes what it had opened. */
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
  const giveUp = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, giveUp.signal]) : giveUp.signal
  const broken = Promise.withResolvers<Error>()
  const stage = new Stage()
  const metrics = await openHealth(config, stage, opened, log)
  const onStandby = () => {
    if (options.console) return giveUp.abort(new Refusal(TAKEN))
    stage.standsBy()
    options.onStandby?.()
  }
  const record = await openRecord(config, log, { signal, onStandby })
  opened.defer(() => record.database.close())
  void record.lost.then(broken.resolve)
  const summaries = makeSummaries(config, record, { clock, log })
  // Whoever has acts wait for the sinks means those of a console too.
  if (!options.console || config.sinks.mode === 'sync') await relayFor(config, record, summaries, opened, log)

  const { perSecond } = options
  const access = { token: config.token, apiUrl: config.apiUrl }
  const paced = { ...access, ...(perSecond !== undefined && { perSecond }) }
  const onAnswer = (status: number) => metrics?.add('rolecall_discord_requests_total', { status: String(status) })
  const discord = openDiscordSide(paced, log, broken.resolve, { waiting, clock, onAnswer })
  const posts = makePosts(config, record, discord, log)
  opened.defer(() => posts.stop())
  stage.serves({
    posts,
    mayAct: () => record.mayAct(),
    blind: async () => (await blindSince(record.database.db)).map(({ guildId }) => guildId),
  })
  const halt = { asked: false }
  const rights = rightsIn(record, discord, posts)
  const directories = await openDirectories(config, {
    db: record.database.db,
    now: () => clock.now(),
    after: (milliseconds, act) => clock.after(milliseconds, act),
    notice: (error) => log.warn({ error }, 'changes to the identity database could not be looked for'),
  })
  opened.defer(() => directories.close())
  const loop = openLoop({ config, record, discord, posts, directories, clock, log, halt, rights, summaries })
  opened.defer(() => loop.close())
  if (!options.console)
    opened.defer(await keepSigning({ ...record, db: record.database.db, clock, log }, config.trailKeyFile))
  const anchors = anchorsOf(config)
  if (!options.console) opened.defer(keepAnchoring({ db: record.database.db, clock, log }, anchors))
  if (!options.console) opened.defer(keepPruningIn(record, { config, clock, log }))
  const { world, queue } = loop
  const { book } = record
  if (metrics)
    await openMetrics({
      metrics,
      stage,
      posts,
      queue,
      db: record.database.db,
      now: () => clock.now(),
      stoppedUntil: discord.stoppedUntil,
    })
  const { looker, poster } = discord
  const { db } = record.database
  const { relinked } = directories
  const parts = { world, queue, halt, posts, book, db, looker, poster, relinked, anchors, summaries }
  const commands = makeCommandWorld({ ...parts, quota: config.quota })
  const serving = { config, record, discord, commands, rights, sinceNow: () => sinceNow(world), log, clock }
  const interactions = makeInteractions(serving, options)
  if (!options.console) loop.begin()
  const connection = await connect({
    ...access,
    log,
    waiting,
    signal,
    onPacket: (packet) => {
      posts.take(packet, clock.now())
      loop.hear(packet)
    },
    onSession: ({ kind }) => {
      if (kind === 'resumed') posts.resumed()
      metrics?.set('rolecall_gateway_connected', {}, kind === 'fresh' || kind === 'resumed' ? 1 : 0)
      log.info({ kind }, `gateway session ${kind}`)
    },
    onInteraction: (interaction) => interactions.take(interaction),
    onFatal: broken.resolve,
    isBusy: () => queue.isLive,
  })
  opened.defer(() => connection.close())
  const guildIds = () => connection.guildIds
  const inHand = new Set<Promise<OrderAnswer>>()
  opened.defer(() => within(Promise.all([interactions.settled(), ...inHand]), LAST_ANSWERS_MS))
  discord.connected(connection)
  await loop.settle()
  // The embedded engine is one process's: no console can leave an order there while this one runs.
  if (record.database.kind === 'server') opened.defer(takeOrdersOften({ ...serving, book, guildIds }))
  if (!options.console) await tellCommands(discord.rest, connection.applicationId, log)
  log.info({ guilds: connection.guildIds.length }, 'connected to Discord')
  return {
    broken: broken.promise,
    name: connection.client.user?.username ?? connection.botUserId,
    guildIds,
    server: (guildId) => serverStanding(posts, book, guildId),
    ask: async (order, onProgress) => {
      const stopped = sinceNow(world)
      if (guildIds().includes(order.guildId)) await untilLive(posts, order.guildId, clock)
      const asked = { ...order, stoppedSince: () => stopped(order.guildId) }
      const answer = carryOutOrder(asked, { commands: COMMANDS, world: commands, log, guildIds }, onProgress)
      inHand.add(answer)
      return answer.finally(() => inHand.delete(answer))
    },
    stop: stopper(halt, discord, opened),
  }
}

async function relayFor(
  config: BotConfig,
  record: Record,
  summaries: Summaries,
  opened: AsyncDisposableStack,
  log: Log,
): Promise<void> {
  const relays = await openRelays(config, record, summaries.outlets, log)
  opened.defer(() => relays.end())
  if (config.sinks.mode !== 'off') opened.defer(summaries.begin())
}

/** Only the bot that acts lets anything go. */
function keepPruningIn(
  { database, newId, mayAct }: Record,
  { config, clock, log }: Pick<Serving, 'config' | 'clock' | 'log'>,
): () => Promise<void> {
  const parts = { db: database.db, append: makeAppend(newId), clock, log, mayAct }
  return keepPruning(parts, config.retentionDays, config.trailKeyFile)
}

interface Serving {
  readonly config: BotConfig
  readonly record: Record
  readonly discord: DiscordSide
  readonly commands: CommandWorld
  readonly rights: RightsWorld
  readonly sinceNow: () => StoppedSince
  readonly log: Log
  readonly clock: Clock
}

function makeInteractions(
  { config, record, discord, commands: world, rights, sinceNow, log, clock }: Serving,
  { console: ofConsole }: StartOptions,
): Interactions {
  const ledger = makeLedger(record.book, config.quota)
  const only = ofConsole ? { onlyHalts: ONE_COMMAND } : {}
  const now = () => clock.now()
  const { rest } = discord
  return new Interactions({ rest, commands: COMMANDS, world, ledger, sinceNow, ...rights, ...only, log, now })
}

function rightsIn({ book }: Record, discord: DiscordSide, posts: GuildPosts): RightsWorld {
  return {
    ownerOf: (guildId) => posts.keeper(guildId)?.roster.guild()?.ownerId ?? null,
    guildPermissionsOf: (guildId, roleIds) => discord.guildPermissionsOf(guildId, roleIds),
    grantsOf: async (guildId) => {
      const roles = new Set(
        posts
          .keeper(guildId)
          ?.roster.guild()
          ?.roles.map(({ id }) => id),
      )
      // Discord goes on naming deleted roles with their members; what was granted to them is nobody's any more.
      return new Map(
        [...(await book.capabilities(guildId))].map(([what, ids]) => [what, ids.filter((id) => roles.has(id))]),
      )
    },
  }
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

async function openHealth(
  { health }: BotConfig,
  stage: Stage,
  opened: AsyncDisposableStack,
  log: Log,
): Promise<Metrics | null> {
  if (!health) return null
  const metrics = new Metrics()
  const door = await startHealth({ ...health, readiness: () => stage.readiness(), metrics: () => metrics.scrape() })
  opened.defer(() => door.close())
  log.info({ host: health.host, port: door.port }, 'health door open')
  return metrics
}

/** How long a console waits for the member list before it asks all the same, and is told that there is none yet. */
const LIVE_WITHIN_MS = 120_000
const LOOK_EVERY_MS = 250

async function untilLive(posts: GuildPosts, guildId: Id, clock: Clock): Promise<void> {
  const until = performance.now() + LIVE_WITHIN_MS
  while (posts.keeper(guildId)?.roster.state !== 'live' && performance.now() < until)
    await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve))
}

/** Waits for the work, but no longer than this. */
async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
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
    stopping ??= within(opened.disposeAsync(), LAST_MS)
    return stopping
  }
}
