import type { FieldChange } from './field-changes.ts'

// What was set, granted, linked and acknowledged, and when.

/** The types of the lines that tell of it. */
export const SETTING_TYPES = [
  'setting.changed',
  'arrangement.changed',
  'override.set',
  'override.lifted',
  'capability.granted',
  'capability.revoked',
  'link.made',
  'link.removed',
  'first_run.acknowledged',
  'plan.approved',
  'truth.accepted',
  'guild.stopped',
] as const
export type SettingType = (typeof SETTING_TYPES)[number]

/** What people ask for by one word, with what the lines are kept under: a setting's own name, or what stands before the dot of their type. */
export const SETTING_KINDS = {
  policy: ['setting:policy'],
  roles: ['setting:roleMap', 'setting:roleExceptions'],
  protection: ['setting:protectedMembers', 'setting:protectedRoles'],
  bots: ['setting:botAccounts'],
  overrides: ['override'],
  arming: ['setting:armed', 'guild'],
  limits: ['setting:blast', 'setting:truth'],
  schedule: ['arrangement'],
  capabilities: ['capability'],
  links: ['link'],
  acknowledgements: ['first_run', 'plan', 'truth'],
} as const satisfies Readonly<Record<string, readonly string[]>>
export type SettingKind = keyof typeof SETTING_KINDS

/** Everything that is given must hold. Times in ms since the epoch, both ends included. */
export interface SettingsFilter {
  readonly kind?: SettingKind
  /** Who changed it. */
  readonly memberId?: string
  readonly since?: number
  readonly until?: number
}

export interface SettingLine {
  readonly at: number
  readonly type: SettingType
  readonly subject: string
  readonly actor: string
  readonly changes: readonly FieldChange[]
  /** How many more changes there are. */
  readonly leftOut: number
  /** What they gave as their reason, or that it was erased; null where they gave none. */
  readonly reason: string | null
}
