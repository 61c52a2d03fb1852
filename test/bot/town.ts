import { type Bot, type BotConfig, type StartOptions, startBot } from '#src/bot/start.ts'
import { systemClock } from '#src/bot/system-clock.ts'
import { readConfig } from '#src/config.ts'
import type { Identity } from '#src/core/model.ts'
import { applyImport, storedPeople } from '#src/identity/import.ts'
import { planImport } from '#src/identity/plan.ts'
import type { Clock } from '#src/roster/clock.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Interaction } from '#src/sandbox/interaction.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import { makeBook } from '#src/store/book.ts'
import { openDatabase } from '#src/store/database.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { makeAppend } from '#src/trail/append.ts'

// A whole bot, by the same road as in production, against a Discord on this machine and a real database engine.

export interface Place {
  readonly url?: string
  readonly dataDir: string
}

export const configOf = (sandbox: Sandbox, { url, dataDir }: Place, more: Record<string, string> = {}): BotConfig => {
  const environment = {
    DISCORD_TOKEN: sandbox.token,
    DISCORD_API_URL: sandbox.url,
    DATA_DIR: dataDir,
    ...(url && { DATABASE_URL: url }),
    ...more,
  }
  return readConfig(environment) as BotConfig
}

/** Windows of rate limits shortened, so that a test that acts does not wait for Discord's ten seconds. */
export const quickSandbox = (): Promise<Sandbox> => startSandbox({ rateScale: 0.02 })

export const OWNER = 'olga'
export const MODERATOR = 'mira'

const NAMES = [OWNER, MODERATOR, 'ann', 'bob', 'eve', ...Array.from({ length: 30 }, (_, index) => `other${index}`)]
const ROLES: Readonly<Record<string, readonly string[]>> = {
  [OWNER]: ['Admin'],
  [MODERATOR]: ['Moderator'],
  ann: ['Pilots'],
  bob: ['Directors'],
  eve: ['Pilots'],
}

/** The same in every guild: people are in several. */
export const idOf = (username: string): string => String(200_000_000_000_000_000n + BigInt(NAMES.indexOf(username)))

/** Whoever came when the bot had begun to decide already is kicked by nobody; these have been here for long. */
const LONG_AGO = Date.UTC(2024, 0, 1)

/** Ann has earned Pilots, Bob holds Directors by hand, Eve is known to nobody and holds Pilots; thirty others hold nothing. */
export function addGuild(sandbox: Sandbox, name = 'Example'): Guild {
  return sandbox.addGuild({
    name,
    ownerId: idOf(OWNER),
    roles: [
      'Pilots',
      'Directors',
      { name: 'Moderator', permissions: ['MANAGE_ROLES'] },
      { name: 'Admin', permissions: ['ADMINISTRATOR'] },
    ],
    members: NAMES.map((username) => ({
      username,
      id: idOf(username),
      roles: ROLES[username] ?? [],
      joinedAt: LONG_AGO,
    })),
    botPermissions: ['MANAGE_ROLES', 'VIEW_AUDIT_LOG'],
  })
}

const identity = (id: string, username: string, groups: readonly string[] = []): Identity => ({
  id,
  username,
  active: true,
  superuser: false,
  access: true,
  state: 'Member',
  groups,
  discordIds: [idOf(username)],
})

/** What the identity database says of the guild's people. */
export const people = {
  names: { groups: ['Pilots', 'Directors'], states: ['Member'], reservedNames: [] },
  identities: [identity('1', 'ann', ['Pilots']), identity('2', 'bob'), identity('3', MODERATOR)],
  accounts: new Map(),
}

const STRIP = {
  policy: { unknown_guest: 'strip', linked_no_perm: 'strip', role_drift: 'strip', missing_roles: 'report' },
}

/** The database itself, as an operator's own tools reach it. */
export async function withBook<T>(
  { url, dataDir }: Place,
  use: (parts: Awaited<ReturnType<typeof openDatabase>>, book: ReturnType<typeof makeBook>) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({ ...(url && { url }), dataDir, log: () => {} })
  const append = makeAppend(() => crypto.randomUUID())
  try {
    return await use(database, makeBook({ db: database.db, append, readSettings, writeSettings }))
  } finally {
    await database.close()
  }
}

/** Puts these people in place of those stored, whatever that drops. */
export const store = (place: Place, guild: Guild, wanted: typeof people): Promise<void> =>
  withBook(place, async ({ db }) => {
    const { beforeDigest } = planImport(await storedPeople(db, guild.id), wanted)
    const append = makeAppend(() => crypto.randomUUID())
    const how = {
      expectedDigest: beforeDigest,
      acceptDrop: true,
      actor: 'cli:test',
      reason: null,
      append,
      at: Date.now(),
    } as const
    await applyImport(db, guild.id, wanted, how)
  })

/** The people imported and a policy that strips, as an operator does it on the console before the bot starts; `rules` are in place of the policy's. */
export async function furnish(
  place: Place,
  guild: Guild,
  wanted: typeof people = people,
  rules: Record<string, string> = {},
): Promise<void> {
  await store(place, guild, wanted)
  await withBook(place, async (_database, book) => {
    const settings = { policy: { ...STRIP.policy, ...rules } }
    await book.saveSettings(guild.id, settings, { actor: 'cli:test', reason: null, at: Date.now() })
  })
}

export interface Line {
  readonly id: string
  readonly seq: number
  readonly type: string
  readonly actor: string
  readonly subject: string
  readonly cause: string | null
  readonly run: string | null
  readonly data: Record<string, unknown>
}

/** The guild's trail, read from the database once the bot has let go of it. */
export const trailOf = (place: Place, guildId: string): Promise<readonly Line[]> =>
  withBook(place, async ({ sql }) => {
    const rows =
      await sql`select id, seq, type, actor, subject, cause, run, data from trail where guild_id = ${guildId} order by seq`
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }) as unknown as Line)
  })

/** Pauses between tries take no time here. */
const waiting = { pause: async () => {}, random: () => 0 }
/** Whatever waits, waits a fiftieth of what it would at Discord, as the sandbox's own windows are folded. */
const FOLD = 50
const clock: Clock = { ...systemClock, after: (milliseconds, act) => systemClock.after(milliseconds / FOLD, act) }
/** A second that is folded allows as much as a whole one. */
const perSecond = 20 * FOLD

const silent = (config: BotConfig) => makeLog({ level: 'silent', secrets: config.secrets })

export const start = (config: BotConfig, options: StartOptions = {}, log = silent(config)): Promise<Bot> =>
  startBot(config, log, { waiting, clock, perSecond, ...options })

/** Asks until the bot says that its member list is live. Statuses are not counted against anybody's quota. */
export async function untilLive(guild: Guild): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const shown = JSON.stringify((await say(guild, OWNER, 'audit status')).current())
    if (shown.includes('live: ')) return
  }
  throw new Error('the member list never came to be live')
}

/** What stands above an answer that is not the last. */
const PROGRESS = ['The audit is running', 'The plan is being carried out', 'Roles are being given back']

/** Gives a command and waits for its last answer. */
export async function say(
  guild: Guild,
  username: string,
  command: string,
  options: Record<string, string | number> = {},
): Promise<Interaction> {
  const interaction = await guild.command({ as: idOf(username), command, options })
  return interaction.until((one) => {
    const title = one.current()?.embeds[0]?.title
    return title !== undefined && !PROGRESS.includes(String(title))
  }, 20_000)
}

export interface Shown {
  readonly title: string
  readonly text: string
  readonly whole: string
  readonly runId: string | undefined
}

export function shownBy(interaction: Interaction): Shown {
  const seen = interaction.current()
  const embed = seen?.embeds[0]
  const whole = JSON.stringify(seen)
  return {
    title: String(embed?.title),
    text: String(embed?.description),
    whole,
    runId: /run ([0-9a-f-]{36})/.exec(whole)?.[1],
  }
}
