import type { Arrangements } from '#src/core/arrangements.ts'
import type { MemberColumns } from '#src/core/columns.ts'
import type { Directory } from '#src/core/directory.ts'
import type { Action, Guild, Id, Member, Settings } from '#src/core/model.ts'
import type { Moment } from '#src/core/moment.ts'
import type { LoggedRoleChange, Notice } from '#src/core/notice.ts'
import type { Act, Outcome, RosterState } from '#src/core/run.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { ActBook } from './book/acts.ts'
import type { MemberBook } from './book/members.ts'
import type { RunBook } from './book/runs.ts'
import type { SourceBook } from './book/source.ts'

export type { Intent, IntentContext, NewRun, StoredPlan } from '#src/core/run.ts'
export type { LiveQuestion, LiveStanding } from './book/acts.ts'
export type { Yardsticks } from './book/source.ts'

// What the loop needs of the world. `main` fits the edges in; tests fit in a small world in memory.

/** The live member cache of one guild. It proposes; Discord confirms. */
export interface GuildRoster {
  readonly state: RosterState
  /** When the roster was last known to be whole and right (last fill or matching checksum), ms since the epoch; null before the first. */
  readonly verifiedAt: number | null
  /** Null until the guild was seen. */
  guild(): Guild | null
  readonly columns: MemberColumns
  member(id: Id): Member | null
  /** Lays the columns out for these roles, which the walk compares; costs nothing where they lie so already. */
  prefer(roleIds: readonly Id[]): void
  /** Resolves true at the first dispatch from now on that shows this member with (`held`) or without the role, false after `timeoutMs` or when they leave. */
  sees(memberId: Id, roleId: Id, held: boolean, timeoutMs: number): Promise<boolean>
}

/** Reads at Discord itself, past every cache. */
export interface Looker {
  /** Null: Discord says that there is no such member. Looks of the live lane go before others, here and below. */
  member(guildId: Id, memberId: Id, lane?: Performing['lane']): Promise<Member | null>
  /** The guild with its roles, its owner and the bot's own roles, as Discord says now: a lost event must not rename a role under an act. */
  guild(guildId: Id, botUserId: Id, lane?: Performing['lane']): Promise<Guild>
  /** The same with the bot's permissions in the whole guild, as Discord's bit field. */
  standing(guildId: Id, botUserId: Id): Promise<{ readonly guild: Guild; readonly permissions: bigint }>
  /** The newest role changes of the guild's audit log, at most 100, newest first. Rejects where the bot may not read it. */
  roleChanges(guildId: Id): Promise<readonly LoggedRoleChange[]>
}

export interface Performing {
  /** What Discord's own audit log is to show. */
  readonly reason: string
  /** Live acts go before commands, commands before sweeps, at Discord's door too. */
  readonly lane: 'live' | 'command' | 'sweep'
  /** When the look at the member began that the act stands on: it may be old though nothing was waited for at the door. */
  readonly lookedAt: Moment
  /**
   * Asked again before every try that comes later than the look (after a rate limit, a fault, a wait in line, a slow database); false ends the act as
   * `changed`.
   */
  readonly stillWanted: () => Promise<boolean>
}

/** What came of one act at Discord's door. `refusal`: Discord refuses this for good (permission, rank, second factor), so that trying again is no use. */
export interface Performed {
  readonly outcome: Outcome | 'changed'
  readonly detail: string | null
  readonly refusal?: boolean
}

/** The one door that changes anything at Discord. Never throws for an answer that Discord gave. */
export interface Enforcer {
  perform(act: Act, how: Performing): Promise<Performed>
  /** How many acts of this kind the guild gets through in a second, by the limits that Discord told last; the known shape before the first answer. */
  pace(guildId: Id, kind: Act['kind']): number
}

/** The durable side: each method is one transaction, and each change carries its trail line in it. */
export interface Book extends RunBook, ActBook, SourceBook, MemberBook {
  settings(guildId: Id): Promise<Settings>
  arrangements(guildId: Id): Promise<Arrangements>
  append(drafts: readonly TrailDraft[], at: number): Promise<void>
}

export interface World {
  now(): number
  /** Milliseconds that only ever grow, for ages and patience: the clock of the machine may jump. */
  elapsed(): number
  /** The time by Discord's clock, ms since the epoch, never later than it is there: ours may be wrong. */
  discordNow(): number
  /** A new uuid v7. */
  newId(): string
  /** `sha256:` and the hex digest of the value's RFC 8785 form. */
  digestOf(value: unknown): string
  /** The same of an object with long lists, with a turn for everybody else in between. */
  digestInSteps(value: Readonly<Record<string, unknown>>): Promise<string>
  roster(guildId: Id): GuildRoster | null
  directory(guildId: Id): Directory
  /** The digest of what the operator has set, so that a finding can name the policy it was made by. */
  settingsDigest(settings: Settings): string
  readonly looker: Looker
  readonly enforcer: Enforcer
  readonly book: Book
  /** False from the moment at which another bot may act in this one's place; asked right before each act. */
  mayAct(): boolean
  /** Whether somebody who asked for this before may still have it done: true but for a member of the guild who has lost the permission. */
  mayStill(guildId: Id, actor: Actor, action: Action): boolean
  /** Whether several roles of one member go in one write (BULK_STRIP). */
  readonly bulkStrip: boolean
  /** How long a run may take, ms. */
  readonly deadlineMs: number
  /** Tells the moderators of a guild. Returns at once and never throws: a notice that cannot be posted holds up nothing. */
  tell(guildId: Id, notice: Notice): void
  /** What an operator should know and nobody is waiting to be told: a review that failed, a guild passed over. Holds no secret. */
  notice(message: string, facts: Readonly<Record<string, unknown>>): void
}
