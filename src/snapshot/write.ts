import type { Baseline } from '#src/core/directory.ts'
import type { Member } from '#src/core/model.ts'
import { writeSettings } from './settings.ts'
import { type Person, SNAPSHOT_FORMAT, type Snapshot } from './snapshot.ts'
import { writeTime } from './time.ts'

const NOBODY_KNOWN: Person = { username: '', nick: null, joinedAt: null }

/** The inverse of `readSnapshot`. The bot's roles are those of the member that it is. */
export function writeSnapshot(snapshot: Snapshot): string {
  const { guild, people, identity } = snapshot
  const { botRoleIds: _, ...ofGuild } = guild
  const members = snapshot.members.map((member) => writeMember(member, people.get(member.id) ?? NOBODY_KNOWN))
  const file = {
    format: SNAPSHOT_FORMAT,
    takenAt: writeTime(snapshot.takenAt),
    guild: { ...ofGuild, members },
    identity: { ...identity.names, identities: identity.identities },
    settings: writeSettings(snapshot.settings),
    invocation: snapshot.invocation,
    baseline: snapshot.baseline === null ? null : writeBaseline(snapshot.baseline),
  }
  return `${JSON.stringify(file, null, 2)}\n`
}

function writeMember({ id, bot, roleIds }: Member, { username, nick, joinedAt }: Person) {
  const joined = joinedAt === null ? null : writeTime(joinedAt)
  return { user: { id, username, bot }, nick, roles: roleIds, joined_at: joined }
}

function writeBaseline({ linked, withAccess, perGroup, perState }: Baseline) {
  return { linked, withAccess, perGroup: Object.fromEntries(perGroup), perState: Object.fromEntries(perState) }
}
