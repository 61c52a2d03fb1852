import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect } from 'vitest'
import type { Run } from '#src/core/run.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'
import { anyPlace, cloneEngineFolder } from '../database.ts'
import { openActs, untruths } from './account.ts'
import { Program } from './program.ts'
import { Rights } from './safety/rights.ts'
import {
  addGuild,
  furnish,
  idOf,
  type Line,
  MODERATOR,
  OWNER,
  type Place,
  people,
  quickSandbox,
  say,
  shownBy,
  trailOf,
  untilLive,
  withBook,
} from './town.ts'

// A night in which bots are killed, paused and cut off: real programs on one database, and an account of what came of it.

export const REMOVAL = 'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}'
export const ADDING = 'PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}'
export const MEMBER = 'GET /guilds/{guild_id}/members/{user_id}'
export const GUILD = 'GET /guilds/{guild_id}'

/** The machine may be busy with other tests. */
const PATIENCE_MS = 20_000

/** Besides Bob and Eve: eight in all are out of order, more than a run has in hand at once. */
export const DRIFTERS = Array.from({ length: 6 }, (_, index) => `other${20 + index}`)
/** Members of one guild whom a run acts on at once. */
export const IN_HAND = 4

export interface Night {
  readonly sandbox: Sandbox
  readonly guild: Guild
  readonly place: Place
  readonly rights: Rights
  /** What every program of this night is started with. */
  readonly environment: Readonly<Record<string, string>>
  /** Starts a program; `more` goes before what all have. */
  program(more?: Readonly<Record<string, string>>): Program
}

const opened: (() => unknown)[] = []
const children: ChildProcess[] = []
const nights: Night[] = []

/** Closed after the test, the last that was opened first. */
export const closeLater = (close: () => unknown): void => void opened.push(close)

/** Killed after the test, before it is held to account: on the embedded engine nobody else can read meanwhile. */
export const killLater = (child: ChildProcess): void => void children.push(child)

/**
 * After each test of the file, whatever else was tested: nobody lost what they have a right to, and the record says nothing that did not happen at
 * Discord.
 */
export function holdToAccount(): void {
  afterEach(async () => {
    await Promise.all(children.splice(0).map(kill))
    const wrongs: string[] = []
    for (const night of nights.splice(0)) wrongs.push(...(await wrongsOf(night)))
    for (const close of opened.splice(0).reverse()) await close()
    expect(wrongs).toEqual([])
  })
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'close')
  child.kill('SIGKILL')
  await ended
}

async function wrongsOf({ rights, sandbox, place, guild }: Night): Promise<readonly string[]> {
  const lines = await trailOf(place, guild.id)
  return [...rights.wrongfulRemovals(), ...untruths(lines, sandbox), ...sandbox.mishaps.map(String)]
}

export interface NightPlan {
  readonly engine?: 'server' | 'embedded'
  readonly place?: Place
  /** How many are out of order; all of them where left out. */
  readonly drifters?: readonly string[]
  /** The shares that a run may touch; more than there are where left out. */
  readonly blast?: Readonly<Record<'run' | 'day' | 'kicks', number>>
  readonly before?: (guild: Guild) => void
}

/** A guild in which many are out of order, the people imported, and a policy that strips. */
export async function night(plan: NightPlan = {}): Promise<Night> {
  const sandbox = await quickSandbox()
  closeLater(() => sandbox.close())
  const guild = addGuild(sandbox)
  for (const name of plan.drifters ?? DRIFTERS) guild.give(idOf(name), 'Directors', { silent: true })
  plan.before?.(guild)
  const place = plan.place ?? (await newPlace(plan.engine ?? 'server'))
  await furnish(place, guild)
  await settings(place, guild, { blast: plan.blast ?? { run: 1, day: 1, kicks: 1 } })
  const url = place.url === undefined ? {} : { DATABASE_URL: place.url }
  const environment = {
    ...url,
    DATA_DIR: place.dataDir,
    DISCORD_TOKEN: sandbox.token,
    DISCORD_API_URL: sandbox.url,
  }
  const begun: Night = {
    ...{ sandbox, guild, place, environment },
    rights: new Rights(guild, sandbox.botUserId, people.identities),
    program: (more = {}) => {
      const program = new Program({ ...environment, ...more })
      killLater(program.child)
      closeLater(() => program.clear())
      return program
    },
  }
  nights.push(begun)
  return begun
}

async function newPlace(engine: 'server' | 'embedded'): Promise<Place> {
  if (engine === 'embedded') {
    const { folder, remove } = cloneEngineFolder()
    closeLater(remove)
    return { dataDir: folder }
  }
  const { place, drop } = await anyPlace()
  closeLater(drop)
  return place
}

/** As an operator sets them with `rolecall settings apply`. */
export const settings = (place: Place, { id }: Pick<Guild, 'id'>, wanted: Record<string, unknown>): Promise<void> =>
  withBook(place, async (_database, book) => {
    await book.saveSettings(id, wanted, { actor: 'cli:test', reason: null, at: Date.now() })
  })

/** A night with the program that acts in it. */
export interface Armed extends Night {
  readonly bot: Program
}

/** A program acts in the guild, whose first-run lock an owner has lifted. */
export async function armed(
  plan: NightPlan = {},
  more: (place: Place) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Promise<Armed> {
  const begun = await night(plan)
  const bot = begun.program(await more(begun.place))
  await bot.connected()
  await liftTheLock(begun)
  return { ...begun, bot }
}

/** An owner reads a report, and names it. */
export async function liftTheLock({ guild }: Night): Promise<void> {
  await untilLive(guild)
  const { runId } = shownBy(await say(guild, OWNER, 'audit run'))
  await say(guild, OWNER, 'acknowledge first-run', { run: runId! })
}

/** Another program in the place of one that was killed. */
export async function follower(night: Night, more: Readonly<Record<string, string>> = {}): Promise<Program> {
  await foldTheLease(night)
  const program = night.program(more)
  await program.connected()
  await untilLive(night.guild)
  return program
}

/** As if the bot that acted had been silent for a minute: whoever follows need not wait for its lease to run out. */
export const foldTheLease = ({ place }: Night): Promise<unknown> =>
  place.url === undefined
    ? Promise.resolve()
    : withBook(place, ({ sql }) => sql`update leadership set beat_at = beat_at - interval '1 minute'`)

/** A moderator asks for a run that strips, and does not wait for it. */
export const beginStrip = ({ guild }: Night) =>
  guild.command({ as: idOf(MODERATOR), command: 'audit run', options: { action: 'strip' } })

export interface Door {
  /** Resolves when so many stand before it. */
  readonly reached: Promise<void>
  /** Lets through whoever stands there. */
  open(): void
}

export interface DoorPlan {
  /** So many go through before it is shut. */
  readonly after?: number
  /** So many are held, and those who come later go through. */
  readonly count?: number
  /** What was asked for is done at once, and only the answer is held. */
  readonly done?: boolean
  /** Only of these members. */
  readonly members?: readonly string[]
}

/** Shuts a door of Discord's for the next who come. */
export function shut({ sandbox }: Pick<Night, 'sandbox'>, route: string, plan: DoorPlan = {}): Door {
  const { after = 0, count = 1, done = false, members } = plan
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  let seen = 0
  const isHeld = ({ method, route: asked, params }: Parameters<NonNullable<RouteQuestion>>[0]) => {
    if (`${method} ${asked}` !== route || params.user_id === sandbox.botUserId) return false
    if (members && !members.some((name) => idOf(name) === params.user_id)) return false
    seen += 1
    if (seen === after + count) resolve()
    return seen > after
  }
  const open = sandbox.faults.delay(isHeld, Number.POSITIVE_INFINITY, { times: count, done })
  // Whatever still stands there at the end would keep the sandbox from closing.
  closeLater(open)
  return { reached, open }
}

type RouteQuestion = Extract<Parameters<Sandbox['faults']['delay']>[0], (...asked: never[]) => boolean>

/** The newest run that is no undo, as it is stored. */
export const lastRun = (night: Night): Promise<Run> =>
  withBook(night.place, async (_database, book) => {
    const runs = await book.lastRuns(night.guild.id, 10)
    return runs.find(({ purpose }) => purpose === 'audit')!
  })

export const linesOf = ({ place, guild }: Night): Promise<readonly Line[]> => trailOf(place, guild.id)

/** Resolves once this is so of the record; on a server, where others may read while bots are at work. */
export async function untilRecorded(night: Night, holds: (lines: readonly Line[]) => boolean): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  while (!holds(await linesOf(night))) if (performance.now() > until) throw new Error('It was never recorded.')
}

/** Acts of the run, each as `other20 done`, in the order of names. */
export async function actsOf(night: Night, runId: string): Promise<readonly string[]> {
  const lines = (await linesOf(night)).filter(({ run }) => run === runId)
  const settled = lines.filter(({ type }) => type === 'action.settled')
  const said = settled.map(({ subject, data }) => `${nameOf(subject)} ${data.outcome}`)
  return [...said, ...openActs(lines).map(({ subject }) => `${nameOf(subject)} open`)].toSorted()
}

const NAMES = new Map(['bob', 'eve', 'ann', ...DRIFTERS].map((name) => [`member:${idOf(name)}`, name]))
const nameOf = (subject: string): string => NAMES.get(subject) ?? subject

/** All who are out of order at the beginning. */
export const OUT_OF_ORDER: readonly string[] = ['bob', 'eve', ...DRIFTERS]

/** Who has lost the role that they had not earned. */
export const stripped = ({ rights }: Night): readonly string[] =>
  OUT_OF_ORDER.filter((name) => rights.losses().some((loss) => loss.startsWith(`${name} `)))

/** How often Discord was asked to take a role, and answered. */
export const removalsAsked = ({ sandbox }: Night): number => sandbox.requests.count(REMOVAL)
