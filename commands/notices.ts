import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { type Asked, byOf, type Command, type CommandWorld, type Reply } from '#src/discord/command.ts'
import { mustBeId, noSuchCommand } from './given.ts'
import { reasonOption } from './reason-option.ts'

/** `/notices`: where the bot tells of what it does by itself. */
export const notices: Command = {
  name: 'notices',
  description: 'Where the bot tells of what it does by itself',
  needs: 'notices',
  subcommands: [
    {
      name: 'channel',
      description: 'Post notices in this channel',
      options: [{ name: 'channel', description: 'Which channel', type: 'channel', required: true }, reasonOption],
    },
    { name: 'off', description: 'Post notices nowhere', options: [reasonOption] },
    { name: 'subscribe', description: 'Send notices to me by direct message', needs: 'run', options: [] },
    { name: 'unsubscribe', description: 'Send me no more notices', needs: 'run', options: [] },
    { name: 'show', description: 'Where notices go', changes: 'nothing', options: [] },
  ],
  answer,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  switch (asked.subcommand) {
    case 'channel':
      return setChannel(asked, mustBeId(asked, 'channel'), world)
    case 'off':
      return setChannel(asked, null, world)
    case 'subscribe':
      return subscribe(asked, true, world)
    case 'unsubscribe':
      return subscribe(asked, false, world)
    case 'show':
      return show(asked, world)
    default:
      throw noSuchCommand()
  }
}

async function setChannel(asked: Asked, channelId: Id | null, world: CommandWorld): Promise<Reply> {
  const after = await world.arrange(asked.guildId, { channelId }, byOf(asked))
  return after.channelId === null
    ? {
        tone: 'good',
        title: 'Notices are off',
        text: 'The bot posts nowhere. Those who subscribed still get direct messages.',
      }
    : {
        tone: 'good',
        title: 'Notices are posted',
        text: `The bot posts in <#${after.channelId}>: what it takes by itself, plans that wait, and when it trusts its sources no longer. It pings nobody.`,
      }
}

async function subscribe(asked: Asked, wanted: boolean, world: CommandWorld): Promise<Reply> {
  const { guildId, memberId } = asked
  if (memberId === null)
    throw new Refusal('Direct messages go to members, so this works only in Discord. Nothing was changed.')
  const before = await world.subscribed(guildId, memberId)
  if (before !== wanted) await world.subscribe(guildId, memberId, wanted, byOf(asked))
  return wanted
    ? {
        tone: 'good',
        title: before ? 'You are subscribed already' : 'You are subscribed',
        text: 'You get the notices of this server by direct message, as long as Discord lets the bot write to you (User Settings → Privacy, or the server’s Privacy Settings) and you may run audits here.',
      }
    : {
        tone: 'good',
        title: before ? 'You are not subscribed any more' : 'You were not subscribed',
        text: 'You get no notices of this server by direct message.',
      }
}

async function show({ guildId, memberId }: Asked, world: CommandWorld): Promise<Reply> {
  const { channelId } = await world.arrangements(guildId)
  const mine = memberId !== null && (await world.subscribed(guildId, memberId))
  return {
    tone: 'plain',
    title: 'Where notices go',
    text: [
      channelId === null ? 'Posted nowhere; `/notices channel` sets where.' : `Posted in <#${channelId}>.`,
      mine
        ? 'You get them by direct message too.'
        : 'You do not get them by direct message; `/notices subscribe` changes that.',
    ].join('\n'),
  }
}
