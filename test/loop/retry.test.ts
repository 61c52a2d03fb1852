import { expect, test } from 'vitest'
import { EVERYTHING } from '#src/core/run.ts'
import { acknowledgePlan } from '#src/loop/approve.ts'
import { audit } from '#src/loop/audit.ts'
import { Queue } from '#src/loop/queue.ts'
import { resume } from '#src/loop/resume.ts'
import { retryKicks } from '#src/loop/retry.ts'
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
} from './small-world.ts'
import { BY, changes, orderOf, run, SCHEDULED, threeMembers } from './three-members.ts'

const MINUTE = 60_000
const KICK = { action: 'strip_kick', only: { memberId: '5', roleId: null } } as const

/** Eve (5) was stripped, and her kick failed at Discord. */
async function failedKick(more: Parameters<typeof run>[1] = {}): Promise<SmallWorld> {
  const world = threeMembers()
  world.book.settingsNow = { ...KICKING, armed: { schedule: true, realtime: false } }
  world.discord.answers.set('kick 5', { outcome: 'failed', detail: 'HTTP 503', really: false })
  await run(world, { ...KICK, ...more })
  world.steps.length = 0
  return world
}

const again = (world: SmallWorld) => retryKicks(world, new Queue(), { asked: false })
const kicks = (world: SmallWorld) => changes(world).filter((step) => step.startsWith('kick'))

test('a kick that failed is tried again after five minutes and not before, under the rules of its run', async () => {
  const world = await failedKick()
  world.discord.answers.clear()
  world.clock.pass(5 * MINUTE - 1)
  await again(world)
  expect(kicks(world)).toEqual([])
  world.clock.pass(1)
  await again(world)
  expect(kicks(world)).toEqual(['kick 5'])
  expect(world.book.retries.size).toBe(0)
  expect([...world.book.runs.values()].at(-1)).toMatchObject({
    purpose: 'retry',
    cause: expect.stringMatching(/^run:/),
    state: 'completed',
    actor: 'discord:1',
    action: 'strip_kick',
    only: { memberId: '5', roleId: null },
    outcomes: { done: 1 },
  })
})

test('tries are further and further apart, and after the fifth the moderators are told', async () => {
  const world = await failedKick()
  const waits: number[] = []
  for (let left = world.book.retries.get('5'); left; left = world.book.retries.get('5')) {
    waits.push((left.notBefore - world.now()) / MINUTE)
    world.clock.pass(left.notBefore - world.now())
    await again(world)
  }
  expect(waits).toEqual([5, 15, 45, 45])
  expect(kicks(world)).toHaveLength(4)
  expect(world.told).toEqual([{ kind: 'kick_given_up', memberId: '5', tries: 5, detail: 'HTTP 503' }])
})

test('tries are counted on across a restart', async () => {
  const before = await failedKick()
  const after = restarted(before)
  after.clock.pass(5 * MINUTE)
  await again(after)
  expect(after.book.retries.get('5')).toMatchObject({ tries: 2 })
})

test('a try that a killed process had begun is not made twice, and counts', async () => {
  const world = await failedKick()
  world.clock.pass(5 * MINUTE)
  world.discord.beforeLook = () => {
    world.mayAct = () => false
  }
  await again(world)
  expect(kicks(world)).toEqual([])
  const after = restarted(world)
  await again(after)
  expect(kicks(after)).toEqual([])
  expect(after.book.retries.get('5')).toMatchObject({ tries: 2, detail: expect.stringMatching(/cut off/) })
})

test('a kick of which nobody knows is tried again where the member is still there', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  world.discord.answers.set('kick 5', { outcome: 'unknown', detail: 'HTTP 500', really: false })
  await run(world, KICK)
  expect(world.book.retries.get('5')).toMatchObject({ tries: 1 })
})

test('a kick after which Discord shows nothing is tried again too', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  world.discord.afterAct = ({ kind }) => {
    if (kind !== 'kick') return
    world.discord.beforeLook = () => {
      throw new Error('HTTP 503')
    }
  }
  expect((await run(world, KICK)).outcomes).toEqual({ done: 1, unknown: 1 })
  expect(world.book.retries.get('5')).toMatchObject({ tries: 1 })
})

test('somebody who came back with a role before their kick is tried again keeps that as well', async () => {
  const world = await failedKick()
  world.clock.pass(MINUTE)
  world.discord.comeBack('5', [PILOTS], world.now())
  world.clock.pass(4 * MINUTE)
  await again(world)
  expect(changes(world)).toEqual([])
  expect(world.book.retries.size).toBe(0)
})

test('somebody whose kick was seen by nobody and who came back since is not kicked again', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  world.discord.answers.set('kick 5', { outcome: 'unknown', detail: 'HTTP 500', really: true })
  world.discord.afterAct = ({ kind }) => {
    if (kind !== 'kick') return
    world.discord.beforeLook = () => {
      throw new Error('HTTP 503')
    }
  }
  await run(world, KICK)
  expect(world.book.retries.get('5')).toMatchObject({ tries: 1 })
  world.discord.beforeLook = () => {}
  world.discord.answers.clear()
  world.steps.length = 0
  world.clock.pass(MINUTE)
  world.discord.comeBack('5', [], world.now())
  world.clock.pass(4 * MINUTE)
  await again(world)
  expect(kicks(world)).toEqual([])
  expect(world.book.retries.size).toBe(0)
})

test('somebody who comes back between the judging of a retry and its kick stays', async () => {
  const world = await failedKick()
  world.discord.answers.clear()
  world.clock.pass(5 * MINUTE)
  let looks = 0
  world.discord.beforeLook = () => {
    looks += 1
    if (looks === 2) world.discord.comeBack('5', [], world.now() - MINUTE)
  }
  await again(world)
  expect(kicks(world)).toEqual([])
  expect(world.book.retries.size).toBe(0)
})

test('where the policy only strips by now, nothing is done', async () => {
  const world = await failedKick()
  world.book.settingsNow = STRIPPING
  world.discord.put('5', [DIRECTORS])
  world.clock.pass(5 * MINUTE)
  await again(world)
  expect(changes(world)).toEqual([])
  expect(world.book.retries.size).toBe(0)
})

test.each([
  ['left by themselves', (world: SmallWorld) => world.discord.leave('5')],
  [
    'linked their account',
    (world: SmallWorld) =>
      world.source.replace({ names: NAMES, identities: [person('42', '3', ['Pilots']), person('44', '5')] }),
  ],
  [
    'were protected',
    (world: SmallWorld) => {
      world.book.settingsNow = { ...world.book.settingsNow, protectedMembers: ['5'] }
    },
  ],
] as const)('those who %s since are kicked no more', async (_name, change) => {
  const world = await failedKick()
  change(world)
  world.clock.pass(5 * MINUTE)
  await again(world)
  expect(kicks(world)).toEqual([])
  expect(world.book.retries.size).toBe(0)
})

test('a kick of the schedule is tried again only while the schedule is armed', async () => {
  const world = await failedKick(SCHEDULED)
  world.book.settingsNow = KICKING
  world.clock.pass(5 * MINUTE)
  await again(world)
  expect(kicks(world)).toEqual([])
  expect(world.book.retries.size).toBe(0)
})

test('a kick that failed unattended is tried again within the limits of a day', async () => {
  const world = threeMembers()
  world.book.settingsNow = {
    ...KICKING,
    armed: { schedule: true, realtime: false },
    blast: { run: 1, day: 1, kicks: 0.3 },
  }
  world.discord.answers.set('kick 5', { outcome: 'failed', detail: 'HTTP 503', really: false })
  await run(world, { ...SCHEDULED, ...KICK })
  world.discord.put('6', [PILOTS])
  await run(world, { ...SCHEDULED, ...KICK, only: { memberId: '6', roleId: null }, idempotencyKey: 'other' })
  expect(kicks(world)).toContain('kick 6')
  world.steps.length = 0
  world.clock.pass(5 * MINUTE)
  await again(world)
  expect(kicks(world)).toEqual([])
})

test.each([
  ['is silent', (world: SmallWorld) => world.source.fail('It does not answer.')],
  ['came back empty', (world: SmallWorld) => world.source.replace({ names: NAMES, identities: [] })],
] as const)('while the source %s a kick stays due and is not tried', async (_name, harm) => {
  const world = await failedKick()
  harm(world)
  world.clock.pass(5 * MINUTE)
  await again(world)
  expect(kicks(world)).toEqual([])
  expect(world.book.retries.get('5')).toMatchObject({ tries: 1 })
})

test('a kick that a run wanted more than a day ago is given up, and that is told, wherever the guild is by now', async () => {
  const world = await failedKick()
  world.clock.pass(25 * 60 * MINUTE)
  world.roster = () => null
  await again(world)
  expect(kicks(world)).toEqual([])
  expect(world.book.retries.size).toBe(0)
  expect(world.notices).toEqual([])
  expect(world.told.at(-1)).toMatchObject({
    kind: 'kick_given_up',
    memberId: '5',
    detail: expect.stringContaining('more than a day'),
  })
})

test('a guild that cannot be judged is asked of once, however many of its kicks are due', async () => {
  const world = await failedKick()
  for (const memberId of ['6', '7']) world.book.retries.set(memberId, { ...world.book.retries.get('5')!, memberId })
  world.source.fail('It does not answer.')
  world.clock.pass(5 * MINUTE)
  await again(world)
  expect(world.steps.filter((step) => step.startsWith('look'))).toHaveLength(1)
  expect(world.book.retries.size).toBe(3)
})

test('while the member list is in doubt a kick stays due and is not tried', async () => {
  const world = await failedKick()
  world.discord.state = 'suspect'
  world.clock.pass(5 * MINUTE)
  await again(world)
  expect(kicks(world)).toEqual([])
  expect(world.book.retries.size).toBe(1)
  expect(world.book.runs.size).toBe(1)
})

test('after a stop nothing is tried again, whoever had asked for it', async () => {
  const world = await failedKick()
  await stop(world, GUILD, BY)
  world.clock.pass(5 * MINUTE)
  await again(world)
  expect(kicks(world)).toEqual([])
  expect(world.book.retries.size).toBe(0)
})

test('a kick that fails while its run is being stopped is not tried again', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  world.discord.answers.set('kick 5', { outcome: 'failed', detail: 'HTTP 503', really: false })
  let stopping: Promise<unknown> | null = null
  world.discord.afterAct = (act) => {
    if (act.kind === 'kick') stopping = stop(world, GUILD, BY)
  }
  await run(world, KICK)
  await stopping
  expect(world.book.retries.size).toBe(0)
})

test('a stop that comes just as the next try is planned forgets that as well', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  world.discord.answers.set('kick 5', { outcome: 'failed', detail: 'HTTP 503', really: false })
  const schedule = world.book.scheduleRetry.bind(world.book)
  world.book.scheduleRetry = async (retry) => {
    await stop(world, GUILD, BY)
    await schedule(retry)
  }
  await run(world, KICK)
  expect(world.book.retries.size).toBe(0)
})

test('a stop that comes while a try is found to have been begun before forgets that kick for good', async () => {
  const world = await failedKick()
  world.discord.answers.clear()
  world.clock.pass(5 * MINUTE)
  await begunBefore(world)
  const open = world.book.openRun.bind(world.book)
  world.book.openRun = async (...order) => {
    const opened = await open(...order)
    await stop(world, GUILD, BY)
    return opened
  }
  await again(world)
  expect(world.book.retries.size).toBe(0)
  world.book.openRun = open
  world.clock.pass(60 * MINUTE)
  await again(world)
  expect(kicks(world)).toEqual([])
})

/** The try that is due was opened by a process that was killed right after. */
async function begunBefore(world: SmallWorld): Promise<void> {
  const { runId, tries } = world.book.retries.get('5')!
  const { lane: _lane, ...order } = orderOf({ ...KICK, idempotencyKey: `retry:${runId}:5:${tries}` })
  const { run: begun } = await world.book.openRun({
    ...order,
    ...{ id: 'killed', purpose: 'retry', cause: `run:${runId}`, deadlineAt: null, at: world.now() },
  })
  world.book.runs.set(begun.id, { ...begun, state: 'interrupted' })
}

/** Discord:1 asked for a run that kicks, whose plan was too large; discord:7 approved it, and the kick of Eve failed. */
async function failedKickOfAnApprovedPlan(): Promise<SmallWorld> {
  const world = threeMembers()
  world.book.settingsNow = { ...KICKING, blast: { run: 0.1, day: 1, kicks: 0.1 } }
  const held = await run(world, { action: 'strip_kick' })
  world.discord.answers.set('kick 5', { outcome: 'failed', detail: 'HTTP 503', really: false })
  const plan = { guildId: GUILD, runId: held.id, digest: held.planDigest!, by: BY }
  await acknowledgePlan(world, new Queue(), plan, { asked: false }, () => {})
  world.discord.answers.clear()
  world.clock.pass(5 * MINUTE)
  for (const list of [world.steps, world.told]) list.length = 0
  return world
}

test('a kick of an approved plan is tried again though whoever asked for the run has lost the right since', async () => {
  const world = await failedKickOfAnApprovedPlan()
  world.mayStill = (_guildId, actor) => actor !== 'discord:1'
  await again(world)
  expect(kicks(world)).toEqual(['kick 5'])
  expect([...world.book.runs.values()].at(-1)).toMatchObject({ purpose: 'retry', actor: 'discord:7' })
})

test('a kick of an approved plan is given up where whoever approved it has lost the right since, and that is told', async () => {
  const world = await failedKickOfAnApprovedPlan()
  world.mayStill = (_guildId, actor) => actor !== 'discord:7'
  await again(world)
  expect([kicks(world), world.book.retries.size]).toEqual([[], 0])
  const detail = expect.stringMatching(/HTTP 503.*no longer has the right/)
  expect(world.told).toEqual([{ kind: 'kick_given_up', memberId: '5', tries: 1, detail }])
})

test('a kick that the limits no longer let through is given up, and that is told', async () => {
  const world = await failedKick({ only: EVERYTHING })
  world.book.settingsNow = { ...KICKING, blast: { run: 0.1, day: 1, kicks: 0.1 } }
  world.clock.pass(5 * MINUTE)
  await again(world)
  expect([kicks(world), world.book.retries.size]).toEqual([[], 0])
  const detail = expect.stringMatching(/HTTP 503.*blast radius/)
  expect(world.told).toEqual([{ kind: 'kick_given_up', memberId: '5', tries: 1, detail }])
})

test('a kick that fails while the bot ends is left for whoever goes on with the run', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  world.discord.answers.set('kick 5', { outcome: 'failed', detail: 'HTTP 503', really: false })
  const halt = { asked: false }
  world.discord.afterAct = ({ kind }) => {
    halt.asked = kind === 'kick'
  }
  const { id } = await audit(world, new Queue(), orderOf(KICK), halt, () => {})
  expect(world.book.retries.size).toBe(0)
  world.discord.answers.clear()
  await resume(world, new Queue(), { guildId: GUILD, runId: id, by: BY }, { asked: false }, () => {})
  expect(kicks(world)).toEqual(['kick 5', 'kick 5'])
  expect(world.discord.members.has('5')).toBe(false)
})

test('a retry that fails while it is being stopped is the last', async () => {
  const world = await failedKick()
  let stopping: Promise<unknown> | null = null
  world.discord.afterAct = () => {
    stopping = stop(world, GUILD, BY)
  }
  world.clock.pass(5 * MINUTE)
  await again(world)
  await stopping
  expect(kicks(world)).toEqual(['kick 5'])
  expect(world.book.retries.size).toBe(0)
})

test('a bot in whose place another acts tries nothing', async () => {
  const world = await failedKick()
  world.mayAct = () => false
  world.clock.pass(5 * MINUTE)
  await again(world)
  expect(kicks(world)).toEqual([])
  expect(world.book.retries.size).toBe(1)
  expect(world.book.runs.size).toBe(1)
})

test('a member who got a role meanwhile is stripped of it before the kick', async () => {
  const world = await failedKick()
  world.discord.answers.clear()
  world.discord.put('5', [DIRECTORS])
  world.clock.pass(5 * MINUTE)
  await again(world)
  expect(changes(world)).toEqual([`remove_role 5 ${DIRECTORS}`, 'kick 5'])
})

/** The same guild and the same book in a process that knows nothing yet. */
function restarted(before: SmallWorld): SmallWorld {
  const fresh = makeSmallWorld([])
  for (const run of before.book.runs.values()) {
    if (run.state === 'running' || run.state === 'pending')
      before.book.runs.set(run.id, { ...run, state: 'interrupted' })
  }
  const { book, discord, source, clock, steps, looker, enforcer, newId } = before
  return {
    ...fresh,
    ...{ book, discord, source, clock, steps, looker, enforcer, newId },
    now: () => clock.now,
    elapsed: () => clock.elapsed,
    directory: () => source,
    roster: (guildId) => (guildId === GUILD ? discord.roster() : null),
  }
}
