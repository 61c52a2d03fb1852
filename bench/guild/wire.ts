import { toGuild, toRole } from '#src/sandbox/payloads.ts'
import { GUILD_ID, type Person, type Town } from './town.ts'

// The guild as Discord writes it.

/** Members in a chunk, by Discord's documentation. */
const CHUNK = 1000

/** The body of GUILD_CREATE without presences: of its members it names only the bot. */
export function guildText(town: Town): string {
  const roles = town.roles.map((role) => [
    role.id,
    { ...role, permissions: 0n, color: 0, hoist: false, mentionable: false },
  ])
  const face = { id: GUILD_ID, name: 'Town', ownerId: town.ownerId, mfaLevel: 0, locale: 'en-US' } as const
  const bot = town.personAt(0)
  return JSON.stringify({
    ...toGuild({ ...face, roles: new Map() }),
    roles: roles.map(([, role]) => toRole(role as Parameters<typeof toRole>[0])),
    joined_at: new Date(bot.joinedAt).toISOString(),
    large: true,
    unavailable: false,
    member_count: town.size,
    voice_states: [],
    members: [JSON.parse(personText(bot))],
    channels: [],
    threads: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  })
}

/** Everybody as the bodies of members chunks, up to the nonce, which whoever asks chooses: `nonceText` closes it. */
export function* openChunkTexts(town: Town): Generator<string> {
  const count = Math.ceil(town.size / CHUNK)
  for (let index = 0; index < count; index++) {
    const length = Math.min(CHUNK, town.size - index * CHUNK)
    const people = Array.from({ length }, (_, at) => personText(town.personAt(index * CHUNK + at)))
    yield `{"guild_id":"${GUILD_ID}","chunk_index":${index},"chunk_count":${count},"not_found":[],"members":[${people.join(',')}]`
  }
}

export function nonceText(nonce: string): string {
  return `,"nonce":${JSON.stringify(nonce)}}`
}

/** One member. Written by hand: `JSON.stringify` would take minutes for a few million of them. */
export function personText(person: Person, roles: readonly string[] = person.roles): string {
  const { id, username, displayName, avatar, nick, bot, joinedAt } = person
  return (
    '{"avatar":null,"banner":null,"communication_disabled_until":null,"flags":0,' +
    `"joined_at":"${new Date(joinedAt).toISOString()}","nick":${quoted(nick)},"pending":false,"premium_since":null,` +
    `"roles":${roles.length > 0 ? `["${roles.join('","')}"]` : '[]'},"user":{"id":"${id}","username":"${username}",` +
    `"avatar":${quoted(avatar)},"discriminator":"${bot ? '0001' : '0'}","public_flags":0,"flags":0,` +
    `${bot ? '"bot":true,' : ''}"banner":null,"accent_color":null,"global_name":${quoted(displayName)},` +
    '"avatar_decoration_data":null,"collectibles":null,"primary_guild":null},"mute":false,"deaf":false}'
  )
}

/** Nothing in a town needs escaping. */
function quoted(text: string | null): string {
  return text === null ? 'null' : `"${text}"`
}
