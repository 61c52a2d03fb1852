// biome-ignore-all lint/suspicious/noThenProperty: a preview tells what is then from what is now.
import { beforeEach, describe, expect, it } from 'vitest'
import { policy } from '#commands/policy.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Policy, Rule } from '#src/core/model.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import type { PolicyPreview } from '#src/discord/command.ts'
import {
  ANN,
  askedBy,
  BEN,
  buttonsOf,
  COUNTS,
  EVE,
  GUILD,
  give,
  mustFit,
  offers,
  PREVIEW,
  press,
  SmallCommandWorld,
  wholeOf,
} from './small-world.ts'

let world: SmallCommandWorld

beforeEach(() => {
  world = new SmallCommandWorld()
})

const concerned = (...memberIds: readonly string[]) => ({ total: memberIds.length, memberIds })

/** Fourteen more than now. */
const HARSHER: PolicyPreview = { ...PREVIEW, wouldStrip: { now: 18, then: 32 }, harsher: concerned(BEN, EVE) }
const MILDER: PolicyPreview = { ...PREVIEW, wouldStrip: { now: 18, then: 14 }, milder: concerned(BEN) }

const STRIP = { category: 'role_drift', action: 'strip', reason: 'agreed' }

const rule = (changes: Partial<Rule>): Rule => ({
  default: 'report',
  byGroup: new Map(),
  byState: new Map(),
  ...changes,
})
const withPolicy = (changes: Partial<Policy>) => {
  world.settingsNow = { ...DEFAULT_SETTINGS, policy: { ...DEFAULT_SETTINGS.policy, ...changes } }
}

describe('/policy set', () => {
  it('sets at once what takes nothing more from anybody, with its numbers', async () => {
    withPolicy({ role_drift: { default: 'strip', byGroup: new Map(), byState: new Map() } })
    world.preview = MILDER
    const reply = await give(policy, world, 'set', { ...STRIP, action: 'report' })
    expect(reply.title).toBe('Set')
    expect(reply.text).toContain('This edit strips 4 fewer (14 instead of 18).')
    expect(world.settingsNow.policy.role_drift.default).toBe('report')
    expect(world.deeds).toMatchObject([{ what: ['policy'], by: { reason: 'agreed' } }])
  })

  it('asks back where more is taken than now, and changes nothing yet', async () => {
    world.preview = HARSHER
    const reply = await give(policy, world, 'set', STRIP)
    expect(reply).toMatchObject({ title: 'Really?', tone: 'warn', confirm: buttonsOf(reply)[0] })
    expect(reply.text).toContain('This edit strips 14 more (32 instead of 18).')
    expect(reply.text).toContain('Nothing was changed yet.')
    expect(wholeOf(reply)).toContain(`More is done with\n<@${BEN}> <@${EVE}>`)
    expect(world.deeds).toEqual([])
    expect(world.settingsNow).toBe(DEFAULT_SETTINGS)
  })

  it('names some of very many, and says how many there are', async () => {
    const memberIds = Array.from({ length: 20 }, (_, at) => String(500_000_000_000_000_000n + BigInt(at)))
    world.preview = { ...HARSHER, harsher: { total: 1_030, memberIds } }
    expect(wholeOf(await give(policy, world, 'set', STRIP))).toMatch(/More is done with\n(<@\d+> ){10}and 1,020 more/)
  })

  it.each([
    ['more kicks', { wouldKick: { now: 0, then: 1 } }],
    ['others than now', { harsher: concerned(BEN), milder: concerned(EVE) }],
  ])('asks back for %s as well', async (_what, changes) => {
    world.preview = { ...PREVIEW, ...changes }
    expect((await give(policy, world, 'set', STRIP)).title).toBe('Really?')
  })

  it('is carried out by the second press, once, for the reason given first', async () => {
    world.preview = HARSHER
    const [yes] = buttonsOf(await give(policy, world, 'set', STRIP))
    expect((await press(policy, world, yes!)).title).toBe('Set')
    expect(world.settingsNow.policy.role_drift.default).toBe('strip')
    expect(world.deeds).toMatchObject([{ by: { reason: 'agreed', actor: `discord:${ANN}` } }])
    await expect(press(policy, world, yes!)).rejects.toThrow('answered before, or has lapsed')
    expect(world.deeds).toHaveLength(1)
  })

  it('is left as it was by the other button', async () => {
    world.preview = HARSHER
    const [yes, no] = buttonsOf(await give(policy, world, 'set', STRIP))
    expect((await press(policy, world, no!)).title).toBe('Left as it was')
    await expect(press(policy, world, yes!)).rejects.toThrow('answered before')
    expect(world.deeds).toEqual([])
  })

  it('asks anew where it comes to more by the time of the press', async () => {
    world.preview = HARSHER
    const [yes] = buttonsOf(await give(policy, world, 'set', STRIP))
    world.preview = { ...HARSHER, wouldStrip: { now: 18, then: 90 } }
    const again = await press(policy, world, yes!)
    expect(again.text).toContain('Since you were asked, it comes to more.')
    expect(again.text).toContain('72 more (90 instead of 18)')
    expect(world.deeds).toEqual([])
    expect((await press(policy, world, buttonsOf(again)[0]!)).title).toBe('Set')
  })

  it('a yes does not count after 15 minutes', async () => {
    world.preview = HARSHER
    const [yes] = buttonsOf(await give(policy, world, 'set', STRIP))
    world.time += 15 * 60_000 + 1
    await expect(press(policy, world, yes!)).rejects.toThrow('Nothing was changed; give the command again.')
    expect(world.deeds).toEqual([])
  })

  it.each([
    ['of another person', { actor: `discord:${EVE}`, memberId: EVE }],
    ['in another server', { guildId: '100000000000000002' }],
  ] as const)('a yes does not count %s', async (_what, changes) => {
    world.preview = HARSHER
    const [yes] = buttonsOf(await give(policy, world, 'set', STRIP))
    await expect(press(policy, world, yes!, changes)).rejects.toThrow('Nothing was changed; give the command again.')
    expect(world.deeds).toEqual([])
  })

  it('lets go of the oldest question of five hundred', async () => {
    world.preview = HARSHER
    const [oldest] = buttonsOf(await give(policy, world, 'set', STRIP))
    const asked = Array.from({ length: 500 }, () => give(policy, world, 'set', STRIP))
    const [, second] = await Promise.all(asked)
    await expect(press(policy, world, oldest!)).rejects.toThrow('has lapsed')
    expect((await press(policy, world, buttonsOf(second!)[0]!)).title).toBe('Set')
  })

  it('asks back at the console whatever it comes to: there a switch says yes', async () => {
    const console = { memberId: null, actor: 'cli:ops' as const }
    const reply = await give(policy, world, 'set', STRIP, console)
    expect(reply).toMatchObject({ title: 'Really?', confirm: expect.stringMatching(/^policy:yes:/) })
    expect(world.deeds).toEqual([])
    await press(policy, world, reply.confirm!, console)
    expect(world.deeds).toMatchObject([{ by: { actor: 'cli:ops', cause: expect.stringMatching(/^order:/) } }])
  })

  it('asks back where nobody can look at what it comes to', async () => {
    world.failing.set('previewPolicy', new DirectoryUnreachable('The database does not answer.'))
    const reply = await give(policy, world, 'set', STRIP)
    expect(reply.text).toContain('could not be looked at: The database does not answer.')
    await press(policy, world, reply.confirm!)
    expect(world.settingsNow.policy.role_drift.default).toBe('strip')
  })

  it('does not hide a fault of its own', async () => {
    world.failing.set('previewPolicy', new TypeError('a bug'))
    await expect(give(policy, world, 'set', STRIP)).rejects.toThrow('a bug')
  })

  it('says so where it is so already', async () => {
    const reply = await give(policy, world, 'set', { category: 'role_drift', action: 'report' })
    expect(reply.title).toBe('It is so already')
    expect(world.deeds).toEqual([])
  })
})

describe('one rule at a time', () => {
  const set = (options: Record<string, string>) => give(policy, world, 'set', options)

  it('of a group, of a state, and of everybody', async () => {
    await set({ category: 'linked_no_perm', action: 'strip_kick', group: 'Pilots' })
    await set({ category: 'linked_no_perm', action: 'strip', state: 'Member' })
    await set({ category: 'linked_no_perm', action: 'strip' })
    await set({ category: 'unknown_guest', action: 'strip_kick' })
    await set({ category: 'missing_roles', action: 'grant' })
    expect(world.settingsNow.policy).toMatchObject({
      linked_no_perm: {
        default: 'strip',
        byGroup: new Map([['Pilots', 'strip_kick']]),
        byState: new Map([['Member', 'strip']]),
      },
      unknown_guest: { default: 'strip_kick' },
      missing_roles: 'grant',
    })
  })

  it('is taken out again by inherit', async () => {
    const byGroup = new Map([
      ['Pilots', 'strip' as const],
      ['Gone', 'strip' as const],
    ])
    withPolicy({ linked_no_perm: rule({ byGroup }) })
    await set({ category: 'linked_no_perm', action: 'inherit', group: 'Gone' })
    expect([...world.settingsNow.policy.linked_no_perm.byGroup.keys()]).toEqual(['Pilots'])
    const again = await set({ category: 'linked_no_perm', action: 'inherit', group: 'Gone' })
    expect(again.title).toBe('It is so already')
  })

  it('of a name that the source does not know is set with a warning: it may come', async () => {
    const reply = await set({ category: 'role_drift', action: 'strip', group: 'pilots' })
    expect(reply.text).toContain('knows no group pilots at present. It may come')
    expect(world.settingsNow.policy.role_drift.byGroup.get('pilots')).toBe('strip')
    const known = await set({ category: 'role_drift', action: 'strip', group: 'Pilots' })
    expect(known.text).not.toContain('at present')
    world.failing.set('names', new DirectoryUnreachable('down'))
    const unread = await set({ category: 'role_drift', action: 'strip', state: 'Member' })
    expect(unread.text).toContain('cannot be read just now')
  })

  it.each([
    [{ category: 'role_drift', action: 'strip_kick' }, 'Role drift never kicks'],
    [{ category: 'role_drift', action: 'strip_kick', group: 'Pilots' }, 'Role drift never kicks'],
    [{ category: 'role_drift', action: 'grant' }, '`missing_roles` alone'],
    [{ category: 'missing_roles', action: 'strip' }, 'can be `report` or `grant`'],
    [{ category: 'missing_roles', action: 'grant', group: 'Pilots' }, 'one rule for everybody'],
    [{ category: 'missing_roles', action: 'inherit' }, 'can be `report` or `grant`'],
    [{ category: 'unknown_guest', action: 'strip', state: 'Member' }, 'Guests have no identity'],
    [{ category: 'linked_no_perm', action: 'inherit' }, 'name which'],
    [{ category: 'linked_no_perm', action: 'strip', group: 'a', state: 'b' }, 'not both'],
    [{ category: 'in_order', action: 'strip' }, 'must be one of'],
    [{ category: 'role_drift', action: 'ban' }, 'must be one of'],
    [{ category: 'role_drift' }, '`action` is missing'],
  ] as readonly (readonly [Record<string, string>, string])[])('is refused as %j', async (options, sentence) => {
    await expect(set(options)).rejects.toThrow(sentence)
    await expect(give(policy, world, 'preview', options)).rejects.toThrow(sentence)
    expect(world.deeds).toEqual([])
  })

  it('speaks of no more than five hundred names', async () => {
    const byGroup = new Map(Array.from({ length: 500 }, (_, at) => [`Group ${at}`, 'strip' as const]))
    withPolicy({ linked_no_perm: rule({ byGroup }) })
    await expect(set({ category: 'linked_no_perm', action: 'strip', group: 'Pilots' })).rejects.toThrow(
      'which is the most',
    )
    await set({ category: 'linked_no_perm', action: 'report', group: 'Group 7' })
    expect(world.settingsNow.policy.linked_no_perm.byGroup.get('Group 7')).toBe('report')
  })
})

describe('/policy preview', () => {
  it('says what an edit comes to and changes nothing', async () => {
    world.preview = {
      ...HARSHER,
      wouldKick: { now: 3, then: 3 },
      wouldGive: { now: 0, then: 1 },
      counts: { now: COUNTS, then: { ...COUNTS, role_drift: 9 } },
    }
    const reply = await give(policy, world, 'preview', { category: 'role_drift', action: 'strip' })
    expect(reply.text).toContain(
      'This edit strips 14 more (32 instead of 18). It kicks as many as now (3) and gives roles to 1 more (1 instead of 0).',
    )
    expect(wholeOf(reply)).toContain('**3 → 9** hold roles that were not earned')
    expect(world.deeds).toEqual([])
    expect(reply.confirm).toBeUndefined()
  })
})

describe('/policy show', () => {
  it('shows every rule, what may be done at once, and whether anything acts', async () => {
    withPolicy({
      linked_no_perm: rule({
        byGroup: new Map([['*Directors*', 'strip']]),
        byState: new Map([['Guest', 'strip_kick']]),
      }),
    })
    const whole = wholeOf(await give(policy, world, 'show'))
    expect(whole).toContain(
      '`unknown_guest` (guest: no identity claims this account): **report**, only say what is out of order',
    )
    expect(whole).toContain('• group \\*Directors\\*: **strip**\n• state Guest: **strip_kick**')
    expect(whole).toContain('10% of the members in a run, 25% a day without anybody asking, 2% kicked')
    expect(whole).toContain('The first-run lock holds')
    world.settingsNow = { ...world.settingsNow, acknowledged: true, armed: { schedule: false, realtime: true } }
    expect(wholeOf(await give(policy, world, 'show'))).toContain(
      'Armed: realtime; `/audit status` says what that does.',
    )
  })

  it('goes page by page, however long the names', async () => {
    const byGroup = new Map(Array.from({ length: 60 }, (_, at) => [`${'_'.repeat(140)} ${at}`, 'strip' as const]))
    withPolicy({ role_drift: { default: 'strip', byGroup, byState: new Map() } })
    const first = await give(policy, world, 'show')
    expect(first.footer).toContain('1–20 of 64 lines')
    expect((await press(policy, world, 'policy:show:60')).footer).toContain('61–64 of 64 lines')
  })
})

describe('names offered while somebody types', () => {
  it('are those of the source and those that the policy has, the beginning first', async () => {
    world.namesNow = { groups: ['Pilots', 'Old Pilots', 'x'.repeat(101)], states: ['Member'] }
    withPolicy({ role_drift: { default: 'report', byGroup: new Map([['Pilgrims', 'strip']]), byState: new Map() } })
    const valuesOf = async (option: string, typed: string) =>
      (await offers(policy, world, 'set', option, typed)).map(({ value }) => value)
    expect(await valuesOf('group', 'PIL')).toEqual(['Pilots', 'Pilgrims', 'Old Pilots'])
    expect(await valuesOf('group', 'xxx')).toEqual([])
    expect(await valuesOf('state', '')).toEqual(['Member'])
    expect(await valuesOf('category', '')).toEqual([])
  })

  it('are at most 25', async () => {
    world.namesNow = { groups: Array.from({ length: 400 }, (_, at) => `Group ${at}`), states: [] }
    expect(await offers(policy, world, 'set', 'group', 'group')).toHaveLength(25)
  })
})

it('a made-up yes is refused like one that lapsed', async () => {
  const asked = askedBy({ guildId: GUILD })
  for (const rest of ['yes', 'yes:', 'yes:1:2', 'maybe:1'])
    await expect(policy.press!(asked, rest, world).then(mustFit)).rejects.toThrow()
})
