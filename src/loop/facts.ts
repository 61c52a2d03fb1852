import type { Found, Reading } from '#src/core/directory.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Guild, Id, Identity, Invocation, Settings, Truth } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { makeScope, type Scope } from '#src/core/scope.ts'
import { checkTruth } from '#src/core/truth.ts'
import type { GuildRoster, World, Yardsticks } from './world.ts'

// Gathering: everything a verdict rests on is read here, so that deciding never waits.

export interface Gathered {
  readonly settings: Settings
  readonly truth: Truth
  readonly scope: Scope
  readonly claims: readonly Identity[]
  /** Whether a run has ever looked at the identity source. */
  readonly accepted: boolean
  /** When the identity source was read, ms since the epoch. */
  readonly readAt: number
}

/** The guild as the roster knows it; a `Refusal` where the bot has not seen it yet. */
export function knownGuild(world: World, guildId: Id): { readonly roster: GuildRoster; readonly guild: Guild } {
  const roster = world.roster(guildId)
  const guild = roster?.guild()
  if (!roster || !guild) {
    throw new Refusal(
      'Discord has not told the bot about this server yet, so nothing can be said of its members. Nothing was changed. Try again in a minute; if this stays, ask the operator to look at the log.',
    )
  }
  return { roster, guild }
}

/** The truth check of one reading against the guild's stored baseline (docs/semantics.md, truth check). */
export async function judgeReading(world: World, guildId: Id, reading: Reading, settings: Settings): Promise<Truth> {
  const baseline = await world.book.baseline(guildId, world.directory(guildId).source, world.now())
  return checkTruth(reading, baseline, settings.truth)
}

/** What the identity source says of one member now, with the source's health read in the same transaction. */
export interface Answer {
  readonly settings: Settings
  readonly found: Found
  readonly accepted: boolean
  readonly truth: Truth
}

/** Asks all at once: each waits for a database of its own, and what is read must be young when it is acted on. */
export async function askSource(world: World, guildId: Id, memberId: Id): Promise<Answer> {
  const [by, found] = await Promise.all([yardsticks(world, guildId), world.directory(guildId).find([memberId])])
  return measured(found, by)
}

/** The same answer of the source, beside the settings and the baseline as they are by now. */
export async function measureAgain(world: World, guildId: Id, { found }: Answer): Promise<Answer> {
  return measured(found, await yardsticks(world, guildId))
}

const yardsticks = (world: World, guildId: Id): Promise<Yardsticks> =>
  world.book.yardsticks(guildId, world.directory(guildId).source, world.now())

function measured(found: Found, { settings, baseline }: Yardsticks): Answer {
  return { settings, found, accepted: baseline !== null, truth: checkTruth(found, baseline, settings.truth) }
}

/** What is known of one member's identity now. */
export async function gather(world: World, guild: Guild, memberId: Id, invocation: Invocation): Promise<Gathered> {
  return joinFacts(world, guild, memberId, invocation, await askSource(world, guild.id, memberId))
}

/** An answer of the source, laid beside the guild and the invocation. */
export function joinFacts(
  world: World,
  guild: Guild,
  memberId: Id,
  invocation: Invocation,
  { settings, found, accepted, truth }: Answer,
): Gathered {
  const scope = makeScope({ guild, names: found.names, settings, invocation, truth, now: earlierNow(world) })
  return { settings, truth, scope, claims: claimsOf(found, memberId), accepted, readAt: found.readAt }
}

/** By which overrides end. A clock of ours that is set forward must end none before its time, so the earlier counts of ours and Discord's. */
export const earlierNow = (world: Pick<World, 'now' | 'discordNow'>): number =>
  Math.min(world.now(), world.discordNow())

/** A directory that leaves an asked id out has not answered for it, and no answer is never an absence. */
function claimsOf(found: Found, memberId: Id): readonly Identity[] {
  const claims = found.claims.get(memberId)
  if (!claims)
    throw new DirectoryUnreachable(
      `The identity source did not answer for member ${memberId}. Nobody is judged on silence.`,
    )
  return claims
}
