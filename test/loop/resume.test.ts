import { expect, test } from 'vitest'
import type { Run } from '#src/core/run.ts'
import { runsAtWork } from '#src/loop/at-work.ts'
import { audit } from '#src/loop/audit.ts'
import type { By } from '#src/loop/invoking.ts'
import { Queue } from '#src/loop/queue.ts'
import { abandon, resume } from '#src/loop/resume.ts'
import { settleOpenIntents } from '#src/loop/settle.ts'
import { DIRECTORS, GUILD, KICKING, NAMES, PILOTS, person, type SmallWorld, STRIPPING } from './small-world.ts'
import { addGuests, BY, changes, orderOf, rolesOf, run, SCHEDULED, threeMembers } from './three-members.ts'

const goOn = (world: SmallWorld, { id }: Run, by: By = BY) =>
  resume(world, new Queue(), { guildId: GUILD, runId: id, by }, { asked: false }, () => {})

const DAY = 24 * 3_600_000

/** A run that was asked to end before its first act. */
async function cutOff(world: SmallWorld, more: Parameters<typeof orderOf>[0] = {}): Promise<Run> {
  return audit(world, new Queue(), orderOf(more), { asked: true }, () => {})
}

test('a run that was cut off goes on with its own plan under a new deadline', async () => {
  const world = threeMembers()
  const before = await cutOff(world)
  world.clock.pass(60_000)
  const ended = await goOn(world, before)
  expect(ended).toMatchObject({ id: before.id, state: 'completed', problem: null, outcomes: { done: 2 } })
  expect(ended.deadlineAt).toBe(world.now() + world.deadlineMs)
})

test('nobody is acted on who was not in the plan, whatever they hold by now', async () => {
  const world = threeMembers()
  const before = await cutOff(world)
  world.discord.put('6', [PILOTS])
  await goOn(world, before)
  expect(rolesOf(world, '6')).toEqual([PILOTS])
})

test('a member of the plan who changed meanwhile drops out', async () => {
  const world = threeMembers()
  const before = await cutOff(world)
  world.source.replace({ names: NAMES, identities: [person('42', '3', ['Pilots']), person('43', '4', ['Directors'])] })
  expect((await goOn(world, before)).outcomes).toEqual({ changed: 1, done: 1 })
  expect(rolesOf(world, '4')).toEqual([DIRECTORS])
})

test('a guest who came back while the run was cut off is not kicked by it', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  world.discord.put('5', [])
  const before = await cutOff(world, { action: 'strip_kick', only: { memberId: '5', roleId: null } })
  world.clock.pass(60_000)
  world.discord.comeBack('5', [], world.now())
  world.clock.pass(60_000)
  expect((await goOn(world, before)).outcomes).toEqual({ changed: 1 })
  expect(changes(world)).toEqual([])
})

test('its acts are those of whoever let it go on', async () => {
  const world = threeMembers()
  await goOn(world, await cutOff(world))
  expect(new Set(world.book.acts.map(({ context }) => context.actor))).toEqual(new Set(['discord:7']))
})

test('what was done before stays counted', async () => {
  const world = threeMembers()
  addGuests(world, 20)
  world.discord.beforeLook = (memberId) => {
    if (memberId === '20') world.source.fail('The identity database does not answer.')
  }
  const before = await run(world)
  expect(before.state).toBe('interrupted')
  world.source.fail(null)
  world.discord.beforeLook = () => {}
  expect((await goOn(world, before)).outcomes).toEqual({ done: 22 })
  expect(changes(world)).toHaveLength(22)
})

test('those whose acts waited at Discord’s door when it was cut off are still to be done', async () => {
  const world = threeMembers()
  const halt = { asked: false }
  world.discord.beforeSend = () => {
    halt.asked = true
  }
  const before = await audit(world, new Queue(), orderOf(), halt, () => {})
  expect([before.state, changes(world)]).toEqual(['interrupted', []])
  world.discord.beforeSend = null
  expect(await goOn(world, before)).toMatchObject({ state: 'completed', outcomes: { done: 2 } })
  expect([rolesOf(world, '4'), rolesOf(world, '5')]).toEqual([[], []])
})

test('members who dropped out before stay counted as well', async () => {
  const world = threeMembers()
  addGuests(world, 20)
  world.discord.beforeLook = (memberId) => {
    if (memberId === '4') world.discord.put('4', [])
    if (memberId === '20') world.source.fail('The identity database does not answer.')
  }
  const before = await run(world)
  expect(before.outcomes.changed).toBe(1)
  world.source.fail(null)
  world.discord.beforeLook = () => {}
  expect((await goOn(world, before)).outcomes).toEqual({ changed: 1, done: 21 })
})

test('a member whose second role was left when the bot was killed is done to the end', async () => {
  const world = threeMembers()
  world.discord.put('4', [PILOTS, DIRECTORS])
  const before = await run(world, { only: { memberId: '4', roleId: null } })
  killedAfter(world, before, 1)
  world.discord.put('4', [DIRECTORS])
  const ended = await goOn(world, { ...before, state: 'interrupted' })
  expect(ended).toMatchObject({ state: 'completed', outcomes: { done: 2 } })
  expect(rolesOf(world, '4')).toEqual([])
  expect(world.book.notes.at(-1)).toBe('4 done')
})

test('a member with whom everything was done when the bot was killed is not looked at again', async () => {
  const world = threeMembers()
  const before = await run(world, { only: { memberId: '4', roleId: null } })
  killedAfter(world, before, 1)
  world.steps.length = 0
  const ended = await goOn(world, { ...before, state: 'interrupted' })
  expect(ended.outcomes).toEqual({ done: 1 })
  expect(world.steps).not.toContain('look 4')
})

test('an act that was open when the bot was killed is settled by looking, and counted as what it came to', async () => {
  const world = threeMembers()
  world.book.fail = 'settle'
  const before = await run(world, { only: { memberId: '4', roleId: null } })
  expect(before.outcomes).toEqual({ unknown: 1 })
  world.book.fail = null
  await settleOpenIntents(world)
  expect((await goOn(world, before)).outcomes).toEqual({ done: 1 })
  expect(changes(world)).toHaveLength(1)
})

test.each([
  ['completed', /is completed/],
  ['failed', /failed before it had a plan/],
  ['abandoned', /was given up/],
  ['running', /is under way/],
  ['awaiting_approval', /\/acknowledge plan/],
] as const)('a run that is %s does not go on, and says why', async (state, why) => {
  const world = threeMembers()
  const before = await cutOff(world)
  world.book.runs.set(before.id, { ...before, state })
  await expect(goOn(world, before)).rejects.toThrow(why)
  expect(changes(world)).toEqual([])
})

test('a run that was cut off before it had a plan does not go on', async () => {
  const world = threeMembers()
  const before = await cutOff(world)
  world.book.runs.set(before.id, { ...before, planDigest: null })
  await expect(goOn(world, before)).rejects.toThrow(/no plan to go on with/)
})

test('a plan of yesterday is not carried out', async () => {
  const world = threeMembers()
  const before = await cutOff(world)
  world.clock.pass(DAY + 1)
  await expect(goOn(world, before)).rejects.toThrow(/more than a day old/)
})

test('whoever may not take roles lets nothing go on, and nobody kicks by somebody else’s permissions', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  const before = await cutOff(world, { action: 'strip_kick' })
  await expect(goOn(world, before, { ...BY, mayStrip: false })).rejects.toThrow(/Manage Roles/)
  await expect(goOn(world, before, { ...BY, mayKick: false })).rejects.toThrow(/Kick Members/)
  expect(world.book.runs.get(before.id)?.state).toBe('interrupted')
})

test('nothing goes on while the member list is in doubt', async () => {
  const world = threeMembers()
  const before = await cutOff(world)
  world.discord.state = 'suspect'
  await expect(goOn(world, before)).rejects.toThrow(/being checked again/)
})

test.each([
  ['is silent', (world: SmallWorld) => world.source.fail('It does not answer.'), /It does not answer/],
  ['came back empty', (world: SmallWorld) => world.source.replace({ names: NAMES, identities: [] }), /it holds nobody/],
] as const)('nothing goes on while the source %s', async (_name, harm, why) => {
  const world = threeMembers()
  const before = await cutOff(world)
  harm(world)
  await expect(goOn(world, before)).rejects.toThrow(why)
  expect(world.book.runs.get(before.id)?.state).toBe('interrupted')
})

test('a scheduled run that goes on is measured again, and waits for a human where too much was done meanwhile', async () => {
  const world = threeMembers()
  const settings = { ...STRIPPING, armed: { schedule: true, realtime: false }, blast: { run: 1, day: 0.5, kicks: 1 } }
  world.book.settingsNow = settings
  const before = await cutOff(world, SCHEDULED)
  world.discord.put('6', [PILOTS])
  const other = { ...SCHEDULED, idempotencyKey: 'other', only: { memberId: '6', roleId: null } }
  expect((await run(world, other)).outcomes).toEqual({ done: 1 })
  const held = await goOn(world, before)
  expect(held.state).toBe('awaiting_approval')
  expect(world.told.at(-1)).toMatchObject({ kind: 'plan_waits', digest: before.planDigest, blast: { over: true } })
  expect(held.blast).toMatchObject({ over: true })
  const { findings } = await world.book.findingsPage(GUILD, held.id, {
    category: null,
    atStake: true,
    offset: 0,
    limit: 9,
  })
  expect(findings.map(({ gates, effectiveAction }) => [gates, effectiveAction])).toEqual([
    [['blast_radius'], 'report'],
    [['blast_radius'], 'report'],
  ])
  expect(rolesOf(world, '4')).toEqual([DIRECTORS])
})

test('what a scheduled run did itself does not count against it when it goes on', async () => {
  const world = threeMembers()
  addGuests(world, 6)
  world.book.settingsNow = {
    ...STRIPPING,
    armed: { schedule: true, realtime: false },
    blast: { run: 1, day: 0.8, kicks: 1 },
  }
  const halt = { asked: false }
  world.discord.afterAct = () => {
    halt.asked = true
  }
  const before = await audit(world, new Queue(), orderOf(SCHEDULED), halt, () => {})
  expect(before).toMatchObject({ state: 'interrupted', blast: { affected: 8, dayLimit: 8 } })
  expect(before.outcomes.done).toBeGreaterThan(0)
  expect(await goOn(world, before)).toMatchObject({ state: 'completed', outcomes: { done: 8 } })
})

test('whoever comes second takes the run out of nobody’s hands', async () => {
  const world = threeMembers()
  const before = await cutOff(world)
  const queue = new Queue()
  const busy = Promise.withResolvers<void>()
  for (const n of [1, 2, 3, 4]) void queue.add(`${GUILD}/busy${n}`, 'command', () => busy.promise)
  const order = { guildId: GUILD, runId: before.id, by: BY }
  const first = resume(world, queue, order, { asked: false }, () => {})
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
  await expect(goOn(world, before)).rejects.toThrow(/under way/)
  world.book.runs.set(before.id, { ...world.book.runs.get(before.id)!, state: 'interrupted' })
  await expect(goOn(world, before)).rejects.toThrow(/under way/)
  world.book.runs.set(before.id, { ...world.book.runs.get(before.id)!, state: 'running' })
  expect(runsAtWork(world)).toContain(before.id)
  busy.resolve()
  expect((await first).outcomes).toEqual({ done: 2 })
})

test('two who let the same run go on get in nobody’s way: one of them does', async () => {
  const world = threeMembers()
  const before = await cutOff(world)
  const [first, second] = await Promise.allSettled([goOn(world, before), goOn(world, before)])
  expect(first).toMatchObject({ status: 'fulfilled', value: { state: 'completed' } })
  expect(second).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/under way/) } })
  expect(changes(world)).toHaveLength(2)
})

test('a run that was cut off or waits can be given up, and no other', async () => {
  const world = threeMembers()
  const before = await cutOff(world)
  const order = { guildId: GUILD, runId: before.id, by: BY }
  expect(await abandon(world, order)).toMatchObject({ state: 'abandoned' })
  await expect(abandon(world, order)).rejects.toThrow(/was given up/)
})

/** As if the bot had been killed after so many acts: the member has no outcome, and the run's row was interrupted at the next start. */
function killedAfter(world: SmallWorld, { id }: Run, acts: number): void {
  world.book.acts.length = acts
  world.book.forget(id)
  world.book.runs.set(id, { ...world.book.runs.get(id)!, state: 'interrupted', outcomes: {} })
}
