import { expect, test } from 'vitest'
import type { Run } from '#src/core/run.ts'
import { acknowledgePlan } from '#src/loop/approve.ts'
import type { By } from '#src/loop/invoking.ts'
import { Queue } from '#src/loop/queue.ts'
import { resume } from '#src/loop/resume.ts'
import { DIRECTORS, GUILD, NAMES, PILOTS, person, type SmallWorld, STRIPPING } from './small-world.ts'
import { BY, changes, rolesOf, run, SCHEDULED, threeMembers } from './three-members.ts'

const DAY = 24 * 3_600_000
const SMALL_BLAST = { ...STRIPPING, blast: { run: 0.1, day: 1, kicks: 1 } }

async function waiting(more: Parameters<typeof run>[1] = {}): Promise<{ world: SmallWorld; held: Run }> {
  const world = threeMembers()
  world.book.settingsNow = { ...SMALL_BLAST, armed: { schedule: true, realtime: false } }
  return { world, held: await run(world, more) }
}

const approve = (
  world: SmallWorld,
  { id, planDigest }: Pick<Run, 'id' | 'planDigest'>,
  by: By = BY,
  halt = { asked: false },
) => {
  const plan = { guildId: GUILD, runId: id, digest: planDigest ?? '', by }
  return acknowledgePlan(world, new Queue(), plan, halt, () => {})
}

test('the plan that a human names by its digest is carried out, exactly that, and by the approver', async () => {
  const { world, held } = await waiting()
  world.discord.put('6', [PILOTS])
  const ended = await approve(world, held)
  expect(ended).toMatchObject({ id: held.id, state: 'completed', outcomes: { done: 2 } })
  expect(rolesOf(world, '6')).toEqual([PILOTS])
  expect(world.book.acts.map(({ context }) => context.actor)).toEqual(['discord:7', 'discord:7'])
  expect(world.book.approvals.get(held.planDigest!)).toMatchObject({ by: 'discord:7', expiresAt: world.now() + DAY })
})

test('another digest approves nothing', async () => {
  const { world, held } = await waiting()
  await expect(approve(world, { ...held, planDigest: 'sha256:other' })).rejects.toThrow(/not the plan that was named/)
  expect(world.book.approvals.size).toBe(0)
  expect(changes(world)).toEqual([])
})

test('a plan that has waited for more than a day is approved no more', async () => {
  const { world, held } = await waiting()
  world.clock.pass(DAY + 1)
  await expect(approve(world, held)).rejects.toThrow(/more than a day old/)
  expect(changes(world)).toEqual([])
})

test('members who changed while the plan waited drop out and are listed', async () => {
  const { world, held } = await waiting()
  world.source.replace({ names: NAMES, identities: [person('42', '3', ['Pilots']), person('43', '4', ['Directors'])] })
  expect((await approve(world, held)).outcomes).toEqual({ changed: 1, done: 1 })
  expect(rolesOf(world, '4')).toEqual([DIRECTORS])
  expect(world.book.notes).toContain('4 changed')
})

test('a scheduled plan is approved only while the schedule is armed, and waits for that', async () => {
  const { world, held } = await waiting(SCHEDULED)
  world.book.settingsNow = SMALL_BLAST
  await expect(approve(world, held)).rejects.toThrow(/only while schedule is armed/)
  expect(changes(world)).toEqual([])
  expect(world.book.runs.get(held.id)?.state).toBe('awaiting_approval')
})

test('a scheduled plan that a human approved is carried out where the schedule is armed', async () => {
  const { world, held } = await waiting(SCHEDULED)
  expect((await approve(world, held)).outcomes).toEqual({ done: 2 })
})

test('whoever may not take roles approves nothing', async () => {
  const { world, held } = await waiting()
  await expect(approve(world, held, { ...BY, mayStrip: false })).rejects.toThrow(/Manage Roles/)
  expect(world.book.approvals.size).toBe(0)
})

test('a plan is not approved while its source is suspect', async () => {
  const { world, held } = await waiting()
  world.source.replace({ names: NAMES, identities: [] })
  await expect(approve(world, held)).rejects.toThrow(/it holds nobody/)
  expect(world.book.approvals.size).toBe(0)
})

test('a run that does not wait is not approved', async () => {
  const world = threeMembers()
  const ended = await run(world)
  await expect(approve(world, ended)).rejects.toThrow(/is completed/)
})

test('an approved run that was cut off goes on while its approval holds, and waits again after that', async () => {
  const { world, held } = await waiting()
  const cut = await approve(world, held, BY, { asked: true })
  expect(cut.state).toBe('interrupted')
  const approval = world.book.approvals.get(held.planDigest!)!
  world.book.approvals.set(held.planDigest!, { ...approval, expiresAt: world.now() })
  const order = { guildId: GUILD, runId: held.id, by: BY }
  const again = () => resume(world, new Queue(), order, { asked: false }, () => {})
  expect((await again()).state).toBe('awaiting_approval')
  expect(changes(world)).toEqual([])
  expect((await approve(world, held)).outcomes).toEqual({ done: 2 })
})
