import type { Id } from '#src/core/model.ts'
import type { LoggedRoleChange } from '#src/core/notice.ts'
import type { SeenRoleChange } from '#src/core/role-history.ts'
import type { Packet } from '#src/discord/packets.ts'
import { readRoleChange } from '#src/discord/role-changes.ts'
import type { GroupReviews } from '#src/loop/group.ts'
import type { LiveReviews } from '#src/loop/live.ts'
import type { RoleHistory } from '#src/loop/role-history.ts'
import type { World } from '#src/loop/world.ts'
import type { RosterChange } from '#src/roster/change.ts'
import type { Log } from '#src/telemetry/log.ts'

export interface ReactionParts {
  readonly live: Pick<LiveReviews, 'see' | 'resume'>
  readonly groups: Pick<GroupReviews, 'rolesChanged'>
  readonly history: Pick<RoleHistory, 'watch' | 'see' | 'miss'>
  readonly world: World
  readonly log: Log
  /** A roster came to be live, the first time or again. */
  readonly onLive: (guildId: Id) => void
}

/** What follows from a change of a roster: a member whose roles changed is looked at, an edit of roles is compared, and a change of its state is told. */
export function makeReactions({
  live,
  groups,
  history,
  world,
  log,
  onLive,
}: ReactionParts): (guildId: Id, change: RosterChange) => void {
  return (guildId, change) => {
    // What is heard before the list is whole is told again when it is.
    if (world.roster(guildId)?.state === 'live') note(history, guildId, change, world.now())
    if (change.kind === 'member') live.see(guildId, change.memberId, causeOf(change), givenBy(change))
    if (change.kind === 'roles_changed' || isOfBot(world, guildId, change)) groups.rolesChanged(guildId)
    if (change.kind !== 'state') return
    const { from, to, why } = change
    log.info({ guildId, from, to, why, members: world.roster(guildId)?.columns.count }, `roster ${to}`)
    if (to !== 'live') return
    history.watch(guildId)
    live.resume(guildId)
    groups.rolesChanged(guildId)
    onLive(guildId)
  }
}

function note(history: ReactionParts['history'], guildId: Id, change: RosterChange, seenAt: number): void {
  if (change.kind === 'member' && change.unsure) history.miss(guildId, 1)
  else history.see(guildId, roleChangesOf(change, seenAt))
  if (change.kind === 'role_gone') history.miss(guildId, change.holders - change.memberIds.length)
}

/** Each role that somebody has or lacks from now on. */
function roleChangesOf(change: RosterChange, seenAt: number): readonly SeenRoleChange[] {
  if (change.kind === 'role_gone') {
    const gone = { roleId: change.roleId, operation: 'removed', seenAt, why: 'role_deleted' } as const
    return change.memberIds.map((memberId) => ({ memberId, ...gone }))
  }
  if (change.kind !== 'member' && change.kind !== 'left') return []
  const { memberId, origin } = change
  const [added, removed] = change.kind === 'left' ? [[], change.held] : [change.added, change.removed]
  const usual = change.kind === 'left' ? 'leave' : change.joined ? 'join' : 'seen'
  const why = origin === 'refill' ? 'resync' : usual
  return [
    ...added.map((roleId): SeenRoleChange => ({ memberId, roleId, operation: 'added', seenAt, why })),
    ...removed.map((roleId): SeenRoleChange => ({ memberId, roleId, operation: 'removed', seenAt, why })),
  ]
}

/** The roles that the bot itself holds decide which it can reach. */
const isOfBot = (world: World, guildId: Id, change: RosterChange): boolean =>
  change.kind === 'member' && change.memberId === world.roster(guildId)?.guild()?.botUserId

type MemberChange = Extract<RosterChange, { kind: 'member' }>

const causeOf = ({ joined, origin }: MemberChange) => (origin === 'refill' ? 'refill' : joined ? 'join' : 'role_change')

/** What a refill finds was given at a time that nobody saw, so nobody can be named for it. */
const givenBy = ({ added, origin }: MemberChange): readonly Id[] => (origin === 'event' ? added : [])

interface AuditEar {
  heard(guildId: Id, change: LoggedRoleChange): void
}

/** Leads entries of the audit log to whoever joins them with the changes that they tell of. */
export function hearAuditLog({ t, d }: Packet, ears: readonly AuditEar[]): void {
  if (t !== 'GUILD_AUDIT_LOG_ENTRY_CREATE') return
  const guildId = (d as { readonly guild_id?: unknown } | null)?.guild_id
  const change = readRoleChange(d)
  if (change && typeof guildId === 'string') for (const ear of ears) ear.heard(guildId, change)
}
