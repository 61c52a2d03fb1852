import type { Explanation } from '#src/core/explain.ts'
import type { FindingCategory, Gate, Id } from '#src/core/model.ts'
import type { Run, StoredFinding } from '#src/core/run.ts'

// The contract between the interactions door and the files in commands/: plain options in, a plain reply out.
// A command never sees an interaction; it throws a `Refusal` for what it will not do.

export type Permission = 'Administrator' | 'ManageRoles' | 'KickMembers' | 'ManageGuild' | 'ViewAuditLog'

export interface Option {
  readonly name: string
  readonly description: string
  readonly type: 'string' | 'user' | 'role' | 'integer' | 'boolean'
  readonly required?: boolean
  readonly choices?: readonly { readonly name: string; readonly value: string }[]
  readonly maxLength?: number
}

export interface Subcommand {
  readonly name: string
  readonly description: string
  readonly options: readonly Option[]
  /** What this subcommand needs beyond what the command needs. */
  readonly needs?: Permission
}

/** What was asked, and by whom. */
export interface Asked {
  readonly interactionId: Id
  readonly guildId: Id
  readonly memberId: Id
  /** The invoker's permissions in the whole server, by their roles: a channel's own rules neither add to them nor take away. */
  readonly permissions: ReadonlySet<Permission>
  readonly isOwner: boolean
  readonly locale: string
  readonly subcommand: string | null
  readonly options: Readonly<Record<string, string | number | boolean | undefined>>
  /** Replaces the answer that is shown while the command works on; bounded by the interaction's 15 minutes, and never throws. */
  readonly update: (reply: Reply) => Promise<void>
}

export interface Button {
  /** At most 100 characters, `<command>:<rest>`: the press comes back to that command. */
  readonly id: string
  readonly label: string
  readonly disabled?: boolean
}

/** What a person reads. Text is Discord markdown; what people typed must have gone through `plainText`. Rendering cuts it to Discord's limits. */
export interface Reply {
  readonly tone: 'good' | 'warn' | 'bad' | 'plain'
  readonly title: string
  readonly text: string
  readonly fields?: readonly { readonly name: string; readonly value: string }[]
  readonly footer?: string
  readonly buttons?: readonly Button[]
}

export interface Command {
  readonly name: string
  readonly description: string
  /** Shown by Discord to holders of this permission by default, and checked again before each answer. The owner and Administrators always may. */
  readonly needs: Permission
  readonly options?: readonly Option[]
  readonly subcommands?: readonly Subcommand[]
  /** True for what starts work and so counts against the person's quota; asked with the subcommand. */
  readonly counts?: (subcommand: string | null) => boolean
  answer(asked: Asked, world: CommandWorld): Promise<Reply>
  /** `rest` is the button's id after `<command>:`. */
  press?(asked: Asked, rest: string, world: CommandWorld): Promise<Reply>
}

export interface AuditRequest {
  readonly guildId: Id
  readonly memberId: Id
  readonly interactionId: Id
  readonly action: 'report' | 'strip'
  readonly mayDestroy: boolean
  readonly reason: string | null
}

export interface AuditProgress {
  readonly stage: 'reading' | 'planning' | 'acting'
  readonly done: number
  readonly total: number
}

/** How a guild stands, for `/audit status`. Ages in milliseconds. */
export interface GuildStatus {
  readonly roster: {
    readonly state: string
    readonly members: number
    readonly age: number | null
    readonly note: string | null
  }
  readonly identity: {
    readonly source: string
    readonly people: number | null
    readonly linked: number | null
    readonly suspect: boolean
    readonly why: readonly string[]
    readonly problem: string | null
  }
  /** What the bot lacks in this server to do its work, as sentences that say what to click; empty where all is well. */
  readonly lacks: readonly string[]
  readonly acknowledged: { readonly by: string; readonly at: number; readonly run: string } | null
  readonly armed: { readonly schedule: boolean; readonly realtime: boolean }
  readonly lastRuns: readonly Run[]
  readonly quota: { readonly used: number; readonly limit: number | null; readonly freeAt: number | null }
}

/** An explanation with what a person needs to trust it. Ages in milliseconds. */
export interface Explained {
  readonly explanation: Explanation
  readonly roster: { readonly state: string; readonly age: number | null }
  readonly identityAge: number
  readonly identityNames: readonly { readonly id: string; readonly username: string; readonly main: string | null }[]
}

export interface CommandWorld {
  now(): number
  audit(request: AuditRequest, onProgress: (progress: AuditProgress) => void): Promise<Run>
  status(guildId: Id, memberId: Id): Promise<GuildStatus>
  /** Null where this guild has no such run. */
  run(guildId: Id, runId: string): Promise<Run | null>
  findings(
    guildId: Id,
    runId: string,
    page: {
      readonly category: FindingCategory | null
      /** Leaves out guests who hold nothing governed: they are counted, and nobody reads of them one by one. */
      readonly atStake: boolean
      readonly offset: number
      readonly limit: number
    },
  ): Promise<{ readonly total: number; readonly findings: readonly StoredFinding[] }>
  /** How many members of the run hold a role too many or too few, would be kicked, or are claimed twice. */
  atStake(guildId: Id, runId: string): Promise<number>
  /** How many findings of the run each gate holds; gates that hold none are left out. */
  gateTally(guildId: Id, runId: string): Promise<Readonly<Partial<Record<Gate, number>>>>
  /** Explains a member as a strip run by this invoker would see them; throws `Refusal` where there is no such member. */
  explain(guildId: Id, memberId: Id, mayDestroy: boolean): Promise<Explained>
  /** Lifts the first-run lock by naming a completed report run; throws `Refusal` where the run does not qualify. */
  acknowledgeFirstRun(guildId: Id, runId: string, memberId: Id, interactionId: Id): Promise<Run>
}
