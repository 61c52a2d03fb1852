import { z } from 'zod'
import { ACTIONS, type Action, type Rule, type Settings } from '#src/core/model.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { id, named, readShape, refuseRepeats, share, time } from './shapes.ts'
import { writeTime } from './time.ts'

const action = z.enum(ACTIONS)
const driftAction = z.enum(['report', 'strip'], { error: 'must be "report" or "strip": role drift never kicks' })

function ruleOf<A extends Action>(actions: z.ZodType<A>, words: string) {
  const layers = z.strictObject({
    default: actions.optional(),
    by_group: named(actions).optional(),
    by_state: named(actions).optional(),
  })
  const error = `must be ${words}, or an object of default, by_group and by_state`
  return z.union([actions.transform((action) => ({ default: action })), layers], { error }).transform(toRule<A>)
}

interface Layers<A> {
  readonly default?: A | undefined
  readonly by_group?: ReadonlyMap<string, A> | undefined
  readonly by_state?: ReadonlyMap<string, A> | undefined
}

function toRule<A extends Action>(layers: Layers<A>): Rule<A | 'report'> {
  return {
    default: layers.default ?? 'report',
    byGroup: layers.by_group ?? new Map(),
    byState: layers.by_state ?? new Map(),
  }
}

const rule = ruleOf(action, '"report", "strip" or "strip_kick"').default(DEFAULT_SETTINGS.policy.unknown_guest)
const driftRule = ruleOf(driftAction, '"report" or "strip" (role drift never kicks)').default(
  DEFAULT_SETTINGS.policy.role_drift,
)

const override = z.strictObject({
  memberId: id,
  action,
  expiresAt: time.nullable().default(null),
  reason: z.string().default(''),
})

const roleIds = named(z.array(id)).default(() => new Map())
const { blast, truth } = DEFAULT_SETTINGS

/** Any key may be left out; the defaults are the safe ones. */
export const settingsShape = z.strictObject({
  policy: z
    .strictObject({
      unknown_guest: rule,
      linked_no_perm: rule,
      role_drift: driftRule,
      missing_roles: z.enum(['report', 'grant']).default('report'),
    })
    .prefault({}),
  roleMap: z.strictObject({ groups: roleIds, states: roleIds }).prefault({}),
  roleExceptions: z.array(z.string()).default([]),
  protectedMembers: z.array(id).default([]),
  protectedRoles: z.array(id).default([]),
  botAccounts: z.array(id).default([]),
  overrides: z.array(override).default([]),
  acknowledged: z.boolean().default(false),
  armed: z.strictObject({ schedule: z.boolean().default(false), realtime: z.boolean().default(false) }).prefault({}),
  blast: z
    .strictObject({ run: share.default(blast.run), day: share.default(blast.day), kicks: share.default(blast.kicks) })
    .prefault({}),
  truth: z
    .strictObject({ maxDrop: share.default(truth.maxDrop), maxGroupDrop: share.default(truth.maxGroupDrop) })
    .prefault({}),
})

/** Reads the `settings` part of a snapshot file, or settings that stand alone. Throws `SnapshotFault`; `at` opens the paths it names. */
export function readSettings(value: unknown, at: readonly PropertyKey[] = []): Settings {
  const settings = readShape(settingsShape, value, at)
  checkSettings(settings, at)
  return settings
}

/** What no shape can say. */
export function checkSettings({ overrides }: Settings, at: readonly PropertyKey[]): void {
  const members = overrides.map(({ memberId }) => memberId)
  refuseRepeats(members, 'member', [...at, 'overrides'], ['memberId'])
}

/** The inverse of `readSettings`: a plain object for JSON, with every key in it. */
export function writeSettings(settings: Settings): Record<string, unknown> {
  const { policy, roleMap, overrides, ...rest } = settings
  return {
    policy: {
      unknown_guest: writeRule(policy.unknown_guest),
      linked_no_perm: writeRule(policy.linked_no_perm),
      role_drift: writeRule(policy.role_drift),
      missing_roles: policy.missing_roles,
    },
    roleMap: { groups: Object.fromEntries(roleMap.groups), states: Object.fromEntries(roleMap.states) },
    ...rest,
    overrides: overrides.map((each) => ({
      ...each,
      expiresAt: each.expiresAt === null ? null : writeTime(each.expiresAt),
    })),
  }
}

function writeRule({ default: rest, byGroup, byState }: Rule) {
  return { default: rest, by_group: Object.fromEntries(byGroup), by_state: Object.fromEntries(byState) }
}
