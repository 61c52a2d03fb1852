import { Roster } from '#src/roster/roster.ts'
import { GUILD_ID, type Town } from './town.ts'
import { guildText, nonceText, openChunkTexts } from './wire.ts'

const STILL = { now: () => 0, after: () => () => {} }

/** Our roster of everybody, filled by the very dispatches that Discord would send, without a socket. */
export function fillRoster(town: Town): Roster {
  const roster = new Roster(GUILD_ID, town.botUserId, STILL)
  roster.take({ t: 'GUILD_CREATE', d: JSON.parse(guildText(town)) }, 0)
  roster.prefer(town.governedRoleIds)
  roster.beginFill({ by: 'chunks', nonce: 'bench' })
  for (const text of openChunkTexts(town)) {
    roster.take({ t: 'GUILD_MEMBERS_CHUNK', d: JSON.parse(text + nonceText('bench')) }, 0)
  }
  if (roster.state !== 'live' || roster.columns.count !== town.size)
    throw new Error(`our roster holds ${roster.columns.count} of ${town.size} members and is ${roster.state}`)
  return roster
}
