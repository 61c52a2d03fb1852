import {
  type AutocompleteInteraction,
  type Client,
  ContextMenuCommandBuilder,
  DiscordAPIError,
  MessageFlags,
  PermissionFlagsBits,
  Routes,
  SlashCommandBuilder,
  type UserContextMenuCommandInteraction,
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
  .addSubcommand((diff) =>
    diff
      .setName('diff')
      .setDescription('Then against now')
      .addStringOption((run) => run.setName('run').setDescription('Which').setRequired(true).setAutocomplete(true))
      .addIntegerOption((page) => page.setName('page').setDescription('Which').setAutocomplete(true))
      .addUserOption((member) => member.setName('member').setDescription('Whom')),
  )
const EXPLAIN = new ContextMenuCommandBuilder()
  .setName('Explain access')
  .setType(2)
  .setDefaultMemberPermissions(PermissionFlagsBits.ManageRoles)

interface Stage {
  readonly sandbox: Sandbox
  readonly guild: Guild
  readonly client: Client<true>
}

async function setStage(listen: (client: Client<true>) => void): Promise<Stage> {
  const sandbox = await openSandbox()
  const guild = sandbox.addGuild({
    name: 'Example',
    roles: [{ name: 'Moderators', permissions: ['MANAGE_ROLES'] }],
    members: [
      { username: 'mod', id: MOD, roles: ['Moderators'] },
      { username: 'ben', id: BEN },
    ],
  })
  const client = await openClient(sandbox)
  await client.application.commands.set([AUDIT, EXPLAIN])
  listen(client)
  return { sandbox, guild, client }
}

const whenTyping = (offer: (interaction: AutocompleteInteraction) => unknown) => (client: Client) =>
  void client.on('interactionCreate', (interaction) => {
    if (interaction.isAutocomplete()) offer(interaction)
  })
const codeOf = (error: unknown) => (error instanceof DiscordAPIError ? error.code : error)
const typing = { as: MOD, command: 'audit diff', option: 'run', typed: '01' } as const

describe('typing in an option', () => {
  it('asks the bot for offers, with what is filled in so far', async () => {
    const seen: unknown[] = []
    const { guild } = await setStage(
      whenTyping((interaction) => {
        seen.push(interaction.commandName, interaction.options.getSubcommand(), interaction.options.getFocused(true))
        seen.push(interaction.options.get('member')?.value, interaction.options.getInteger('page'), interaction.user.id)
        return interaction.respond([{ name: 'the first', value: '0199' }])
      }),
    )
    const asked = await guild.complete({ ...typing, options: { member: BEN } })
    await asked.until()
    expect(seen).toEqual(['audit', 'diff', { name: 'run', type: 3, value: '01', focused: true }, BEN, null, MOD])
    expect(asked.offers).toEqual([{ name: 'the first', value: '0199' }])
    expect([asked.firstAnswer?.type, asked.current(), asked.failed]).toEqual([8, null, null])
  })

  it('sends a number that is not one yet as it stands there', async () => {
    const { guild } = await setStage(
      whenTyping((interaction) => interaction.respond([{ name: interaction.options.getFocused(), value: 2 }])),
    )
    const asked = await guild.complete({ ...typing, option: 'page', typed: 'tw' })
    await asked.until()
    expect(asked.offers).toEqual([{ name: 'tw', value: 2 }])
  })

  it('takes at most 25 offers of 1 to 100 characters, and no message', async () => {
    const codes: unknown[] = []
    const offer = { name: 'x', value: 'x' }
    const { guild, sandbox, client } = await setStage(() => {})
    sandbox.limits.on = false
    const tries = [
      { type: 8, data: { choices: Array.from({ length: 26 }, () => offer) } },
      { type: 8, data: { choices: [{ ...offer, name: '' }] } },
      { type: 8, data: { choices: [{ ...offer, name: 'x'.repeat(101) }] } },
      { type: 8, data: { choices: [{ ...offer, value: 'x'.repeat(101) }] } },
      { type: 4, data: { content: 'hello' } },
      { type: 8, data: { choices: Array.from({ length: 25 }, () => offer) } },
    ]
    const asked = await guild.complete(typing)
    for (const body of tries) {
      const route = Routes.interactionCallback(asked.id, asked.terms.token)
      codes.push(await client.rest.post(route, { body, auth: false }).then(() => 'taken', codeOf))
    }
    expect(codes).toEqual([50035, 50035, 50035, 50035, 50035, 'taken'])
    expect(asked.offers).toHaveLength(25)
  })

  it('waits three seconds for them', async () => {
    const codes: unknown[] = []
    const { guild, sandbox } = await setStage((client) =>
      whenTyping((interaction) => {
        sandbox.clock.advance(3001)
        interaction.respond([]).catch((error) => codes.push(codeOf(error)))
      })(client),
    )
    const asked = await guild.complete(typing)
    await expect.poll(() => codes).toEqual([10062])
    expect([asked.offers, asked.failed]).toEqual([null, '3s passed'])
  })

  it('asks nobody where the option offers nothing, the command is not there, or the person may not use it', async () => {
    const { guild } = await setStage(() => {})
    await expect(guild.complete({ ...typing, option: 'member' })).rejects.toThrow('asks nobody')
    await expect(guild.complete({ ...typing, option: 'colour' })).rejects.toThrow('asks nobody')
    await expect(guild.complete({ ...typing, command: 'audits' })).rejects.toThrow('never registered')
    await expect(guild.complete({ ...typing, as: BEN })).rejects.toThrow('does not offer /audit')
  })
})

describe('the menu of a member', () => {
  const whenChosen = (answer: (interaction: UserContextMenuCommandInteraction) => unknown) => (client: Client) =>
    void client.on('interactionCreate', (interaction) => {
      if (interaction.isUserContextMenuCommand()) answer(interaction)
    })

  it('has the entry that was registered, and says whose menu it was', async () => {
    const seen: unknown[] = []
    const { guild } = await setStage(
      whenChosen((interaction) => {
        seen.push(interaction.commandName, interaction.targetId, interaction.targetUser.username, interaction.user.id)
        return interaction.reply({ content: 'because', flags: MessageFlags.Ephemeral })
      }),
    )
    const asked = await guild.menu({ as: MOD, name: 'Explain access', target: BEN })
    await asked.until()
    expect(seen).toEqual(['Explain access', BEN, 'ben', MOD])
    expect(asked.current()).toMatchObject({ content: 'because', ephemeral: true })
    await expect(guild.menu({ as: BEN, name: 'Explain access', target: MOD })).rejects.toThrow('does not offer')
    await expect(guild.menu({ as: MOD, name: 'Explain', target: BEN })).rejects.toThrow('no entry Explain')
    await expect(guild.command({ as: MOD, command: 'Explain access' })).rejects.toThrow('never registered')
  })

  it('takes neither a description nor options, and at most fifteen entries', async () => {
    const { sandbox, client } = await setStage(() => {})
    const put = (...body: object[]) =>
      client.rest.put(Routes.applicationCommands(sandbox.applicationId), { body }).then(() => 'taken', codeOf)
    const entry = { type: 2, name: 'Explain access' }
    expect(await put({ ...entry, description: 'says why' })).toBe(50035)
    expect(await put({ ...entry, options: [{ type: 3, name: 'a', description: 'b' }] })).toBe(50035)
    expect(await put(...Array.from({ length: 16 }, (_, index) => ({ type: 2, name: `Entry ${index}` })))).toBe(50035)
    expect(await put(entry, { type: 1, name: 'explain', description: 'says why' })).toBe('taken')
    expect(sandbox.commands.list(null)).toMatchObject([
      { type: 2, name: 'Explain access', description: '' },
      { type: 1, name: 'explain' },
    ])
  })

  it('is no place for what is offered while typing', async () => {
    const { sandbox, client } = await setStage(() => {})
    const put = (option: object) =>
      client.rest
        .put(Routes.applicationCommands(sandbox.applicationId), {
          body: [
            { name: 'a', description: 'b', options: [{ name: 'c', description: 'd', autocomplete: true, ...option }] },
          ],
        })
        .then(() => 'taken', codeOf)
    expect(await put({ type: 6 })).toBe(50035)
    expect(await put({ type: 3, choices: [{ name: 'e', value: 'f' }] })).toBe(50035)
    expect(await put({ type: 3 })).toBe('taken')
  })
})

describe('a button on a message that stands in a channel', () => {
  const components = [{ type: 1, components: [{ type: 2, style: 1, label: 'Approve', custom_id: 'plan:yes' }] }]

  it('can be pressed by anybody, and answered to them alone or for everybody', async () => {
    const { guild, client, sandbox } = await setStage((bot) => {
      bot.on('interactionCreate', (interaction) => {
        if (!interaction.isButton()) return
        if (interaction.user.id === BEN) void interaction.reply({ content: 'no', flags: MessageFlags.Ephemeral })
        else void interaction.update({ content: 'approved', components: [] })
      })
    })
    const staff = guild.channel('staff')
    await client.rest.post(Routes.channelMessages(staff.id), { body: { content: 'too many', components } })
    const [post] = sandbox.channels.in(staff.id)
    const byBen = await guild.press({ as: BEN, post: post!, customId: 'plan:yes' })
    await byBen.until()
    expect(byBen.terms.payload).toMatchObject({ type: 3, channel_id: staff.id, message: { id: post!.id } })
    expect([byBen.current()?.content, byBen.current()?.ephemeral, post!.seen.content]).toEqual(['no', true, 'too many'])
    const byMod = await guild.press({ as: MOD, post: post!, customId: 'plan:yes' })
    await byMod.until()
    expect([byMod.current()?.id, post!.seen.content]).toEqual([post!.id, 'approved'])
    await expect(guild.press({ as: MOD, post: post!, customId: 'plan:yes' })).rejects.toThrow('shows nothing')
  })
})
