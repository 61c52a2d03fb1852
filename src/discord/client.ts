import { Client, GatewayIntentBits, Options } from 'discord.js'
import { restBase } from './rest.ts'
import { Shards } from './shards.ts'

/** What the bot asks to be told: guilds with their roles, members (privileged), and the audit log's entries. */
const INTENTS = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers, GatewayIntentBits.GuildModeration]

/** A discord.js client that logs in and keeps guilds, roles and channels, and of people only the bot itself: the roster is ours. */
export function makeClient(apiUrl: string | undefined): Client {
  const client: Client = new Client({
    intents: INTENTS,
    rest: restBase(apiUrl),
    ws: { buildStrategy: (manager) => new Shards(manager) },
    makeCache: Options.cacheWithLimits({
      GuildMemberManager: { maxSize: 0, keepOverLimit: (member) => member.id === client.user?.id },
      UserManager: { maxSize: 0, keepOverLimit: (user) => user.id === client.user?.id },
      AutoModerationRuleManager: 0,
      GuildBanManager: 0,
      GuildEmojiManager: 0,
      GuildInviteManager: 0,
      GuildScheduledEventManager: 0,
      GuildStickerManager: 0,
      MessageManager: 0,
      PresenceManager: 0,
      ReactionManager: 0,
      StageInstanceManager: 0,
      ThreadManager: 0,
      ThreadMemberManager: 0,
      VoiceStateManager: 0,
    }),
  })
  return client
}
