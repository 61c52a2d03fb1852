import { expect, test } from 'vitest'
import { runsAtWork } from '#src/loop/at-work.ts'
import { audit } from '#src/loop/audit.ts'
import { Queue } from '#src/loop/queue.ts'
import { stop } from '#src/loop/stop.ts'
import { GUILD, STRIPPING } from './small-world.ts'
import { addGuests, BY, changes, orderOf, threeMembers } from './three-members.ts'

test('a stop disarms both triggers, names the runs it ended, and tells the moderators', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, armed: { schedule: true, realtime: true } }
  addGuests(world, 10)
  const stopping = Promise.withResolvers<void>()
  world.discord.afterAct = () => stopping.resolve()
  const running = audit(world, new Queue(), orderOf(), { asked: false }, () => {})
  await stopping.promise
  const stopped = await stop(world, GUILD, BY)
  const ended = await running
  expect(stopped.wasArmed).toEqual({ schedule: true, realtime: true })
  expect(world.book.settingsNow.armed).toEqual({ schedule: false, realtime: false })
  expect(ended.state).toBe('interrupted')
  const told = { kind: 'stopped', actor: 'discord:7', runs: [{ id: ended.id, purpose: 'audit' }] }
  expect(world.told).toEqual([told])
  expect(runsAtWork(world).size).toBe(0)
})

test('runs end at their next step even where the database does not answer', async () => {
  const world = threeMembers()
  addGuests(world, 20)
  world.book.fail = 'stop'
  let stopping: Promise<unknown> | null = null
  world.discord.afterAct = () => {
    stopping ??= stop(world, GUILD, BY).catch(() => 'the database went away')
  }
  const ended = await audit(world, new Queue(), orderOf(), { asked: false }, () => {})
  expect(await stopping).toBe('the database went away')
  expect(ended).toMatchObject({ state: 'interrupted', problem: expect.stringMatching(/Somebody stopped/) })
  expect(changes(world).length).toBeLessThanOrEqual(5)
})

test('whoever stops while the database does not answer is told what has ended by that and what has not', async () => {
  const world = threeMembers()
  world.book.fail = 'stop'
  await expect(stop(world, GUILD, BY)).rejects.toThrow(/ends at its next step.*what is armed stays armed.*again/)
  expect(world.notices).toEqual(['a stop could not be written down'])
  world.book.fail = null
  await expect(stop(world, GUILD, BY)).resolves.toMatchObject({ runs: [] })
})

test('a stop of another guild ends nothing here', async () => {
  const world = threeMembers()
  addGuests(world, 20)
  world.discord.afterAct = () => void stop(world, '2000', BY)
  world.book.stop = async () => ({ runs: [], wasArmed: { schedule: false, realtime: false } })
  const ended = await audit(world, new Queue(), orderOf(), { asked: false }, () => {})
  expect(ended).toMatchObject({ state: 'completed', outcomes: { done: 22 } })
})
