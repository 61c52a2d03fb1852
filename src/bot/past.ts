import type { HeldThen } from '#src/core/history.ts'
import type { Id } from '#src/core/model.ts'
import { scopesIn } from '#src/core/role-history.ts'
import type { HistoryCommands } from '#src/discord/world/history.ts'
import { knownGuild } from '#src/loop/facts.ts'
import type { World } from '#src/loop/world.ts'
import type { Db } from '#src/store/handle.ts'
import { type HeldNow, heldThen } from '#src/store/held-then.ts'
import { findInvocationHistory } from '#src/store/invocation-history.ts'
import { findRoleHistory } from '#src/store/role-history.ts'
import { findSettingsHistory } from '#src/store/settings-history.ts'

/** What the commands ask about the past, read out of the record. */
export const historyCommands = ({ world, db }: { readonly world: World; readonly db: Db }): HistoryCommands => ({
  roleHistory: (guildId, filter, page) => findRoleHistory(db, guildId, filter, page),
  settingsHistory: (guildId, filter, page) => findSettingsHistory(db, guildId, filter, page),
  invocationHistory: (guildId, filter, page) => findInvocationHistory(db, guildId, filter, page),
  heldThen: (guildId, memberId, at) => then(world, db, guildId, memberId, at),
})

async function then(world: World, db: Db, guildId: Id, memberId: Id, at: number): Promise<HeldThen> {
  const { guild } = knownGuild(world, guildId)
  const { names } = await world.directory(guildId).find([])
  const governed = [...scopesIn(guild, names, await world.book.settings(guildId)).keys()]
  return heldThen(db, { guildId, memberId, at, governed, now: heldNow(world, guildId, memberId) })
}

/** A list that is in doubt says nothing of now. Whoever is not there holds nothing. */
function heldNow(world: World, guildId: Id, memberId: Id): HeldNow | null {
  const roster = world.roster(guildId)
  if (roster?.state !== 'live') return null
  return { roleIds: new Set(roster.member(memberId)?.roleIds ?? []), at: world.now() }
}
