import type { Config } from '#src/config.ts'
import type { Directory } from '#src/core/directory.ts'
import type { Action, Id } from '#src/core/model.ts'
import type { Notice } from '#src/core/notice.ts'
import type { Actor } from '#src/core/trail.ts'
import { toPermissions } from '#src/discord/permissions.ts'
import { Sight } from '#src/loop/sight.ts'
import type { World } from '#src/loop/world.ts'
import type { Clock } from '#src/roster/clock.ts'
import { digestInSteps, digestOf } from '#src/snapshot/digest.ts'
import { writeSettings } from '#src/snapshot/settings.ts'
import type { Log } from '#src/telemetry/log.ts'
import type { Directories } from './directories.ts'
import type { DiscordSide } from './discord-side.ts'
import type { GuildPosts } from './posts.ts'
import type { Record } from './record.ts'

export interface WorldParts {
  readonly config: Config
  readonly record: Record
  readonly discord: DiscordSide
  readonly posts: GuildPosts
  readonly directories: Pick<Directories, 'of'>
  readonly clock: Clock
  readonly log: Log
  readonly tell: (guildId: Id, notice: Notice) => void
  /** The identity source of a guild is to be trusted again. */
  readonly onSight: (guildId: Id) => void
}

/** A member who left, and one whose permissions are not known at this moment, may no longer. */
function mayStill({ discord, posts }: WorldParts, guildId: Id, actor: Actor, action: Action): boolean {
  if (!actor.startsWith('discord:')) return true
  const memberId = actor.slice('discord:'.length)
  const roster = posts.keeper(guildId)?.roster
  if (roster?.guild()?.ownerId === memberId) return true
  const roleIds = roster?.member(memberId)?.roleIds
  const permissions = toPermissions((roleIds && discord.guildPermissionsOf(guildId, roleIds)) ?? 0n)
  if (permissions.has('Administrator')) return true
  return permissions.has('ManageRoles') && (action !== 'strip_kick' || permissions.has('KickMembers'))
}

/** The world as the loop knows it, and the eye that is kept on every reading of an identity source. */
export function makeWorld(parts: WorldParts): { readonly world: World; readonly sight: Sight } {
  const { config, record, discord, posts, log } = parts
  const watched = new Map<Id, Directory>()
  const directory = (guildId: Id): Directory => {
    const known = watched.get(guildId) ?? sight.watching(guildId, parts.directories.of(guildId))
    watched.set(guildId, known)
    return known
  }
  const world: World = {
    now: () => parts.clock.now(),
    elapsed: () => performance.now(),
    discordNow: () => discord.now(),
    newId: record.newId,
    digestOf,
    digestInSteps,
    settingsDigest: (settings) => digestOf(writeSettings(settings)),
    roster: (guildId) => posts.keeper(guildId)?.roster ?? null,
    directory,
    looker: discord.looker,
    enforcer: discord.enforcer,
    book: record.book,
    mayAct: () => record.mayAct(),
    mayStill: (guildId, actor, action) => mayStill(parts, guildId, actor, action),
    bulkStrip: config.bulkStrip,
    deadlineMs: config.deadlineMinutes * 60_000,
    tell: parts.tell,
    notice: (message, facts) => log.warn(facts, message),
  }
  const sight: Sight = new Sight(world, parts.clock, parts.onSight)
  return { world, sight }
}
