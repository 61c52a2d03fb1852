import { beforeEach, describe, expect, it } from 'vitest'
import type { Reply } from '#src/discord/command.ts'
import { makePoster, type Poster } from '#src/discord/poster.ts'
import { makeRest } from '#src/discord/rest.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'
import { openSandbox } from '../sandbox/open.ts'

const ANN = '200000000000000001'
const POST = 'POST /channels/{channel_id}/messages'
const OPEN = 'POST /users/@me/channels'

const notice: Reply = {
  tone: 'warn',
  title: 'A role was taken',
  text: `From <@${ANN}>, by @everyone`,
  buttons: [{ id: 'acknowledge:1', label: 'Acknowledge' }],
}

let sandbox: Sandbox
let guild: Guild
let channelId: string
let poster: Poster

beforeEach(async () => {
  sandbox = await openSandbox({ rateScale: 0.01 })
  guild = sandbox.addGuild({ name: 'Example', channels: ['log'], members: [{ id: ANN, username: 'ann' }] })
  channelId = guild.channels[0]!.id
  poster = makePoster(makeRest({ token: sandbox.token, apiUrl: sandbox.url }))
})

const inChannel = () => sandbox.channels.in(channelId).map(({ seen }) => seen)

describe('notices', () => {
  it('stand in the channel, and ping nobody', async () => {
    const { messageId } = await poster.post(channelId, notice)
    expect(inChannel()).toEqual([
      expect.objectContaining({
        id: messageId,
        embeds: [expect.objectContaining({ title: 'A role was taken' })],
        mentions: { members: [], roles: [], everyone: false },
      }),
    ])
  })

  it('are edited in their place', async () => {
    const { messageId } = await poster.post(channelId, notice)
    await poster.edit(channelId, messageId, { ...notice, title: 'Half of it is done', buttons: [] })
    expect(inChannel()).toEqual([
      expect.objectContaining({ embeds: [expect.objectContaining({ title: 'Half of it is done' })], components: [] }),
    ])
  })

  it('say what to click where the bot may not see the channel or not write in it', async () => {
    guild.overwrite('log', { deny: ['VIEW_CHANNEL'] })
    await expect(poster.post(channelId, notice)).rejects.toMatchObject({
      kind: 'refused',
      code: 50001,
      message: expect.stringMatching(/Edit Channel → Permissions.*View Channel, Send Messages and Embed Links/),
    })
    guild.overwrite('log', { allow: ['VIEW_CHANNEL'], deny: ['SEND_MESSAGES'] })
    await expect(poster.post(channelId, notice)).rejects.toMatchObject({ kind: 'refused', code: 50013 })
  })

  it('say that the channel or the message is gone', async () => {
    await expect(poster.edit(channelId, '100000000000000009', notice)).rejects.toMatchObject({
      kind: 'missing',
      code: 10008,
    })
    guild.deleteChannel('log')
    await expect(poster.post(channelId, notice)).rejects.toMatchObject({
      kind: 'missing',
      message: expect.stringContaining('Choose another one'),
    })
  })

  it('that Discord does not take in time are given up, and not posted later', async () => {
    const rest = makeRest({ token: sandbox.token, apiUrl: sandbox.url })
    sandbox.faults.storm429(1, { route: POST, retryAfter: 0.2 })
    await expect(makePoster(rest, 50).post(channelId, notice)).rejects.toMatchObject({
      name: 'DiscordFault',
      kind: 'network',
      message: expect.stringContaining(`posting in channel ${channelId}`),
    })
    // The next message stands in one line with the one that was given up, behind it.
    const { messageId } = await makePoster(rest).post(channelId, notice)
    expect(inChannel().map(({ id }) => id)).toEqual([messageId])
  })
})

describe('direct messages', () => {
  it('reach the member, in a conversation that is opened once', async () => {
    const { messageId } = await poster.direct(ANN, notice)
    await poster.direct(ANN, notice)
    expect(sandbox.directMessages(ANN).map(({ id }) => id)[0]).toBe(messageId)
    expect(sandbox.directMessages(ANN)).toHaveLength(2)
    expect(sandbox.requests.count(OPEN)).toBe(1)
  })

  it('say so where the member takes none', async () => {
    sandbox.direct.refuse(ANN)
    await expect(poster.direct(ANN, notice)).rejects.toMatchObject({
      kind: 'refused',
      code: 50007,
      message: expect.stringContaining('Privacy Settings'),
    })
  })

  it('say so where there is no such account', async () => {
    await expect(poster.direct('200000000000000009', notice)).rejects.toMatchObject({ name: 'DiscordFault' })
  })
})
