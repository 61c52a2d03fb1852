import type { Arrangements } from '#src/core/arrangements.ts'
import type { Capability } from '#src/core/capability.ts'
import type { Holders } from '#src/core/checkup.ts'
import type { Baseline, DirectoryNames, Vitals } from '#src/core/directory.ts'
import type { Explanation } from '#src/core/explain.ts'
import type { FoundAlike } from '#src/core/found.ts'
import type { Source } from '#src/core/governed.ts'
import type { ManualLink } from '#src/core/link.ts'
import type {
  Action,
  Counts,
  FindingCategory,
  Id,
  Identity,
  LinkedAccount,
  Override,
  Settings,
  Truth,
} from '#src/core/model.ts'
import type { Act, Only, Purpose, Quarantine, Run, StoredFinding } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'

// What the commands may ask of the bot. `main` fits the loop and the store in.

/** Who wants something done, for the record, and what their own permissions in the server allow. */
export interface By {
  readonly actor: Actor
  /** `interaction:<id>` or `order:<id>`. */
  readonly cause: string
  readonly reason: string | null
  readonly mayStrip: boolean
  readonly mayKick: boolean
  /** Roles below whose highest they may hand out roles, as Discord has it; null where no rank bounds them: the owner, Administrators, the console. */
  readonly roleIds: readonly Id[] | null
  /** True once somebody stopped the server since they asked. */
  readonly stoppedSince: () => boolean
}

export interface AuditRequest {
  readonly guildId: Id
  readonly by: By
  readonly action: Action
  readonly only: Only
}

export interface AuditProgress {
  readonly stage: 'reading' | 'planning' | 'acting'
  readonly done: number
  readonly total: number
  /** Milliseconds that the rest takes by the limits that Discord tells; null where that is not known. */
  readonly leftMs: number | null
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
  /** Since when the guild is blind: the source is not to be trusted, and nothing is taken from anybody. */
  readonly blind: { readonly since: number; readonly why: readonly string[]; readonly problem: string | null } | null
  readonly quarantines: readonly Quarantine[]
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
}

/** An override with who set it, and when. */
export interface PlacedOverride extends Override {
  readonly by: Actor
  readonly at: number
}

/** Give-backs of one undo, and what could not be given back, with why. */
export interface Undone {
  readonly run: Run
  readonly given: number
  /** Of those that were given, the ones of which nobody knows whether the run took them. */
  readonly unsure: number
  readonly alreadyHeld: number
  /** Members for whom an override of `report` was placed, since the policy would take the roles again; `replaced` is a harsher one that gave way to it. */
  readonly shielded: readonly {
    readonly memberId: Id
    readonly expiresAt: number
    readonly replaced: Override | null
  }[]
  readonly impossible: readonly { readonly memberId: Id; readonly act: Act; readonly why: string }[]
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

export interface SourceAccepted {
  readonly source: string
  /** `sha256:…` of these numbers, all of them: what is accepted is named by it. */
  readonly digest: string
  readonly before: Omit<Vitals, 'identities'> | null
  readonly now: Vitals
  readonly truth: Truth
}

/** `changed`: the source says something else than was named, so that nothing was accepted; `source` is what it says now. */
export interface SourceAcceptance {
  readonly kind: 'accepted' | 'changed'
  readonly source: SourceAccepted
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
}

/** How the source stands. Ages in milliseconds. */
export interface SourceStanding {
  readonly source: string
  /** Null where it did not answer; `problem` then says why. */
  readonly read: {
    readonly vitals: Vitals
    readonly names: DirectoryNames
    readonly truth: Truth
    readonly age: number
  } | null
  readonly problem: string | null
  readonly before: Baseline | null
  readonly blind: { readonly since: number } | null
}

/** Who claims a member's account: how many, and the first of them. The age in milliseconds. */
export interface WhoIs {
  readonly source: string
  readonly memberId: Id
  readonly total: number
  /** As the source has them: the accounts that were linked to them by hand stand in `links`. */
  readonly claims: readonly { readonly identity: Identity; readonly accounts: readonly LinkedAccount[] }[]
  /** The link by hand of this account; it claims nothing where the source does not know whom it names. */
  readonly link: (ManualLink & { readonly isKnown: boolean }) | null
  /** All links by hand to these identities. */
  readonly links: readonly ManualLink[]
  readonly suspect: boolean
  readonly age: number
}

/** An account that a person has linked by hand to somebody whom the source knows, or knew. */
export interface LinkMade {
  readonly identity: Identity
  /** What holds for the member by now; null where that cannot be said. */
  readonly explanation: Explanation | null
}

export interface LinkTaken {
  readonly link: ManualLink
  readonly explanation: Explanation | null
}

export interface CommandWorld {
  now(): number
  audit(request: AuditRequest, onProgress: (progress: AuditProgress) => void): Promise<Run>
  /** Goes on with an interrupted run's own plan; throws `Refusal` where the run cannot be resumed. */
  resume(guildId: Id, runId: string, by: By, onProgress: (progress: AuditProgress) => void): Promise<Run>
  /** Gives up a run that waits or was interrupted. */
  abandon(guildId: Id, runId: string, by: By): Promise<Run>
  undo(
    request: { readonly guildId: Id; readonly runId: string; readonly memberId: Id | null; readonly by: By },
    onProgress: (progress: AuditProgress) => void,
  ): Promise<Undone>
  /** Disarms everything and interrupts every run of the guild. */
  stop(
    guildId: Id,
    by: By,
  ): Promise<{
    readonly runs: readonly { readonly id: string; readonly purpose: Purpose }[]
    readonly wasArmed: { readonly schedule: boolean; readonly realtime: boolean }
  }>
  status(guildId: Id, actor: Actor): Promise<GuildStatus>
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
  /** Lifts the first-run lock by naming a completed report run; throws `Refusal` where the run does not qualify. */
  acknowledgeFirstRun(guildId: Id, runId: string, by: By): Promise<Run>
  /** How the identity source stands; one that is silent is told as such. */
  sourceStanding(guildId: Id): Promise<SourceStanding>
  checkUp(guildId: Id): Promise<Checkup>
  /** Who claims this member's account; throws `Refusal` where the source does not answer. */
  whoIs(guildId: Id, memberId: Id): Promise<WhoIs>
  /** Throws `Refusal` where the source itself names somebody for this account, knows no such identity, or the account is linked by hand already. */
  linkByHand(wanted: {
    readonly guildId: Id
    readonly memberId: Id
    readonly identityId: string
    readonly by: By & { readonly reason: string }
  }): Promise<LinkMade>
  /** Null where the account was not linked by hand. */
  unlinkByHand(guildId: Id, memberId: Id, by: By): Promise<LinkTaken | null>
  /** What the source says now beside what was last accepted, and changes nothing; throws `Refusal` where it cannot be read. */
  lookAtSource(guildId: Id): Promise<SourceAccepted>
  /** Takes what the source says now for true where its digest is the one that was shown; throws `Refusal` where it cannot be read, or nothing is amiss. */
  acknowledgeSource(guildId: Id, expectedDigest: string, by: By): Promise<SourceAcceptance>
  /** Lets the run that waits with this digest do its plan, for 24 hours, and carries it out at once. */
  acknowledgePlan(
    guildId: Id,
    plan: { readonly runId: string; readonly digest: string },
    by: By,
    onProgress: (progress: AuditProgress) => void,
  ): Promise<Run>
  /** Throws `Refusal` before the first acknowledgement, and for `schedule` where none is set. */
  arm(guildId: Id, what: 'schedule' | 'realtime', by: By): Promise<void>
  disarm(guildId: Id, what: 'schedule' | 'realtime', by: By): Promise<void>
  settings(guildId: Id): Promise<Settings>
  /**
   * Changes settings in one transaction: `edit` is given them as they are and returns those that shall be different. Records each that changed.
   * Arming and the first-run lock are not changed by this.
   */
  changeSettings(
    guildId: Id,
    edit: (settings: Settings) => Partial<Settings>,
    by: By,
  ): Promise<{ readonly before: Settings; readonly after: Settings; readonly changed: readonly string[] }>
  arrangements(guildId: Id): Promise<Arrangements>
  /** Throws `Refusal` where an expression, a time zone or a channel cannot be used, with what is wrong with it. */
  arrange(guildId: Id, change: Partial<Arrangements>, by: By): Promise<Arrangements>
  capabilities(guildId: Id): Promise<ReadonlyMap<Capability, readonly Id[]>>
  grantCapability(guildId: Id, capability: Capability, roleId: Id, by: By): Promise<'granted' | 'had it'>
  revokeCapability(guildId: Id, capability: Capability, roleId: Id, by: By): Promise<'revoked' | 'had it not'>
  /** Whether this member gets the notices by direct message. */
  subscribed(guildId: Id, memberId: Id): Promise<boolean>
  subscribe(guildId: Id, memberId: Id, wanted: boolean, by: By): Promise<void>
  /** Takes roles (or `kick`) out of quarantine; returns those that were in it. */
  release(guildId: Id, what: readonly (Id | 'kick')[], by: By): Promise<readonly (Id | 'kick')[]>
  previewPolicy(guildId: Id, edit: (settings: Settings) => Partial<Settings>): Promise<PolicyPreview>
  /** The names that the identity source knows. */
  names(guildId: Id): Promise<{ readonly groups: readonly string[]; readonly states: readonly string[] }>
  /** Governed roles with what earns them, and names that map to no role. */
  governed(guildId: Id): Promise<{
    readonly roles: readonly RoleStanding[]
    readonly unmatched: readonly { readonly kind: 'group' | 'state'; readonly name: string }[]
  }>
}
