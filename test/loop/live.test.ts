import { expect, test } from 'vitest'
import type { Settings } from '#src/core/model.ts'
import { type Act, rolesOfAct } from '#src/core/run.ts'
import { runsAtWork, stopRuns } from '#src/loop/at-work.ts'
import { Attribution } from '#src/loop/attribution.ts'
import { LiveReviews } from '#src/loop/live.ts'
import { Queue } from '#src/loop/queue.ts'
import { Passing, settled } from './passing.ts'
import {
  DIRECTORS,
  GUILD,
  makeSmallWorld,
  NAMES,
  PILOTS,
  person,
  type SmallWorld,
  STRIPPING,
  TOP,
} from './small-world.ts'
import { shutDoor } from './three-members.ts'

const MOD = '50'

/** The same policy, armed to act at once. */
const ARMED: Settings = { ...STRIPPING, armed: { schedule: false, realtime: true } }

/** Ann has earned Pilots and holds it; Directors is given to her by hand. */
function town(settings: Settings = STRIPPING) {
  const world = makeSmallWorld([person('42', '3', ['Pilots'])])
  world.discord.put('3', [PILOTS])
  world.book.settingsNow = settings
  const halt = { asked: false }
  const clock = new Passing(world.clock)
  const attribution = new Attribution(world, clock)
  const queue = new Queue()
  const reviews = new LiveReviews(world, queue, halt, attribution)
  const see = async (memberId: string, given: readonly string[] = []) => {
    reviews.see(GUILD, memberId, 'role_change', given)
    await settled()
  }
  /** Somebody gives the member a role. */
  const give = async (memberId: string, roleId: string) => {
    const held = world.discord.members.get(memberId)?.roleIds ?? []
    world.discord.put(memberId, [...held, roleId])
    await see(memberId, [roleId])
  }
  return { world, halt, clock, attribution, queue, reviews, see, give }
}

const changes = (world: SmallWorld) =>
  world.steps.filter((step) => /^(remove_role|add_role|remove_roles|kick) /.test(step))
const told = (world: SmallWorld, kind: string) => world.told.filter((notice) => notice.kind === kind)
const lines = (world: SmallWorld) => world.book.lines.map(({ type, subject }) => `${type} ${subject}`)

test('a hand-given governed role becomes a finding in the trail at once, and nothing is taken', async () => {
  const { world, give } = town()
  await give('3', DIRECTORS)
  expect(world.book.lines).toMatchObject([
    {
      type: 'finding.seen',
      subject: 'member:3',
      actor: 'system:realtime',
      data: { category: 'role_drift', excessRoles: [DIRECTORS], gates: ['unattended_not_armed'] },
    },
  ])
  expect(changes(world)).toEqual([])
  expect(world.book.runs.size).toBe(0)
})

test('the look before a live act goes before those for others', async () => {
  const { world, give } = town(ARMED)
  const lanes: (string | undefined)[] = []
  world.discord.beforeLook = (_memberId, lane) => void lanes.push(lane)
  await give('3', DIRECTORS)
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`])
  expect(lanes).toEqual(['live'])
})

test('what was put in quarantine while a live act was held up is left alone', async () => {
  const { world, give } = town(ARMED)
  const { liveStanding } = world.book
  world.book.liveStanding = async (...asked) => {
    const before = await liveStanding.apply(world.book, asked)
    world.clock.pass(200)
    await world.book.quarantine(GUILD, DIRECTORS, 'Discord refuses it.', null, world.now())
    return before
  }
  await give('3', DIRECTORS)
  expect(changes(world)).toEqual([])
})

test('who gave a role is written down once the act is, and while that still waits at the door', async () => {
  const { world, attribution, give } = town(ARMED)
  const open = shutDoor(world)
  const { noteGrant } = world.book
  const writtenBefore: number[] = []
  world.book.noteGrant = (...grant) => {
    writtenBefore.push(world.book.acts.length)
    return noteGrant.apply(world.book, grant)
  }
  attribution.heard(GUILD, {
    ...{ entryId: '900', executorId: MOD, memberId: '3', added: [DIRECTORS], removed: [] },
    ...{ reason: null, at: world.now() },
  })
  await give('3', DIRECTORS)
  expect([changes(world), writtenBefore]).toEqual([[], [1]])
  open()
  await settled()
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`])
})

test('who gave a role is written down at once where the act has to wait for its turn', async () => {
  const { world, attribution, give } = town(ARMED)
  const open = shutDoor(world)
  const members = ['60', '61', '62', '63', '64', '65']
  for (const memberId of members) {
    attribution.heard(GUILD, {
      ...{ entryId: `9${memberId}`, executorId: MOD, memberId, added: [DIRECTORS], removed: [] },
      ...{ reason: null, at: world.now() },
    })
    await give(memberId, DIRECTORS)
  }
  expect(world.book.acts).toHaveLength(4)
  expect(world.book.grants.map(({ memberId }) => memberId)).toEqual(members)
  open()
})

test('a member whom no identity claims is found as well', async () => {
  const { world, give } = town()
  await give('9', PILOTS)
  expect(world.book.lines).toMatchObject([
    { type: 'finding.seen', data: { category: 'unknown_guest', excessRoles: [PILOTS] } },
  ])
})

test('a clock that is set forward ends nobody’s override before its time', async () => {
  const { world, clock, give } = town({
    ...ARMED,
    overrides: [{ memberId: '3', action: 'report', expiresAt: 1_000_000 + 1_800_000, reason: 'on leave' }],
  })
  world.clock.jump(3_600_000)
  world.discord.clockAheadMs = -3_600_000
  await give('3', DIRECTORS)
  expect(changes(world)).toEqual([])
  await clock.pass(1_900_000)
  await give('3', DIRECTORS)
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`])
})

test('a member in order leaves no line', async () => {
  const { world, see } = town()
  await see('3')
  expect(world.book.lines).toEqual([])
})

test('the same finding is written once, and its end once', async () => {
  const { world, see, give } = town()
  await give('3', DIRECTORS)
  await see('3')
  world.discord.put('3', [PILOTS])
  await see('3')
  await see('3')
  expect(lines(world)).toEqual(['finding.seen member:3', 'finding.cleared member:3'])
})

test('a roster that is not live proposes nothing', async () => {
  const { world, give } = town(ARMED)
  world.discord.state = 'suspect'
  await give('3', DIRECTORS)
  expect(world.book.lines).toEqual([])
  expect(changes(world)).toEqual([])
})

test('a look that was put off while the roster was in doubt is made when it is live again', async () => {
  const { world, reviews, give, clock } = town()
  world.discord.state = 'suspect'
  await give('3', DIRECTORS)
  await give('3', TOP)
  world.discord.state = 'live'
  reviews.resume(GUILD)
  await clock.pass(10_000)
  expect(lines(world)).toEqual(['finding.seen member:3'])
  expect(world.book.grants.map(({ roleId }) => roleId)).toEqual([DIRECTORS, TOP])
})

test('a source that cannot be reached is noticed, judges nobody, and the next review works again', async () => {
  const { world, give, see } = town(ARMED)
  world.source.fail('The identity database does not answer.')
  await give('3', DIRECTORS)
  expect(world.book.lines).toEqual([])
  expect(changes(world)).toEqual([])
  expect(world.notices).toEqual(['a live review failed'])
  world.source.fail(null)
  await see('3')
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`])
})

test('a source that leaves a member out of its answer has said nothing of them', async () => {
  const { world, see } = town(ARMED)
  const find = world.source.find.bind(world.source)
  world.source.find = async (ids) => ({ ...(await find(ids)), claims: new Map() })
  await see('3')
  expect([changes(world), world.book.lines]).toEqual([[], []])
  expect(world.notices).toEqual(['a live review failed'])
})

test('a silent source is noticed for one member a minute, not for each', async () => {
  const { world, see, clock } = town(ARMED)
  world.source.fail('The identity database does not answer.')
  for (const id of ['3', '4', '5']) {
    world.discord.put(id, [DIRECTORS])
    await see(id)
  }
  expect(world.notices).toHaveLength(1)
  await clock.pass(60_000)
  await see('3')
  expect(world.notices).toHaveLength(2)
})

test('a look that broke is made again when the database is back, and not for ever where it never is', async () => {
  const { world, reviews, give } = town(ARMED)
  world.book.fail = 'settings'
  await give('3', DIRECTORS)
  expect(world.notices).toEqual(['a live review failed'])
  world.book.fail = null
  reviews.retry()
  await settled()
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`])
  world.book.fail = 'settings'
  await give('9', PILOTS)
  for (let minute = 0; minute < 100; minute += 1) {
    reviews.retry()
    await settled()
  }
  expect(world.notices.length).toBeLessThan(70)
  world.book.fail = null
  for (let minute = 0; minute < 15; minute += 1) reviews.retry()
  await settled()
  expect(changes(world)).toContain(`remove_role 9 ${PILOTS}`)
})

test('where realtime is armed the role is taken at once, looked at on both sides and written down first', async () => {
  const { world, give } = town(ARMED)
  await give('3', DIRECTORS)
  expect(world.steps.filter((step) => !step.startsWith('run '))).toEqual([
    'look 3',
    `intend 3 ${DIRECTORS} held ${PILOTS}+${DIRECTORS}`,
    `remove_role 3 ${DIRECTORS}`,
    `settle 3 ${DIRECTORS} done`,
  ])
  expect(world.discord.members.get('3')?.roleIds).toEqual([PILOTS])
  expect(world.book.acts[0]?.context).toMatchObject({ actor: 'system:realtime' })
  expect(world.discord.performings[0]).toMatchObject({ lane: 'live' })
  expect(lines(world)).toEqual([])
})

test('the role is taken from somebody whom the identity database has never heard of', async () => {
  const { world, give } = town(ARMED)
  await give('9', PILOTS)
  expect(changes(world)).toEqual([`remove_role 9 ${PILOTS}`])
})

test('nobody is kicked in real time, whatever the policy says', async () => {
  const { world, give } = town({
    ...ARMED,
    policy: { ...ARMED.policy, unknown_guest: { default: 'strip_kick', byGroup: new Map(), byState: new Map() } },
  })
  await give('9', PILOTS)
  expect(changes(world)).toEqual([`remove_role 9 ${PILOTS}`])
})

test('the echo of the bot’s own act is looked at and found in order', async () => {
  const { world, reviews, give } = town(ARMED)
  world.discord.afterAct = ({ memberId }) => reviews.see(GUILD, memberId, 'role_change')
  await give('3', DIRECTORS)
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`])
  expect(lines(world)).toEqual([])
})

test('a finding that was written before is cleared by the echo of the act', async () => {
  const { world, reviews, give, see } = town()
  await give('3', DIRECTORS)
  world.book.settingsNow = ARMED
  world.discord.afterAct = ({ memberId }) => reviews.see(GUILD, memberId, 'role_change')
  await see('3')
  expect(lines(world)).toEqual(['finding.seen member:3', 'finding.cleared member:3'])
})

const REPORTING: Settings = {
  ...ARMED,
  policy: { ...ARMED.policy, role_drift: { default: 'report', byGroup: new Map(), byState: new Map() } },
}

test.each([
  ['the first-run lock', { ...ARMED, acknowledged: false }, ['first_run_lock']],
  ['protection', { ...ARMED, protectedMembers: ['3'] }, ['protected_member']],
  ['a policy of reporting', REPORTING, []],
] as const)('%s is kept to in real time', async (_name, settings, gates) => {
  const { world, give } = town(settings)
  await give('3', DIRECTORS)
  expect(changes(world)).toEqual([])
  expect(world.book.lines).toMatchObject([{ type: 'finding.seen', data: { gates } }])
})

test('a sick source takes nothing in real time, and the look is made again when it is well', async () => {
  const { world, reviews, give } = town(ARMED)
  const people = { names: { groups: ['Pilots', 'Directors', 'Top'], states: ['Member'], reservedNames: [] } }
  world.source.replace({ ...people, identities: [] })
  await give('3', DIRECTORS)
  expect(world.book.lines).toMatchObject([{ data: { gates: ['identity_suspect'] } }])
  expect(changes(world)).toEqual([])
  world.source.replace({ ...people, identities: [person('42', '3', ['Pilots'])] })
  reviews.resume(GUILD)
  await settled()
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`])
})

test('nothing is taken by a source that no run has looked at', async () => {
  const { world, reviews, give } = town(ARMED)
  world.book.baselineNow = null
  await give('3', DIRECTORS)
  expect(changes(world)).toEqual([])
  expect(world.book.lines).toMatchObject([{ type: 'finding.seen', data: { unaccepted: true } }])
  world.book.baselineNow = { linked: 1, withAccess: 1, perGroup: new Map(), perState: new Map() }
  reviews.retry()
  await settled()
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`])
})

test('missing roles are given in real time where the policy grants, and count for no limit', async () => {
  const { world, see } = town({ ...ARMED, policy: { ...ARMED.policy, missing_roles: 'grant' } })
  world.discord.put('3', [])
  await see('3')
  expect(changes(world)).toEqual([`add_role 3 ${PILOTS}`])
  expect(told(world, 'acted_live')).toMatchObject([{ added: [PILOTS], removed: [], outcome: 'done' }])
})

test('live acts of a guild within an hour are one run, and later ones another', async () => {
  const { world, clock, give } = town(ARMED)
  await give('3', DIRECTORS)
  await clock.pass(3_599_000)
  await give('9', PILOTS)
  expect([...world.book.runs.values()]).toMatchObject([
    { purpose: 'live', trigger: 'realtime', actor: 'system:realtime', state: 'running', deadlineAt: null },
  ])
  await clock.pass(2_000)
  await give('9', PILOTS)
  expect([...world.book.runs.values()].map(({ state, outcomes }) => [state, outcomes])).toEqual([
    ['completed', { done: 2 }],
    ['running', {}],
  ])
})

test('a run of live acts that somebody ended is followed by another, and nothing is lost', async () => {
  const { world, give } = town(ARMED)
  await give('3', DIRECTORS)
  await world.book.closeLiveRuns(world.now() + 1, world.now())
  await give('9', PILOTS)
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`, `remove_role 9 ${PILOTS}`])
  expect(world.book.runs.size).toBe(2)
})

test.each([
  [
    'the member list comes into doubt',
    (world: SmallWorld, isSo: boolean) => (world.discord.state = isSo ? 'suspect' : 'live'),
  ],
  [
    'the source falls sick',
    (world: SmallWorld, isSo: boolean) =>
      world.source.replace({ names: NAMES, identities: isSo ? [] : [person('42', '3', ['Pilots'])] }),
  ],
])(
  'where %s between look and act the run goes on, and whoever waited is looked at when that is over',
  async (_, set) => {
    const { world, reviews, see } = town(ARMED)
    const ids = ['4', '5', '6']
    for (const id of ids) world.discord.put(id, [DIRECTORS])
    world.discord.beforeLook = () => void set(world, true)
    await Promise.all(ids.map((id) => see(id)))
    expect(changes(world)).toEqual([])
    expect([...world.book.runs.values()].map(({ state }) => state)).toEqual(['running'])
    expect(world.notices).toEqual([])
    world.discord.beforeLook = () => {}
    set(world, false)
    reviews.resume(GUILD)
    await settled()
    expect(changes(world)).toHaveLength(3)
    expect([...world.book.runs.values()].map(({ state }) => state)).toEqual(['running'])
  },
)

test('an audit that opens does not take the run of live acts for one that was left behind', async () => {
  const { world, give } = town(ARMED)
  await give('3', DIRECTORS)
  const [live] = world.book.runs.values()
  expect(runsAtWork(world).has(live!.id)).toBe(true)
})

test('after a stop nothing more is taken, though a look was on its way', async () => {
  const { world, reviews, give } = town(ARMED)
  await give('3', DIRECTORS)
  world.discord.put('9', [PILOTS])
  world.discord.beforeLook = () => {
    void world.book.stop(GUILD, { actor: 'discord:1', cause: 'interaction:1', at: world.now() })
  }
  reviews.see(GUILD, '9', 'role_change', [PILOTS])
  await settled()
  reviews.retry()
  await settled()
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`])
  expect(world.book.lines.at(-1)).toMatchObject({ subject: 'member:9', data: { gates: ['unattended_not_armed'] } })
})

test('whoever arms again after a stop gets another run', async () => {
  const { world, give } = town(ARMED)
  await give('3', DIRECTORS)
  stopRuns(world, GUILD)
  await world.book.stop(GUILD, { actor: 'discord:1', cause: 'interaction:1', at: world.now() })
  world.book.settingsNow = ARMED
  await give('9', PILOTS)
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`, `remove_role 9 ${PILOTS}`])
  expect([...world.book.runs.values()].map(({ state }) => state)).toEqual(['interrupted', 'running'])
})

test('a process that is asked to end begins no live act', async () => {
  const { world, halt, give } = town(ARMED)
  halt.asked = true
  await give('3', DIRECTORS)
  expect(changes(world)).toEqual([])
  expect(world.book.runs.size).toBe(0)
})

test('a bot in whose place another acts begins no live act', async () => {
  const { world, give } = town(ARMED)
  world.mayAct = () => false
  await give('3', DIRECTORS)
  expect(changes(world)).toEqual([])
  expect(world.book.runs.size).toBe(0)
})

test('an act that Discord refuses is not tried again, and stands as a finding', async () => {
  const { world, reviews, give } = town(ARMED)
  world.discord.answers.set('3', { outcome: 'refused', detail: 'Missing permissions.', refusal: true, really: false })
  await give('3', DIRECTORS)
  reviews.retry()
  await settled()
  expect(changes(world)).toHaveLength(1)
  expect(lines(world)).toEqual(['finding.seen member:3'])
  expect(told(world, 'acted_live')).toEqual([])
})

test('an act that goes on failing is tried again each quarter of an hour, for a day, and made when Discord is well', async () => {
  const { world, reviews, give } = town(ARMED)
  world.discord.answers.set('3', { outcome: 'failed', detail: 'HTTP 503', really: false })
  await give('3', DIRECTORS)
  const pass = async (minutes: number) => {
    const before = changes(world).length
    for (let minute = 0; minute < minutes; minute += 1) {
      reviews.retry()
      await settled()
    }
    return changes(world).length - before
  }
  await pass(15)
  expect(await pass(60)).toBe(4)
  expect(await pass(3 * 24 * 60)).toBeLessThan(100)
  expect(await pass(60)).toBe(0)
  await give('4', DIRECTORS)
  world.discord.answers.set('4', { outcome: 'failed', detail: 'HTTP 503', really: false })
  await give('4', PILOTS)
  await pass(20)
  world.discord.answers.clear()
  await pass(15)
  expect(world.discord.members.get('4')?.roleIds).toEqual([])
})

test('an act that failed is tried again five times about once a minute', async () => {
  const { world, reviews, give, clock } = town(ARMED)
  world.discord.answers.set('3', { outcome: 'failed', detail: 'HTTP 503', really: false })
  await give('3', DIRECTORS)
  for (let minute = 0; minute < 9; minute += 1) {
    reviews.retry()
    await settled()
  }
  expect(changes(world)).toHaveLength(6)
  expect(lines(world)).toEqual(['finding.seen member:3'])
  await clock.pass(10_000)
  expect(world.book.grants).toHaveLength(1)
})

test('a change that came while the member was looked at is looked at too', async () => {
  const { world, reviews, give, clock } = town(ARMED)
  let again = false
  world.discord.afterAct = () => {
    if (again) return
    again = true
    world.discord.put('3', [PILOTS, TOP, DIRECTORS])
    reviews.see(GUILD, '3', 'role_change', [TOP])
    reviews.see(GUILD, '3', 'role_change', [])
  }
  await give('3', DIRECTORS)
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`, `remove_role 3 ${DIRECTORS}`])
  await clock.pass(10_000)
  expect(new Set(world.book.grants.map(({ roleId }) => roleId))).toEqual(new Set([DIRECTORS, TOP]))
})

test('a notice says what was taken and who had given it', async () => {
  const { world, attribution, give, clock } = town(ARMED)
  await give('3', DIRECTORS)
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`])
  expect(told(world, 'acted_live')).toEqual([])
  attribution.heard(GUILD, {
    ...{ entryId: '900', executorId: MOD, memberId: '3', added: [DIRECTORS], removed: [] },
    ...{ reason: null, at: clock.now() },
  })
  await settled()
  expect(told(world, 'acted_live')).toMatchObject([
    { memberId: '3', removed: [DIRECTORS], added: [], outcome: 'done', grantors: [{ id: MOD, by: 'event' }] },
  ])
  expect(world.book.grants).toEqual([
    { memberId: '3', roleId: DIRECTORS, grantor: { id: MOD, by: 'event' }, at: 1_000_000 },
  ])
})

test('a notice says of what was taken that it was, though something else of the member was left alone', async () => {
  const { world, give, clock } = town(ARMED)
  world.source.replace({ names: NAMES, identities: [person('42', '3')] })
  await world.book.quarantine(GUILD, PILOTS, 'Missing permissions.', null, 0)
  await give('3', DIRECTORS)
  await clock.pass(10_000)
  expect(told(world, 'acted_live')).toMatchObject([{ removed: [DIRECTORS], outcome: 'done' }])
})

test('a bot that is about to end waits for no giver, and says what it did', async () => {
  const { world, give, reviews } = town(ARMED)
  await give('3', DIRECTORS)
  await reviews.close()
  await give('9', PILOTS)
  expect(told(world, 'acted_live')).toMatchObject([{ memberId: '3', grantors: [null] }, { memberId: '9' }])
  expect(world.book.grants).toHaveLength(2)
})

test('where nobody can be found who gave it, that is said after some seconds and recorded', async () => {
  const { world, give, clock } = town(ARMED)
  await give('3', DIRECTORS)
  await clock.pass(5_000)
  expect(told(world, 'acted_live')).toMatchObject([{ grantors: [null] }])
  expect(world.book.grants).toMatchObject([{ memberId: '3', grantor: null }])
})

test('who gave a role that was earned is not asked for', async () => {
  const { world, give, see, clock } = town(ARMED)
  world.discord.put('3', [])
  await give('3', PILOTS)
  await clock.pass(10_000)
  expect(world.steps).not.toContain('audit log')
  expect(world.book.grants).toEqual([])
  world.discord.put('3', [PILOTS, DIRECTORS])
  await see('3', [PILOTS, DIRECTORS])
  await clock.pass(10_000)
  expect(world.book.grants).toMatchObject([{ roleId: DIRECTORS }])
})

test('who gave a role is recorded where nothing is armed as well', async () => {
  const { world, give, clock } = town()
  await give('3', DIRECTORS)
  await clock.pass(10_000)
  expect(world.book.grants).toMatchObject([{ memberId: '3', roleId: DIRECTORS }])
})

test('what the bot itself gave back is nobody’s slip', async () => {
  const { world, attribution, give, clock } = town()
  attribution.heard(GUILD, {
    ...{ entryId: '900', executorId: world.discord.guild.botUserId, memberId: '3', added: [DIRECTORS], removed: [] },
    ...{ reason: null, at: clock.now() },
  })
  await give('3', DIRECTORS)
  await clock.pass(10_000)
  expect(world.book.grants).toEqual([])
})

test('a record that cannot be written holds up nothing and is noticed', async () => {
  const { world, give, clock } = town(ARMED)
  world.book.fail = 'noteGrant'
  await give('3', DIRECTORS)
  await clock.pass(10_000)
  expect(told(world, 'acted_live')).toHaveLength(1)
  expect(world.notices).toContain('who gave a role could not be recorded')
})

/** A town of people whom the source knows, each without any role of their own. */
function crowd(population: number, settings: Partial<Settings['blast']>) {
  const made = town({ ...ARMED, blast: { run: 1, day: 1, kicks: 1, ...settings } })
  for (let id = 100; made.world.discord.roster().columns.count < population + 1; id += 1)
    made.world.discord.put(String(id), [])
  return made
}

test('past the limit of a run within an hour live acts are held, and that is told once an hour', async () => {
  // Twenty people, of whom a tenth are two.
  const { world, give, clock } = crowd(20, { run: 0.1 })
  for (const id of ['100', '101', '102', '103']) await give(id, DIRECTORS)
  expect(changes(world)).toEqual([`remove_role 100 ${DIRECTORS}`, `remove_role 101 ${DIRECTORS}`])
  expect(world.book.lines).toMatchObject([
    { type: 'acts.held', data: { affected: 3, limit: 2 } },
    { subject: 'member:102', data: { gates: ['blast_radius'], effectiveAction: 'report' } },
    { subject: 'member:103', data: { gates: ['blast_radius'] } },
  ])
  expect(told(world, 'live_held')).toEqual([{ kind: 'live_held', affected: 3, limit: 2 }])
  await clock.pass(3_601_000)
  await give('104', DIRECTORS)
  expect(changes(world)).toHaveLength(3)
})

test('many looks that come to an act at once do not pass the limit together', async () => {
  const { world, reviews } = crowd(20, { run: 0.1 })
  for (let id = 100; id < 110; id += 1) {
    world.discord.put(String(id), [DIRECTORS])
    reviews.see(GUILD, String(id), 'role_change', [DIRECTORS])
  }
  await settled()
  await settled()
  expect(changes(world)).toHaveLength(2)
})

test('one member who is given the role again and again is one member affected', async () => {
  const { world, give } = crowd(5, { run: 0.1 })
  for (let time = 0; time < 3; time += 1) await give('100', DIRECTORS)
  expect(changes(world)).toHaveLength(3)
  await give('101', DIRECTORS)
  expect(changes(world)).toHaveLength(3)
})

test('live acts share the limit of a day with all that nobody asked for', async () => {
  const { world, give, clock } = crowd(20, { run: 0.1, day: 0.15 })
  const hours = ['100', '101', '102', '103']
  for (const id of hours) {
    await give(id, DIRECTORS)
    await clock.pass(3_700_000)
  }
  expect(changes(world)).toHaveLength(3)
  expect(told(world, 'live_held')).toMatchObject([{ affected: 4, limit: 3 }])
  await clock.pass(86_400_000)
  await give('104', DIRECTORS)
  expect(changes(world)).toHaveLength(4)
})

test('within an hour too the limit of a day holds', async () => {
  const { world, give } = crowd(20, { day: 0.1 })
  for (const id of ['100', '101', '102']) await give(id, DIRECTORS)
  expect(changes(world)).toHaveLength(2)
})

test('a clock that is set forward makes no room for more live acts before an hour has passed', async () => {
  const { world, give, clock } = crowd(20, { run: 0.1 })
  for (const id of ['100', '101']) await give(id, DIRECTORS)
  world.clock.jump(3_700_000)
  await give('102', DIRECTORS)
  expect(changes(world)).toHaveLength(2)
  await clock.pass(3_601_000)
  await give('103', DIRECTORS)
  expect(changes(world)).toHaveLength(3)
})

test('a clock that is set forward a day makes no room for more live acts before a day has passed', async () => {
  const { world, give, clock } = crowd(20, { day: 0.1 })
  await give('100', DIRECTORS)
  await clock.pass(3_700_000)
  await give('101', DIRECTORS)
  world.clock.jump(90_000_000)
  await give('102', DIRECTORS)
  expect(changes(world)).toHaveLength(2)
  await clock.pass(86_401_000)
  await give('103', DIRECTORS)
  expect(changes(world)).toHaveLength(3)
})

test('a clock that is set back makes no room for more live acts either', async () => {
  const { world, give, clock } = crowd(20, { run: 0.1 })
  await give('100', DIRECTORS)
  world.clock.jump(-3_700_000)
  await give('101', DIRECTORS)
  world.clock.jump(3_700_000)
  await give('102', DIRECTORS)
  expect(changes(world)).toHaveLength(2)
  await clock.pass(3_601_000)
  await give('103', DIRECTORS)
  expect(changes(world)).toHaveLength(3)
})

test('bots do not count among the people of whom a share may be affected', async () => {
  // Nineteen people and eleven bots: a tenth of nineteen is one.
  const { world, give } = crowd(19, { run: 0.1 })
  for (let id = 500; id < 510; id += 1) world.discord.put(String(id), [])
  world.book.settingsNow = {
    ...world.book.settingsNow,
    botAccounts: Array.from({ length: 10 }, (_, at) => String(500 + at)),
  }
  await give('100', DIRECTORS)
  await give('101', DIRECTORS)
  expect(changes(world)).toHaveLength(1)
})

test('a member from whom nothing was taken in the end takes up no place', async () => {
  const { world, give } = crowd(5, { run: 0.1 })
  const refused = { outcome: 'failed', detail: 'HTTP 503', really: false } as const
  world.discord.answers.set('100', refused)
  await give('100', DIRECTORS)
  await give('101', DIRECTORS)
  expect(changes(world)).toEqual([`remove_role 100 ${DIRECTORS}`, `remove_role 101 ${DIRECTORS}`])
})

test('acts that wait at Discord’s door delay no look', async () => {
  const { world, reviews, give } = town(ARMED)
  const door = Promise.withResolvers<void>()
  const perform = world.enforcer.perform
  world.enforcer.perform = async (act: Act, how) => {
    await door.promise
    return perform(act, how)
  }
  for (let id = 100; id < 110; id += 1) {
    world.discord.put(String(id), [DIRECTORS])
    reviews.see(GUILD, String(id), 'role_change', [DIRECTORS])
  }
  await settled()
  world.book.settingsNow = { ...ARMED, armed: { schedule: false, realtime: false } }
  await give('3', DIRECTORS)
  expect(lines(world)).toContain('finding.seen member:3')
  expect(world.book.acts.flatMap(({ act }) => rolesOfAct(act))).toHaveLength(4)
  door.resolve()
})
