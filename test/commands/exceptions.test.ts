import { beforeEach, describe, expect, it } from 'vitest'
import { bots } from '#commands/bots.ts'
import { override } from '#commands/override.ts'
import { protect } from '#commands/protect.ts'
import type { Id, Override } from '#src/core/model.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { reasonOfUndo } from '#src/core/undo.ts'
import { ANN, BEN, buttonsOf, EVE, GUILD, give, HOUR, NOW, PILOTS, press, SmallCommandWorld } from './small-world.ts'

let world: SmallCommandWorld

beforeEach(() => {
  world = new SmallCommandWorld()
})

const DAY = 24 * HOUR
const ids = (count: number): readonly Id[] =>
  Array.from({ length: count }, (_, at) => String(500_000_000_000_000_000n + BigInt(at)))

describe('/protect', () => {
  it('protects a member and the holders of a role, in the order of their ids', async () => {
    await give(protect, world, 'member', { member: EVE })
    const reply = await give(protect, world, 'member', { member: BEN, reason: 'founder' })
    expect(reply.text).toContain(`takes nothing from <@${BEN}>`)
    const role = await give(protect, world, 'role', { role: PILOTS })
    expect(role.text).toContain(`takes nothing from whoever holds <@&${PILOTS}>`)
    expect(world.settingsNow).toMatchObject({ protectedMembers: [BEN, EVE], protectedRoles: [PILOTS] })
    expect(world.deeds).toMatchObject([
      { by: { reason: null } },
      { by: { reason: 'founder' } },
      { what: ['protectedRoles'] },
    ])
  })

  it('changes nothing where it is so already, and says so', async () => {
    world.settingsNow = { ...DEFAULT_SETTINGS, protectedMembers: [BEN] }
    expect((await give(protect, world, 'member', { member: BEN })).title).toBe('Protected already')
    expect((await give(protect, world, 'lift', { member: EVE })).title).toBe('Was not protected')
    expect(world.deeds).toEqual([])
  })

  it('cannot protect everybody by @everyone, nor more than a thousand', async () => {
    await expect(give(protect, world, 'role', { role: GUILD })).rejects.toThrow('Everybody has the role @everyone')
    world.settingsNow = { ...DEFAULT_SETTINGS, protectedMembers: ids(1_000) }
    await expect(give(protect, world, 'member', { member: BEN })).rejects.toThrow('which is the most')
    expect(world.deeds).toEqual([])
  })

  it('lifts a member and a role at once, and asks which where none is named', async () => {
    world.settingsNow = { ...DEFAULT_SETTINGS, protectedMembers: [BEN, EVE], protectedRoles: [PILOTS] }
    const reply = await give(protect, world, 'lift', { member: BEN, role: PILOTS })
    expect(reply.text).toContain(`<@${BEN}> and <@&${PILOTS}>`)
    expect(world.settingsNow).toMatchObject({ protectedMembers: [EVE], protectedRoles: [] })
    await expect(give(protect, world, 'lift')).rejects.toThrow('Say which member or which role')
  })

  it('lists who is protected, page by page', async () => {
    expect((await give(protect, world, 'list')).text).toContain('Nobody but the owner')
    world.settingsNow = { ...DEFAULT_SETTINGS, protectedMembers: ids(50), protectedRoles: [PILOTS] }
    const first = await give(protect, world, 'list')
    expect(first.text).toMatch(new RegExp(`^whoever holds <@&${PILOTS}>\n<@`))
    expect(first.footer).toBe('1–20 of 51 entries')
    expect((await press(protect, world, buttonsOf(first)[1]!)).footer).toBe('21–40 of 51 entries')
    expect((await press(protect, world, 'protect:list:99999')).footer).toBe('41–51 of 51 entries')
  })
})

describe('an id that is nobody’s', () => {
  beforeEach(() => {
    world.absent = new Set([BEN, PILOTS])
  })

  it('is taken all the same, and named with what takes it back', async () => {
    const reply = await give(protect, world, 'member', { member: BEN })
    expect(reply).toMatchObject({ title: 'Protected', tone: 'warn' })
    expect(reply.text).toContain(`no member of this server has the id \`${BEN}\``)
    expect(reply.text).toContain('take it back with `/protect lift`')
    expect(world.settingsNow.protectedMembers).toEqual([BEN])
    const role = await give(protect, world, 'role', { role: PILOTS })
    expect(role.text).toContain(`This server has no role with the id \`${PILOTS}\``)
    const wanted = { member: BEN, action: 'report', reason: 'x' }
    expect((await give(override, world, 'set', wanted)).text).toContain('`/override lift`')
    expect((await give(bots, world, 'add', { member: BEN })).text).toContain('`/bots remove`')
  })

  it('is not claimed to be one where Discord does not answer', async () => {
    world.isSilent = true
    const reply = await give(protect, world, 'member', { member: BEN })
    expect(reply.text).toContain('Discord could not be asked just now')
    expect((await give(protect, world, 'role', { role: PILOTS })).tone).toBe('good')
  })

  it('is nobody’s no longer once they are here', async () => {
    expect((await give(protect, world, 'member', { member: EVE })).tone).toBe('good')
  })
})

describe('/bots', () => {
  it('adds, lists and removes accounts', async () => {
    expect((await give(bots, world, 'list')).text).toContain('None but those')
    await give(bots, world, 'add', { member: EVE, reason: 'bridge' })
    expect((await give(bots, world, 'add', { member: EVE })).title).toBe('Treated as a bot already')
    await give(bots, world, 'add', { member: BEN })
    expect(world.settingsNow.botAccounts).toEqual([BEN, EVE])
    expect((await give(bots, world, 'list')).text).toBe(`<@${BEN}>\n<@${EVE}>`)
    await give(bots, world, 'remove', { member: EVE })
    expect((await give(bots, world, 'remove', { member: EVE })).title).toBe('Was not on the list')
    expect(world.settingsNow.botAccounts).toEqual([BEN])
    expect(world.deeds).toHaveLength(3)
  })

  it('takes no more than 250', async () => {
    world.settingsNow = { ...DEFAULT_SETTINGS, botAccounts: ids(250) }
    await expect(give(bots, world, 'add', { member: BEN })).rejects.toThrow('which is the most')
    expect((await press(bots, world, 'bots:list:240')).footer).toBe('241–250 of 250 accounts')
  })
})

const exception = (memberId: Id, expiresAt: number | null, reason = 'on leave'): Override => ({
  memberId,
  action: 'report',
  expiresAt,
  reason,
})

describe('/override', () => {
  it('sets what is done about one member, for a week where nothing is said', async () => {
    const reply = await give(override, world, 'set', { member: BEN, action: 'strip', reason: 'see *thread*' })
    const wanted = { memberId: BEN, action: 'strip', expiresAt: NOW + 7 * DAY, reason: 'see *thread*' }
    expect(world.settingsNow.overrides).toEqual([wanted])
    expect(world.deeds).toMatchObject([{ what: ['overrides'], by: { reason: 'see *thread*' } }])
    expect(reply.text).toContain(`ends <t:${(NOW + 7 * DAY) / 1_000}:R>\nReason: see \\*thread\\*`)
  })

  it.each([
    ['12h', NOW + 12 * HOUR],
    ['never', null],
  ])('holds as long as was said: %s', async (written, expiresAt) => {
    await give(override, world, 'set', { member: BEN, action: 'report', reason: 'x', for: written })
    expect(world.settingsNow.overrides).toMatchObject([{ expiresAt }])
  })

  it('comes in place of an earlier one of this member, and lets go of no other, lest a clock that is set wrong cost somebody theirs', async () => {
    world.settingsNow = {
      ...DEFAULT_SETTINGS,
      overrides: [exception(BEN, null), exception(EVE, NOW - 1), exception(ANN, NOW + 1)],
    }
    await give(override, world, 'set', { member: BEN, action: 'strip', reason: 'x' })
    expect(world.settingsNow.overrides.map(({ memberId, action }) => [memberId, action])).toEqual([
      [EVE, 'report'],
      [ANN, 'report'],
      [BEN, 'strip'],
    ])
  })

  it.each([
    [{ member: BEN, action: 'report' }, 'needs a reason'],
    [{ member: BEN, action: 'report', reason: '  ' }, 'needs a reason'],
    [{ member: BEN, action: 'grant', reason: 'x' }, 'must be one of'],
    [{ action: 'report', reason: 'x' }, '`member` is missing'],
    [{ member: BEN, action: 'report', reason: 'x', for: 'soon' }, '`12h` (hours)'],
  ])('is refused where it is %j', async (options, sentence) => {
    await expect(give(override, world, 'set', options)).rejects.toThrow(sentence)
    expect(world.deeds).toEqual([])
  })

  it('takes no more than a thousand that still hold', async () => {
    world.settingsNow = { ...DEFAULT_SETTINGS, overrides: ids(1_000).map((id) => exception(id, null)) }
    const wanted = { member: BEN, action: 'report', reason: 'x' }
    await expect(give(override, world, 'set', wanted)).rejects.toThrow('which is the most')
    world.settingsNow = { ...DEFAULT_SETTINGS, overrides: ids(1_000).map((id) => exception(id, NOW - 1)) }
    await give(override, world, 'set', wanted)
    expect(world.settingsNow.overrides).toHaveLength(1_001)
  })

  it('leaves those that an undo placed beside the thousand: nobody chose them one by one', async () => {
    const run = '019e0000-0000-7000-8000-000000000001'
    const placed = ids(1_000).map((id) => exception(id, NOW + 1, reasonOfUndo(run)))
    world.settingsNow = { ...DEFAULT_SETTINGS, overrides: placed }
    await give(override, world, 'set', { member: BEN, action: 'report', reason: 'x' })
    expect(world.settingsNow.overrides).toHaveLength(1_001)
  })

  it('is lifted, or there was none', async () => {
    world.settingsNow = { ...DEFAULT_SETTINGS, overrides: [exception(BEN, null)] }
    expect((await give(override, world, 'lift', { member: BEN })).title).toBe('The override is lifted')
    expect((await give(override, world, 'lift', { member: BEN })).title).toBe('There was none')
    expect(world.settingsNow.overrides).toEqual([])
  })

  it('is listed while it holds, however long its reason', async () => {
    world.settingsNow = {
      ...DEFAULT_SETTINGS,
      overrides: [exception(EVE, NOW - 1), ...ids(30).map((id) => exception(id, null, '*'.repeat(400)))],
    }
    const first = await give(override, world, 'list')
    expect(first.text).not.toContain(EVE)
    expect(first.footer).toBe('1–8 of 30 overrides')
    expect((await press(override, world, 'override:list:24')).footer).toBe('25–30 of 30 overrides')
    world.settingsNow = DEFAULT_SETTINGS
    expect((await give(override, world, 'list')).text).toContain('None: the policy decides')
    world.settingsNow = { ...DEFAULT_SETTINGS, overrides: [exception(BEN, null)] }
    world.placed.set(BEN, { ...exception(BEN, null), by: `discord:${ANN}`, at: NOW })
    expect((await give(override, world, 'list')).text).toContain(`until it is lifted, by <@${ANN}>\nReason: on leave`)
  })
})
