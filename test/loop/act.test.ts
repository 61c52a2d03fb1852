import { expect, test } from 'vitest'
import { EVERYTHING } from '#src/core/run.ts'
import { type Carried, Hand } from '#src/loop/act.ts'
import { audit } from '#src/loop/audit.ts'
import { planSweep } from '#src/loop/plan.ts'
import { Queue } from '#src/loop/queue.ts'
import { stop } from '#src/loop/stop.ts'
import {
  DIRECTORS,
  GUILD,
  KICKING,
  makeSmallWorld,
  NAMES,
  PILOTS,
  person,
  type SmallWorld,
  STRIPPING,
  TOP,
} from './small-world.ts'
import { addGuests, BY, changes, orderOf, rolesOf, run, SCHEDULED, threeMembers } from './three-members.ts'

const KICK = { action: 'strip_kick', only: { memberId: '5', roleId: null } } as const
const NAMED_FOUR = { only: { memberId: '4', roleId: null } } as const

/** Eve (5) is to be kicked, and holds both roles. */
function toKick(): SmallWorld {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  world.discord.put('5', [PILOTS, DIRECTORS])
  return world
}

/** Bob (4) holds two roles that he has not earned. */
function twoRoles(): SmallWorld {
  const world = threeMembers()
  world.discord.put('4', [PILOTS, DIRECTORS])
  return world
}

const refused = { outcome: 'refused', detail: 'Missing Permissions (50013).', really: false, refusal: true } as const
const failed = { outcome: 'failed', detail: 'HTTP 503', really: false } as const

test('a member is kicked after every role was taken, and each step was looked at, meant, seen and settled', async () => {
  const world = toKick()
  const ended = await run(world, KICK)
  expect(ended.outcomes).toEqual({ done: 3 })
  expect(world.steps.filter((step) => / 5( |$)/.test(step))).toEqual([
    'look 5',
    `intend 5 ${PILOTS} held ${PILOTS}+${DIRECTORS}`,
    `remove_role 5 ${PILOTS}`,
    `settle 5 ${PILOTS} done`,
    'look 5',
    `intend 5 ${DIRECTORS} held ${DIRECTORS}`,
    `remove_role 5 ${DIRECTORS}`,
    `settle 5 ${DIRECTORS} done`,
    'look 5',
    'intend 5 kick held ',
    'kick 5',
    // There is no echo of a kick that could be told from a leaving.
    'look 5',
    'settle 5 kick done',
  ])
  expect(world.discord.members.has('5')).toBe(false)
})

test('a guest who holds nothing is kicked all the same', async () => {
  const world = toKick()
  world.discord.put('5', [])
  await run(world, KICK)
  expect(changes(world)).toEqual(['kick 5'])
})

test('a strip run of a policy that kicks takes the roles and leaves the member', async () => {
  const world = toKick()
  await run(world, { ...KICK, action: 'strip' })
  expect(changes(world)).toHaveLength(2)
  expect(rolesOf(world, '5')).toEqual([])
})

test('a member who linked their account between the strip and the kick stays', async () => {
  const world = toKick()
  world.discord.afterAct = (act) => {
    if (act.kind === 'remove_role' && act.roleId === DIRECTORS)
      world.source.replace({ names: NAMES, identities: [person('42', '3', ['Pilots']), person('44', '5')] })
  }
  const ended = await run(world, KICK)
  expect(changes(world)).toEqual([`remove_role 5 ${PILOTS}`, `remove_role 5 ${DIRECTORS}`])
  expect(ended.outcomes).toEqual({ changed: 1, done: 2 })
  expect(world.discord.members.has('5')).toBe(true)
})

test('a member who linked their account between two removals keeps the second role', async () => {
  const world = toKick()
  world.discord.afterAct = () =>
    world.source.replace({ names: NAMES, identities: [person('42', '3', ['Pilots']), person('44', '5')] })
  await run(world, KICK)
  expect(changes(world)).toEqual([`remove_role 5 ${PILOTS}`])
})

test('a member who was given a role between the strip and the kick stays', async () => {
  const world = toKick()
  world.discord.afterAct = (act) => {
    if (act.kind === 'remove_role' && act.roleId === DIRECTORS) world.discord.put('5', [PILOTS])
  }
  await run(world, KICK)
  expect(changes(world)).not.toContain('kick 5')
})

test('a member whose kick the policy no longer wants once they are stripped stays', async () => {
  const world = toKick()
  world.discord.afterAct = () => {
    world.book.settingsNow = STRIPPING
  }
  await run(world, KICK)
  expect(changes(world)).not.toContain('kick 5')
})

test.each([
  [
    'is protected',
    (world: SmallWorld): void => {
      world.book.settingsNow = { ...KICKING, protectedMembers: ['5'] }
    },
  ],
  ['gets a role above the bot’s own', (world: SmallWorld) => world.discord.put('5', [TOP])],
] as const)('a member who %s between the strip and the kick stays', async (_what, deed) => {
  const world = toKick()
  world.discord.afterAct = (act) => {
    if (act.kind === 'remove_role' && act.roleId === DIRECTORS) deed(world)
  }
  expect((await run(world, KICK)).outcomes).toEqual({ changed: 1, done: 2 })
  expect(changes(world)).not.toContain('kick 5')
})

test.each([
  ['came back after the run began', 1_000_001],
  ['came back at the very moment when it began', 1_000_000],
  ['is here since Discord does not say when', null],
] as const)('a guest who %s is not kicked: they have had no chance to link their account', async (_name, joinedAt) => {
  const world = toKick()
  world.discord.put('5', [])
  world.discord.beforeLook = () => world.discord.comeBack('5', [], joinedAt)
  const ended = await run(world, KICK)
  expect(changes(world)).toEqual([])
  expect(ended.outcomes).toEqual({ changed: 1 })
})

test.each([
  ['an hour ahead', -3_600_000],
  ['an hour behind', 3_600_000],
])(
  'with the clock of the machine %s a guest who came back after the run began is not kicked',
  async (_name, aheadMs) => {
    const world = toKick()
    world.discord.clockAheadMs = aheadMs
    world.discord.put('5', [])
    world.discord.beforeLook = () => {
      world.discord.beforeLook = () => {}
      world.clock.pass(60_000)
      world.discord.comeBack('5', [], world.discordNow() - 30_000)
    }
    const ended = await run(world, KICK)
    expect(changes(world)).toEqual([])
    expect(ended.outcomes).toEqual({ changed: 1 })
  },
)

test('a clock that is set back in the middle of a run makes nobody one who was always here', async () => {
  const world = toKick()
  world.discord.put('5', [])
  world.discord.beforeLook = () => {
    world.discord.beforeLook = () => {}
    world.clock.pass(60_000)
    world.discord.clockAheadMs += 3_600_000
    world.clock.jump(-3_600_000)
    world.discord.comeBack('5', [], world.discordNow() - 30_000)
  }
  await run(world, KICK)
  expect(changes(world)).toEqual([])
})

test('with the clock of the machine an hour behind a guest who was there before is kicked as planned', async () => {
  const world = toKick()
  world.discord.clockAheadMs = 3_600_000
  world.discord.comeBack('5', [], world.discordNow() - 60_000)
  await run(world, KICK)
  expect(changes(world)).toEqual(['kick 5'])
})

test('a guest who came back a moment before the run began is kicked as it was planned', async () => {
  const world = toKick()
  world.discord.comeBack('5', [], 999_999)
  await run(world, KICK)
  expect(changes(world)).toEqual(['kick 5'])
})

test('a guest who came back with the roles that were to be taken loses them and stays', async () => {
  const world = toKick()
  world.discord.beforeLook = () => {
    world.discord.beforeLook = () => {}
    world.discord.comeBack('5', [PILOTS, DIRECTORS], world.now() + 1)
  }
  await run(world, KICK)
  expect(changes(world)).toEqual([`remove_role 5 ${PILOTS}`, `remove_role 5 ${DIRECTORS}`])
})

test('a guest who comes back while their kick waits at Discord’s door stays', async () => {
  const world = toKick()
  world.discord.put('5', [])
  world.discord.beforeSend = () => world.discord.comeBack('5', [], world.now() + 1)
  expect((await run(world, KICK)).outcomes).toEqual({ changed: 1 })
  expect(changes(world)).toEqual([])
})

/** What happens while the database takes its time to write an intent down. */
function slowly(world: SmallWorld, meanwhile: () => unknown): void {
  const intend = world.book.intend.bind(world.book)
  world.book.intend = async (act, context) => {
    const intent = await intend(act, context)
    await meanwhile()
    return intent
  }
}

test('Discord’s door is told when the member was looked at, however long the database took since', async () => {
  const world = threeMembers()
  world.discord.beforeLook = () => world.clock.pass(10)
  slowly(world, () => world.clock.pass(20_000))
  await run(world, NAMED_FOUR)
  expect(world.discord.performings.map(({ lookedAt }) => lookedAt)).toEqual([{ elapsed: 0, now: 1_000_000 }])
})

test('a stop that comes while the database writes an intent down lets nothing be sent, and the rest stays to be done', async () => {
  const world = threeMembers()
  slowly(world, () => stop(world, GUILD, BY))
  const ended = await run(world, NAMED_FOUR)
  expect(changes(world)).toEqual([])
  expect(ended.state).toBe('interrupted')
  expect(world.book.acts).toMatchObject([{ outcome: 'failed', detail: expect.stringMatching(/was not sent.*Nothing/) }])
  expect(await world.book.countPending(GUILD, ended.id)).toBe(1)
})

test('a bot that is asked to end, or in whose place another acts, while an intent is written down sends nothing', async () => {
  const world = threeMembers()
  const halt = { asked: false }
  slowly(world, () => {
    halt.asked = true
  })
  const ended = await audit(world, new Queue(), orderOf(NAMED_FOUR), halt, () => {})
  const other = threeMembers()
  slowly(other, () => {
    other.mayAct = () => false
  })
  await run(other, NAMED_FOUR)
  expect([...changes(world), ...changes(other)]).toEqual([])
  expect(ended.problem).toMatch(/asked to end/)
})

test('a bot that slept while its act waited at Discord’s door, and in whose place another acts by then, sends nothing', async () => {
  const world = threeMembers()
  // By its own clock hardly any time has passed, so that it still takes itself for the one that acts.
  world.discord.beforeSend = () => {
    world.clock.jump(3_600_000)
    world.book.termOver = true
  }
  const ended = await run(world, NAMED_FOUR)
  expect(changes(world)).toEqual([])
  expect(ended.problem).toMatch(/Another bot acts/)
  // What it left open is for the other one to settle.
  expect(world.book.acts).toMatchObject([{ outcome: null }])
})

test('an act that waits at Discord’s door while somebody ends its run elsewhere is not sent, and the rest stays to be done', async () => {
  const world = threeMembers()
  world.discord.beforeSend = () => {
    const [id] = world.book.runs.keys()
    world.book.runs.set(id!, { ...world.book.runs.get(id!)!, state: 'interrupted' })
  }
  const ended = await run(world, NAMED_FOUR)
  expect(changes(world)).toEqual([])
  expect([ended.state, world.book.acts[0]?.outcome]).toEqual(['interrupted', 'failed'])
  expect(await world.book.countPending(GUILD, ended.id)).toBe(1)
})

test('an act of which the database cannot say any more whether its run goes on is not sent', async () => {
  const world = threeMembers()
  world.discord.beforeSend = () => {
    world.book.fail = 'mustGoOn'
  }
  await run(world, NAMED_FOUR).catch(() => {})
  expect(changes(world)).toEqual([])
})

test('nobody is kicked whose roles could not be taken', async () => {
  const world = toKick()
  world.discord.answers.set('remove_role 5', failed)
  const ended = await run(world, KICK)
  expect(changes(world)).toEqual([`remove_role 5 ${PILOTS}`])
  expect(ended.outcomes).toEqual({ failed: 1 })
  expect(world.book.retries.size).toBe(0)
})

test('a kick of somebody who is still there is failed, whatever Discord said of it', async () => {
  const world = toKick()
  world.discord.answers.set('kick 5', { outcome: 'done', detail: null, really: false })
  expect((await run(world, KICK)).outcomes).toEqual({ done: 2, failed: 1 })
})

test('a kick that Discord failed to answer is done where the member is gone', async () => {
  const world = toKick()
  world.discord.answers.set('kick 5', { outcome: 'unknown', detail: 'HTTP 500', really: true })
  expect((await run(world, KICK)).outcomes).toEqual({ done: 3 })
  expect(world.book.retries.size).toBe(0)
})

test('a refusal puts the role in quarantine, with one alert, and other roles are taken all the same', async () => {
  const world = twoRoles()
  world.discord.put('6', [PILOTS])
  world.book.settingsNow = STRIPPING
  world.discord.answers.set('remove_role 4', refused)
  const ended = await run(world, NAMED_FOUR)
  expect(ended.outcomes).toEqual({ refused: 2 })
  expect(changes(world)).toEqual([`remove_role 4 ${PILOTS}`, `remove_role 4 ${DIRECTORS}`])
  expect(world.told).toEqual([
    { kind: 'quarantined', what: PILOTS, detail: refused.detail },
    { kind: 'quarantined', what: DIRECTORS, detail: refused.detail },
  ])
})

test('one alert is told of a role that is refused of two members at once', async () => {
  const world = threeMembers()
  world.discord.put('4', [PILOTS])
  for (const id of ['4', '5']) world.discord.answers.set(`remove_role ${id}`, refused)
  expect((await run(world)).outcomes).toEqual({ refused: 2 })
  expect(world.told).toEqual([{ kind: 'quarantined', what: PILOTS, detail: refused.detail }])
})

test('nobody is kicked of whom a role was refused', async () => {
  const world = toKick()
  world.discord.answers.set('remove_role 5', refused)
  expect((await run(world, KICK)).outcomes).toEqual({ refused: 2 })
})

test('a member who left is looked at once, whatever else was planned for them', async () => {
  const world = twoRoles()
  const before = world.discord.beforeLook
  world.discord.beforeLook = (memberId) => {
    before(memberId)
    world.discord.members.delete('4')
  }
  expect((await run(world, NAMED_FOUR)).outcomes).toEqual({ gone: 1 })
  expect(world.steps.filter((step) => step === 'look 4')).toHaveLength(1)
})

test('a member who got one role more between plan and act drops out as changed', async () => {
  const world = threeMembers()
  world.discord.beforeLook = () => world.discord.put('4', [PILOTS, DIRECTORS])
  expect((await run(world, NAMED_FOUR)).outcomes).toEqual({ changed: 1 })
  expect(changes(world)).toEqual([])
})

test('a bot that is asked to end begins no second act on the same member', async () => {
  const world = twoRoles()
  const halt = { asked: false }
  world.discord.afterAct = () => {
    halt.asked = true
  }
  const ended = await audit(world, new Queue(), orderOf(NAMED_FOUR), halt, () => {})
  expect(ended).toMatchObject({ state: 'interrupted', outcomes: { done: 1 } })
  expect([changes(world).length, world.book.acts.length]).toEqual([1, 1])
})

test('a bot that is asked to end while an act waits at Discord’s door does not send it', async () => {
  const world = threeMembers()
  const halt = { asked: false }
  world.discord.beforeSend = () => {
    halt.asked = true
  }
  await audit(world, new Queue(), orderOf(NAMED_FOUR), halt, () => {})
  expect(changes(world)).toEqual([])
})

test('a role in quarantine is left alone without a request, and the record of the member says so', async () => {
  const world = twoRoles()
  world.book.quarantined.set(PILOTS, { what: PILOTS, detail: 'Missing Permissions.', at: 0 })
  const carried = await carry(world, '4')
  expect(changes(world)).toEqual([`remove_role 4 ${DIRECTORS}`])
  expect(world.book.acts.map(({ act }) => act)).toEqual([
    { kind: 'remove_role', guildId: GUILD, memberId: '4', roleId: DIRECTORS },
  ])
  expect(carried).toMatchObject({
    outcome: 'refused',
    detail: expect.stringMatching(/since 1970-01-01 00:00 UTC: Missing Permissions.*\/roles release/),
  })
})

test('a member of whom everything is in quarantine is not even looked at', async () => {
  const world = threeMembers()
  world.book.quarantined.set(DIRECTORS, { what: DIRECTORS, detail: 'Missing Permissions.', at: 0 })
  const ended = await run(world, NAMED_FOUR)
  expect(ended.outcomes).toEqual({ refused: 1 })
  expect(world.steps).not.toContain('look 4')
})

test('what is in quarantine does not end a run, however much of it there is', async () => {
  const world = threeMembers()
  for (let id = 10; id < 40; id += 1) world.discord.put(String(id), [PILOTS])
  world.book.quarantined.set(PILOTS, { what: PILOTS, detail: 'Missing Permissions.', at: 0 })
  const ended = await run(world)
  expect(ended).toMatchObject({ state: 'completed', outcomes: { refused: 31, done: 1 } })
})

test('where kicks are in quarantine the roles are taken and nobody is kicked', async () => {
  const world = toKick()
  world.book.quarantined.set('kick', { what: 'kick', detail: 'Missing Permissions.', at: 0 })
  const ended = await run(world, KICK)
  expect(ended.outcomes).toEqual({ done: 2, refused: 1 })
  expect(changes(world)).not.toContain('kick 5')
})

test('nobody is kicked who keeps a role that is in quarantine', async () => {
  const world = toKick()
  world.book.quarantined.set(PILOTS, { what: PILOTS, detail: 'Missing Permissions.', at: 0 })
  // The role and the kick are left alone, and the other role is taken.
  expect((await run(world, KICK)).outcomes).toEqual({ done: 1, refused: 2 })
  expect(changes(world)).toEqual([`remove_role 5 ${DIRECTORS}`])
})

test('a kick that is refused is put in quarantine and not tried again', async () => {
  const world = toKick()
  world.discord.answers.set('kick 5', refused)
  await run(world, KICK)
  expect(world.told).toEqual([{ kind: 'quarantined', what: 'kick', detail: refused.detail }])
  expect(world.book.retries.size).toBe(0)
})

test('a role that something else keeps giving back is taken where a person asks, and not by the clock', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, armed: { schedule: true, realtime: false } }
  world.book.contests.set('4', { memberId: '4', roleId: DIRECTORS, grantorId: null, times: 3, at: 0 })
  const scheduled = { trigger: 'schedule', actor: 'system:schedule', idempotencyKey: 's' } as const
  expect((await run(world, { ...NAMED_FOUR, ...scheduled })).outcomes).toEqual({ refused: 1 })
  expect(world.book.contests.size).toBe(1)
  expect((await run(world, NAMED_FOUR)).outcomes).toEqual({ done: 1 })
  expect(world.book.contests.size).toBe(0)
})

test('where the operator chose so, several roles go in one write, looked at before and confirmed role by role', async () => {
  const world = twoRoles()
  world.bulkStrip = true
  const ended = await run(world, NAMED_FOUR)
  expect(changes(world)).toEqual([`remove_roles 4 ${PILOTS}+${DIRECTORS}`])
  expect(ended.outcomes).toEqual({ done: 1 })
  expect(world.steps.filter((step) => step === 'look 4')).toHaveLength(1)
})

test('a single role is taken by itself there too', async () => {
  const world = threeMembers()
  world.bulkStrip = true
  await run(world, NAMED_FOUR)
  expect(changes(world)).toEqual([`remove_role 4 ${DIRECTORS}`])
})

test('a write of several roles of which one stayed is never called done', async () => {
  const world = twoRoles()
  world.bulkStrip = true
  world.discord.answers.set('4', { outcome: 'done', detail: null, really: false })
  world.discord.afterAct = () => world.discord.put('4', [DIRECTORS])
  expect((await run(world, NAMED_FOUR)).outcomes).toEqual({ failed: 1 })
})

test.each([
  ['the gateway tells', true],
  ['a look shows', false],
] as const)(
  'what Discord’s door has to say of a write of several roles is kept where %s that it happened',
  async (_who, isTold) => {
    const world = twoRoles()
    world.bulkStrip = true
    const detail = 'It is done, but 7 is gone as well.'
    world.discord.answers.set('remove_roles 4', { outcome: 'done', detail, really: isTold })
    world.discord.afterAct = () => world.discord.putUnseen('4', [])
    expect((await run(world, NAMED_FOUR)).outcomes).toEqual({ done: 1 })
    expect(world.book.acts.at(-1)).toMatchObject({ outcome: 'done', detail })
  },
)

test('a doubt is kept of nothing that a look then shows', async () => {
  const world = twoRoles()
  world.discord.answers.set('4', { outcome: 'unknown', detail: 'HTTP 500', really: true })
  await run(world, NAMED_FOUR)
  expect(world.book.acts.map(({ outcome, detail }) => [outcome, detail])).toEqual([
    ['done', null],
    ['done', null],
  ])
})

test('a write of several roles is not sent where one of them was earned since', async () => {
  const world = twoRoles()
  world.bulkStrip = true
  world.discord.beforeSend = () => world.source.replace({ names: NAMES, identities: [person('43', '4', ['Pilots'])] })
  expect((await run(world, NAMED_FOUR)).outcomes).toEqual({ changed: 1 })
  expect(changes(world)).toEqual([])
})

test('a write of several roles that is refused is tried role by role, which finds the one that is refused', async () => {
  const world = twoRoles()
  world.bulkStrip = true
  world.discord.answers.set('remove_roles 4', refused)
  const ended = await run(world, NAMED_FOUR)
  expect(changes(world)).toEqual([
    `remove_roles 4 ${PILOTS}+${DIRECTORS}`,
    `remove_role 4 ${PILOTS}`,
    `remove_role 4 ${DIRECTORS}`,
  ])
  expect(world.book.quarantined.size).toBe(0)
  expect(ended.outcomes).toEqual({ refused: 1, done: 2 })
  expect(world.book.notes).toEqual(['4 done'])
})

test('a run in which such a write was refused makes no second one', async () => {
  const world = twoRoles()
  world.discord.put('5', [PILOTS, DIRECTORS])
  world.bulkStrip = true
  world.discord.answers.set('remove_roles 4', refused)
  const queue = new Queue()
  for (const n of [1, 2, 3]) void queue.add(`${GUILD}/busy${n}`, 'command', () => new Promise(() => {}))
  await audit(world, queue, orderOf(), { asked: false }, () => {})
  expect(changes(world).filter((step) => step.startsWith('remove_roles'))).toHaveLength(1)
})

test('what is given comes last, and only where the policy grants', async () => {
  const world = threeMembers()
  world.discord.put('3', [DIRECTORS])
  world.book.settingsNow = { ...STRIPPING, policy: { ...STRIPPING.policy, missing_roles: 'grant' } }
  await run(world, { only: { memberId: '3', roleId: null } })
  expect(changes(world)).toEqual([`remove_role 3 ${DIRECTORS}`, `add_role 3 ${PILOTS}`])
})

test('what is no longer earned when its turn comes is not given, though something else still is', async () => {
  const world = makeSmallWorld([person('42', '3', ['Pilots', 'Directors', 'Top'])])
  world.book.settingsNow = { ...STRIPPING, policy: { ...STRIPPING.policy, missing_roles: 'grant' } }
  world.discord.put('3', [])
  world.discord.afterAct = () =>
    world.source.replace({ names: NAMES, identities: [person('42', '3', ['Pilots', 'Top'])] })
  expect((await run(world)).outcomes).toEqual({ changed: 1, done: 1 })
  expect(changes(world)).toEqual([`add_role 3 ${PILOTS}`])
})

test('Discord’s own log names the run and the intent, so that the bot knows its own acts', async () => {
  const world = threeMembers()
  const ended = await run(world, NAMED_FOUR)
  expect(world.discord.performings[0]?.reason).toBe(`rolecall run ${ended.id} [intent-1]`)
})

/** Carries out what a look finds of one member, as a live act does. */
async function carry(world: SmallWorld, memberId: string): Promise<Carried> {
  const invocation = {
    trigger: 'slash',
    action: 'strip',
    mayDestroy: true,
    dayAffected: 0,
    dayKicks: 0,
    approved: null,
  } as const
  const { plan } = await planSweep(world, GUILD, invocation)
  const { lane, ...order } = orderOf()
  await world.book.openRun({ ...order, id: 'r', deadlineAt: null, at: 0 })
  await world.book.moveRun(GUILD, 'r', 'running', 0)
  const who = { guildId: GUILD, runId: 'r', actor: order.actor, reason: 'a test', decidedAt: world.now() }
  const hand = new Hand(world, { ...who, invocation, only: EVERYTHING, lane })
  return hand.carryOut(plan.findings.find((finding) => finding.memberId === memberId)!)
}

test('somebody who is protected while a slow source is asked keeps their role', async () => {
  const world = threeMembers()
  const { source } = world
  let asked = 0
  world.directory = () => ({
    source: 'memory',
    snapshot: () => source.snapshot(),
    accounts: (id) => source.accounts(id),
    watch: (onChange) => source.watch(onChange),
    noticing: () => source.noticing(),
    find: async (memberIds) => {
      const found = await source.find(memberIds)
      if (!memberIds.includes('5')) return found
      asked += 1
      world.clock.pass(25_000)
      world.book.settingsNow = { ...STRIPPING, protectedMembers: ['5'] }
      return found
    },
  })
  const ended = await run(world, { only: { memberId: '5', roleId: null } })
  expect(asked).toBe(1)
  expect(changes(world)).toEqual([])
  expect(ended.outcomes).toEqual({ changed: 1 })
})

test('a slow source takes nothing from what may be done', async () => {
  const world = threeMembers()
  const find = world.source.find.bind(world.source)
  world.source.find = async (memberIds) => {
    world.clock.pass(20_000)
    return find(memberIds)
  }
  await run(world, { only: { memberId: '5', roleId: null } })
  expect(changes(world)).toEqual([`remove_role 5 ${PILOTS}`])
})

test('where Discord or the database answers too late for this moment the member is left alone', async () => {
  const world = threeMembers()
  world.discord.beforeLook = () => world.clock.pass(6_000)
  const ended = await run(world, { only: { memberId: '5', roleId: null } })
  expect(changes(world)).toEqual([])
  expect(ended.outcomes).toEqual({ failed: 1 })
})

test('a scheduled run that is disarmed in its middle is cut off, and can be gone on with', async () => {
  const world = threeMembers()
  addGuests(world, 20)
  const armed = (schedule: boolean) => ({ ...STRIPPING, blast: EVERYBODY, armed: { schedule, realtime: false } })
  world.book.settingsNow = armed(true)
  let acts = 0
  world.discord.afterAct = () => {
    acts += 1
    if (acts === 3) world.book.settingsNow = armed(false)
  }
  const ended = await run(world, SCHEDULED)
  expect(ended).toMatchObject({ state: 'interrupted', problem: expect.stringContaining('disarmed') })
  expect(ended.outcomes).not.toHaveProperty('changed')
  expect(changes(world).length).toBeLessThan(10)
})

const EVERYBODY = { run: 1, day: 1, kicks: 1 }
