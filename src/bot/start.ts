import { randomBytes } from 'node:crypto'
import { COMMANDS } from '#commands/index.ts'
import type { Config } from '#src/config.ts'
import type { Id } from '#src/core/model.ts'
import { makeEnforcer } from '#src/discord/enforcer.ts'
import { type DiscordFault, toFault } from '#src/discord/faults.ts'
import { type Connection, connect } from '#src/discord/gateway.ts'
import { Interactions } from '#src/discord/interactions.ts'
import { type Looker, makeLooker } from '#src/discord/looker.ts'
import { registerCommands } from '#src/discord/registration.ts'
import { makeRest } from '#src/discord/rest.ts'
import type { Halt } from '#src/loop/audit.ts'
import { LiveReviews } from '#src/loop/live.ts'
import { Queue } from '#src/loop/queue.ts'
import type { World } from '#src/loop/world.ts'
import type { RosterChange } from '#src/roster/change.ts'
import { digestOf } from '#src/snapshot/digest.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import { type Book, makeBook } from '#src/store/book.ts'
import { type Database, openDatabase } from '#src/store/database.ts'
import { startHealth } from '#src/telemetry/health.ts'
import type { Log } from '#src/telemetry/log.ts'
import { makeAppend } from '#src/trail/append.ts'
import { Uuid7 } from '#src/trail/uuid7.ts'
import { makeCommandWorld } from './command-world.ts'
import { makeDirectories } from './directories.ts'
import { makeLedger } from './ledger.ts'
import { GuildPosts } from './posts.ts'
import { readinessOf } from './readiness.ts'
import { reportStanding } from './standing.ts'
import { systemClock } from './system-clock.ts'

// Makes every room and joins them. Nothing here decides anything.

export interface Bot {
  /** Resolves with the fault by which the bot cannot go on; never where it is stopped. */
  readonly broken: Promise<Error>
  /** Finishes the act in hand, then closes every door. Safe to call twice. */
  stop(): Promise<void>
}

/** How long an answer that is under way may still take once the bot is asked to stop. */
const LAST_ANSWERS_MS = 15_000

/** Starts the bot. Throws `StoreFault`, `DiscordFault`, `HealthFault` or `Refusal` with a sentence that says what to do; closes what it had opened. */
export async function startBot(config: Config & { readonly token: string }, log: Log): Promise<Bot> {
  const opened = new AsyncDisposableStack()
  try {
    return await join(config, log, opened)
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

async function join(config: Config & { readonly token: string }, log: Log, opened: AsyncDisposableStack): Promise<Bot> {
  const broken = Promise.withResolvers<Error>()
  const database = await openStore(config, log)
  opened.defer(() => database.close())
  void database.lost.then((fault) => broken.resolve(fault))

  const newIds = new Uuid7(Date.now, randomBytes)
  const newId = () => newIds.next()
  const book = makeBook({ db: database.db, append: makeAppend(newId), readSettings, writeSettings })
  await endWhatWasCutOff(book, log)

  const access = { token: config.token, apiUrl: config.apiUrl }
  const rest = makeRest(access)
  const looker = makeLooker(rest)
  const onFatal = (fault: DiscordFault) => broken.resolve(fault)
  const connected = Promise.withResolvers<Connection>()
  connected.promise.catch(() => {})

  const queue = new Queue()
  const halt = { asked: false }
  opened.defer(() => queue.close())
  const posts: GuildPosts = new GuildPosts({
    world: { ...discordSide(looker, connected.promise), clock: systemClock },
    fillBy: config.rosterFill === 'rest' ? 'pages' : 'chunks',
    checkEveryMs: config.checksumMinutes * 60_000,
    heard: (guildId, changes) => hear(guildId, changes),
    announced: (guildId, name) =>
      void book
        .rememberGuild(guildId, name, Date.now())
        .catch((error: unknown) => log.error({ error, guildId }, 'A server’s name could not be stored.')),
  })
  opened.defer(() => posts.stop())

  const world: World = {
    now: Date.now,
    newId,
    digestOf,
    settingsDigest: (settings) => digestOf(writeSettings(settings)),
    roster: (guildId) => posts.keeper(guildId)?.roster ?? null,
    directory: await makeDirectories(config, database.db, Date.now),
    looker,
    enforcer: makeEnforcer({ ...access, log, onFatal }),
    book,
    notice: (message, facts) => log.warn(facts, message),
  }
  const live = new LiveReviews(world, queue)
  const hear = (guildId: Id, changes: readonly RosterChange[]) => {
    for (const change of changes) react(change, guildId)
  }
  const react = (change: RosterChange, guildId: Id) => {
    if (change.kind === 'member') live.see(guildId, change.memberId, causeOf(change))
    if (change.kind !== 'state') return
    log.info(
      {
        guildId,
        from: change.from,
        to: change.to,
        why: change.why,
        members: posts.keeper(guildId)?.roster.columns.count,
      },
      `roster ${change.to}`,
    )
    if (change.to === 'live') void reportStanding(world, looker, guildId, log)
  }

  const interactions = new Interactions({
    rest,
    commands: COMMANDS,
    world: makeCommandWorld({ world, queue, halt, posts, book, looker, quota: config.quota }),
    ledger: makeLedger(book, config.quota),
    ownerOf: (guildId) => posts.keeper(guildId)?.roster.guild()?.ownerId ?? null,
    log,
  })

  if (config.health) {
    const health = await startHealth({ ...config.health, readiness: () => readinessOf(posts) })
    opened.defer(() => health.close())
    log.info({ port: health.port, host: config.health.host }, 'health door open')
  }

  const connection = await connect({
    ...access,
    log,
    onPacket: (packet) => posts.take(packet, Date.now()),
    onSession: ({ kind }) => {
      if (kind === 'resumed') posts.resumed()
      log.info({ kind }, 'gateway session')
    },
    onInteraction: (interaction) => interactions.take(interaction),
    onFatal,
  })
  connected.resolve(connection)
  opened.defer(() => connection.close())
  opened.defer(() => settleWithin(interactions, LAST_ANSWERS_MS))
  await tellCommands(rest, connection, log)
  log.info({ guilds: connection.guildIds.length }, 'connected to Discord')
  return { broken: broken.promise, stop: stopper(halt, opened) }
}

async function openStore(config: Config, log: Log): Promise<Database> {
  if (config.databaseUrl === null) {
    log.info(
      { dataDir: config.dataDir },
      'No DATABASE_URL: the record is kept by the embedded engine in this folder. It survives a crash of the program, but not a loss of power; for a real server use PostgreSQL, and back the folder up.',
    )
  }
  return openDatabase({
    ...(config.databaseUrl === null ? {} : { url: config.databaseUrl }),
    dataDir: config.dataDir,
    log: (line) => log.info({}, line),
  })
}

/** Runs that an earlier process left open are over: nobody is at work on them. */
async function endWhatWasCutOff(book: Book, log: Log): Promise<void> {
  for (const run of await book.interruptStale(Date.now())) {
    log.warn({ run: run.id, guildId: run.guildId }, 'a run of an earlier process was cut off; it is now interrupted')
  }
}

const discordSide = (looker: Looker, connected: Promise<Connection>) => ({
  askMembers: async (guildId: Id, nonce: string) => (await connected).askMembers(guildId, nonce),
  listMembers: (guildId: Id, after: Id) => looker.listRawMembers(guildId, after),
  roleCounts: async (guildId: Id) => Object.fromEntries(await looker.roleCounts(guildId)),
})

const causeOf = ({ joined, origin }: Extract<RosterChange, { kind: 'member' }>) =>
  origin === 'refill' ? 'refill' : joined ? 'join' : 'role_change'

/** Without its commands the bot still keeps its roster and its record, so this is said and not fatal. */
async function tellCommands(rest: ReturnType<typeof makeRest>, connection: Connection, log: Log): Promise<void> {
  try {
    const result = await registerCommands(rest, connection.applicationId, COMMANDS)
    log.info({ commands: COMMANDS.length, result }, 'slash commands registered')
  } catch (error) {
    log.error({}, toFault(error, 'registering the slash commands').message)
  }
}

async function settleWithin(interactions: Interactions, milliseconds: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  await Promise.race([interactions.settled(), late])
  clearTimeout(timer)
}

function stopper(halt: { asked: boolean } & Halt, opened: AsyncDisposableStack): () => Promise<void> {
  let stopping: Promise<void> | null = null
  return () => {
    halt.asked = true
    stopping ??= opened.disposeAsync()
    return stopping
  }
}
