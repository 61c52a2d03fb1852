import { Routes } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRest } from '#src/discord/rest.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { type Door, openDoor } from './door.ts'
import { offences } from './listening.ts'

const ANN = '200000000000000001'
const BEN = '200000000000000002'
const CALLBACK = 'POST /interactions/{interaction_id}/{interaction_token}/callback'

let sandbox: Sandbox
let against: readonly string[]
let guild: Guild
let door: Door

beforeEach(async () => {
  sandbox = await startSandbox()
  against = offences(sandbox)
  guild = sandbox.addGuild({
    name: 'Example',
    roles: ['Helpers', { name: 'Moderators', permissions: ['MANAGE_ROLES'] }],
    members: [
      { id: ANN, username: 'ann', roles: ['Moderators', 'Helpers'] },
      { id: BEN, username: 'ben' },
    ],
  })
  door = await openDoor(sandbox)
  door.grants = new Map([
    ['policy', [guild.role('Helpers').id]],
    ['acknowledge', [guild.role('Helpers').id]],
  ])
})

afterEach(async () => {
  await door.close()
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
  expect(against).toEqual([])
})

const type = (more: Partial<Parameters<Guild['complete']>[0]> = {}) =>
  guild.complete({ as: ANN, command: 'rules', option: 'group', typed: 'pi', force: true, ...more })

describe('somebody who types', () => {
  it('is offered what the command finds, which is told what stands there so far', async () => {
    const asked = await (await type({ options: { member: BEN } })).until()
    expect(asked.offers).toEqual([{ name: 'Pilots', value: 'pilots' }])
    expect(door.stage.typed).toEqual([
      { guildId: guild.id, subcommand: null, option: 'group', typed: 'pi', options: { member: BEN } },
    ])
    expect(door.ledger.opened).toEqual([])
    expect(door.later).toMatchObject([{ ms: 2_000, undone: true }])
  })

  it('is offered nothing where they may not give the command', async () => {
    const asked = await (await type({ as: BEN })).until()
    expect([asked.offers, door.stage.typed]).toEqual([[], []])
  })

  it('is offered nothing where something fails, and the log says so', async () => {
    door.stage.offers = async () => {
      throw new Error('row 17 of postgres://u:hunter2@db/x')
    }
    const asked = await (await type()).until()
    expect(asked.offers).toEqual([])
    expect(door.lines.join('')).toContain('Offers could not be made')
    expect(door.lines.join('')).not.toContain('hunter2')
    door.grants = new Error('no database')
    expect((await (await type()).until()).offers).toEqual([])
  })

  it('is offered nothing rather than something too late', async () => {
    const gate = Promise.withResolvers<never>()
    door.stage.offers = () => gate.promise
    const asked = await type()
    await expect.poll(() => door.stage.typed.length).toBe(1)
    door.later[0]!.act()
    await asked.until()
    expect(asked.offers).toEqual([])
    gate.reject(new Error('much later'))
    await door.interactions.settled()
    expect(sandbox.requests.count(CALLBACK)).toBe(1)
  })

  it('is offered at most 25, with names cut to a line that fits, and no value that would have to be cut', async () => {
    const offers = [
      { name: `${'🙂'.repeat(60)}`, value: 'long' },
      { name: 'two\nlines\u202e', value: 'lines' },
      { name: ' \n', value: 'nameless' },
      { name: 'too long', value: 'x'.repeat(101) },
      { name: 'none', value: '' },
      ...Array.from({ length: 30 }, (_, index) => ({ name: `n${index}`, value: `v${index}` })),
    ]
    door.stage.offers = async () => offers
    const asked = await (await type()).until()
    expect(asked.offers?.slice(0, 3)).toEqual([
      { name: `${'🙂'.repeat(49)}…`, value: 'long' },
      { name: 'two lines', value: 'lines' },
      { name: 'n0', value: 'v0' },
    ])
    expect(asked.offers).toHaveLength(25)
  })

  it('is offered nothing for an option or a command that is no more, or outside a server', async () => {
    const asked = await type()
    await asked.until()
    const raw = asked.terms.payload as Record<string, unknown> & { data: object }
    const focused = { type: 3, name: 'old', value: 'x', focused: true }
    const odd = [
      { ...raw, data: { ...raw.data, name: 'gone' } },
      { ...raw, data: { ...raw.data, options: [focused] } },
      { ...raw, data: { ...raw.data, options: [{ ...focused, name: 'where' }] } },
      { ...raw, data: { ...raw.data, options: [] } },
      { ...raw, guild_id: undefined, member: undefined },
    ]
    sandbox.requests.clear()
    for (const one of odd) door.interactions.take(one as never)
    await door.interactions.settled()
    expect(sandbox.requests.of(CALLBACK).map(({ body }) => body)).toEqual(
      odd.map(() => ({ type: 8, data: { choices: [] } })),
    )
    expect(door.stage.typed).toHaveLength(1)
  })
})

it('a channel is given by its id', async () => {
  const { id } = guild.channel('staff')
  await (await guild.command({ as: ANN, command: 'rules', options: { where: id }, force: true })).until()
  expect(door.stage.asked).toMatchObject([{ options: { where: id } }])
})

describe('the menu of a member', () => {
  it('gives the command with the member in it, and is written down like it', async () => {
    const asked = await guild.menu({ as: ANN, name: 'Look closer', target: BEN })
    await asked.until()
    expect(asked.current()).toMatchObject({ ephemeral: true, embeds: [{ title: 'Easy' }] })
    expect(door.stage.asked).toMatchObject([{ subcommand: null, options: { member: BEN }, memberId: ANN }])
    expect(door.ledger.opened).toMatchObject([
      { command: 'easy', subcommand: null, options: { member: BEN }, actor: `discord:${ANN}` },
    ])
  })

  it('is checked for rights by the name that was chosen', async () => {
    const asked = await guild.menu({ as: BEN, name: 'Look closer', target: ANN, force: true })
    await asked.until()
    expect(asked.current()?.embeds).toMatchObject([{ description: expect.stringMatching(/^"Look closer" needs/) }])
    expect(door.stage.asked).toEqual([])
  })
})

describe('a button on a notice that all can see', () => {
  async function notice() {
    const staff = guild.channel('staff')
    const button = { type: 2, style: 2, label: 'Approve', custom_id: 'rules:approve' }
    const body = { embeds: [{ title: 'A plan waits' }], components: [{ type: 1, components: [button] }] }
    const rest = makeRest({ token: sandbox.token, apiUrl: sandbox.url })
    await rest.post(Routes.channelMessages(staff.id), { body })
    return sandbox.channels.in(staff.id)[0]!
  }

  it('is answered to whoever pressed it alone, and the notice stays as it is', async () => {
    const post = await notice()
    const pressed = await guild.press({ as: ANN, post, customId: 'rules:approve' })
    await pressed.until()
    expect(pressed.firstAnswer).toMatchObject({ type: 5, data: { flags: 64 } })
    expect(pressed.current()).toMatchObject({ ephemeral: true, embeds: [{ title: 'Pressed approve' }] })
    expect(post.seen.embeds).toMatchObject([{ title: 'A plan waits' }])
    expect(post.versions).toHaveLength(1)
  })

  it('is refused to whoever may not, and only they see it', async () => {
    const post = await notice()
    const pressed = await guild.press({ as: BEN, post, customId: 'rules:approve' })
    await pressed.until()
    expect(pressed.current()).toMatchObject({ ephemeral: true, embeds: [{ title: 'Not done' }] })
    expect([pressed.followUps, post.versions.length, door.stage.asked]).toEqual([[], 1, []])
  })
})
