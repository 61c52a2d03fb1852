import {
  ActionRowBuilder,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  type Client,
  DiscordAPIError,
  EmbedBuilder,
  MessageFlags,
  PermissionFlagsBits,
  Routes,
  SlashCommandBuilder,
} from 'discord.js'
import { describe, expect, it } from 'vitest'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'
import { openClient, openSandbox } from './open.ts'

const MOD = '200000000000000001'
const BEN = '200000000000000002'

const AUDIT = new SlashCommandBuilder()
  .setName('audit')
  .setDescription('Finds who holds roles they have not earned')
  .setDefaultMemberPermissions(PermissionFlagsBits.ManageRoles)
  .addSubcommand((run) =>
    run
      .setName('run')
      .setDescription('Looks at everyone')
      .addStringOption((action) =>
        action.setName('action').setDescription('What to do').addChoices({ name: 'Report', value: 'report' }),
      )
      .addUserOption((member) => member.setName('member').setDescription('Whom'))
      .addRoleOption((role) => role.setName('role').setDescription('Which')),
  )

const next = (label: string, disabled = false) =>
  new ActionRowBuilder<ButtonBuilder>().addComponents(
    new ButtonBuilder().setCustomId('audit:next').setLabel(label).setStyle(ButtonStyle.Primary).setDisabled(disabled),
  )

interface Stage {
  readonly sandbox: Sandbox
  readonly guild: Guild
  readonly client: Client<true>
}

/** A guild with a moderator and a member, and a bot that registered /audit. */
async function setStage(answer: (interaction: ChatInputCommandInteraction) => Promise<unknown>): Promise<Stage> {
  const sandbox = await openSandbox()
  const roles = ['Pilots', { name: 'Moderators', permissions: ['MANAGE_ROLES'] as const }]
  const members = [
    { username: 'mod', id: MOD, roles: ['Moderators'] },
    { username: 'ben', id: BEN, nick: '*Ben*' },
  ]
  const guild = sandbox.addGuild({ name: 'Example', roles, members })
  const client = await openClient(sandbox)
  await client.application.commands.set([AUDIT])
  client.on('interactionCreate', (interaction) => {
    if (interaction.isChatInputCommand()) answer(interaction).catch(() => {})
  })
  return { sandbox, guild, client }
}

const run = { as: MOD, command: 'audit run' } as const

describe('a slash command', () => {
  it('arrives as a person meant it', async () => {
    const seen: unknown[] = []
    const { guild } = await setStage(async (interaction) => {
      seen.push(interaction.options.getSubcommand(), interaction.options.getString('action'))
      seen.push(interaction.options.getUser('member')?.id, interaction.options.getRole('role')?.name)
      seen.push(interaction.memberPermissions?.has('ManageRoles'), interaction.appPermissions.has('ManageRoles'))
      seen.push(interaction.user.id, interaction.locale, interaction.guildLocale, interaction.context)
      await interaction.reply({ content: 'done' })
    })
    const options = { action: 'report', member: BEN, role: guild.role('Pilots').id }
    const asked = await guild.command({ ...run, options, locale: 'de' })
    await asked.until()
    expect(seen).toEqual(['run', 'report', BEN, 'Pilots', true, true, MOD, 'de', 'en-US', 0])
    expect(asked.current()).toMatchObject({ content: 'done', ephemeral: false })
    expect(asked.deferred).toBe(false)
  })

  it('is deferred, edited and followed up, for one person only', async () => {
    const { guild } = await setStage(async (interaction) => {
      await interaction.deferReply({ flags: MessageFlags.Ephemeral })
      await interaction.editReply({ content: 'looking' })
      await interaction.editReply({
        embeds: [new EmbedBuilder().setTitle('Found').addFields({ name: 'drift', value: '3' })],
      })
      await interaction.followUp({
        content: `<@${BEN}> @everyone`,
        flags: MessageFlags.Ephemeral,
        allowedMentions: { parse: [] },
      })
    })
    const asked = await guild.command(run)
    await asked.until(({ followUps }) => followUps.length === 1)
    expect(asked.deferred).toBe(true)
    expect(asked.edits.map(({ loading, content }) => [loading, content])).toEqual([
      [true, ''],
      [false, 'looking'],
      [false, 'looking'],
    ])
    expect(asked.current()).toMatchObject({
      ephemeral: true,
      embeds: [{ title: 'Found', fields: [{ value: '3', inline: false }] }],
    })
    expect(asked.followUps[0]!.seen.mentions).toEqual({ members: [], roles: [], everyone: false })
    expect(asked.failed).toBeNull()
  })

  it('is not offered to who lacks its permissions, and can be forced', async () => {
    const { guild } = await setStage((interaction) => interaction.reply('hello'))
    await expect(guild.command({ ...run, as: BEN })).rejects.toThrow('Discord does not offer /audit')
    const forced = await guild.command({ ...run, as: BEN, force: true })
    await forced.until()
    expect(forced.current()!.content).toBe('hello')
  })

  it('is refused before it is sent where no client would send it', async () => {
    const { guild } = await setStage((interaction) => interaction.reply('hello'))
    await expect(guild.command({ as: MOD, command: 'audits' })).rejects.toThrow('was never registered')
    await expect(guild.command({ as: MOD, command: 'audit' })).rejects.toThrow('no subcommand')
    await expect(guild.command({ ...run, options: { action: 'burn' } })).rejects.toThrow('not a choice')
    await expect(guild.command({ ...run, options: { speed: 1 } })).rejects.toThrow('no option speed')
  })

  it('that is answered after three seconds is no longer known', async () => {
    const errors: unknown[] = []
    const { guild, sandbox } = await setStage(async (interaction) => {
      sandbox.clock.advance(3001)
      await interaction.reply('late').catch((error: DiscordAPIError) => errors.push(error.code))
    })
    const asked = await guild.command(run)
    await sandbox.until(() => sandbox.requests.answered(404) === 1)
    expect(asked.failed).toBe('3s passed')
    await expect.poll(() => errors).toEqual([10062])
  })

  it('cannot be edited any more after a quarter of an hour', async () => {
    const errors: unknown[] = []
    const { guild, sandbox } = await setStage(async (interaction) => {
      await interaction.deferReply()
      sandbox.clock.advance(15 * 60_000 + 1)
      await interaction.editReply('late').catch((error: DiscordAPIError) => errors.push(error.code))
    })
    const asked = await guild.command(run)
    await expect.poll(() => errors).toEqual([50027])
    expect(asked.current()).toMatchObject({ loading: true })
  })

  it('that arrives twice can be answered once', async () => {
    const outcomes: unknown[] = []
    const { guild } = await setStage(async (interaction) => {
      outcomes.push(
        await interaction.reply('once').then(
          () => 'answered',
          (error: DiscordAPIError) => error.code,
        ),
      )
    })
    await guild.command({ ...run, twice: true })
    await expect.poll(() => outcomes.length).toBe(2)
    expect(outcomes.toSorted()).toEqual([40060, 'answered'])
  })
})

describe('a button', () => {
  it('changes the message that it stands on', async () => {
    const { guild, client } = await setStage((interaction) =>
      interaction.reply({
        content: 'page 1',
        components: [next('Next')],
        flags: MessageFlags.Ephemeral,
        withResponse: true,
      }),
    )
    const turn = async (interaction: ButtonInteraction) => {
      if (interaction.message.content === 'page 1') await interaction.update({ content: 'page 2' })
      else {
        await interaction.deferUpdate()
        await interaction.editReply({ content: 'page 3', components: [next('Next', true)] })
      }
    }
    client.on('interactionCreate', (interaction) => {
      if (interaction.isButton()) void turn(interaction)
    })
    const asked = await guild.command(run)
    await asked.until()
    await asked.press('audit:next')
    await asked.until(() => asked.current()?.content === 'page 2')
    await asked.press('audit:next')
    await asked.until(() => asked.current()?.content === 'page 3')
    await expect(asked.press('audit:next')).rejects.toThrow('greyed out')
    await expect(asked.press('audit:back')).rejects.toThrow('shows nothing')
    await expect(asked.press('audit:next', { as: BEN })).rejects.toThrow()
  })
})

describe('what Discord does not take', () => {
  const refusals = async (bodies: readonly object[]) => {
    const sandbox = await openSandbox({ limits: false })
    const guild = sandbox.addGuild({ name: 'Example' })
    const client = await openClient(sandbox)
    const post = (body: object) =>
      client.rest.post(Routes.channelMessages(guild.channels[0]!.id), { body }).then(() => 'taken', told)
    return Promise.all(bodies.map(post))
  }
  const told = (error: unknown) => (error instanceof DiscordAPIError ? `${error.code} ${error.message}` : String(error))
  const embed = { title: 't', description: 'd' }

  it('a message that is empty, too long or too full', async () => {
    const button = (custom_id: string) => ({ type: 2, style: 1, label: 'x', custom_id })
    const answers = await refusals([
      {},
      { content: 'x'.repeat(2001) },
      { content: '😀'.repeat(2000) },
      { embeds: Array.from({ length: 11 }, () => embed) },
      { embeds: Array.from({ length: 2 }, () => ({ description: 'x'.repeat(3001) })) },
      { embeds: [{ fields: [{ name: 'a', value: '' }] }] },
      { content: 'x', components: [{ type: 1, components: [button('a'), button('a')] }] },
      { content: 'x', components: [{ type: 1, components: [button('x'.repeat(101))] }] },
      { content: 'x', flags: MessageFlags.IsComponentsV2, components: [{ type: 10, content: 'y' }] },
      { flags: MessageFlags.IsComponentsV2, components: [{ type: 10, content: 'y' }] },
    ])
    expect(answers.map((answer) => answer.split('[').at(-1)!.split(']')[0])).toEqual([
      '50006 Cannot send an empty message',
      'BASE_TYPE_MAX_LENGTH',
      'taken',
      'BASE_TYPE_MAX_LENGTH',
      'MAX_EMBED_SIZE_EXCEEDED',
      'BASE_TYPE_BAD_LENGTH',
      'COMPONENT_CUSTOM_ID_DUPLICATED',
      'BASE_TYPE_BAD_LENGTH',
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
      'taken',
    ])
  })

  it('a command with a bad name, a name twice, or an option too many', async () => {
    const sandbox = await openSandbox({ limits: false })
    const client = await openClient(sandbox)
    const put = (...body: object[]) =>
      client.rest.put(Routes.applicationCommands(sandbox.applicationId), { body }).then(() => 'taken', told)
    const command = { name: 'audit', description: 'd' }
    const option = (name: string, required = false) => ({ type: 3, name, description: 'd', required })
    expect(await put({ ...command, name: 'Audit' })).toContain('APPLICATION_COMMAND_INVALID_NAME')
    expect(await put(command, command)).toContain('APPLICATION_COMMANDS_DUPLICATE_NAME')
    expect(await put({ ...command, description: '' })).toContain('BASE_TYPE_BAD_LENGTH')
    expect(await put({ ...command, options: [option('a'), option('b', true)] })).toContain(
      'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
    )
    expect(await put({ ...command, options: Array.from({ length: 26 }, (_, index) => option(`o${index}`)) })).toContain(
      'BASE_TYPE_MAX_LENGTH',
    )
    expect(sandbox.commands.list(null)).toEqual([])
    expect(await put(command)).toBe('taken')
    const [first] = sandbox.commands.list(null)
    expect(await put({ ...command, description: 'e' })).toBe('taken')
    expect(sandbox.commands.list(null)).toMatchObject([{ id: first!.id, description: 'e' }])
    expect(await client.rest.get(Routes.applicationCommands(sandbox.applicationId))).toHaveLength(1)
  })
})

it('a webhook posts until somebody deletes it', async () => {
  const sandbox = await openSandbox()
  const guild = sandbox.addGuild({ name: 'Example' })
  const { id, url } = sandbox.addWebhook(guild, 'staff')
  const post = (content: string) =>
    fetch(`${url}?wait=true`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ content }),
    })
  expect((await post('summary')).status).toBe(200)
  const staff = guild.channels.find(({ name }) => name === 'staff')!
  expect(sandbox.channels.in(staff.id).map(({ seen }) => seen.content)).toEqual(['summary'])
  sandbox.removeWebhook(id)
  expect([(await post('more')).status, sandbox.requests.answered(404)]).toEqual([404, 1])
})
