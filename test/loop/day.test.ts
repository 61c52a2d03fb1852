import { expect, test } from 'vitest'
import type { Gate, Settings } from '#src/core/model.ts'
import { Attribution } from '#src/loop/attribution.ts'
import { LiveReviews } from '#src/loop/live.ts'
import { Queue } from '#src/loop/queue.ts'
import { Passing, settled } from './passing.ts'
import { DIRECTORS, GUILD, makeSmallWorld, PILOTS, person, type SmallWorld, STRIPPING } from './small-world.ts'
import { BY, changes, run, SCHEDULED, shutDoor } from './three-members.ts'

// What nobody asked for has a limit of a day, however many roads it takes at once.

const DAY = 24 * 3_600_000
const REALTIME = { trigger: 'realtime', actor: 'system:realtime', purpose: 'group' } as const

/** A hundred people, of whom the source knows Ann alone (3): ten others hold Pilots, ten hold Directors. The clock and live looks act. */
function town(blast: Partial<Settings['blast']>) {
  const world = makeSmallWorld([person('42', '3', ['Pilots'])])
  world.discord.put('3', [PILOTS])
  const armed = { schedule: true, realtime: true }
  world.book.settingsNow = { ...STRIPPING, armed, blast: { run: 1, day: 1, kicks: 1, ...blast } }
  const roleOf = (index: number) => (index < 10 ? [PILOTS] : index < 20 ? [DIRECTORS] : [])
  for (let index = 0; index < 98; index += 1) world.discord.put(String(100 + index), roleOf(index))
  return world
}

/** By schedule, of those who hold the one role; by a cause, of those who hold the other. */
const sweep = (world: SmallWorld, key = 'schedule:1') =>
  run(world, { ...SCHEDULED, only: { memberId: null, roleId: PILOTS }, idempotencyKey: key })
/** The findings that are shown of the first plan, and that this gate holds. */
const heldBy = (world: SmallWorld, gate: Gate) =>
  world.book.plans[0]!.findings.filter(
    ({ gates, effectiveAction }) => effectiveAction === 'report' && gates.includes(gate),
  )
const review = (world: SmallWorld, key = 'role:1') =>
  run(world, { ...REALTIME, only: { memberId: null, roleId: DIRECTORS }, idempotencyKey: key })

function live(world: SmallWorld) {
  const clock = new Passing(world.clock)
  const reviews = new LiveReviews(world, new Queue(), { asked: false }, new Attribution(world, clock))
  /** Somebody gives Directors to those who hold nothing. */
  return async (count: number) => {
    for (let id = 150; id < 150 + count; id += 1) {
      world.discord.put(String(id), [DIRECTORS])
      reviews.see(GUILD, String(id), 'role_change', [DIRECTORS])
    }
    await settled()
  }
}

test('a clock that is set forward a day makes no room for another run by schedule', async () => {
  const world = town({ day: 0.1 })
  await sweep(world)
  world.clock.jump(2 * DAY)
  expect(await review(world)).toMatchObject({ state: 'awaiting_approval', blast: { dayLimit: 10 } })
  world.clock.pass(DAY + 1)
  expect((await review(world, 'role:2')).outcomes).toEqual({ done: 10 })
})

test('two runs that nobody asked for and that are planned at once do not pass the limit of a day together', async () => {
  const world = town({ day: 0.12 })
  const [one, other] = await Promise.all([sweep(world), review(world)])
  expect([one.state, other.state].toSorted()).toEqual(['awaiting_approval', 'completed'])
  expect(changes(world)).toHaveLength(10)
})

test('what a run still means to do counts against another that nobody asked for', async () => {
  const world = town({ day: 0.12 })
  const open = shutDoor(world)
  const sweeping = sweep(world)
  await settled()
  expect((await review(world)).state).toBe('awaiting_approval')
  open()
  expect((await sweeping).outcomes).toEqual({ done: 10 })
})

test('what a person had planned counts against nothing that nobody asked for', async () => {
  const world = town({ day: 0.12 })
  const open = shutDoor(world)
  const asked = run(world, { only: { memberId: null, roleId: PILOTS } })
  const reviewing = review(world)
  await settled()
  open()
  expect([(await asked).outcomes, (await reviewing).outcomes]).toEqual([{ done: 10 }, { done: 10 }])
})

test('a run that could not be planned keeps no other waiting', async () => {
  const world = town({})
  const { storePlan } = world.book
  world.book.storePlan = () => {
    world.book.storePlan = storePlan
    return Promise.reject(new Error('the database went away'))
  }
  const ended = await Promise.all([sweep(world), review(world)])
  expect(ended.map(({ state }) => state).toSorted()).toEqual(['completed', 'failed'])
})

test('live acts beside a run that has only begun count what it means to do', async () => {
  const world = town({ day: 0.12 })
  const open = shutDoor(world)
  const sweeping = sweep(world)
  await settled()
  await live(world)(5)
  open()
  await sweeping
  expect(changes(world)).toHaveLength(12)
  expect(world.told).toContainEqual({ kind: 'live_held', affected: 13, limit: 12 })
})

test('live acts that were let through and wait for their turn count against a run', async () => {
  const world = town({ day: 0.15 })
  const open = shutDoor(world)
  await live(world)(6)
  // The other two wait for a place.
  expect(world.book.acts).toHaveLength(4)
  const sweeping = sweep(world)
  await settled()
  open()
  expect((await sweeping).state).toBe('awaiting_approval')
})

test('a live act that is written down and not yet done counts once', async () => {
  const world = town({ day: 0.14 })
  const open = shutDoor(world)
  await live(world)(4)
  const sweeping = sweep(world)
  await settled()
  open()
  expect((await sweeping).outcomes).toEqual({ done: 10 })
})

test('live acts that were let through while a run was planned count against it', async () => {
  const world = town({ day: 0.15 })
  const open = shutDoor(world)
  const { storePlan } = world.book
  world.book.storePlan = async (plan) => {
    await live(world)(6)
    await storePlan.call(world.book, plan)
  }
  const sweeping = sweep(world)
  await settled()
  await settled()
  open()
  expect((await sweeping).state).toBe('awaiting_approval')
  expect(world.told).toMatchObject([{ kind: 'plan_waits', blast: { affected: 10, dayLimit: 15, over: true } }])
  expect(heldBy(world, 'blast_radius')).toHaveLength(10)
  await settled()
  expect(changes(world)).toHaveLength(6)
})

test('a live act of which it was asked before a run was planned, and that is let through after, counts against it', async () => {
  const world = town({ day: 0.1 })
  const answer = Promise.withResolvers<void>()
  const { liveStanding } = world.book
  world.book.liveStanding = async (...asked) => {
    const before = await liveStanding.apply(world.book, asked)
    await answer.promise
    return before
  }
  await live(world)(1)
  expect((await sweep(world)).state).toBe('awaiting_approval')
  answer.resolve()
  await settled()
  expect(changes(world)).toEqual([`remove_role 150 ${DIRECTORS}`])
})

test('what is given in real time counts against no run', async () => {
  const world = town({ day: 0.1 })
  const { settingsNow } = world.book
  world.book.settingsNow = { ...settingsNow, policy: { ...settingsNow.policy, missing_roles: 'grant' } }
  const open = shutDoor(world)
  world.discord.put('3', [])
  const reviews = new LiveReviews(
    world,
    new Queue(),
    { asked: false },
    new Attribution(world, new Passing(world.clock)),
  )
  reviews.see(GUILD, '3', 'role_change')
  await settled()
  expect(world.book.acts).toHaveLength(1)
  const sweeping = sweep(world)
  await settled()
  open()
  expect((await sweeping).state).toBe('completed')
  expect(changes(world)).toContain(`add_role 3 ${PILOTS}`)
})

test('live acts of which it was asked at once and that are one too many are held, and no more of them than that', async () => {
  const world = town({ day: 0.03 })
  const answer = Promise.withResolvers<void>()
  const { liveStanding } = world.book
  world.book.liveStanding = async (...asked) => {
    const before = await liveStanding.apply(world.book, asked)
    await answer.promise
    return before
  }
  await live(world)(4)
  answer.resolve()
  await settled()
  expect(changes(world)).toHaveLength(3)
  expect(world.told).toContainEqual({ kind: 'live_held', affected: 4, limit: 3 })
})

test('a plan that a person approved is carried out whatever was let through meanwhile', async () => {
  const world = town({ run: 0.05 })
  const { planDigest, id } = await sweep(world)
  const at = world.now()
  await world.book.approve(GUILD, {
    runId: id,
    digest: planDigest!,
    actor: BY.actor,
    cause: 'x',
    reason: null,
    at,
    expiresAt: at + 1,
  })
  expect((await sweep(world, 'schedule:2')).outcomes).toEqual({ done: 10 })
})
