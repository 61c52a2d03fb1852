import { expect, test } from 'vitest'
import { Refusal } from '#src/core/refusal.ts'
import { EVERYTHING } from '#src/core/run.ts'
import { type AuditOrder, audit } from '#src/loop/audit.ts'
import { Queue } from '#src/loop/queue.ts'
import {
  DIRECTORS,
  findingOf,
  GUILD,
  makeSmallWorld,
  PILOTS,
  person,
  type SmallWorld,
  STRIPPING,
} from './small-world.ts'

const order = (more: Partial<AuditOrder> = {}): AuditOrder => ({
  guildId: GUILD,
  purpose: 'audit',
  cause: null,
  only: EVERYTHING,
  lane: 'command',
  trigger: 'slash',
  action: 'strip',
  actor: 'discord:1',
  mayDestroy: true,
  reason: null,
  idempotencyKey: 'interaction:1',
  ...more,
})

const run = (world: SmallWorld, more: Partial<AuditOrder> = {}) =>
  audit(world, new Queue(), order(more), { asked: false }, () => {})

/** Ann has earned Pilots, Bob holds Directors by hand, Eve is known to nobody and holds Pilots. */
function threeMembers(): SmallWorld {
  const world = makeSmallWorld([person('42', '3', ['Pilots']), person('43', '4')])
  world.discord.put('3', [PILOTS])
  world.discord.put('4', [DIRECTORS])
  world.discord.put('5', [PILOTS])
  world.book.settingsNow = STRIPPING
  return world
}

const changes = (world: SmallWorld) => world.steps.filter((step) => /^(remove|add)_role/.test(step))

test('each member is looked at, the intent written, the role taken, and the outcome settled, in that order', async () => {
  const world = threeMembers()
  const ended = await run(world)
  expect(ended.state).toBe('completed')
  expect(ended.outcomes).toEqual({ done: 2 })
  const ofBob = world.steps.filter((step) => / 4( |$)/.test(step))
  expect(ofBob).toEqual([
    'look 4',
    `intend 4 ${DIRECTORS} held ${DIRECTORS}`,
    `remove_role 4 ${DIRECTORS}`,
    `settle 4 ${DIRECTORS} done`,
  ])
  expect(world.discord.members.get('3')?.roleIds).toEqual([PILOTS])
})

test('a report changes nothing', async () => {
  const world = threeMembers()
  const ended = await run(world, { action: 'report' })
  expect(ended.state).toBe('completed')
  expect(ended.counts).toMatchObject({ members: 5, bot_filtered: 1, unknown_guest: 2, role_drift: 1, in_order: 1 })
  expect(changes(world)).toEqual([])
})

test('until the first-run lock is lifted a strip run takes nothing and says which gate held', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, acknowledged: false }
  const ended = await run(world)
  expect(ended.state).toBe('completed')
  expect(findingOf(world.book.plans[0], '4')?.gates).toEqual(['first_run_lock'])
  expect(changes(world)).toEqual([])
})

test('an invoker who may not take roles gets a report', async () => {
  const world = threeMembers()
  await run(world, { mayDestroy: false })
  expect(findingOf(world.book.plans[0], '4')?.gates).toEqual(['actor_not_permitted'])
  expect(changes(world)).toEqual([])
})

test('a plan over the blast radius waits for a human and touches nobody', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, blast: { run: 0.1, day: 1, kicks: 1 } }
  const ended = await run(world)
  expect(ended.state).toBe('awaiting_approval')
  expect(ended.blast).toMatchObject({ affected: 2, limit: 1, over: true })
  expect(changes(world)).toEqual([])
})

test('an identity source that came back empty takes nothing from anybody', async () => {
  const world = threeMembers()
  world.source.replace({ names: { groups: [], states: [], reservedNames: [] }, identities: [] })
  const ended = await run(world)
  expect(ended.truth).toEqual({ suspect: true, why: ['no_identities', 'no_groups', 'no_access'] })
  expect(changes(world)).toEqual([])
  expect(world.book.accepted).toBe(0)
})

test('an identity source that cannot be reached ends the run with its own sentence', async () => {
  const world = threeMembers()
  world.source.fail('The identity database does not answer. Nobody is judged; look at its server.')
  const ended = await run(world)
  expect(ended).toMatchObject({
    state: 'failed',
    problem: 'The identity database does not answer. Nobody is judged; look at its server.',
  })
  expect(changes(world)).toEqual([])
})

test('a source that goes dark between plan and act ends the run before anything is taken', async () => {
  const world = threeMembers()
  world.discord.beforeLook = () => world.source.fail('The identity database does not answer.')
  const ended = await run(world)
  expect(ended.state).toBe('interrupted')
  expect(changes(world)).toEqual([])
})

test('a source that empties between plan and act takes nothing: the look sees the closed gate', async () => {
  const world = threeMembers()
  world.discord.beforeLook = () =>
    world.source.replace({ names: { groups: [], states: [], reservedNames: [] }, identities: [] })
  const ended = await run(world)
  expect(ended.outcomes).toEqual({ changed: 2 })
  expect(changes(world)).toEqual([])
})

test('a member who earned the role between plan and act keeps it and is listed', async () => {
  const world = threeMembers()
  world.discord.beforeLook = () =>
    world.source.replace({
      names: { groups: ['Pilots', 'Directors'], states: ['Member'], reservedNames: [] },
      identities: [person('42', '3', ['Pilots']), person('43', '4', ['Directors']), person('44', '5', ['Pilots'])],
    })
  const ended = await run(world)
  expect(ended.outcomes).toEqual({ changed: 2 })
  expect(world.book.notes.toSorted()).toEqual(['4 changed', '5 changed'])
  expect(changes(world)).toEqual([])
})

test('a member whose roles the roster had wrong is left alone', async () => {
  const world = threeMembers()
  world.discord.putUnseen('4', [])
  const ended = await run(world)
  expect(ended.outcomes).toEqual({ changed: 1, done: 1 })
  expect(changes(world)).toEqual([`remove_role 5 ${PILOTS}`])
})

test('a member who left between listing and looking is counted as gone', async () => {
  const world = threeMembers()
  world.discord.members.delete('4')
  const ended = await run(world)
  expect(ended.outcomes).toEqual({ gone: 1, done: 1 })
})

test('a removal that Discord accepted but did not make is never called done', async () => {
  const world = threeMembers()
  world.discord.answers.set('4', { outcome: 'done', detail: null, really: false })
  const ended = await run(world)
  expect(ended.outcomes).toEqual({ failed: 1, done: 1 })
  expect(world.steps).toContain(`settle 4 ${DIRECTORS} failed`)
})

test('a removal that Discord failed to answer but made is found to be done', async () => {
  const world = threeMembers()
  world.discord.answers.set('4', { outcome: 'unknown', detail: 'HTTP 500', really: true })
  expect((await run(world)).outcomes).toEqual({ done: 2 })
})

test('where the intent cannot be written the act does not happen', async () => {
  const world = threeMembers()
  world.book.fail = 'intend'
  const ended = await run(world)
  expect(ended.state).toBe('interrupted')
  expect(changes(world)).toEqual([])
})

test('a member whom Discord will not show is left alone, and the run goes on', async () => {
  const world = threeMembers()
  world.discord.beforeLook = (memberId) => {
    if (memberId === '4') throw new Error('HTTP 503')
  }
  expect((await run(world)).outcomes).toEqual({ failed: 1, done: 1 })
})

test('a strip on a member list that is not live is refused before anything is opened', async () => {
  const world = threeMembers()
  world.discord.state = 'suspect'
  await expect(run(world)).rejects.toThrow(Refusal)
  expect(world.book.runs.size).toBe(0)
})

test('the same order twice is one run', async () => {
  const world = threeMembers()
  const first = await run(world)
  const second = await run(world)
  expect(second.id).toBe(first.id)
  expect(changes(world)).toHaveLength(2)
})

test('a process that is asked to end begins no further act and leaves the run interrupted', async () => {
  const world = threeMembers()
  const ended = await audit(world, new Queue(), order(), { asked: true }, () => {})
  expect(ended.state).toBe('interrupted')
  expect(changes(world)).toEqual([])
})

test('missing roles are given where the policy grants', async () => {
  const world = makeSmallWorld([person('42', '3', ['Pilots'])])
  world.discord.put('3', [])
  world.book.settingsNow = { ...STRIPPING, policy: { ...STRIPPING.policy, missing_roles: 'grant' } }
  expect((await run(world)).outcomes).toEqual({ done: 1 })
  expect(world.discord.members.get('3')?.roleIds).toEqual([PILOTS])
})

test('two excess roles are taken one after the other, each looked at again', async () => {
  const world = threeMembers()
  world.discord.put('4', [PILOTS, DIRECTORS])
  const ended = await run(world)
  expect(ended.outcomes).toEqual({ done: 3 })
  expect(world.steps.filter((step) => step === 'look 4')).toHaveLength(2)
})

test('a sound source is accepted into the baseline, once a run', async () => {
  const world = threeMembers()
  await run(world, { action: 'report' })
  expect(world.book.accepted).toBe(1)
})

test('what was done before a run was cut short stays counted', async () => {
  const world = threeMembers()
  for (let id = 10; id < 40; id += 1) world.discord.put(String(id), [PILOTS])
  world.discord.beforeLook = (memberId) => {
    if (memberId === '30') world.source.fail('The identity database does not answer.')
  }
  const ended = await run(world)
  const done = world.steps.filter((step) => / done$/.test(step)).length
  expect(done).toBeGreaterThan(5)
  expect(ended).toMatchObject({
    state: 'interrupted',
    outcomes: { done },
    problem: 'The identity database does not answer.',
  })
})

test('a member who earned the role while the act waited at Discord’s door keeps it', async () => {
  const world = threeMembers()
  world.discord.beforeSend = () =>
    world.source.replace({
      names: { groups: ['Pilots', 'Directors'], states: ['Member'], reservedNames: [] },
      identities: [person('42', '3', ['Pilots']), person('43', '4', ['Directors']), person('44', '5', ['Pilots'])],
    })
  const ended = await run(world)
  expect(ended.outcomes).toEqual({ changed: 2 })
  expect(changes(world).filter((step) => step.startsWith('remove'))).toEqual([])
  expect(world.discord.members.get('4')?.roleIds).toEqual([DIRECTORS])
})

test('a role whose renaming was never told is not taken by its old name', async () => {
  const world = threeMembers()
  const { guild } = world.discord
  world.discord.guildAtDiscord = {
    ...guild,
    roles: guild.roles.map((role) => (role.id === PILOTS ? { ...role, name: 'Alumni' } : role)),
  }
  await run(world)
  expect(changes(world)).toEqual([`remove_role 4 ${DIRECTORS}`])
})

test('a run may not act on a source that no report has looked at', async () => {
  const world = threeMembers()
  world.book.baselineNow = null
  await expect(run(world)).rejects.toThrow(/Make a report first/)
  expect((await run(world, { action: 'report' })).state).toBe('completed')
})

test('a list that is not read yet is not reported on', async () => {
  const world = threeMembers()
  world.discord.state = 'syncing'
  await expect(run(world, { action: 'report' })).rejects.toThrow(/still being read/)
})

test('after five refusals in a row the run ends with what Discord said', async () => {
  const world = threeMembers()
  for (let id = 10; id < 40; id += 1) {
    world.discord.put(String(id), [PILOTS])
    world.discord.answers.set(String(id), { outcome: 'refused', detail: 'The bot may not do this.', really: false })
  }
  for (const id of ['4', '5'])
    world.discord.answers.set(id, { outcome: 'refused', detail: 'The bot may not do this.', really: false })
  const ended = await run(world)
  expect(ended.state).toBe('interrupted')
  expect(ended.problem).toMatch(/refused \d+ changes in a row.*The bot may not do this/)
  expect(changes(world).length).toBeLessThan(15)
})
