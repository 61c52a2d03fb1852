import { expect, test } from 'vitest'
import type { Override } from '#src/core/model.ts'
import type { By } from '#src/loop/invoking.ts'
import { Queue } from '#src/loop/queue.ts'
import { stop } from '#src/loop/stop.ts'
import { undo } from '#src/loop/undo.ts'
import { DIRECTORS, GUILD, KICKING, NAMES, PILOTS, person, type SmallWorld, STRIPPING, TOP } from './small-world.ts'
import { BY, changes, rolesOf, run, SCHEDULED, threeMembers } from './three-members.ts'

const WEEK = 7 * 24 * 3_600_000

let requests = 0
const undoRun = (world: SmallWorld, runId: string, memberId: string | null = null, by: By = BY) => {
  requests += 1
  const request = { guildId: GUILD, runId, memberId, by: { ...by, cause: `interaction:undo-${requests}` } }
  return undo(world, new Queue(), request, { asked: false }, () => {})
}

/** A run that took Directors from Bob (4) and Pilots from Eve (5). */
async function taken(): Promise<{ world: SmallWorld; runId: string }> {
  const world = threeMembers()
  const { id } = await run(world)
  expect(rolesOf(world, '4')).toEqual([])
  world.steps.length = 0
  return { world, runId: id }
}

const everythingEarned = (world: SmallWorld) =>
  world.source.replace({
    names: NAMES,
    identities: [person('42', '3', ['Pilots']), person('43', '4', ['Directors']), person('44', '5', ['Pilots'])],
  })

test('exactly what the run took is given back, each looked at, meant, seen and settled', async () => {
  const { world, runId } = await taken()
  everythingEarned(world)
  const undone = await undoRun(world, runId)
  expect(undone).toMatchObject({ given: 2, alreadyHeld: 0, shielded: [], impossible: [], run: { state: 'completed' } })
  expect(undone.run).toMatchObject({ purpose: 'undo', cause: `run:${runId}`, outcomes: { done: 2 } })
  expect(rolesOf(world, '4')).toEqual([DIRECTORS])
  expect(rolesOf(world, '5')).toEqual([PILOTS])
  expect(world.steps.filter((step) => / 4( |$)/.test(step))).toEqual([
    'look 4',
    'look 4',
    `intend 4 ${DIRECTORS} held `,
    `add_role 4 ${DIRECTORS}`,
    `settle 4 ${DIRECTORS} done`,
  ])
  expect(world.book.acts.at(-1)?.context.ground).toEqual({ undoes: { runId } })
})

test('what a member got from elsewhere since is left as it is', async () => {
  const { world, runId } = await taken()
  everythingEarned(world)
  world.discord.put('4', [PILOTS])
  await undoRun(world, runId, '4')
  expect(rolesOf(world, '4')).toEqual([PILOTS, DIRECTORS])
})

test('where the policy would take it again, an override is placed before anything is given, and holds for a week', async () => {
  const { world, runId } = await taken()
  const undone = await undoRun(world, runId, '4')
  expect(undone.shielded).toEqual([{ memberId: '4', expiresAt: world.now() + WEEK, replaced: null }])
  const reason = `Undo of run ${runId}`
  expect(world.book.settingsNow.overrides).toEqual([
    { memberId: '4', action: 'report', expiresAt: world.now() + WEEK, reason },
  ])
  const shielding = world.steps.indexOf('override 4 report')
  expect(shielding).toBeGreaterThanOrEqual(0)
  expect(shielding).toBeLessThan(world.steps.indexOf(`add_role 4 ${DIRECTORS}`))
})

test('a shielded member keeps what was given back at the very next run', async () => {
  const { world, runId } = await taken()
  await undoRun(world, runId)
  await run(world, { idempotencyKey: 'next' })
  expect(rolesOf(world, '4')).toEqual([DIRECTORS])
  expect(rolesOf(world, '5')).toEqual([PILOTS])
})

test.each([
  ['cannot be reached', (world: SmallWorld) => world.source.fail('It does not answer.')],
  ['came back empty', (world: SmallWorld) => world.source.replace({ names: NAMES, identities: [] })],
] as const)('a source that %s keeps nothing from being given back, and everybody is shielded', async (_name, harm) => {
  const { world, runId } = await taken()
  everythingEarned(world)
  harm(world)
  const undone = await undoRun(world, runId)
  expect(undone).toMatchObject({ given: 2, run: { state: 'completed' } })
  expect(undone.shielded.map(({ memberId }) => memberId)).toEqual(['4', '5'])
})

test('nothing is given back where the shield cannot be placed', async () => {
  const { world, runId } = await taken()
  world.book.fail = 'setOverride'
  const undone = await undoRun(world, runId)
  expect(undone).toMatchObject({ given: 0, run: { state: 'interrupted' } })
  expect(changes(world)).toEqual([])
})

test('somebody whom the policy would kick is shielded as well', async () => {
  const { world, runId } = await taken()
  world.book.settingsNow = { ...KICKING, roleExceptions: ['Pilots'] }
  const undone = await undoRun(world, runId, '5')
  expect(undone.shielded.map(({ memberId }) => memberId)).toEqual(['5'])
})

const override = (more: Partial<Override>): Override => ({
  memberId: '4',
  action: 'report',
  expiresAt: null,
  reason: 'on leave',
  ...more,
})

test('an override that is as mild and lasts longer is left as it is', async () => {
  const { world, runId } = await taken()
  const standing = [override({})]
  world.book.settingsNow = { ...STRIPPING, overrides: standing }
  const undone = await undoRun(world, runId, '4')
  expect(undone).toMatchObject({ given: 1, shielded: [] })
  expect(world.book.settingsNow.overrides).toEqual(standing)
})

test.each([
  ['ends sooner', override({ expiresAt: 2_000_000 })],
  ['is harsher', override({ action: 'strip' })],
] as const)('an override that %s gives way to the shield', async (_name, standing) => {
  const { world, runId } = await taken()
  world.book.settingsNow = { ...STRIPPING, overrides: [standing] }
  expect((await undoRun(world, runId, '4')).shielded).toHaveLength(1)
})

test('an override that gives way and was harsher is told, with what it was, and named by the one in its place', async () => {
  const { world, runId } = await taken()
  const standing = override({ action: 'strip', expiresAt: 5_000_000 })
  world.book.settingsNow = { ...STRIPPING, overrides: [standing] }
  const { shielded } = await undoRun(world, runId, '4')
  expect(shielded).toEqual([{ memberId: '4', expiresAt: world.now() + WEEK, replaced: standing }])
  expect(world.book.settingsNow.overrides).toMatchObject([{ reason: `Undo of run ${runId}, in place of strip` }])
})

test.each([
  ['is as mild', override({ expiresAt: 2_000_000 })],
  ['has ended', override({ action: 'strip', expiresAt: 999_999 })],
] as const)('nothing is told of an override that gives way and %s', async (_name, standing) => {
  const { world, runId } = await taken()
  world.book.settingsNow = { ...STRIPPING, overrides: [standing] }
  expect((await undoRun(world, runId, '4')).shielded).toMatchObject([{ replaced: null }])
})

const REFUSED = { outcome: 'refused', detail: 'Missing Permissions.', really: false } as const

test.each([
  ['none', []],
  ['the one before', [override({ action: 'strip' })]],
] as const)(
  'a member to whom nothing could be given back has the override that they had: %s',
  async (_name, overrides) => {
    const { world, runId } = await taken()
    world.book.settingsNow = { ...STRIPPING, overrides }
    world.discord.answers.set('add_role 4', REFUSED)
    const undone = await undoRun(world, runId, '4')
    expect(undone).toMatchObject({ given: 0, shielded: [], impossible: [{ memberId: '4' }] })
    expect(world.steps).toContain('override 4 report')
    expect(world.book.settingsNow.overrides).toEqual(overrides)
  },
)

test.each([
  ['may have been given', 'unknown'],
  ['was given', 'done'],
] as const)('the shield stays where one of several roles %s', async (_name, outcome) => {
  const world = threeMembers()
  world.discord.put('4', [PILOTS, DIRECTORS])
  const { id } = await run(world)
  world.discord.answers.set('add_role 4', { outcome, detail: null, really: outcome === 'done' })
  world.discord.afterAct = () => {
    world.discord.answers.set('add_role 4', REFUSED)
    if (outcome === 'unknown')
      world.discord.beforeLook = () => {
        world.discord.beforeLook = () => {}
        throw new Error('HTTP 503')
      }
  }
  expect((await undoRun(world, id, '4')).shielded).toHaveLength(1)
  expect(world.book.settingsNow.overrides).toHaveLength(1)
})

test('a stop between the shield and the give-back lets the member have the override that they had', async () => {
  const { world, runId } = await taken()
  const place = world.book.setOverride.bind(world.book)
  world.book.setOverride = async (guildId, wanted) => {
    await place(guildId, wanted)
    await stop(world, GUILD, BY)
  }
  const undone = await undoRun(world, runId, '4')
  expect(undone).toMatchObject({ given: 0, shielded: [], run: { state: 'interrupted' } })
  expect(world.book.settingsNow.overrides).toEqual([])
})

test('an override is given back also where the clock was set forward past its end', async () => {
  const { world, runId } = await taken()
  world.discord.answers.set('add_role 4', REFUSED)
  const before: Override = { memberId: '4', action: 'report', expiresAt: world.now() + 1_800_000, reason: 'on leave' }
  world.book.settingsNow = { ...world.book.settingsNow, overrides: [before] }
  world.clock.jump(3_600_000)
  world.discord.clockAheadMs = -3_600_000
  await undoRun(world, runId, '4')
  expect(world.book.settingsNow.overrides).toEqual([before])
})

test('the shield stays where a database that went away left it open what became of the act', async () => {
  const { world, runId } = await taken()
  world.discord.afterAct = () => {
    world.book.fail = 'settle'
  }
  await undoRun(world, runId, '4')
  expect(rolesOf(world, '4')).toEqual([DIRECTORS])
  expect(world.book.settingsNow.overrides).toHaveLength(1)
})

test('an override that somebody set in the meantime is left as it is', async () => {
  const { world, runId } = await taken()
  world.discord.answers.set('add_role 4', REFUSED)
  const theirs = override({ action: 'strip', reason: 'meant' })
  world.discord.afterAct = () => {
    world.book.settingsNow = { ...STRIPPING, overrides: [theirs] }
  }
  await undoRun(world, runId, '4')
  expect(world.book.settingsNow.overrides).toEqual([theirs])
})

test('a shield that cannot be taken back holds up nothing, is listed, and the operator reads of it', async () => {
  const { world, runId } = await taken()
  world.discord.answers.set('add_role 4', REFUSED)
  world.book.fail = 'liftOverride'
  const undone = await undoRun(world, runId)
  expect(undone).toMatchObject({ given: 1, shielded: [{ memberId: '4' }, { memberId: '5' }] })
  expect(world.notices).toEqual(['an override that an undo had placed could not be taken back'])
})

test('before the first acknowledgement members are shielded too: the lock will be lifted one day', async () => {
  const { world, runId } = await taken()
  world.book.settingsNow = { ...STRIPPING, acknowledged: false }
  expect((await undoRun(world, runId, '4')).shielded).toHaveLength(1)
})

test('a second undo finds everything held and gives nothing', async () => {
  const { world, runId } = await taken()
  await undoRun(world, runId)
  world.steps.length = 0
  expect(await undoRun(world, runId)).toMatchObject({ given: 0, alreadyHeld: 2, shielded: [] })
  expect(changes(world)).toEqual([])
})

test('the same request twice is one undo', async () => {
  const { world, runId } = await taken()
  const request = { guildId: GUILD, runId, memberId: null, by: BY }
  const ask = () => undo(world, new Queue(), request, { asked: false }, () => {})
  const first = await ask()
  const second = await ask()
  expect(second.run.id).toBe(first.run.id)
  expect(second.given).toBe(2)
})

test('an undo of one member gives nothing to the others', async () => {
  const { world, runId } = await taken()
  expect(await undoRun(world, runId, '5')).toMatchObject({ given: 1 })
  expect(rolesOf(world, '4')).toEqual([])
})

test('a member who has left is listed', async () => {
  const { world, runId } = await taken()
  world.discord.leave('4')
  const undone = await undoRun(world, runId)
  expect(undone).toMatchObject({
    given: 1,
    impossible: [{ memberId: '4', why: expect.stringMatching(/no longer in this server/) }],
  })
})

test('somebody who was kicked is listed, and so are their roles; once they are back their roles are given', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  const { id } = await run(world, { action: 'strip_kick', only: { memberId: '5', roleId: null } })
  const undone = await undoRun(world, id)
  expect(undone.given).toBe(0)
  expect(undone.impossible).toMatchObject([
    { memberId: '5', act: { kind: 'kick' }, why: expect.stringMatching(/kicked.*brought back/) },
    { memberId: '5', act: { kind: 'add_role', roleId: PILOTS } },
  ])
  world.discord.put('5', [])
  expect(await undoRun(world, id)).toMatchObject({ given: 1, impossible: [] })
})

test.each([
  [
    'was deleted',
    (guild: SmallWorld['discord']['guild']) => ({ ...guild, roles: guild.roles.filter(({ id }) => id !== DIRECTORS) }),
    /deleted/,
  ],
  [
    'is Discord’s own by now',
    (guild: SmallWorld['discord']['guild']) => ({
      ...guild,
      roles: guild.roles.map((role) => (role.id === DIRECTORS ? { ...role, managed: true } : role)),
    }),
    /Discord itself/,
  ],
  [
    'ranks above the bot by now',
    (guild: SmallWorld['discord']['guild']) => ({
      ...guild,
      roles: guild.roles.map((role) => (role.id === DIRECTORS ? { ...role, position: 9 } : role)),
    }),
    /at or above the bot/,
  ],
] as const)('a role that %s is listed with why, and the others are given back', async (_name, change, why) => {
  const { world, runId } = await taken()
  world.discord.guildAtDiscord = change(world.discord.guild)
  const undone = await undoRun(world, runId)
  expect(undone).toMatchObject({ given: 1, impossible: [{ memberId: '4', why: expect.stringMatching(why) }] })
})

const LIST = { PILOTS, DIRECTORS, TOP }

test.each([
  ['below the highest role of whoever asks are given', ['PILOTS', 'TOP'], 2],
  ['of their own rank and above are not', ['DIRECTORS'], 1],
  ['of their own rank and above are not, where they hold the lowest', ['PILOTS'], 0],
  ['are not, where they hold none', [], 0],
] as const)('roles %s', async (_name, held, given) => {
  const { world, runId } = await taken()
  const undone = await undoRun(world, runId, null, { ...BY, roleIds: held.map((name) => LIST[name]) })
  expect(undone.given).toBe(given)
  expect(undone.impossible.map(({ why }) => why)).toEqual(
    Array(2 - given).fill(expect.stringMatching(/at or above your own highest role/)),
  )
  expect(changes(world)).toHaveLength(given)
  expect(undone.shielded).toHaveLength(given)
})

test('nobody is shielded from the policy for a role that they are not given', async () => {
  const { world, runId } = await taken()
  await undoRun(world, runId, null, { ...BY, roleIds: [] })
  expect(world.steps.filter((step) => step.startsWith('override'))).toEqual([])
})

test('a role in quarantine is listed and not asked for', async () => {
  const { world, runId } = await taken()
  world.book.quarantined.set(DIRECTORS, { what: DIRECTORS, detail: 'Missing Permissions.', at: 0 })
  const undone = await undoRun(world, runId, '4')
  expect(undone.impossible).toMatchObject([{ why: expect.stringMatching(/Missing Permissions/) }])
  expect(changes(world)).toEqual([])
})

test('what Discord refuses to give is listed with what it said', async () => {
  const { world, runId } = await taken()
  world.discord.answers.set('add_role 4', {
    outcome: 'refused',
    detail: 'Missing Permissions.',
    really: false,
    refusal: true,
  })
  const undone = await undoRun(world, runId)
  expect(undone).toMatchObject({ given: 1, impossible: [{ memberId: '4', why: 'Missing Permissions.' }] })
  expect(world.told).toMatchObject([{ kind: 'quarantined', what: DIRECTORS }])
})

/** Nobody knows whether the run took Directors from Bob (4); a moderator took it by hand later, and means it. */
async function takenPerhaps(): Promise<{ world: SmallWorld; runId: string; intentId: string }> {
  const { world, runId } = await taken()
  const removal = world.book.acts.find(({ act }) => act.memberId === '4')!
  removal.outcome = 'unknown'
  return { world, runId, intentId: removal.id }
}

test('a removal of which nobody knows is not given back with the rest, but listed with how it can be', async () => {
  const { world, runId } = await takenPerhaps()
  const undone = await undoRun(world, runId)
  expect(undone).toMatchObject({ given: 1, run: { state: 'completed' } })
  const why = expect.stringMatching(/not known whether.*this member alone/)
  expect(undone.impossible).toEqual([{ memberId: '4', act: expect.objectContaining({ roleId: DIRECTORS }), why }])
  expect([rolesOf(world, '4'), rolesOf(world, '5')]).toEqual([[], [PILOTS]])
  expect(world.book.settingsNow.overrides.map(({ memberId }) => memberId)).toEqual(['5'])
})

test('a removal of which nobody knows is given back to the member who is named', async () => {
  const { world, runId } = await takenPerhaps()
  expect(await undoRun(world, runId, '4')).toMatchObject({ given: 1, unsure: 1, impossible: [] })
})

const MADE_BY_BOT = { entryId: '9', memberId: '4', added: [], removed: [DIRECTORS], at: 0 }

test.each([
  [
    'the bot’s own, for this very act',
    (world: SmallWorld, id: string) => [world.discord.guild.botUserId, `x [${id}]`],
    2,
  ],
  ['the bot’s own, for another act', (world: SmallWorld) => [world.discord.guild.botUserId, 'x [intent-99]'], 1],
  ['somebody else’s', (_world: SmallWorld, id: string) => ['8', `x [${id}]`], 1],
  ['without a reason', (world: SmallWorld) => [world.discord.guild.botUserId, null], 1],
] as const)(
  'a removal of which nobody knew is given back with the rest only where the audit log shows it as the bot’s: %s',
  async (_name, entry, given) => {
    const { world, runId, intentId } = await takenPerhaps()
    const [executorId, reason] = entry(world, intentId) as [string, string | null]
    world.discord.audit = [{ ...MADE_BY_BOT, executorId, reason }]
    expect(await undoRun(world, runId)).toMatchObject({ given })
  },
)

test('of several roles in one write, those alone are given back that the audit log says went by it', async () => {
  const world = threeMembers()
  world.bulkStrip = true
  world.discord.put('4', [PILOTS, DIRECTORS])
  const { id: runId } = await run(world, { only: { memberId: '4', roleId: null } })
  const removal = world.book.acts.find(({ act }) => act.kind === 'remove_roles')!
  removal.outcome = 'unknown'
  // Somebody had taken Pilots by hand a moment before, and means it.
  world.discord.audit = [{ ...MADE_BY_BOT, executorId: world.discord.guild.botUserId, reason: `x [${removal.id}]` }]
  const undone = await undoRun(world, runId)
  expect(undone).toMatchObject({ given: 1, impossible: [{ memberId: '4', act: { roleId: PILOTS } }] })
  expect(rolesOf(world, '4')).toEqual([DIRECTORS])
})

test('somebody of whom nobody saw whether they were kicked is not called so', async () => {
  const world = threeMembers()
  world.book.settingsNow = KICKING
  const { id } = await run(world, { action: 'strip_kick', only: { memberId: '5', roleId: null } })
  world.book.acts.find(({ act }) => act.kind === 'kick')!.outcome = 'unknown'
  const why = expect.stringMatching(/nobody saw whether the run kicked them or they left/)
  expect((await undoRun(world, id)).impossible).toMatchObject([
    { act: { kind: 'kick' }, why },
    { act: { kind: 'add_role' }, why },
  ])
})

test('the audit log is asked for only where it could tell something', async () => {
  const { world, runId } = await taken()
  await undoRun(world, runId)
  expect(world.steps).not.toContain('audit log')
})

test('a removal of which nobody knows is left alone where the role is still held', async () => {
  const { world, runId } = await taken()
  world.book.acts.find(({ act }) => act.memberId === '4')!.outcome = 'unknown'
  world.discord.put('4', [DIRECTORS])
  expect(await undoRun(world, runId, '4')).toMatchObject({ given: 0, alreadyHeld: 1 })
})

test('a removal that failed is none that could be undone', async () => {
  const world = threeMembers()
  world.discord.answers.set('4', { outcome: 'failed', detail: 'HTTP 503', really: false })
  const { id } = await run(world)
  world.discord.put('4', [])
  expect(await undoRun(world, id)).toMatchObject({ given: 1 })
  expect(rolesOf(world, '4')).toEqual([])
})

test('several roles that went in one write are all given back', async () => {
  const world = threeMembers()
  world.bulkStrip = true
  world.discord.put('4', [PILOTS, DIRECTORS])
  const { id } = await run(world)
  expect(await undoRun(world, id, '4')).toMatchObject({ given: 2 })
  expect(rolesOf(world, '4')).toEqual([PILOTS, DIRECTORS])
})

test('whoever may not hand out roles undoes nothing', async () => {
  const { world, runId } = await taken()
  await expect(undoRun(world, runId, null, { ...BY, mayStrip: false })).rejects.toThrow(/Manage Roles/)
  expect(changes(world)).toEqual([])
})

test('a run that is still at work is not undone, but live acts of this very hour are', async () => {
  const { world, runId } = await taken()
  const before = world.book.runs.get(runId)!
  world.book.runs.set(runId, { ...before, state: 'running' })
  await expect(undoRun(world, runId)).rejects.toThrow(/under way/)
  world.book.runs.set(runId, { ...before, state: 'running', purpose: 'live' })
  expect(await undoRun(world, runId)).toMatchObject({ given: 2 })
})

test('an undo is not counted among what is taken unattended', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, armed: { schedule: true, realtime: false } }
  const { id } = await run(world, SCHEDULED)
  const before = await world.book.unattendedSince(GUILD, 0, null)
  await undoRun(world, id)
  expect(await world.book.unattendedSince(GUILD, 0, null)).toEqual(before)
})

test('an undo that was stopped in the middle says so, and can be asked for again', async () => {
  const { world, runId } = await taken()
  world.discord.afterAct = () => void world.book.stop(GUILD, { actor: BY.actor, cause: BY.cause, at: 0 })
  expect(await undoRun(world, runId)).toMatchObject({ given: 1, run: { state: 'interrupted' } })
  world.discord.afterAct = () => {}
  expect(await undoRun(world, runId)).toMatchObject({ given: 1, alreadyHeld: 1, run: { state: 'completed' } })
})

test('a bot that is asked to end gives no second role', async () => {
  const world = threeMembers()
  world.discord.put('4', [PILOTS, DIRECTORS])
  const { id } = await run(world)
  const halt = { asked: false }
  world.discord.afterAct = () => {
    halt.asked = true
  }
  const request = { guildId: GUILD, runId: id, memberId: '4', by: BY }
  const undone = await undo(world, new Queue(), request, halt, () => {})
  expect(undone).toMatchObject({
    given: 1,
    run: { state: 'interrupted', problem: expect.stringMatching(/asked to end/) },
  })
})

test('a role that somebody else gave back in the same moment is not given again', async () => {
  const { world, runId } = await taken()
  let looks = 0
  world.discord.beforeLook = () => {
    looks += 1
    if (looks === 2) world.discord.put('4', [DIRECTORS])
  }
  expect(await undoRun(world, runId, '4')).toMatchObject({ given: 0, alreadyHeld: 1 })
  expect(changes(world)).toEqual([])
})

test('an undo that is cut short because the bot ends is asked for again, and not resumed', async () => {
  const { world, runId } = await taken()
  const request = { guildId: GUILD, runId, memberId: null, by: BY }
  const { run: cut } = await undo(world, new Queue(), request, { asked: true }, () => {})
  expect(cut.problem).toMatch(/was asked to end.*`\/undo` of the same run again gives back the rest/)
  expect(cut.problem).not.toContain('resume')
})
