// What a verdict is made of: the nouns of a guild, of its identity database, and of what the operator has set.
// Ids are strings of decimal digits without leading zeros, as Discord's JSON has them: a snowflake exceeds 2^53.

export type Id = string

export interface Role {
  readonly id: Id
  readonly name: string
  readonly position: number
  /** Discord's own flag (integration, bot, booster, linked roles); such a role is never governed and never touched. */
  readonly managed: boolean
}

export interface Member {
  readonly id: Id
  /** Discord's `user.bot`. */
  readonly bot: boolean
  readonly roleIds: readonly Id[]
  /** When they came, the last time that they did, ms since the epoch; null where Discord does not say. Left out where nobody keeps it. */
  readonly joinedAt?: number | null
}

export interface Guild {
  readonly id: Id
  readonly name: string
  readonly ownerId: Id
  readonly botUserId: Id
  /** The roles of the member `botUserId`; empty where the bot is not a member, and then everything is out of reach. */
  readonly botRoleIds: readonly Id[]
  readonly roles: readonly Role[]
}

/** One account that a person has linked in the identity database: in EVE Online a character. */
export interface LinkedAccount {
  readonly id: string
  readonly name: string
  readonly organisation: string | null
  readonly parentOrganisation: string | null
  readonly main: boolean
}

export interface Identity {
  readonly id: string
  readonly username: string
  readonly active: boolean
  readonly superuser: boolean
  /** The access permission alone, by whatever way it was earned; `hasAccess` says what follows from it. */
  readonly access: boolean
  readonly state: string | null
  readonly groups: readonly string[]
  readonly discordIds: readonly Id[]
}

export const ACTIONS = ['report', 'strip', 'strip_kick'] as const
/** In order of harm. */
export type Action = (typeof ACTIONS)[number]

export const TRIGGERS = ['slash', 'cli', 'schedule', 'realtime'] as const
export type Trigger = (typeof TRIGGERS)[number]

export const CATEGORIES = [
  'bot_filtered',
  'identity_conflict',
  'unknown_guest',
  'linked_no_perm',
  'role_drift',
  'missing_roles',
  'in_order',
] as const
export type Category = (typeof CATEGORIES)[number]
export type FindingCategory = Exclude<Category, 'bot_filtered' | 'in_order'>

export const GATES = [
  'identity_conflict',
  'protected_member',
  'guild_owner',
  'out_of_reach',
  'action_ceiling',
  'actor_not_permitted',
  'first_run_lock',
  'unattended_not_armed',
  'identity_suspect',
  'blast_radius',
] as const
export type Gate = (typeof GATES)[number]

export type Layer = 'category' | 'override' | 'by_group' | 'by_state' | 'default'
export type PolicyAction = Action | 'grant'
export type EffectiveAction = Action | 'grant'

/** What the operator wants done with a category; the first layer that speaks decides (groups, then state, then default). */
export interface Rule<A extends string = Action> {
  readonly default: A
  readonly byGroup: ReadonlyMap<string, A>
  readonly byState: ReadonlyMap<string, A>
}

export interface Policy {
  readonly unknown_guest: Rule
  readonly linked_no_perm: Rule
  readonly role_drift: Rule<'report' | 'strip'>
  readonly missing_roles: 'report' | 'grant'
}

export interface Override {
  readonly memberId: Id
  readonly action: Action
  /** Milliseconds since the epoch; null never expires. */
  readonly expiresAt: number | null
  readonly reason: string
}

export interface Settings {
  readonly policy: Policy
  readonly roleMap: {
    readonly groups: ReadonlyMap<string, readonly Id[]>
    readonly states: ReadonlyMap<string, readonly Id[]>
  }
  /** Role ids or exact role names that are never governed. */
  readonly roleExceptions: readonly string[]
  readonly protectedMembers: readonly Id[]
  readonly protectedRoles: readonly Id[]
  readonly botAccounts: readonly Id[]
  readonly overrides: readonly Override[]
  /** A human has lifted the guild's first-run lock. */
  readonly acknowledged: boolean
  readonly armed: { readonly schedule: boolean; readonly realtime: boolean }
  /** Shares of the population, 0 to 1. */
  readonly blast: { readonly run: number; readonly day: number; readonly kicks: number }
  /** Shares, 0 to 1. */
  readonly truth: { readonly maxDrop: number; readonly maxGroupDrop: number }
}

/** How this look at the guild came about and what it may do at most. */
export interface Invocation {
  readonly trigger: Trigger
  /** The ceiling: nothing more harmful happens, whatever the policy says. */
  readonly action: Action
  /** Whether the invoker's own permissions allow destroying. */
  readonly mayDestroy: boolean
  /** Members affected, and kicked, unattended in the last 24 hours without this run. */
  readonly dayAffected: number
  readonly dayKicks: number
  /** The digest of the plan that a human approved, if any. */
  readonly approved: string | null
}

/** One member who is out of order, and what follows. Role lists are sorted as numbers. */
export interface Finding {
  readonly memberId: Id
  /** Null for `identity_conflict` and `unknown_guest`. */
  readonly identityId: string | null
  readonly category: FindingCategory
  readonly policyAction: PolicyAction
  readonly decidedBy: Layer
  readonly gates: readonly Gate[]
  readonly effectiveAction: EffectiveAction
  /** What is left after the gates. */
  readonly kick: boolean
  readonly removeRoles: readonly Id[]
  readonly addRoles: readonly Id[]
  /** The facts, whatever the action. */
  readonly excessRoles: readonly Id[]
  readonly missingRoles: readonly Id[]
  readonly unreachableRoles: readonly Id[]
}

export type Verdict =
  | { readonly kind: 'quiet'; readonly category: 'bot_filtered' | 'in_order' }
  | { readonly kind: 'finding'; readonly finding: Finding }

export type Counts = Readonly<Record<Category | 'members', number>>

export interface Blast {
  readonly population: number
  readonly affected: number
  readonly limit: number
  readonly dayLimit: number
  readonly kicks: number
  readonly kickLimit: number
  readonly over: boolean
}

export interface Truth {
  readonly suspect: boolean
  /** `incomplete`, `no_permission`, `no_identities`, `no_groups`, `no_access`, `dropped:…`, in that order. */
  readonly why: readonly string[]
  /** What each `dropped:…` fell from and to. */
  readonly fell?: Readonly<Record<string, Fall>>
}

export interface Fall {
  readonly from: number
  readonly to: number
}

/** What a whole look at a guild came to. `planned` is there only where the blast radius closed. */
export interface Plan {
  readonly guildId: Id
  /** `sha256:` and the hex digest of the findings before `blast_radius` was asked. */
  readonly digest: string
  readonly identity: Pick<Truth, 'suspect' | 'why'>
  readonly counts: Counts
  readonly blast: Blast
  /** Sorted by member id as a number. */
  readonly findings: readonly Finding[]
  readonly planned?: readonly Finding[]
}
