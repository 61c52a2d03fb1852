import { z } from 'zod'
import { ACTIONS, type Invocation, TRIGGERS } from '#src/core/model.ts'
import { DEFAULT_INVOCATION } from '#src/core/policy.ts'
import { checkIdentityPart, identityKeys, nameKeys } from './identity-part.ts'
import { formatOf, parseJson } from './json.ts'
import { checkSettings, settingsShape } from './settings.ts'
import { count, id, named, readShape, refuseRepeats, time } from './shapes.ts'
import { SNAPSHOT_FORMAT, type Snapshot } from './snapshot.ts'
import { warningsOf } from './warnings.ts'

const role = z.strictObject({ id, name: z.string(), position: z.int(), managed: z.boolean() })

const member = z.strictObject({
  user: z.strictObject({ id, username: z.string(), bot: z.boolean() }),
  nick: z.string().nullable(),
  roles: z.array(id),
  // Discord gives null for guests.
  joined_at: time.nullable(),
})

const guild = z.strictObject({
  id,
  name: z.string(),
  ownerId: id,
  botUserId: id,
  roles: z.array(role),
  members: z.array(member),
})

const invocation: z.ZodType<Invocation> = z.strictObject({
  trigger: z.enum(TRIGGERS).default(DEFAULT_INVOCATION.trigger),
  action: z.enum(ACTIONS).default(DEFAULT_INVOCATION.action),
  mayDestroy: z.boolean().default(false),
  dayAffected: count.default(0),
  dayKicks: count.default(0),
  approved: z.string().nullable().default(null),
})

const baseline = z.strictObject({
  linked: count.default(0),
  withAccess: count.default(0),
  perGroup: named(count).default(() => new Map()),
  perState: named(count).default(() => new Map()),
})

const file = z.strictObject({
  format: z.literal(SNAPSHOT_FORMAT),
  takenAt: time,
  guild,
  identity: z.strictObject({ ...nameKeys, identities: z.array(z.strictObject(identityKeys)) }),
  settings: settingsShape.prefault({}),
  invocation: invocation.prefault({}),
  baseline: baseline.nullable().default(null),
})

type File = z.output<typeof file>

/** Reads a snapshot file. Throws `SnapshotFault` for what is refused; what is only ignored comes back as warnings, one sentence each. */
export function readSnapshot(text: string): { readonly snapshot: Snapshot; readonly warnings: readonly string[] } {
  const value = parseJson(text)
  formatOf(value, [SNAPSHOT_FORMAT])
  const read = readShape(file, value)
  refuseRepeats(
    read.guild.roles.map((each) => each.id),
    'role',
    ['guild', 'roles'],
    ['id'],
  )
  refuseRepeats(
    read.guild.members.map(({ user }) => user.id),
    'member',
    ['guild', 'members'],
    ['user', 'id'],
  )
  checkIdentityPart(read.identity, ['identity'])
  checkSettings(read.settings, ['settings'])
  const snapshot = toSnapshot(read)
  return { snapshot, warnings: warningsOf(snapshot) }
}

function toSnapshot({ takenAt, guild, identity, settings, invocation, baseline }: File): Snapshot {
  const { members, ...ofGuild } = guild
  const { identities, ...names } = identity
  const bot = members.find(({ user }) => user.id === guild.botUserId)
  return {
    takenAt,
    guild: { ...ofGuild, botRoleIds: bot?.roles ?? [] },
    members: members.map(({ user, roles }) => ({ id: user.id, bot: user.bot, roleIds: roles })),
    people: new Map(
      members.map(({ user, nick, joined_at }) => [user.id, { username: user.username, nick, joinedAt: joined_at }]),
    ),
    identity: { names, identities },
    settings,
    invocation,
    baseline,
  }
}
