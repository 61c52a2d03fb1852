import type { Needed } from '#src/core/capability.ts'
import type { Id } from '#src/core/model.ts'
import type { Actor } from '#src/core/trail.ts'
import type { CommandWorld } from './command-world.ts'
import type { By } from './world/by.ts'
import type { AuditProgress } from './world/runs.ts'

// The contract between the interactions door and the files in commands/: plain options in, a plain reply out.
// A command never sees an interaction; it throws a `Refusal` for what it will not do.

export type { CommandWorld } from './command-world.ts'
export type { By } from './world/by.ts'
export type { LinkMade, LinkTaken, SourceAcceptance, SourceAccepted, SourceStanding, WhoIs } from './world/identity.ts'
export type {
  Checkup,
  Explained,
  GrantorCount,
  GuildStatus,
  PlacedOverride,
  PolicyPreview,
  RoleStanding,
  RunDiff,
  SummaryStanding,
} from './world/readings.ts'
export type { AuditProgress, AuditRequest, Undone } from './world/runs.ts'

export type Permission = 'Administrator' | 'ManageRoles' | 'KickMembers' | 'ManageGuild' | 'ViewAuditLog'

export interface Option {
  readonly name: string
  readonly description: string
  readonly type: 'string' | 'user' | 'role' | 'channel' | 'integer' | 'boolean'
  readonly required?: boolean
  readonly choices?: readonly { readonly name: string; readonly value: string }[]
  readonly maxLength?: number
  /** The words to offer while somebody types, by `complete`. Not together with `choices`. */
  readonly autocomplete?: boolean
}

export interface Subcommand {
  readonly name: string
  readonly description: string
  readonly options: readonly Option[]
  /** What this subcommand needs in place of what the command needs. */
  readonly needs?: Needed
  /** As of a command without subcommands. */
  readonly changes?: Changes
}

/**
 * What a command may change, for a console, where whatever changes something wants `--yes`. `nothing`: it only reads. `on confirm`: nothing yet; its
 * answer shows what would change, and the button in `confirm` carries it out. `by action`: as much as its option `action` says, nothing where that is
 * `report`. `to safety`: it halts, and must not be kept waiting for a second word. Left out: it changes something.
 */
export type Changes = 'nothing' | 'on confirm' | 'by action' | 'to safety'

/** What was asked, and by whom: by a member in Discord, or by the operator at the console. */
export interface Asked {
  /** Discord's id of the interaction, or the console's of the order; the same request that comes twice has the same. */
  readonly requestId: string
  readonly guildId: Id
  readonly actor: Actor
  /** Null at the console. */
  readonly memberId: Id | null
  /** The roles that they hold. */
  readonly roleIds: readonly Id[]
  /** The invoker's permissions in the whole server, by their roles: a channel's own rules neither add to them nor take away. */
  readonly permissions: ReadonlySet<Permission>
  readonly isOwner: boolean
  readonly locale: string
  readonly subcommand: string | null
  readonly options: Readonly<Record<string, string | number | boolean | undefined>>
  /** True once somebody stopped the server since this was asked: what is then still to be begun is not. */
  readonly stoppedSince: () => boolean
  /** Replaces the answer that is shown while the command works on; bounded by the interaction's 15 minutes, and never throws. */
  readonly update: (reply: Reply) => Promise<void>
}

export interface Button {
  /** At most 100 characters, `<command>:<rest>`: the press comes back to that command. */
  readonly id: string
  readonly label: string
  readonly disabled?: boolean
  /** The next page of the same list; a console leafs on by it. */
  readonly next?: true
}

/** What a person reads. Text is Discord markdown; what people typed must have gone through `plainText`. Rendering cuts it to Discord's limits. */
export interface Reply {
  readonly tone: 'good' | 'warn' | 'bad' | 'plain'
  readonly title: string
  readonly text: string
  readonly fields?: readonly { readonly name: string; readonly value: string }[]
  readonly footer?: string
  readonly buttons?: readonly Button[]
  /** The id of the button that carries out what was asked, where so far it was only shown. */
  readonly confirm?: string
  /** How far the work is, in an answer that is shown while it goes on. */
  readonly progress?: AuditProgress
  /** True where what was asked for was refused because what it names is not there. */
  readonly missing?: true
  /** True where what was asked for did not happen, or not all of it, because a gate holds it or a human must approve it. */
  readonly held?: true
}

export interface Command {
  readonly name: string
  readonly description: string
  /** Checked before each answer: what Discord shows is only a default. The owner and Administrators always may. */
  readonly needs: Needed
  readonly options?: readonly Option[]
  readonly subcommands?: readonly Subcommand[]
  readonly changes?: Changes
  /** True for what starts work and so counts against the person's quota; asked with the subcommand. */
  readonly counts?: (subcommand: string | null) => boolean
  answer(asked: Asked, world: CommandWorld): Promise<Reply>
  /** `rest` is the button's id after `<command>:`. */
  press?(asked: Asked, rest: string, world: CommandWorld): Promise<Reply>
  /** What a press needs, where that is more than the command's own `needs`. */
  pressNeeds?(rest: string): Needed
  /** At most 25 offers for what is typed so far in this option; answered within 3 s, so it reads only what is at hand. */
  complete?(typing: Typing, world: CommandWorld): Promise<readonly Offer[]>
  /** The same, as an entry in the menu of a member; `answer` is then asked with the member in the option `member`. */
  readonly memberMenu?: string
}

export interface Typing {
  readonly guildId: Id
  readonly subcommand: string | null
  readonly option: string
  readonly typed: string
  /** The options that are filled in already. */
  readonly options: Readonly<Record<string, string | number | boolean | undefined>>
}

/** Name and value of at most 100 characters each; the door cuts names. */
export interface Offer {
  readonly name: string
  readonly value: string
}

/** Who asks, as the record names them, with what their permissions allow. The reason is the option of that name. */
export function byOf({ actor, requestId, memberId, roleIds, permissions, isOwner, options, stoppedSince }: Asked): By {
  const mayAll = isOwner || permissions.has('Administrator')
  const may = (permission: Permission) => mayAll || permissions.has(permission)
  const reason = typeof options.reason === 'string' ? options.reason.trim() : ''
  return {
    actor,
    cause: memberId === null ? `order:${requestId}` : `interaction:${requestId}`,
    reason: reason === '' ? null : reason,
    mayStrip: may('ManageRoles'),
    mayKick: may('KickMembers'),
    roleIds: mayAll ? null : roleIds,
    stoppedSince,
  }
}
