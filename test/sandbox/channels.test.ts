import { type Client, DiscordAPIError, Routes } from 'discord.js'
import { describe, expect, it } from 'vitest'
import { dispatchesOf, openClient, openSandbox } from './open.ts'

const ANN = '200000000000000001'
const ROBOT = '200000000000000002'
const NOBODY = '200000000000000099'

async function open() {
  const sandbox = await openSandbox({ limits: false })
  const guild = sandbox.addGuild({
    name: 'Example',
    roles: ['Pilots'],
    members: [
      { username: 'ann', id: ANN },
      { username: 'robot', id: ROBOT, bot: true },
    ],
  })
  return { sandbox, guild, client: await openClient(sandbox) }
}

const codeOf = (error: unknown) => (error instanceof DiscordAPIError ? error.code : error)
const post = (client: Client, channelId: string) =>
  client.rest.post(Routes.channelMessages(channelId), { body: { content: 'hello' } }).then(() => 'taken', codeOf)

describe('a direct message', () => {
  it('reaches one person, in one conversation however often it is opened', async () => {
    const { sandbox, client } = await open()
    expect(sandbox.directMessages(ANN)).toEqual([])
    const ann = await client.users.fetch(ANN)
    const sent = await ann.send({ content: `<@${ANN}> look`, allowedMentions: { users: [ANN] } })
    await sent.edit('look again')
    await client.rest.post(Routes.userChannels(), { body: { recipient_id: ANN } })
    expect(sandbox.directMessages(ANN).map(({ seen }) => seen.content)).toEqual(['look again'])
    expect(sandbox.directMessages(ROBOT)).toEqual([])
    expect(await client.rest.get(Routes.channel(sent.channelId))).toMatchObject({ type: 1, recipients: [{ id: ANN }] })
  })

  it('is refused where the person takes none, is a stranger, a bot, or shares no guild any more', async () => {
    const { sandbox, guild, client } = await open()
    const say = (id: string) =>
      client.users
        .createDM(id, { force: true })
        .then((channel) => channel.send('hello'))
        .then(() => 'taken', codeOf)
    sandbox.direct.refuse(ANN)
    expect(await say(ANN)).toBe(50007)
    sandbox.direct.accept(ANN)
    expect(await say(ANN)).toBe('taken')
    guild.leave(ANN)
    expect([await say(ANN), await say(ROBOT), await say(NOBODY)]).toEqual([50278, 50033, 50033])
    expect(await client.rest.post(Routes.userChannels(), { body: { recipient_id: 'ann' } }).catch(codeOf)).toBe(50035)
  })
})

describe('a channel', () => {
  it('can be closed to the bot: to see it, or to write there', async () => {
    const { sandbox, guild, client } = await open()
    const [general, staff] = guild.channels.map(({ id }) => id)
    guild.overwrite('staff', { deny: ['SEND_MESSAGES'] })
    expect([await post(client, general!), await post(client, staff!)]).toEqual(['taken', 50013])
    guild.overwrite('staff', { deny: ['VIEW_CHANNEL'] })
    expect(await post(client, staff!)).toBe(50001)
    guild.overwrite('staff', {})
    expect(await post(client, staff!)).toBe('taken')
    await expect.poll(() => sandbox.gateway.count('CHANNEL_UPDATE')).toBe(3)
  })

  it('weighs what it says of everyone, of roles and of the member, as Discord does', async () => {
    const { guild, client } = await open()
    const { id } = guild.channel('staff')
    guild.overwrite('staff', { of: guild.id, deny: ['VIEW_CHANNEL'] })
    expect(await post(client, id)).toBe(50001)
    guild.overwrite('staff', { of: guild.botRoleId, allow: ['VIEW_CHANNEL'] })
    expect(await post(client, id)).toBe('taken')
    await expect
      .poll(
        () =>
          client.channels.cache.get(id)?.isDMBased() === false &&
          client.guilds.cache.first()!.members.me!.permissionsIn(id).has('ViewChannel'),
      )
      .toBe(true)
    guild.overwrite('staff', { deny: ['VIEW_CHANNEL'] })
    expect(await post(client, id)).toBe(50001)
    guild.editRole(guild.botRoleId, { permissions: ['ADMINISTRATOR'] })
    expect(await post(client, id)).toBe('taken')
  })

  it('that was deleted is not known any more, and the bot is told', async () => {
    const { guild, client } = await open()
    const seen = dispatchesOf(client)
    const { id } = guild.channel('staff')
    guild.deleteChannel('staff')
    expect(await post(client, id)).toBe(10003)
    await expect.poll(() => seen.map(({ t, d }) => [t, d.id])).toEqual([['CHANNEL_DELETE', id]])
  })
})
