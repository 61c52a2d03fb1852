import { type APIInteraction, PermissionFlagsBits } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeInteractions } from '#src/discord/interactions.ts'
import { makeRest } from '#src/discord/rest.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { EMPTY_WORLD, tryCommands } from './asking-world.ts'
import { type Door, openDoor, putOffInto } from './door.ts'
import { keptLog, offences } from './listening.ts'

const ANN = '200000000000000001'
const BEN = '200000000000000002'
const CALLBACK = 'POST /interactions/{interaction_id}/{interaction_token}/callback'
const EDIT = 'PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original'

let sandbox: Sandbox
let against: readonly string[]
let guild: Guild
let door: Door

beforeEach(async () => {
  sandbox = await startSandbox()
  against = offences(sandbox)
  guild = sandbox.addGuild({
    name: 'Example',
    roles: [{ name: 'Moderators', permissions: ['MANAGE_ROLES'] }],
    members: [
      { id: ANN, username: 'ann', roles: ['Moderators'] },
      { id: BEN, username: 'ben' },
    ],
  })
  door = await openDoor(sandbox)
})

/** An interaction whose bits a channel's own rules have changed. */
const withBits = (bits: bigint) => (raw: APIInteraction) =>
  ({ ...raw, member: { ...raw.member, permissions: bits.toString() } }) as APIInteraction

afterEach(async () => {
  await door.close()
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
  expect(against).toEqual([])
})

const ask = (command: string, more: Partial<Parameters<Guild['command']>[0]> = {}) =>
  guild.command({ as: ANN, command, ...more })
const shownBy = (seen: { current(): { embeds: readonly unknown[] } | null }) => seen.current()?.embeds[0]
const requestsOf = (route: string) => sandbox.requests.count(route)

describe('a slash command', () => {
  it('is deferred at once for its asker alone, then answered', async () => {
    const gate = Promise.withResolvers<void>()
    door.stage.gate = gate.promise
    const asked = await ask('try hard')
    await asked.until(({ deferred }) => deferred)
    expect(asked.firstAnswer).toMatchObject({ type: 5, data: { flags: 64 } })
    gate.resolve()
    await asked.until()
    expect(shownBy(asked)).toMatchObject({ title: 'Hard' })
    expect(asked.current()).toMatchObject({ ephemeral: true })
  })

  it('carries plain values: who asked, where, with which rights, options and language', async () => {
    const asked = await ask('easy', { options: { word: 'hello', colour: 'red', member: BEN }, locale: 'de' })
    await asked.until()
    expect(door.stage.asked).toMatchObject([
      {
        requestId: asked.id,
        guildId: guild.id,
        actor: `discord:${ANN}`,
        memberId: ANN,
        roleIds: [guild.role('Moderators').id],
        isOwner: false,
        locale: 'de',
        subcommand: null,
        options: { word: 'hello', colour: 'red', member: BEN },
      },
    ])
    expect([...door.stage.asked[0]!.permissions]).toEqual(['ManageRoles'])
    expect(door.ledger.opened).toMatchObject([
      { command: 'easy', subcommand: null, counted: false, options: { word: 'hello' } },
    ])
    expect(door.ledger.closed).toMatchObject([{ interactionId: asked.id, outcome: 'accepted', why: null }])
  })

  it('hears of a stop that came while it waited for the database, and not of an earlier one', async () => {
    door.stops = 1
    const silence = Promise.withResolvers<void>()
    door.ledger.silence = silence.promise
    const early = await ask('easy')
    await early.until(({ deferred }) => deferred)
    door.stops = 2
    silence.resolve()
    await early.until()
    await (await ask('easy')).until()
    expect(door.stage.asked.map(({ stoppedSince }) => stoppedSince())).toEqual([true, false])
  })

  it('is refused where the right lacks, although Discord let it through', async () => {
    const asked = await ask('easy', { as: BEN, force: true })
    await asked.until()
    expect(shownBy(asked)).toMatchObject({ title: 'Not done', description: expect.stringContaining('"Manage Roles"') })
    expect(door.stage.asked).toEqual([])
    expect(door.ledger.closed).toMatchObject([
      { actor: `discord:${BEN}`, outcome: 'refused', why: expect.stringContaining('Manage Roles') },
    ])
  })

  it('is refused to whom only a channel grants the right: there it means something else', async () => {
    door.twist = withBits(PermissionFlagsBits.ManageRoles)
    const asked = await ask('easy', { as: BEN, force: true })
    await asked.until()
    expect(shownBy(asked)).toMatchObject({ title: 'Not done', description: expect.stringContaining('"Manage Roles"') })
    expect(door.stage.asked).toEqual([])
  })

  it('is open to whom the server grants the right, whatever the channel says', async () => {
    door.twist = withBits(0n)
    const asked = await ask('easy')
    await asked.until()
    expect(shownBy(asked)).toMatchObject({ title: 'Easy' })
  })

  it('is refused to all but the owner while the roles of the server are not known', async () => {
    door.known = false
    const asked = await ask('easy')
    await asked.until()
    expect(shownBy(asked)).toMatchObject({
      title: 'Not done',
      description: expect.stringContaining('only just connected'),
    })
    const byOwner = await ask('easy', { as: guild.ownerId })
    await byOwner.until()
    expect(shownBy(byOwner)).toMatchObject({ title: 'Easy' })
  })

  it('is refused where its subcommand needs more than the command', async () => {
    const asked = await ask('try high')
    await asked.until()
    expect(shownBy(asked)).toMatchObject({
      description: expect.stringContaining('/try high needs the permission "Administrator"'),
    })
  })

  it("is the owner's to give, whatever their roles", async () => {
    const asked = await ask('try high', { as: guild.ownerId })
    await asked.until()
    expect(shownBy(asked)).toMatchObject({ title: 'Hard' })
    expect(door.stage.asked[0]).toMatchObject({ isOwner: true })
  })

  it('that comes twice is carried out and answered once', async () => {
    const asked = await ask('easy', { twice: true })
    await asked.until()
    await door.interactions.settled()
    expect(door.stage.asked).toHaveLength(1)
    expect([requestsOf(CALLBACK), requestsOf(EDIT), door.ledger.opened.length]).toEqual([1, 1, 1])
  })

  it('that another process has carried out already is left to it', async () => {
    const asked = await ask('easy')
    await asked.until()
    const second = makeInteractions({
      rest: makeRest({ token: sandbox.token, apiUrl: sandbox.url }),
      commands: tryCommands(door.stage),
      world: EMPTY_WORLD,
      ledger: door.ledger,
      sinceNow: () => () => false,
      ownerOf: () => null,
      grantsOf: async () => new Map(),
      log: keptLog().log,
      after: putOffInto(door.later),
    })
    second.take(asked.terms.payload as never)
    await second.settled()
    expect(door.stage.asked).toHaveLength(1)
    expect(requestsOf(EDIT)).toBe(1)
    expect(door.later.map(({ undone }) => undone)).toEqual([true, true])
  })

  it('that counts is refused once the quota is used up, with when it is free again', async () => {
    door.ledger.used = { used: 5, limit: 5, freeAt: 1_800_000_000_000 }
    const asked = await ask('try hard')
    await asked.until()
    expect(shownBy(asked)).toMatchObject({ description: expect.stringMatching(/5 of the 5 runs.*<t:1800000000:R>/) })
    expect(door.ledger.opened).toMatchObject([{ counted: true }])
    expect(door.ledger.closed).toMatchObject([{ outcome: 'refused', refusedBy: 'quota', quota: { used: 5, limit: 5 } }])
    const other = await ask('easy')
    await other.until()
    expect(shownBy(other)).toMatchObject({ title: 'Easy' })
    expect(door.ledger.closed[1]).toMatchObject({ outcome: 'accepted', refusedBy: null, quota: null })
  })

  it('that counts is written down with how much of the quota is used by it, and nothing by one that is refused', async () => {
    door.ledger.used = { used: 3, limit: 5, freeAt: null }
    await (await ask('try hard')).until()
    await (await ask('try hard', { as: BEN, force: true })).until()
    expect(door.ledger.closed).toMatchObject([
      { outcome: 'accepted', refusedBy: null, quota: { used: 4, limit: 5 } },
      { outcome: 'refused', refusedBy: 'rights', quota: { used: 3, limit: 5 } },
    ])
  })

  it('that refuses says why', async () => {
    const asked = await ask('try rude')
    await asked.until()
    expect(shownBy(asked)).toMatchObject({ title: 'Not done', description: 'The roster is not live. Wait a minute.' })
    expect(door.ledger.closed).toMatchObject([
      { outcome: 'refused', refusedBy: 'command', why: 'The roster is not live. Wait a minute.' },
    ])
  })

  it('that fails on our side says so with an id that the log has, and shows nothing of the fault', async () => {
    const asked = await ask('try broken')
    await asked.until()
    expect(JSON.stringify(asked.current())).not.toContain('hunter2')
    expect(shownBy(asked)).toMatchObject({
      title: 'It went wrong',
      description: expect.stringContaining('Nothing was changed, unless a run lists it'),
      footer: { text: `Fault ${asked.id}` },
    })
    expect(door.lines.join('')).toContain('row 17')
    expect(door.lines.join('')).toContain(asked.id)
    expect(door.lines.join('')).not.toContain('hunter2')
    expect(door.ledger.closed).toMatchObject([{ outcome: 'accepted', why: `It failed (${asked.id}).` }])
  })

  it('is not begun where it cannot be written down', async () => {
    door.ledger.down = new Error('no database')
    const asked = await ask('easy')
    await asked.until()
    expect(shownBy(asked)).toMatchObject({ title: 'It went wrong' })
    expect(door.stage.asked).toEqual([])
  })

  it('is not begun where Discord no longer waits for its answer', async () => {
    sandbox.faults.refuse(1, 'unknownInteraction', CALLBACK)
    await ask('easy')
    await sandbox.until(() => requestsOf(CALLBACK) === 1)
    await door.interactions.settled()
    expect(door.stage.asked).toEqual([])
    expect(door.lines.join('')).toContain('10062')
  })

  it('is answered although Discord stumbled over the first answer', async () => {
    sandbox.faults.serverErrors(1, 500, { route: CALLBACK, done: true })
    const asked = await ask('easy')
    await asked.until()
    expect(shownBy(asked)).toMatchObject({ title: 'Easy' })
  })

  it('is answered while another server has not even come up', async () => {
    await door.connection.close()
    const slow = sandbox.addGuild({ name: 'Slow to come' })
    sandbox.faults.hold(({ t, guildId }) => t === 'GUILD_CREATE' && guildId === slow.id)
    door = await openDoor(sandbox)
    expect(door.connection.client.isReady()).toBe(false)
    const asked = await ask('easy')
    await asked.until()
    expect(shownBy(asked)).toMatchObject({ title: 'Easy' })
  })

  it('waits for its turn where ten are under way in the server', async () => {
    const gate = Promise.withResolvers<void>()
    door.stage.gate = gate.promise
    for (let time = 0; time < 10; time++) await ask('try hard')
    await expect.poll(() => door.stage.asked.length).toBe(10)
    const eleventh = await ask('easy')
    await eleventh.until()
    expect(shownBy(eleventh)).toMatchObject({
      title: 'Not done',
      description: expect.stringContaining('10 commands under way'),
    })
    gate.resolve()
    await door.interactions.settled()
    const next = await ask('easy')
    await next.until()
    expect(shownBy(next)).toMatchObject({ title: 'Easy' })
  })

  it('outside a server is told where it works', async () => {
    const asked = await ask('easy')
    await asked.until()
    sandbox.requests.clear()
    const { guild_id: _, member, ...raw } = asked.terms.payload as Record<string, unknown>
    door.interactions.take({ ...raw, id: '900000000000000002', user: (member as { user: unknown }).user } as never)
    await door.interactions.settled()
    expect(sandbox.requests.of(CALLBACK)[0]?.body).toMatchObject({
      type: 4,
      data: { flags: 64, embeds: [{ title: 'Only in a server' }] },
    })
  })
})

describe('a long command', () => {
  it('shows how far it is, not more often than Discord likes, and its answer last', async () => {
    door.stage.work = async ({ update }) => {
      for (let done = 0; done < 50; done++) await update({ tone: 'plain', title: `${done} of 50`, text: 'x' })
      sandbox.clock.advance(2_000)
      await update({ tone: 'plain', title: '50 of 50', text: 'x' })
    }
    const asked = await ask('try hard')
    await asked.until((one) => JSON.stringify(one.current()).includes('Hard'))
    const titles = asked.edits.flatMap(({ embeds }) => embeds.map((embed) => (embed as { title: string }).title))
    expect(titles).toEqual(['0 of 50', '50 of 50', 'Hard'])
  })

  it('goes on although what it shows does not get through', async () => {
    sandbox.faults.refuse(1, 'unknownWebhook', EDIT)
    door.stage.work = ({ update }) => update({ tone: 'plain', title: 'half', text: 'x' })
    const asked = await ask('try hard')
    await asked.until()
    expect(shownBy(asked)).toMatchObject({ title: 'Hard' })
  })

  it('says where to look for its outcome before the 15 minutes of an interaction are over, once, and shows no progress after that', async () => {
    const gate = Promise.withResolvers<void>()
    door.stage.work = async ({ update }) => {
      await update({ tone: 'plain', title: 'half', text: 'x' })
      await gate.promise
      await update({ tone: 'plain', title: 'too late', text: 'x' })
    }
    const asked = await ask('try hard')
    await asked.until((one) => JSON.stringify(one.current()).includes('half'))
    expect(door.later).toMatchObject([{ ms: 840_000, undone: false }])
    sandbox.clock.advance(840_000)
    door.later[0]!.act()
    await asked.until((one) => JSON.stringify(one.current()).includes('Still at work'))
    expect(shownBy(asked)).toMatchObject({ description: expect.stringContaining('/audit status') })
    sandbox.clock.advance(30_000)
    gate.resolve()
    await expect.poll(() => door.lines.join('')).toContain('15 minutes')
    expect(requestsOf(EDIT)).toBe(2)
    expect(shownBy(asked)).toMatchObject({ title: 'Still at work' })
  })

  it('that is answered in time says nothing of the kind', async () => {
    const asked = await ask('try hard')
    await asked.until()
    await door.interactions.settled()
    expect(door.later).toMatchObject([{ undone: true }])
    door.later[0]!.act()
    const other = await ask('easy')
    await other.until()
    expect(shownBy(asked)).toMatchObject({ title: 'Hard' })
  })

  it.each([3_600_000, -3_600_000])('is shown though the clock jumps by %i ms in the middle of it', async (jump) => {
    door.stage.work = async ({ update }) => {
      door.ahead += jump
      await update({ tone: 'plain', title: 'half', text: 'x' })
    }
    const asked = await ask('try hard')
    await asked.until((one) => one.current()?.embeds[0]?.title === 'Hard')
    expect(requestsOf(EDIT)).toBe(2)
  })

  it('that ends after the 15 minutes of an interaction is not shown, and the log says so', async () => {
    door.stage.work = async ({ update }) => {
      sandbox.clock.advance(870_000)
      await update({ tone: 'plain', title: 'late', text: 'x' })
    }
    const asked = await ask('try hard')
    await expect.poll(() => door.lines.join('')).toContain('15 minutes')
    expect(requestsOf(EDIT)).toBe(0)
    expect(door.ledger.closed).toMatchObject([{ interactionId: asked.id, outcome: 'accepted' }])
  })
})

describe('a button', () => {
  it('turns the page that it stands on', async () => {
    const asked = await ask('easy')
    await asked.until()
    const pressed = await asked.press('easy:page:2')
    await pressed.until((one) => JSON.stringify(one.current()).includes('Pressed'))
    expect(pressed.firstAnswer).toMatchObject({ type: 6 })
    expect(shownBy(asked)).toMatchObject({ title: 'Pressed page:2' })
    expect(door.ledger.opened.at(-1)).toMatchObject({ command: 'easy', options: { button: 'page:2' }, counted: false })
  })

  it('that is refused leaves the page as it is and answers beside it', async () => {
    const asked = await ask('easy')
    await asked.until()
    const pressed = await asked.press('easy:no')
    await pressed.until(({ followUps }) => followUps.length === 1)
    expect(pressed.followUps[0]?.seen).toMatchObject({
      ephemeral: true,
      embeds: [{ title: 'Not done', description: 'Not this one.' }],
    })
    expect(shownBy(asked)).toMatchObject({ title: 'Easy' })
  })

  it('of a command that is no more says so', async () => {
    const asked = await ask('easy')
    await asked.until()
    const pressed = await asked.press('gone:1')
    await pressed.until(({ followUps }) => followUps.length === 1)
    expect(pressed.followUps[0]?.seen).toMatchObject({ embeds: [{ title: 'Not known (any more)' }] })
  })

  it('is checked for rights again: they may have gone since the page was shown', async () => {
    const asked = await ask('easy')
    await asked.until()
    guild.take(ANN, 'Moderators')
    const pressed = await asked.press('easy:page:2')
    await pressed.until(({ followUps }) => followUps.length === 1)
    expect(pressed.followUps[0]?.seen).toMatchObject({
      embeds: [{ description: expect.stringContaining('"Manage Roles"') }],
    })
    expect(door.stage.pressed).toEqual([])
  })
})
