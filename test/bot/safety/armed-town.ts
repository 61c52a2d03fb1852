import { afterEach, expect } from 'vitest'
import type { Bot } from '#src/bot/start.ts'
import type { Identity } from '#src/core/model.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Interaction } from '#src/sandbox/interaction.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { anyPlace } from '../../database.ts'
import {
  addGuild,
  configOf,
  furnish,
  idOf,
  type Line,
  MODERATOR,
  OWNER,
  type Place,
  people,
  say,
  shownBy,
  start,
  trailOf,
  untilLive,
} from '../town.ts'
import { Rights } from './rights.ts'

// A town in which everything that takes roles is armed, and an account of what was taken from whom.

export const CHANNEL = 'staff'
export const REMOVAL = 'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}'
export const KICK = 'DELETE /guilds/{guild_id}/members/{user_id}'
export const BULK = 'PATCH /guilds/{guild_id}/members/{user_id}'

/** Others who have earned Pilots and hold it, so that there are many who could lose it. */
const PILOTS = Array.from({ length: 12 }, (_, index) => `other${index}`)

/** What the invite asks for; kicking is asked for where it is wanted. */
const INVITED = ['MANAGE_ROLES', 'VIEW_AUDIT_LOG', 'VIEW_CHANNEL', 'SEND_MESSAGES', 'EMBED_LINKS'] as const

/** The people of every town, and the pilots. */
export const citizens = {
  ...people,
  identities: [
    ...people.identities,
    ...PILOTS.map((username, index): Identity => {
      const [ann] = people.identities
      return { ...ann!, id: String(100 + index), username, discordIds: [idOf(username)] }
    }),
  ],
}

export interface ArmedTown {
  readonly sandbox: Sandbox
  readonly place: Place
  readonly guild: Guild
  readonly rights: Rights
  /** The one that runs now. */
  readonly bot: Bot
  /** Starts another in its place. */
  restart(deed?: () => Promise<void>): Promise<void>
}

export interface Wishes {
  readonly place?: Place
  /** Before the bot sees the guild. */
  readonly before?: (guild: Guild) => void
  readonly armed?: boolean
  /** Rules in place of those of a policy that strips. */
  readonly policy?: Record<string, string>
  /** Groups that the identity database has besides. */
  readonly groups?: readonly string[]
  readonly environment?: Record<string, string>
  /** How much Discord's windows are shortened. */
  readonly rateScale?: number
}

const opened: (() => unknown)[] = []
const accounts: Rights[] = []

/** After each test of the file: nobody lost what they have a right to, whatever else was tested; and every door is closed. */
export function countWrongfulRemovals(): void {
  afterEach(async () => {
    const wrongful = accounts.splice(0).flatMap((rights) => rights.wrongfulRemovals())
    for (const close of opened.splice(0).reverse()) await close()
    expect(wrongful).toEqual([])
  })
}

/** Closed after the test, the last that was opened first. */
export const closeLater = (close: () => unknown): void => void opened.push(close)

/** The guild acknowledged, realtime and schedule armed, the policy strips. Bob and Eve drift, everybody else holds what they have earned. */
export async function armedTown({ armed = true, ...wishes }: Wishes = {}): Promise<ArmedTown> {
  const sandbox = await startSandbox({ rateScale: wishes.rateScale ?? 0.02 })
  closeLater(() => sandbox.close())
  const guild = addGuild(sandbox)
  guild.editRole(guild.botRoleId, { permissions: INVITED })
  for (const pilot of PILOTS) guild.give(idOf(pilot), 'Pilots', { silent: true })
  wishes.before?.(guild)
  const place = wishes.place ?? (await newPlace())
  const groups = [...citizens.names.groups, ...(wishes.groups ?? [])]
  await furnish(place, guild, { ...citizens, names: { ...citizens.names, groups } }, wishes.policy)
  const config = configOf(sandbox, place, wishes.environment)
  let bot = await start(config)
  closeLater(() => bot.stop())
  await untilLive(guild)
  await arm(guild, armed)
  const rights = new Rights(guild, sandbox.botUserId, citizens.identities)
  accounts.push(rights)
  const restart = async (deed: () => Promise<void> = async () => {}) => {
    await bot.stop()
    await deed()
    bot = await start(config)
    await untilLive(guild)
  }
  return {
    ...{ sandbox, place, guild, rights, restart },
    get bot() {
      return bot
    },
  }
}

async function newPlace(): Promise<Place> {
  const { place, drop } = await anyPlace()
  closeLater(drop)
  return place
}

/** What an owner does before a bot acts by itself: read a report, name it, choose a channel, arm. */
async function arm(guild: Guild, armed: boolean): Promise<void> {
  const { runId } = shownBy(await say(guild, OWNER, 'audit run'))
  await say(guild, OWNER, 'acknowledge first-run', { run: runId! })
  await say(guild, OWNER, 'notices channel', { channel: guild.channel(CHANNEL).id })
  if (!armed) return
  await say(guild, OWNER, 'arm realtime')
  await say(guild, OWNER, 'arm schedule')
}

/** For a bot that is to kick. */
export const mayKick = (guild: Guild): unknown =>
  guild.editRole(guild.botRoleId, { permissions: [...INVITED, 'KICK_MEMBERS'] })

/** The id of the guest with this number, where there is a crowd. */
export const guestId = (index: number): string => String(300_000_000_000_000_000n + BigInt(index))

/** A crowd of 400 guests, of whom so many hold Directors without a right to it: enough for a sweep that takes its time. */
export const crowd =
  (drifting: number) =>
  (guild: Guild): void => {
    for (let index = 0; index < 400; index += 1) {
      const roles = index < drifting ? ['Directors'] : []
      guild.join({ username: `guest${index}`, id: guestId(index), roles }, { silent: true })
    }
  }

/** By hand, as a moderator does in the member list. */
export const give = ({ guild }: ArmedTown, username: string, role: string): void =>
  guild.give(idOf(username), role, { by: idOf(MODERATOR) })

export const holds = ({ guild }: ArmedTown, username: string, role: string): boolean =>
  guild.holds(idOf(username), role)

/** How long is waited for what is to come about within a second or two: the machine may be busy with other tests. */
const DEADLINE_MS = 25_000

export const untilTaken = (town: ArmedTown, username: string, role: string): Promise<void> =>
  town.sandbox.until(() => !holds(town, username, role), `${username} to lose ${role}`, DEADLINE_MS)

/** What stands in the channel that the bot posts in, as text, the oldest first. */
export const posted = ({ sandbox, guild }: ArmedTown): readonly string[] =>
  sandbox.channels.in(guild.channel(CHANNEL).id).map(({ seen }) => JSON.stringify(seen))

/** Resolves with the first post that has these words. */
export async function untilPosted(town: ArmedTown, ...words: readonly string[]): Promise<string> {
  const found = () => posted(town).find((text) => words.every((word) => text.includes(word)))
  await town.sandbox.until(() => found() !== undefined, `a post that says ${words.join(', ')}`, DEADLINE_MS)
  return found()!
}

/** A moderator asks for a sweep that acts. */
export const sweep = async ({ guild }: ArmedTown) =>
  shownBy(await say(guild, MODERATOR, 'audit run', { action: 'strip' }))

export const status = async ({ guild }: ArmedTown) => shownBy(await say(guild, OWNER, 'audit status'))

/** Requests that were to change a member, the oldest first. */
export const writes = ({ sandbox }: ArmedTown) =>
  sandbox.requests.all.filter(({ method, path }) => method !== 'GET' && path.includes('/members/'))

/** The bot is stopped first: on the embedded engine nobody else can read meanwhile. */
export async function recorded(town: ArmedTown): Promise<readonly Line[]> {
  await town.bot.stop()
  return trailOf(town.place, town.guild.id)
}

/** Of one member, what the record says of acts and findings: `finding.seen`, `action.intended`, `action.settled done`. */
export const storyOf = (lines: readonly Line[], username: string): readonly string[] =>
  lines
    .filter(({ subject, type }) => subject === `member:${idOf(username)}` && /^(?:action|finding)\./.test(type))
    .map(({ type, data }) => (type === 'action.settled' ? `${type} ${data.outcome}` : type))

/** Presses the one button under an answer, and waits for what comes of it. */
export async function pressTheButton(interaction: Interaction, title: string): Promise<void> {
  const [row] = interaction.current()!.components
  const [button] = row!.components as { readonly custom_id: string }[]
  await interaction.press(button!.custom_id)
  await interaction.until((one) => one.current()?.embeds[0]?.title === title)
}
