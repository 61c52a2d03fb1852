import { OAuth2Scopes, PermissionFlagsBits } from 'discord.js'
import type { Id } from '#src/core/model.ts'
import { reachOf } from '#src/core/reach.ts'
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

export const NEEDS: readonly Need[] = [
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

const SCOPES = [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands]

/** The address under which a server's manager adds the bot, with exactly what it needs. */
export function inviteAddress(applicationId: Id): string {
  const permissions = NEEDS.reduce((all, { bit }) => all | bit, 0n)
  const query = new URLSearchParams({
    client_id: applicationId,
    permissions: permissions.toString(),
    integration_type: '0',
    scope: SCOPES.join(' '),
  })
  return `https://discord.com/oauth2/authorize?${query}`
}

/** What a server lacks for the bot to do its work there, as sentences that say what to click; empty where all is well. */
export function missingPermissions(
  { guild, permissions }: Standing,
  governedRoleIds: readonly Id[],
): readonly string[] {
  const isAdministrator = (permissions & PermissionFlagsBits.Administrator) !== 0n
  const lacks = isAdministrator ? [] : NEEDS.filter(({ bit }) => (permissions & bit) === 0n)
  const sentences = lacks.map(
    ({ permission, why, without }) =>
      `The bot lacks the permission ${permission} in this server; it needs it to ${why}. Without it ${without}. Switch it on under Server Settings → Roles → the bot's role → Permissions.`,
  )
  const { roleIds: within } = reachOf(guild)
  const above = governedRoleIds.filter((id) => !within.has(id))
  return above.length > 0 ? [...sentences, tooLow(above.length)] : sentences
}

const tooLow = (count: number): string =>
  `The bot's highest role stands too low to touch ${count === 1 ? 'one governed role' : `${count} governed roles`}. Open Server Settings → Roles and drag the bot's role above every role that it is to take or give.`
