import { expect, test } from 'vitest'
import type { Role } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { TermOver } from '#src/core/term.ts'
import { audit, type Progress } from '#src/loop/audit.ts'
import { Queue } from '#src/loop/queue.ts'
import { stop } from '#src/loop/stop.ts'
import {
  DIRECTORS,
  findingOf,
  GUILD,
  KICKING,
  makeSmallWorld,
  NAMES,
  PILOTS,
  person,
  STRIPPING,
  TOP,
} from './small-world.ts'
import { addGuests, BY, changes, orderOf, rolesOf, run, SCHEDULED, threeMembers } from './three-members.ts'

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

test('a source that empties between plan and act ends the run, and nobody drops out by that', async () => {
  const world = threeMembers()
  world.discord.beforeLook = () =>
    world.source.replace({ names: { groups: [], states: [], reservedNames: [] }, identities: [] })
  const ended = await run(world)
  expect(ended).toMatchObject({ state: 'interrupted', outcomes: {}, problem: expect.stringContaining('truth check') })
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

test('the same order begins a run anew that was cut off as little as one that waits for a human', async () => {
  const world = threeMembers()
  const cut = await audit(world, new Queue(), orderOf(), { asked: true }, () => {})
  expect(await run(world)).toMatchObject({ id: cut.id, state: 'interrupted' })
  world.book.settingsNow = { ...STRIPPING, blast: { run: 0.1, day: 1, kicks: 1 } }
  const held = await run(world, { idempotencyKey: 'another' })
  world.book.settingsNow = STRIPPING
  expect(await run(world, { idempotencyKey: 'another' })).toMatchObject({ id: held.id, state: 'awaiting_approval' })
  expect(changes(world)).toEqual([])
})

test('a member whom the source leaves out of its answer keeps what they hold, and the run ends', async () => {
  const world = threeMembers()
  const find = world.source.find.bind(world.source)
  world.source.find = async (ids) => ({ ...(await find(ids)), claims: new Map() })
  const ended = await run(world, { only: { memberId: '5', roleId: null } })
  expect([ended.state, ended.problem]).toEqual(['interrupted', expect.stringContaining('did not answer for member 5')])
  expect(changes(world)).toEqual([])
})

test('a process that is asked to end begins no further act and leaves the run interrupted', async () => {
  const world = threeMembers()
  const ended = await audit(world, new Queue(), orderOf(), { asked: true }, () => {})
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

test('a source that is new is accepted by a report that a person asks for, and not by one of the clock’s', async () => {
  const world = threeMembers()
  world.book.baselineNow = null
  const unattended = await run(world, { ...SCHEDULED, action: 'report' })
  expect(unattended.state).toBe('completed')
  expect(world.book.accepted).toBe(0)
  await run(world, { action: 'report' })
  expect(world.book.accepted).toBe(1)
})

test('once a source was accepted, the clock’s looks take what is sound of it into the baseline too', async () => {
  const world = threeMembers()
  await run(world, { ...SCHEDULED, action: 'report' })
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

test('a run of one member changes nobody else, and still counts everybody', async () => {
  const world = threeMembers()
  const ended = await run(world, { only: { memberId: '4', roleId: null } })
  expect(changes(world)).toEqual([`remove_role 4 ${DIRECTORS}`])
  expect(ended.counts).toMatchObject({ members: 5, unknown_guest: 2 })
  expect(world.book.plans[0]?.findings.map(({ memberId }) => memberId)).toEqual(['4'])
})

test('a run of one role takes that role alone, and kicks nobody', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  world.discord.put('5', [PILOTS, DIRECTORS])
  const ended = await run(world, { action: 'strip_kick', only: { memberId: null, roleId: DIRECTORS } })
  expect(changes(world)).toEqual([`remove_role 4 ${DIRECTORS}`, `remove_role 5 ${DIRECTORS}`])
  expect(ended.outcomes).toEqual({ done: 2 })
  expect(rolesOf(world, '5')).toEqual([PILOTS])
})

test('a plan that waits is told with its digest, and no end is told of it', async () => {
  const world = threeMembers()
  world.book.settingsNow = {
    ...STRIPPING,
    armed: { schedule: true, realtime: false },
    blast: { run: 0.1, day: 1, kicks: 1 },
  }
  const ended = await run(world, SCHEDULED)
  expect(ended.state).toBe('awaiting_approval')
  expect(world.told).toMatchObject([{ kind: 'plan_waits', digest: ended.planDigest, blast: { affected: 2, limit: 1 } }])
})

test('a plan that a human approved passes the blast radius in a later run as well, for a day', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, blast: { run: 0.1, day: 1, kicks: 1 } }
  const waits = await run(world)
  const approval = { runId: waits.id, digest: waits.planDigest!, by: BY.actor, at: 0, expiresAt: world.now() + 1 }
  world.book.approvals.set(approval.digest, approval)
  expect((await run(world, { idempotencyKey: 'again' })).outcomes).toEqual({ done: 2 })
})

test('an approval that has expired opens nothing', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, blast: { run: 0.1, day: 1, kicks: 1 } }
  const waits = await run(world)
  const approval = { runId: waits.id, digest: waits.planDigest!, by: BY.actor, at: 0, expiresAt: world.now() }
  world.book.approvals.set(approval.digest, approval)
  expect((await run(world, { idempotencyKey: 'again' })).state).toBe('awaiting_approval')
  expect(changes(world)).toEqual([])
})

test('scheduled runs act only where the schedule is armed', async () => {
  const world = threeMembers()
  await run(world, SCHEDULED)
  expect(findingOf(world.book.plans[0], '4')?.gates).toEqual(['unattended_not_armed'])
  expect(changes(world)).toEqual([])
})

test('an armed schedule acts in its own lane, and its end is told', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, armed: { schedule: true, realtime: false } }
  const ended = await run(world, SCHEDULED)
  expect(changes(world)).toHaveLength(2)
  expect(world.discord.performings.map(({ lane }) => lane)).toEqual(['sweep', 'sweep'])
  expect(world.told).toEqual([{ kind: 'run_ended', run: ended, atStake: 2, grantors: [] }])
})

test('what was taken unattended within a day counts against the next scheduled run', async () => {
  const world = threeMembers()
  world.book.settingsNow = {
    ...STRIPPING,
    armed: { schedule: true, realtime: false },
    blast: { run: 1, day: 0.5, kicks: 1 },
  }
  await run(world, SCHEDULED)
  addGuests(world, 1)
  const second = await run(world, { ...SCHEDULED, idempotencyKey: 'schedule:2' })
  expect(second).toMatchObject({ state: 'awaiting_approval', blast: { affected: 1, dayLimit: 2, over: true } })
  world.clock.pass(24 * 3_600_000 + 1)
  expect((await run(world, { ...SCHEDULED, idempotencyKey: 'schedule:3' })).outcomes).toEqual({ done: 1 })
})

test('what a person had taken does not count against the schedule', async () => {
  const world = threeMembers()
  world.book.settingsNow = {
    ...STRIPPING,
    armed: { schedule: true, realtime: false },
    blast: { run: 1, day: 0.5, kicks: 1 },
  }
  await run(world)
  addGuests(world, 1)
  expect((await run(world, SCHEDULED)).state).toBe('completed')
})

test('more kicks than the kick limit wait for a human, however few the members', async () => {
  const world = threeMembers()
  addGuests(world, 1)
  world.book.settingsNow = { ...KICKING, blast: { run: 1, day: 1, kicks: 0.2 } }
  const ended = await run(world, { action: 'strip_kick' })
  expect(ended).toMatchObject({ state: 'awaiting_approval', blast: { kicks: 2, kickLimit: 1 } })
  expect(changes(world)).toEqual([])
})

test('a person whose identity became another one between plan and act keeps the role', async () => {
  const world = threeMembers()
  world.discord.beforeLook = () =>
    world.source.replace({ names: NAMES, identities: [person('42', '3', ['Pilots']), person('99', '4')] })
  await run(world, { only: { memberId: '4', roleId: null } })
  expect(changes(world)).toEqual([])
})

test.each([
  ['protected', { protectedMembers: ['4'] }],
  ['put under an override', { overrides: [{ memberId: '4', action: 'report', expiresAt: null, reason: 'leave' }] }],
  ['declared a bot', { botAccounts: ['4'] }],
  ['in a guild whose lock was put back', { acknowledged: false }],
] as const)('a member who is %s between plan and act keeps the role', async (_name, change) => {
  const world = threeMembers()
  world.discord.beforeLook = () => {
    world.book.settingsNow = { ...STRIPPING, ...change }
  }
  const ended = await run(world, { only: { memberId: '4', roleId: null } })
  expect(ended.outcomes).toEqual({ changed: 1 })
  expect(changes(world)).toEqual([])
})

test('a schedule that is disarmed in the middle of its run takes nothing more', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, armed: { schedule: true, realtime: false } }
  world.discord.beforeLook = () => {
    world.book.settingsNow = STRIPPING
  }
  expect(await run(world, SCHEDULED)).toMatchObject({ state: 'interrupted', outcomes: {} })
  expect(changes(world)).toEqual([])
})

test.each([
  ['deleted', (roles: readonly Role[]) => roles.filter(({ id }) => id !== DIRECTORS)],
  [
    'moved above the bot',
    (roles: readonly Role[]) => roles.map((role) => (role.id === DIRECTORS ? { ...role, position: 9 } : role)),
  ],
] as const)('a role that was %s between plan and act is not touched', async (_name, change) => {
  const world = threeMembers()
  const { guild } = world.discord
  let looks = 0
  world.discord.beforeLook = () => {
    looks += 1
    if (looks === 1) world.discord.guildAtDiscord = { ...guild, roles: change(guild.roles) }
  }
  const ended = await run(world, { only: { memberId: '4', roleId: null } })
  expect(ended.outcomes).toEqual({ changed: 1 })
  expect(changes(world)).toEqual([])
})

test('a bot that is demoted between plan and act touches nobody', async () => {
  const world = threeMembers()
  world.discord.beforeLook = () => {
    world.discord.guildAtDiscord = { ...world.discord.guild, botRoleIds: [] }
  }
  expect((await run(world)).outcomes).toEqual({ changed: 2 })
  expect(changes(world)).toEqual([])
})

test('a member who left and came back without the role is left alone', async () => {
  const world = threeMembers()
  world.discord.beforeLook = (memberId) => {
    if (memberId === '4') world.discord.put('4', [])
  }
  expect((await run(world, { only: { memberId: '4', roleId: null } })).outcomes).toEqual({ changed: 1 })
})

test('a member who was banned while their act waited is not acted on', async () => {
  const world = threeMembers()
  world.discord.beforeSend = ({ memberId }) => world.discord.leave(memberId)
  expect((await run(world, { only: { memberId: '4', roleId: null } })).outcomes).toEqual({ changed: 1 })
  expect(changes(world)).toEqual([])
})

test('a member list that comes into doubt in the middle of a run ends it, and nobody drops out by that', async () => {
  const world = threeMembers()
  world.discord.beforeLook = () => {
    world.discord.state = 'suspect'
  }
  expect(await run(world)).toMatchObject({
    state: 'interrupted',
    problem: expect.stringMatching(/member list came into doubt/),
  })
  expect(world.book.notes).toEqual([])
})

test('an outcome that cannot be written leaves the act open, and the run says that something broke', async () => {
  const world = threeMembers()
  world.book.fail = 'settle'
  const ended = await run(world, { only: { memberId: '4', roleId: null } })
  expect(ended).toMatchObject({ state: 'interrupted', outcomes: { unknown: 1 } })
  expect(world.notices).toEqual(['a run broke'])
  expect(await world.book.openIntents(9)).toHaveLength(1)
})

test('an outcome that the database takes at the second try is written once', async () => {
  const world = threeMembers()
  const settle = world.book.settle.bind(world.book)
  let tries = 0
  world.book.settle = async (...written) => {
    tries += 1
    if (tries === 1) throw new Error('the database went away')
    return settle(...written)
  }
  expect((await run(world, { only: { memberId: '4', roleId: null } })).outcomes).toEqual({ done: 1 })
})

test('a run whose end cannot be stored says how it ended, and calls nothing complete', async () => {
  const world = threeMembers()
  world.book.fail = 'completeRun'
  world.discord.afterAct = () => {
    world.book.moveRun = async () => {
      throw new Error('the database went away')
    }
  }
  const ended = await run(world)
  expect(ended.state).toBe('interrupted')
  expect(world.notices).toEqual(['a run broke', 'the end of a run could not be stored'])
})

test('a stop in the middle of a run ends it at its next step, quietly', async () => {
  const world = threeMembers()
  addGuests(world, 30)
  let acts = 0
  let stopping: Promise<unknown> | null = null
  world.discord.afterAct = () => {
    acts += 1
    if (acts === 3) stopping = stop(world, GUILD, BY)
  }
  const ended = await run(world)
  await stopping
  expect(ended.state).toBe('interrupted')
  // Those that were written down when it came are finished: four places of the queue.
  expect(changes(world).length).toBeLessThanOrEqual(3 + 4)
  expect(world.notices).toEqual([])
})

test('a run that another process ended makes no further act and keeps that end', async () => {
  const world = threeMembers()
  addGuests(world, 10)
  world.discord.afterAct = () => void world.book.stop(GUILD, { actor: BY.actor, cause: BY.cause, at: 0 })
  const ended = await run(world)
  expect(ended).toMatchObject({ state: 'interrupted', problem: 'Somebody stopped it.' })
  expect(changes(world).length).toBeLessThanOrEqual(4)
  expect(world.notices).toEqual([])
})

test('where another bot acts by now, nothing is written down and nothing is sent', async () => {
  const world = threeMembers()
  world.mayAct = () => false
  const ended = await run(world)
  expect(ended).toMatchObject({ state: 'interrupted', problem: expect.stringMatching(/Another bot acts/) })
  // The end of the run is left to whoever acts by now.
  expect(world.steps.filter((step) => /^(?:intend|settle|remove|run interrupted)/.test(step))).toEqual([])
  expect(world.notices).toEqual([])
})

test('what is found to be wanted still is not sent where another bot may act by the time that this is known', async () => {
  const world = threeMembers()
  world.discord.beforeSend = () => {
    world.discord.beforeLook = () => {
      world.mayAct = () => false
    }
  }
  await run(world).catch(() => {})
  expect(changes(world)).toEqual([])
})

test('a bot that loses its turn between the intent and the act sends nothing', async () => {
  const world = threeMembers()
  const intend = world.book.intend.bind(world.book)
  world.book.intend = async (...meant) => {
    const intent = await intend(...meant)
    world.mayAct = () => false
    return intent
  }
  await run(world, { only: { memberId: '4', roleId: null } })
  expect(changes(world)).toEqual([])
  expect(world.book.acts).toMatchObject([{ outcome: 'failed', detail: expect.stringMatching(/not sent/) }])
})

test('a bot that loses its turn while an act waits at Discord’s door does not send it', async () => {
  const world = threeMembers()
  world.discord.beforeSend = () => {
    world.mayAct = () => false
  }
  await run(world, { only: { memberId: '4', roleId: null } })
  expect(changes(world)).toEqual([])
})

test('an intent that the database refuses to an old bot ends the run quietly', async () => {
  const world = threeMembers()
  world.book.intend = async () => {
    throw new TermOver('A newer term.')
  }
  expect((await run(world)).problem).toMatch(/Another bot acts/)
  expect(world.notices).toEqual([])
})

test('a run that is not done by its deadline is cut off and can go on', async () => {
  const world = threeMembers()
  addGuests(world, 20)
  world.discord.afterAct = () => world.clock.pass(world.deadlineMs / 4)
  const ended = await run(world)
  expect(ended).toMatchObject({
    state: 'interrupted',
    problem: expect.stringMatching(/not done within 60 min.*\/audit resume/),
  })
  expect(changes(world).length).toBeLessThan(12)
  expect(ended.deadlineAt).toBe(1_000_000 + world.deadlineMs)
})

test('a clock that jumps over the deadline cuts nothing off', async () => {
  const world = threeMembers()
  world.discord.afterAct = () => world.clock.jump(2 * world.deadlineMs)
  expect((await run(world)).outcomes).toEqual({ done: 2 })
})

test('a bot in whose place another acts opens no run, and says why', async () => {
  const world = threeMembers()
  world.book.termOver = true
  await expect(run(world)).rejects.toThrow(/Another bot acts on this database by now/)
  await expect(run(world)).rejects.toMatchObject({ name: 'Refusal' })
  expect([world.book.runs.size, changes(world)]).toEqual([0, []])
})

test('the guild is read again after a while, whatever the clock on the wall says', async () => {
  const world = threeMembers()
  world.discord.put('4', [DIRECTORS, PILOTS])
  const { guild } = world.discord
  let reads = 0
  world.looker.guild = async () => {
    reads += 1
    return guild
  }
  world.discord.afterAct = () => world.clock.jump(3_600_000)
  await run(world, { only: { memberId: '4', roleId: null } })
  // Once for the plan and once for both acts: no time has passed between them.
  expect(reads).toBe(2)
  world.discord.put('4', [DIRECTORS, PILOTS])
  world.discord.afterAct = () => {
    world.clock.jump(-3_600_000)
    world.clock.pass(3_000)
  }
  await run(world, { only: { memberId: '4', roleId: null }, idempotencyKey: '2' })
  expect(reads).toBe(5)
})

test('a role of which it is told that it was renamed is not taken by a reading from before', async () => {
  const world = threeMembers()
  addGuests(world, 20)
  const { guild } = world.discord
  const renamed = { ...guild, roles: guild.roles.map((role) => ({ ...role, name: `old ${role.name}` })) }
  const roster = world.roster(GUILD)!
  world.discord.afterAct = () => {
    world.discord.guildAtDiscord = renamed
    world.roster = () => ({ ...roster, guild: () => renamed })
  }
  await run(world)
  expect(changes(world).length).toBeLessThanOrEqual(4)
})

test('a guild that could not be read is asked for again for the next member', async () => {
  const world = threeMembers()
  addGuests(world, 20)
  let reads = 0
  world.looker.guild = async () => {
    reads += 1
    if (reads === 2) throw new Error('HTTP 503')
    return world.discord.guild
  }
  const ended = await run(world)
  expect(ended.state).toBe('completed')
  expect(ended.outcomes.done).toBeGreaterThan(10)
})

test('a run of which Discord shows nobody is ended after twenty', async () => {
  const world = threeMembers()
  addGuests(world, 60)
  world.discord.beforeLook = () => {
    throw new Error('HTTP 503')
  }
  const ended = await run(world)
  expect(ended).toMatchObject({ state: 'interrupted', problem: expect.stringMatching(/20 members in a row/) })
  expect(ended.outcomes.failed).toBeLessThan(30)
})

test('a queue that is closed because the bot ends is no fault of the run', async () => {
  const world = threeMembers()
  const queue = new Queue()
  const busy = Promise.withResolvers<void>()
  for (const n of [1, 2, 3, 4]) void queue.add(`${GUILD}/busy${n}`, 'command', () => busy.promise)
  const halt = { asked: false }
  const running = audit(world, queue, orderOf(), halt, () => {})
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
  halt.asked = true
  void queue.close()
  expect(await running).toMatchObject({ state: 'interrupted', problem: expect.stringMatching(/asked to end/) })
  expect(world.notices).toEqual([])
  busy.resolve()
})

test('progress tells the members that are done and how long the rest takes', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  const seen: Progress[] = []
  await run(world, { action: 'strip_kick' }, (progress) => seen.push(progress))
  // Neither is counted: a bar from nothing to one would say nothing.
  const uncounted = { done: 0, total: 0, leftMs: null }
  expect(seen.slice(0, 2)).toEqual([
    { stage: 'reading', ...uncounted },
    { stage: 'planning', ...uncounted },
  ])
  const acting = seen.filter(({ stage }) => stage === 'acting')
  // Two roles at one a second, and the kicks of Eve and of the owner's guest at five a second.
  expect(acting[0]).toMatchObject({ done: 0, total: 2, leftMs: 2_200 })
  expect(acting.at(-1)).toMatchObject({ done: 2, total: 2, leftMs: 0 })
})

test('a run without drift sends nothing that changes anything', async () => {
  const world = makeSmallWorld([person('42', '3', ['Pilots'])])
  world.discord.put('3', [PILOTS])
  world.book.settingsNow = STRIPPING
  const ended = await run(world, { action: 'strip_kick' })
  expect(ended).toMatchObject({ state: 'completed', outcomes: {} })
  expect(world.discord.performings).toEqual([])
})

test('as many requests are sent as there are changes to be made', async () => {
  const world = threeMembers()
  addGuests(world, 25)
  await run(world)
  expect(world.discord.performings).toHaveLength(27)
})

test('a plan of many pages is carried out to its end', async () => {
  const world = threeMembers()
  addGuests(world, 450)
  expect((await run(world)).outcomes).toEqual({ done: 452 })
})

test('a member who is in another run’s hands comes after it', async () => {
  const world = threeMembers()
  const queue = new Queue()
  const busy = Promise.withResolvers<void>()
  for (const n of [1, 2, 3, 4]) void queue.add(`${GUILD}/busy${n}`, 'command', () => busy.promise)
  // It waits in the same lane, under the same key, and will fail.
  const others = queue.add(`${GUILD}/4`, 'command', () => Promise.reject(new Error('of another run')))
  others.catch(() => {})
  const running = audit(world, queue, orderOf(), { asked: false }, () => {})
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
  busy.resolve()
  expect((await running).outcomes).toEqual({ done: 2 })
})

test('a role out of reach is held, and the one within reach is taken', async () => {
  const world = threeMembers()
  world.discord.put('4', [DIRECTORS, TOP])
  await run(world)
  expect(rolesOf(world, '4')).toEqual([TOP])
})

test.each([
  ['nobody’s id', { memberId: '400000000000000000', roleId: null }, /Nobody with the id 400000000000000000/],
  ['what is no id at all', { memberId: '12', roleId: null }, /Nobody with the id 12/],
  ['a role that is not there', { memberId: null, roleId: '77' }, /no role 77/],
])('a run narrowed to %s is refused, and calls nobody in order', async (_name, only, why) => {
  const world = threeMembers()
  await expect(run(world, { only })).rejects.toThrow(why)
  expect(world.book.runs.size).toBe(0)
})
