import { OAuth2Scopes, PermissionFlagsBits } from 'discord.js'
import type { Guild, Id } from '#src/core/model.ts'
import { reachOf } from '#src/core/reach.ts'
import { plainText, shorten } from '#src/core/text.ts'
import type { Standing } from './looker.ts'

// What the bot needs in a server, and nothing beyond: never Administrator, nothing that reads messages.

export interface Need {
  readonly permission: string
  readonly bit: bigint
  /** Completes "The bot needs … to …". */
  readonly why: string
  /** What does not work without it. */
  readonly without: string
}

const ALWAYS: readonly Need[] = [
  {
    permission: 'Manage Roles',
    bit: PermissionFlagsBits.ManageRoles,
    why: 'take governed roles from members who have not earned them, and give them to those who have',
    without: 'it finds what is wrong, but every change is refused',
  },
  {
    permission: 'View Audit Log',
    bit: PermissionFlagsBits.ViewAuditLog,
    why: 'be told who gave or took a role',
    without: 'it sees that a role was given, but not by whom',
  },
]

const POSTING: readonly Need[] = [
  {
    permission: 'View Channels',
    bit: PermissionFlagsBits.ViewChannel,
    why: 'post its notices in the channel that you choose',
    without: 'nobody is told there what it did',
  },
  {
    permission: 'Send Messages',
    bit: PermissionFlagsBits.SendMessages,
    why: 'post its notices in the channel that you choose',
    without: 'nobody is told there what it did',
  },
  {
    permission: 'Embed Links',
    bit: PermissionFlagsBits.EmbedLinks,
    why: 'post its notices in the channel that you choose',
    without: 'its notices there are empty',
  },
]

const KICKING: Need = {
  permission: 'Kick Members',
  bit: PermissionFlagsBits.KickMembers,
  why: 'kick members where the policy says so',
  without: 'roles are taken, but every kick is refused',
}

/** What an invite asks for; kicking is added only where it is wanted. */
export const NEEDS: readonly Need[] = [...ALWAYS, ...POSTING]

const SCOPES = [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands]

/** The address under which a server's manager adds the bot, with exactly what it needs; `kick` asks for Kick Members too. */
export function inviteAddress(applicationId: Id, { kick = false }: { readonly kick?: boolean } = {}): string {
  const asked = kick ? [...NEEDS, KICKING] : NEEDS
  const permissions = asked.reduce((all, { bit }) => all | bit, 0n)
  const query = new URLSearchParams({
    client_id: applicationId,
    permissions: permissions.toString(),
    integration_type: '0',
    scope: SCOPES.join(' '),
  })
  return `https://discord.com/oauth2/authorize?${query}`
}

/** What the bot is to do in a server beyond roles: `kicks` where its policy kicks, `posts` where a channel was chosen for its notices. */
export interface Duties {
  readonly kicks: boolean
  readonly posts: boolean
}

/** What a server lacks for the bot to do its work there, as sentences that say what to click; empty where all is well. */
export function missingPermissions(
  { guild, permissions }: Standing,
  governedRoleIds: readonly Id[],
  { kicks, posts }: Duties = { kicks: false, posts: false },
): readonly string[] {
  const needed = [...ALWAYS, ...(posts ? POSTING : []), ...(kicks ? [KICKING] : [])]
  const isAdministrator = (permissions & PermissionFlagsBits.Administrator) !== 0n
  const lacks = isAdministrator ? [] : needed.filter(({ bit }) => (permissions & bit) === 0n)
  const { roleIds: within } = reachOf(guild)
  const above = governedRoleIds.filter((id) => !within.has(id))
  return [...lacks.map(lackOf), ...(above.length > 0 ? [tooLow(guild, above)] : [])]
}

const lackOf = ({ permission, why, without }: Need): string =>
  `The bot lacks the permission ${permission} in this server; it needs it to ${why}. Without it ${without}. Switch it on under Server Settings → Roles → the bot's role → Permissions.`

/** Roles that are named one by one; of more, the number says enough. */
const NAMED = 5
const LONGEST_NAME = 40

function tooLow({ roles }: Guild, above: readonly Id[]): string {
  const count = above.length === 1 ? 'one governed role' : `${above.length} governed roles`
  const names = above.slice(0, NAMED).map((id) => nameOf(roles.find((role) => role.id === id)?.name ?? id))
  const more = above.length > NAMED ? ` and ${above.length - NAMED} more` : ''
  return `The bot's highest role stands too low to touch ${count}: ${names.join(', ')}${more}. Open Server Settings → Roles and drag the bot's role above every role that it is to take or give.`
}

/** Role names are typed by people. */
const nameOf = (name: string): string => plainText(shorten(name, LONGEST_NAME))
