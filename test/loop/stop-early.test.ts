import { expect, test } from 'vitest'
import { acknowledgePlan } from '#src/loop/approve.ts'
import { sinceNow } from '#src/loop/at-work.ts'
import { audit } from '#src/loop/audit.ts'
import { Queue } from '#src/loop/queue.ts'
import { abandon, resume } from '#src/loop/resume.ts'
import { retryKicks } from '#src/loop/retry.ts'
import { stop } from '#src/loop/stop.ts'
import { undo } from '#src/loop/undo.ts'
import { settled } from './passing.ts'
import { GUILD, KICKING, PILOTS, type SmallWorld, STRIPPING } from './small-world.ts'
import { BY, changes, orderOf, run, SCHEDULED, threeMembers } from './three-members.ts'

// A stop that comes while what somebody asked for is still looked into, and has begun nowhere: the likeliest moment of all.

const MINUTE = 60_000
const idle = { asked: false }
const ignore = () => {}

/** Gives a stop as soon as the source is asked the next time. */
function stopWhenAsked(world: SmallWorld): { stopped: Promise<unknown> | null } {
  const given: { stopped: Promise<unknown> | null } = { stopped: null }
  const source = world.directory(GUILD)
  world.directory = () => ({
    ...source,
    source: source.source,
    find: async (ids) => {
      given.stopped ??= stop(world, GUILD, BY)
      await given.stopped
      return source.find(ids)
    },
    snapshot: async () => {
      given.stopped ??= stop(world, GUILD, BY)
      await given.stopped
      return source.snapshot()
    },
    accounts: (id) => source.accounts(id),
    watch: (onChange) => source.watch(onChange),
  })
  return given
}

test('a run that goes on is stopped by a stop that came while it was looked into', async () => {
  const world = threeMembers()
  const before = await audit(world, new Queue(), orderOf(), { asked: true }, ignore)
  stopWhenAsked(world)
  const going = resume(world, new Queue(), { guildId: GUILD, runId: before.id, by: BY }, idle, ignore)
  await expect(going).rejects.toThrow(/was not begun. Somebody stopped/)
  expect(changes(world)).toEqual([])
  expect(world.book.runs.get(before.id)?.state).toBe('interrupted')
})

test('a plan that is approved is stopped by a stop that came while it was looked into', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, blast: { run: 0.1, day: 1, kicks: 1 } }
  const held = await run(world)
  stopWhenAsked(world)
  const plan = { guildId: GUILD, runId: held.id, digest: held.planDigest!, by: BY }
  await expect(acknowledgePlan(world, new Queue(), plan, idle, ignore)).rejects.toThrow(/was not begun/)
  expect(changes(world)).toEqual([])
})

test('an audit is stopped by a stop that came before it was opened, and an undo too', async () => {
  const world = threeMembers()
  await run(world, { idempotencyKey: 'first' })
  expect(changes(world)).toHaveLength(2)
  world.discord.put('5', [PILOTS])
  stopWhenAsked(world)
  const ended = await audit(world, new Queue(), orderOf({ idempotencyKey: 'second' }), idle, ignore)
  expect(ended).toMatchObject({ problem: expect.stringMatching(/Somebody stopped/) })
  expect(changes(world)).toHaveLength(2)
  const open = world.book.openRun.bind(world.book)
  world.book.openRun = async (...order) => {
    const opened = await open(...order)
    await stop(world, GUILD, BY)
    return opened
  }
  const first = [...world.book.runs.values()][0]!
  const request = { guildId: GUILD, runId: first.id, memberId: null, by: { ...BY, cause: 'interaction:9' } }
  expect((await undo(world, new Queue(), request, idle, ignore)).given).toBe(0)
})

test('an audit is stopped by a stop that came while it was asked whether anybody may be acted on at all', async () => {
  const world = threeMembers()
  const baseline = world.book.baseline.bind(world.book)
  let stopped: Promise<unknown> | null = null
  world.book.baseline = async (...asked) => {
    stopped ??= stop(world, GUILD, BY)
    await stopped
    return baseline(...asked)
  }
  await audit(world, new Queue(), orderOf(), idle, ignore)
  expect(changes(world)).toEqual([])
})

test('what was asked for before a stop begins nothing, however long its asker had to wait before it was looked into', async () => {
  const world = threeMembers()
  const before = await audit(world, new Queue(), orderOf(), { asked: true }, ignore)
  const since = sinceNow(world)
  const stoppedSince = () => since(GUILD)
  const by = { ...BY, stoppedSince }
  await stop(world, GUILD, BY)
  const on = { guildId: GUILD, runId: before.id, by }
  const late = [
    audit(world, new Queue(), { ...orderOf({ idempotencyKey: 'late' }), stoppedSince }, idle, ignore),
    resume(world, new Queue(), on, idle, ignore),
    acknowledgePlan(world, new Queue(), { ...on, digest: before.planDigest! }, idle, ignore),
    undo(world, new Queue(), { ...on, memberId: null }, idle, ignore),
  ]
  for (const asked of late) await expect(asked).rejects.toThrow(/Somebody stopped this server.*Nothing was begun/)
  expect([changes(world), world.book.runs.size]).toEqual([[], 1])
})

test('what begins while a stop is still being written ends as well', async () => {
  const world = threeMembers()
  const written = Promise.withResolvers<void>()
  const write = world.book.stop.bind(world.book)
  world.book.stop = async (...stopping) => {
    const stopped = await write(...stopping)
    await written.promise
    return stopped
  }
  const stopping = stop(world, GUILD, BY)
  await settled()
  const auditing = audit(world, new Queue(), orderOf(), idle, (progress) => {
    if (progress.stage === 'planning') written.resolve()
  })
  await stopping
  const before = [...changes(world)]
  expect((await auditing).problem).toMatch(/Somebody stopped/)
  expect(changes(world)).toEqual(before)
})

/** Eve and a second guest were stripped, and their kicks failed at Discord; the tries are due. */
async function twoFailedKicks(): Promise<SmallWorld> {
  const world = threeMembers()
  world.discord.put('6', [PILOTS])
  world.book.settingsNow = KICKING
  for (const id of ['5', '6'])
    world.discord.answers.set(`kick ${id}`, { outcome: 'failed', detail: 'HTTP 503', really: false })
  await run(world, { action: 'strip_kick' })
  world.discord.answers.clear()
  world.clock.pass(5 * MINUTE)
  world.steps.length = 0
  return world
}

test('a stop between two kicks that are tried again lets the second be', async () => {
  const world = await twoFailedKicks()
  let stopped: Promise<unknown> | null = null
  world.discord.afterAct = () => {
    stopped ??= stop(world, GUILD, BY)
  }
  await retryKicks(world, new Queue(), idle)
  await stopped
  expect(changes(world)).toEqual(['kick 5'])
})

test('a stop while the first is still judged lets both be', async () => {
  const world = await twoFailedKicks()
  stopWhenAsked(world)
  await retryKicks(world, new Queue(), idle)
  expect([changes(world), [...world.book.runs.values()].map(({ purpose }) => purpose)]).toEqual([[], ['audit']])
})

test('a stop while the first is written down, just before it is begun, lets both be', async () => {
  const world = await twoFailedKicks()
  const open = world.book.openRun.bind(world.book)
  world.book.openRun = async (...order) => {
    const opened = await open(...order)
    await stop(world, GUILD, BY)
    return opened
  }
  await retryKicks(world, new Queue(), idle)
  expect(changes(world)).toEqual([])
})

test('what is given up is not tried again, nor what is undone, nor what its asker may no longer do', async () => {
  const abandoned = await twoFailedKicks()
  const [wanted] = [...abandoned.book.runs.values()]
  abandoned.book.runs.set(wanted!.id, { ...wanted!, state: 'interrupted' })
  await abandon(abandoned, { guildId: GUILD, runId: wanted!.id, by: BY })
  await retryKicks(abandoned, new Queue(), idle)
  expect(changes(abandoned)).toEqual([])

  const undone = await twoFailedKicks()
  const [taken] = [...undone.book.runs.values()]
  await undo(undone, new Queue(), { guildId: GUILD, runId: taken!.id, memberId: null, by: BY }, idle, ignore)
  expect(undone.book.retries.size).toBe(0)

  const demoted = await twoFailedKicks()
  demoted.mayStill = (_guildId, actor) => actor !== 'discord:1'
  await retryKicks(demoted, new Queue(), idle)
  expect(changes(demoted)).toEqual([])
  expect(demoted.book.retries.size).toBe(0)
})

test('a scheduled run goes on only while its schedule is armed, and keeps its plan for then', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, armed: { schedule: true, realtime: false } }
  const before = await audit(world, new Queue(), orderOf(SCHEDULED), { asked: true }, ignore)
  await stop(world, GUILD, BY)
  const goOn = () => resume(world, new Queue(), { guildId: GUILD, runId: before.id, by: BY }, idle, ignore)
  await expect(goOn()).rejects.toThrow(/only while schedule is armed/)
  expect(world.book.runs.get(before.id)?.state).toBe('interrupted')
  world.book.settingsNow = { ...STRIPPING, armed: { schedule: true, realtime: false } }
  expect((await goOn()).outcomes).toEqual({ done: 2 })
})
