/** Gateway intents, as Discord numbers them. */
export const INTENT = {
  GUILDS: 1 << 0,
  GUILD_MEMBERS: 1 << 1,
  GUILD_MODERATION: 1 << 2,
  GUILD_PRESENCES: 1 << 8,
  GUILD_MESSAGES: 1 << 9,
  MESSAGE_CONTENT: 1 << 15,
} as const

/** Bits 0 to 16, 20, 21, 24 and 25 are given out; any other makes the intents invalid. */
const KNOWN = 0x1_ffff | (1 << 20) | (1 << 21) | (1 << 24) | (1 << 25)

/** What a session must have asked for to be sent an event; an event that is not listed needs nothing. */
const NEEDED: Readonly<Record<string, number>> = {
  GUILD_CREATE: INTENT.GUILDS,
  GUILD_UPDATE: INTENT.GUILDS,
  GUILD_DELETE: INTENT.GUILDS,
  GUILD_ROLE_CREATE: INTENT.GUILDS,
  GUILD_ROLE_UPDATE: INTENT.GUILDS,
  GUILD_ROLE_DELETE: INTENT.GUILDS,
  CHANNEL_UPDATE: INTENT.GUILDS,
  CHANNEL_DELETE: INTENT.GUILDS,
  GUILD_MEMBER_ADD: INTENT.GUILD_MEMBERS,
  GUILD_MEMBER_UPDATE: INTENT.GUILD_MEMBERS,
  GUILD_MEMBER_REMOVE: INTENT.GUILD_MEMBERS,
  GUILD_AUDIT_LOG_ENTRY_CREATE: INTENT.GUILD_MODERATION,
  GUILD_BAN_ADD: INTENT.GUILD_MODERATION,
  GUILD_BAN_REMOVE: INTENT.GUILD_MODERATION,
  MESSAGE_CREATE: INTENT.GUILD_MESSAGES,
  MESSAGE_UPDATE: INTENT.GUILD_MESSAGES,
}

export function intentsAllow(intents: number, event: string): boolean {
  const needed = NEEDED[event] ?? 0
  return (intents & needed) === needed
}

/** The close code that Discord answers these intents with, or null where they are in order. */
export function closeForIntents(
  intents: unknown,
  privileged: ReadonlySet<'members' | 'presences' | 'content'>,
): 4013 | 4014 | null {
  if (typeof intents !== 'number' || !Number.isInteger(intents) || intents < 0 || intents & ~KNOWN) return 4013
  const refused =
    (intents & INTENT.GUILD_MEMBERS && !privileged.has('members')) ||
    (intents & INTENT.GUILD_PRESENCES && !privileged.has('presences')) ||
    (intents & INTENT.MESSAGE_CONTENT && !privileged.has('content'))
  return refused ? 4014 : null
}
