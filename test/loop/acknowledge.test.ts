import { expect, test } from 'vitest'
import { EVERYTHING, type Run } from '#src/core/run.ts'
import { acknowledgeFirstRun } from '#src/loop/acknowledge.ts'
import { audit } from '#src/loop/audit.ts'
import { Queue } from '#src/loop/queue.ts'
import { GUILD, makeSmallWorld, PILOTS, person, type SmallWorld, STRIPPING } from './small-world.ts'

async function reported(change: (run: Run) => Partial<Run> = () => ({})): Promise<{ world: SmallWorld; run: Run }> {
  const world = makeSmallWorld([person('42', '3', ['Pilots'])])
  world.discord.put('3', [PILOTS])
  world.book.settingsNow = { ...STRIPPING, acknowledged: false }
  const order = {
    guildId: GUILD,
    purpose: 'audit',
    cause: null,
    only: EVERYTHING,
    lane: 'command',
    trigger: 'slash',
    action: 'report',
    actor: 'discord:1',
    mayDestroy: true,
    reason: null,
    idempotencyKey: 'x',
  } as const
  const made = await audit(world, new Queue(), order, { asked: false }, () => {})
  const run = { ...made, ...change(made) }
  world.book.runs.set(run.id, run)
  return { world, run }
}

const lift = (world: SmallWorld, runId: string) =>
  acknowledgeFirstRun(world, GUILD, runId, { actor: 'discord:1', cause: 'interaction:77', reason: null })

test('a completed report of a live roster and a sound source lifts the lock', async () => {
  const { world, run } = await reported()
  await lift(world, run.id)
  expect(world.book.settingsNow.acknowledged).toBe(true)
})

test.each([
  ['a strip run', { action: 'strip' }, /not a report run/],
  ['a report of one member', { only: { memberId: '3', roleId: null } }, /a part of the server/],
  ['a report of one role', { only: { memberId: null, roleId: PILOTS } }, /a part of the server/],
  ['a run that failed', { state: 'failed' }, /it is failed, not completed/],
  ['a run that waits for approval', { state: 'awaiting_approval' }, /awaiting approval/],
  ['a run on a list that was not live', { rosterState: 'suspect' }, /member list was not live/],
  ['a run on a suspect source', { truth: { suspect: true, why: ['no_access'] } }, /suspect/],
] as const)('%s lifts nothing', async (_name, change, why) => {
  const { world, run } = await reported(() => change)
  await expect(lift(world, run.id)).rejects.toThrow(why)
  expect(world.book.settingsNow.acknowledged).toBe(false)
})

test('a run that this server does not have lifts nothing', async () => {
  const { world } = await reported()
  await expect(lift(world, '00000000-0000-7000-8000-00000000ffff')).rejects.toThrow(/has no run/)
})

test('a lock that was lifted before is said to be', async () => {
  const { world, run } = await reported()
  await lift(world, run.id)
  await expect(lift(world, run.id)).rejects.toThrow(/lifted before/)
})
