import type { Arrangements } from '#src/core/arrangements.ts'
import type { Holders } from '#src/core/checkup.ts'
import type { Explanation } from '#src/core/explain.ts'
import type { FoundAlike } from '#src/core/found.ts'
import type { Source } from '#src/core/governed.ts'
import type { Counts, FindingCategory, Id, Override, Settings, Truth } from '#src/core/model.ts'
import type { Quarantine, Run, StoredFinding } from '#src/core/run.ts'
import type { SinkStanding } from '#src/core/sink-standing.ts'
import type { Actor } from '#src/core/trail.ts'

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
    readonly fell?: Truth['fell']
    readonly problem: string | null
  }
  /** What the bot lacks in this server to do its work, as sentences that say what to click; empty where all is well. */
  readonly lacks: readonly string[]
  /** Since when the guild is blind: the source is not to be trusted, and nothing is taken from anybody. */
  readonly blind: { readonly since: number; readonly why: readonly string[]; readonly problem: string | null } | null
  readonly quarantines: readonly Quarantine[]
  /** Roles of members that are left alone since something else keeps undoing what is done about them; the newest first, at most a thousand. */
  readonly contests: readonly {
    readonly memberId: Id
    readonly roleId: Id
    readonly times: number
    readonly at: number
  }[]
  readonly arrangements: Arrangements
  /** When the next scheduled look is due. */
  readonly nextLookAt: number | null
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
  /** Roles that nobody is given or loses by themselves, whatever follows: what Discord refuses, and what something else keeps undoing. */
  readonly leftAlone: readonly { readonly roleId: Id; readonly why: string }[]
}

/** An override with who set it, and when. */
export interface PlacedOverride extends Override {
  readonly by: Actor
  readonly at: number
}

/** A run's findings then against what a look comes to now. */
export interface RunDiff {
  readonly run: Run
  readonly counts: { readonly then: Counts; readonly now: Counts }
  /** Out of order now and not then, the other way round, and in both but not the same. At most 100 of each; the totals beside them. */
  readonly appeared: readonly StoredFinding[]
  readonly vanished: readonly StoredFinding[]
  readonly changed: readonly { readonly then: StoredFinding; readonly now: StoredFinding }[]
  readonly totals: {
    readonly appeared: number
    readonly vanished: number
    readonly changed: number
    readonly same: number
  }
}

export interface GrantorCount {
  /** Null: nobody could be found who did it. */
  readonly grantorId: Id | null
  readonly grants: number
  readonly members: number
  readonly lastAt: number
}

/** What an edit of the policy would come to on the live guild, beside what holds now. */
export interface PolicyPreview {
  readonly counts: { readonly now: Counts; readonly then: Counts }
  readonly wouldStrip: { readonly now: number; readonly then: number }
  readonly wouldKick: { readonly now: number; readonly then: number }
  readonly wouldGive: { readonly now: number; readonly then: number }
  /** Members with whom more is done than before, and less: how many, and at most 20 of each by their ids. */
  readonly harsher: { readonly total: number; readonly memberIds: readonly Id[] }
  readonly milder: { readonly total: number; readonly memberIds: readonly Id[] }
}

export interface RoleStanding {
  readonly roleId: Id
  readonly earnedBy: readonly { readonly kind: 'group' | 'state'; readonly name: string }[]
  readonly reachable: boolean
  readonly holders: number
}

/** What may be amiss in a server beside how it and its source stand. */
export interface Checkup {
  /** How far this machine's clock is ahead of Discord's, ms. */
  readonly skewMs: number
  readonly settings: Settings
  /** Null where the source does not answer. */
  readonly governed: {
    readonly roles: number
    readonly unmatched: readonly Source[]
    /** Governed roles of one name. */
    readonly namesakes: readonly (readonly Id[])[]
    readonly holders: Holders
    /** Members whose account more than one identity claims. */
    readonly claimedTwice: readonly Id[]
  } | null
  /** Places of the whole installation that are to keep the record's checkpoints and take none: since when (ms since the epoch), and why, as the end of a sentence. */
  readonly anchors: readonly { readonly kind: 'file' | 'webhook'; readonly since: number; readonly problem: string }[]
  readonly summaries: SummaryStanding | null
}

/** Where the webhook for the summaries of a server posts, or why it does not, as a sentence. A server without one has none. */
export type SummaryStanding = { readonly channelId: Id; readonly name: string } | { readonly problem: string }

/** What is only read: how a server stands, what runs found, what an edit would come to. */
export interface ReadingCommands {
  status(guildId: Id, actor: Actor): Promise<GuildStatus>
  checkUp(guildId: Id): Promise<Checkup>
  /** How each sink stands with the record of this server. */
  sinks(guildId: Id): Promise<readonly SinkStanding[]>
  /** Null where this guild has no such run. */
  run(guildId: Id, runId: string): Promise<Run | null>
  runs(
    guildId: Id,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly total: number; readonly runs: readonly Run[] }>
  diff(guildId: Id, runId: string): Promise<RunDiff>
  /** Who gave roles that were not earned since then, the most first. */
  grantors(guildId: Id, since: number, limit: number): Promise<readonly GrantorCount[]>
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
  /** What the run found, in numbers. */
  foundByRun(guildId: Id, runId: string): Promise<readonly FoundAlike[]>
  /** The overrides that are set for these members, run out or not; whom none is set for is left out. */
  placedOverrides(guildId: Id, memberIds: readonly Id[]): Promise<ReadonlyMap<Id, PlacedOverride>>
  /** Whether somebody of this id is here now; null where nobody can say at this moment. */
  isMember(guildId: Id, memberId: Id): Promise<boolean | null>
  /** The same of a role. */
  isRole(guildId: Id, roleId: Id): Promise<boolean | null>
  /** Explains a member as a strip run by this invoker would see them; throws `Refusal` where there is no such member. */
  explain(guildId: Id, memberId: Id, mayDestroy: boolean): Promise<Explained>
  previewPolicy(guildId: Id, edit: (settings: Settings) => Partial<Settings>): Promise<PolicyPreview>
  /** Governed roles with what earns them, and names that map to no role. */
  governed(guildId: Id): Promise<{
    readonly roles: readonly RoleStanding[]
    readonly unmatched: readonly { readonly kind: 'group' | 'state'; readonly name: string }[]
  }>
}
