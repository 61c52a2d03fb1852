import { beforeEach, expect, it } from 'vitest'
import { doctor } from '#commands/doctor.ts'
import type { Settings } from '#src/core/model.ts'
import { vitalsOf } from '#src/core/truth.ts'
import { ANN, BEN, DIRECTORS, give, HOUR, NOW, PILOTS, SmallCommandWorld } from './small-world.ts'

// What `/doctor` says, the worst first, each line with what to do.

const NAMES = { groups: ['Pilots'], states: ['Member'], reservedNames: [] }
const VITALS = vitalsOf([], NAMES)
const ALL = { total: 40, owner: 1, protectedOnes: 2, beyond: 0 }

let world: SmallCommandWorld

beforeEach(() => {
  world = new SmallCommandWorld()
  const read = { vitals: VITALS, names: NAMES, truth: { suspect: false, why: [] }, age: 1_000 }
  world.standing = { source: 'native', read, problem: null, before: VITALS, blind: null, noticing: null }
  world.checkup = {
    skewMs: 900,
    settings: world.settingsNow,
    governed: { roles: 3, unmatched: [], namesakes: [], holders: ALL, claimedTwice: [] },
    anchors: [],
    summaries: null,
  }
  world.statusNow = {
    ...world.statusNow,
    arrangements: { ...world.statusNow.arrangements, channelId: '400000000000000001' },
  }
})

const said = async () => {
  const { text, ...reply } = await give(doctor, world, null, {})
  return { ...reply, lines: text.split('\n') }
}

it('says that all is well, and on how many it could act', async () => {
  const { title, tone, lines, held } = await said()
  expect([title, tone, held]).toEqual(['All is well', 'good', undefined])
  expect(lines.every((line) => line.startsWith('✓'))).toBe(true)
  expect(lines.join('\n')).toContain('could act on 37 (92%); not on: 2 protected, the owner of the server')
})

it('names what is amiss, the worst first, with what to do', async () => {
  world.statusNow = {
    ...world.statusNow,
    roster: { state: 'syncing', members: 3, age: null, note: null },
    lacks: ['The bot lacks Manage Roles.'],
    acknowledged: null,
    quarantines: [{ what: PILOTS, detail: 'Missing Permissions', at: NOW - HOUR }],
  }
  world.standing = { ...world.standing, read: null, problem: 'It is *away*.' }
  world.checkup = { ...world.checkup, skewMs: -61_000, governed: null }
  const { title, tone, lines, held } = await said()
  expect([title, tone, held]).toEqual(['3 things to mend', 'bad', true])
  expect(lines.slice(0, 3).every((line) => line.startsWith('✗'))).toBe(true)
  const text = lines.join('\n')
  for (const words of [
    'It is \\*away\\*.',
    'lacks Manage Roles',
    '1 role is left alone',
    '/roles release',
    '61 s behind',
    'first-run lock holds',
    'syncing',
  ])
    expect(text).toContain(words)
})

it.each([
  [[PILOTS, DIRECTORS], '2 roles are left alone'],
  [['kick'], 'kicks are left alone'],
  [[PILOTS, 'kick'], '1 role and kicks are left alone'],
] as const)('of %j in quarantine says what is left alone', async (held, words) => {
  const quarantines = held.map((what) => ({ what, detail: 'Missing Permissions', at: NOW - HOUR }))
  world.statusNow = { ...world.statusNow, quarantines }
  expect((await said()).lines[0]).toContain(`✗ ${words}`)
})

it('names an anchor of the record that takes no checkpoints, and for how long', async () => {
  const failing = { kind: 'webhook', since: NOW - 2 * HOUR, problem: 'answered 503 and not that it keeps it' } as const
  world.checkup = { ...world.checkup, anchors: [failing] }
  expect((await said()).lines[0]).toContain('(`TRAIL_ANCHOR_WEBHOOK`) answered 503 and not that it keeps it, for 2 h')
})

it('names roles, groups and members in doubt, within what Discord takes', async () => {
  const many = Array.from({ length: 300 }, (_, at) => ({ kind: 'group' as const, name: `*group* ${at}` }))
  const policy: Settings['policy'] = {
    ...world.settingsNow.policy,
    role_drift: { default: 'strip', byGroup: new Map(), byState: new Map() },
  }
  world.checkup = {
    skewMs: 0,
    anchors: [],
    summaries: null,
    settings: { ...world.settingsNow, policy },
    governed: {
      roles: 300,
      unmatched: many,
      namesakes: Array.from({ length: 60 }, () => [PILOTS, DIRECTORS]),
      holders: { ...ALL, beyond: 20 },
      claimedTwice: Array.from({ length: 500 }, () => BEN),
    },
  }
  const { title, tone, lines } = await said()
  expect([title, tone]).toEqual(['12 things to look at', 'warn'])
  const text = lines.join('\n')
  for (const words of [
    '300 groups and states',
    'and 292 more',
    `<@&${PILOTS}>`,
    '500 members',
    `<@${BEN}>`,
    '20 hold none within its reach',
    'nothing is armed',
  ])
    expect(text).toContain(words)
  expect(text).not.toContain(ANN)
})

it('says where summaries go, and why they do not', async () => {
  world.checkup = { ...world.checkup, summaries: { channelId: '400000000000000002', name: '@everyone `x`' } }
  const well = await said()
  expect(well.title).toBe('All is well')
  expect(well.lines.join()).toContain('Summaries go to <#400000000000000002>, by the webhook @\u200beveryone ˋxˋ.')
  world.checkup = { ...world.checkup, summaries: { problem: 'The webhook no longer exists.' } }
  expect((await said()).lines[0]).toBe('✗ Summaries cannot be posted. The webhook no longer exists.')
})

it('does not miss the channel for notices where summaries go by webhook', async () => {
  const arrangements = { ...world.statusNow.arrangements, channelId: null }
  world.statusNow = { ...world.statusNow, arrangements }
  expect((await said()).lines.join()).toContain('Nobody is told')
  world.checkup = { ...world.checkup, summaries: { channelId: '400000000000000002', name: 'summaries' } }
  expect((await said()).lines.join()).not.toContain('Nobody is told')
})
