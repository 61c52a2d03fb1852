import { expect, test } from 'vitest'
import type { Role, Settings } from '#src/core/model.ts'
import { GroupReviews } from '#src/loop/group.ts'
import { Queue } from '#src/loop/queue.ts'
import { Passing, settled } from './passing.ts'
import { DIRECTORS, GUILD, makeSmallWorld, NAMES, PILOTS, person, STRIPPING, TOP } from './small-world.ts'

const CREW = '1004'

/** A role that nothing governs, held by three; and Ann, who has earned Pilots. */
function town(settings: Partial<Settings> = {}) {
  const world = makeSmallWorld([person('42', '3', ['Pilots'])])
  world.book.settingsNow = { ...STRIPPING, armed: { schedule: false, realtime: true }, ...settings }
  const edit = (change: (roles: readonly Role[]) => readonly Role[]) => {
    const { guild } = world.discord
    Object.assign(world.discord, { guild: { ...guild, roles: change(guild.roles) } })
  }
  edit((roles) => [
    ...roles.map((role) => ({ ...role, position: role.position + 1 })),
    { id: CREW, name: 'Crew', position: 1, managed: false },
  ])
  world.discord.put('3', [PILOTS])
  for (const id of ['4', '5', '6']) world.discord.put(id, [CREW])
  const clock = new Passing(world.clock)
  const halt = { asked: false }
  const looked: string[] = []
  const live = { see: (_guildId: string, memberId: string) => void looked.push(memberId) }
  const groups = new GroupReviews({ world, queue: new Queue(), halt, clock, live })
  /** The guild's roles change as they are told to, and come to rest. */
  const roles = async (change: (roles: readonly Role[]) => readonly Role[]) => {
    edit(change)
    groups.rolesChanged(GUILD)
    await clock.pass(5_000)
  }
  const remember = () => roles((same) => same)
  return { world, clock, groups, roles, remember, looked, edit }
}

const rename = (id: string, name: string) => (roles: readonly Role[]) =>
  roles.map((role) => (role.id === id ? { ...role, name } : role))

const move = (id: string, position: number) => (roles: readonly Role[]) =>
  roles.map((role) => (role.id === id ? { ...role, position } : role))

const runs = ({ world }: ReturnType<typeof town>) => [...world.book.runs.values()]
const removals = ({ world }: ReturnType<typeof town>) =>
  world.steps.filter((step) => step.startsWith('remove_role')).toSorted()

test('a role that is renamed to a governed name is one cause: all who hold it unearned lose it in one run', async () => {
  const made = town()
  await made.remember()
  await made.roles(rename(CREW, 'Directors'))
  expect(runs(made)).toMatchObject([
    {
      ...{ purpose: 'group', cause: `role:${CREW}`, only: { memberId: null, roleId: CREW } },
      ...{ trigger: 'realtime', action: 'strip', actor: 'system:realtime', state: 'completed', outcomes: { done: 3 } },
    },
  ])
  expect(removals(made)).toEqual([`remove_role 4 ${CREW}`, `remove_role 5 ${CREW}`, `remove_role 6 ${CREW}`])
})

test('a role edit that concerns too many is held, and waits for a human', async () => {
  const made = town({ blast: { run: 0.4, day: 1, kicks: 1 } })
  await made.remember()
  await made.roles(rename(CREW, 'Directors'))
  expect(runs(made)).toMatchObject([{ state: 'awaiting_approval', blast: { affected: 3, limit: 2 } }])
  expect(made.world.told).toMatchObject([{ kind: 'plan_waits' }])
  expect(removals(made)).toEqual([])
})

test('where realtime is not armed a role edit is reported', async () => {
  const made = town({ armed: { schedule: true, realtime: false } })
  await made.remember()
  await made.roles(rename(CREW, 'Directors'))
  expect(runs(made)).toMatchObject([{ state: 'completed', outcomes: {} }])
  expect(made.world.book.plans[0]?.findings).toMatchObject(
    ['4', '5', '6'].map((memberId) => ({ memberId, gates: ['unattended_not_armed'] })),
  )
  expect(removals(made)).toEqual([])
})

test.each([
  ['that changes nothing of what is governed', rename(CREW, 'Sailors')],
  ['by which a role is no longer governed', rename(PILOTS, 'Alumni')],
  ['that moves roles within reach', move(CREW, 2)],
  ['to a governed name of a role that nobody holds', rename(DIRECTORS, 'Pilots')],
] as const)('an edit %s sets nothing off', async (_name, change) => {
  const made = town()
  await made.remember()
  await made.roles(change)
  expect(runs(made)).toEqual([])
})

test('the roles that are there when the bot begins are remembered, and not reviewed', async () => {
  const made = town()
  await made.roles(rename(CREW, 'Directors'))
  expect(runs(made)).toEqual([])
})

test('a role that comes within the bot’s reach is reviewed', async () => {
  const made = town()
  made.world.discord.put('7', [TOP])
  await made.remember()
  await made.roles(move(TOP, 2))
  expect(runs(made)).toMatchObject([{ cause: `role:${TOP}` }])
  expect(removals(made)).toEqual([`remove_role 7 ${TOP}`])
})

test('a role that is earned by another name from now on is reviewed', async () => {
  const made = town()
  await made.remember()
  await made.roles(rename(PILOTS, 'Directors'))
  expect(removals(made)).toEqual([`remove_role 3 ${PILOTS}`])
})

test('a burst of edits is waited for, and several roles that it concerns are one cause', async () => {
  const made = town()
  made.world.discord.put('7', [TOP])
  await made.remember()
  const begun: number[] = []
  const { openRun } = made.world.book
  made.world.book.openRun = (...order) => {
    begun.push(runs(made).filter(({ state }) => state === 'pending' || state === 'running').length)
    return openRun.apply(made.world.book, order)
  }
  made.edit(rename(CREW, 'Directors'))
  made.groups.rolesChanged(GUILD)
  await made.clock.pass(1_500)
  made.edit(move(TOP, 2))
  made.groups.rolesChanged(GUILD)
  await made.clock.pass(1_500)
  expect(begun).toEqual([])
  await made.clock.pass(1_000)
  expect(begun).toEqual([0])
  expect(runs(made).map(({ cause, only }) => ({ cause, only }))).toEqual([
    { cause: 'roles', only: { memberId: null, roleId: null } },
  ])
})

test('edits without end are followed all the same', async () => {
  const made = town()
  await made.remember()
  made.edit(rename(CREW, 'Directors'))
  for (let second = 0; second < 20; second += 1) {
    made.groups.rolesChanged(GUILD)
    await made.clock.pass(1_000)
  }
  expect(runs(made)).toHaveLength(1)
})

test('by the names of a sick source nothing is compared, and what was edited meanwhile is reviewed when it is well', async () => {
  const made = town()
  await made.remember()
  const people = { names: NAMES, identities: [person('42', '3', ['Pilots'])] }
  made.world.source.replace({ names: { groups: [], states: [], reservedNames: [] }, identities: [] })
  await made.roles(rename(CREW, 'Directors'))
  expect(runs(made)).toEqual([])
  made.world.source.replace(people)
  await made.remember()
  expect(runs(made)).toMatchObject([{ cause: `role:${CREW}` }])
})

test('a silent source is asked again later', async () => {
  const made = town()
  await made.remember()
  made.world.source.fail('The identity database does not answer.')
  await made.roles(rename(CREW, 'Directors'))
  expect(made.world.notices).toEqual([])
  made.world.source.fail(null)
  await made.remember()
  expect(runs(made)).toMatchObject([{ cause: `role:${CREW}` }])
})

test('a review that cannot be begun is tried again half a minute later', async () => {
  const made = town()
  await made.remember()
  made.world.book.baselineNow = null
  await made.roles(rename(CREW, 'Directors'))
  expect(runs(made)).toEqual([])
  made.world.book.baselineNow = { linked: 1, withAccess: 1, perGroup: new Map(), perState: new Map() }
  await made.clock.pass(30_000)
  expect(removals(made)).toHaveLength(3)
})

test('a review that cannot be begun for long is left to the next audit, and that is noticed', async () => {
  const made = town()
  await made.remember()
  made.world.book.baselineNow = null
  await made.roles(rename(CREW, 'Directors'))
  await made.clock.pass(3_600_000)
  expect(made.world.notices).toEqual([
    'a review of those whom one cause concerns was given up; the next audit finds them',
  ])
})

test('a bot in whose place another acts reviews nothing and releases nothing', async () => {
  const made = town()
  await made.remember()
  made.world.mayAct = () => false
  await made.world.book.quarantine(GUILD, PILOTS, 'Missing permissions.', null, 0)
  await made.roles(rename(CREW, 'Directors'))
  expect(runs(made)).toEqual([])
  expect(made.world.book.quarantined.size).toBe(1)
})

test('a role in quarantine is released when it is within reach and may be given again, and that is told', async () => {
  const made = town()
  await made.world.book.quarantine(GUILD, TOP, 'Missing permissions.', null, 0)
  await made.world.book.quarantine(GUILD, 'kick', 'Missing permissions.', null, 0)
  await made.roles(rename(CREW, 'Sailors'))
  expect(made.world.told).toEqual([])
  made.world.discord.permissions = 0n
  await made.roles(move(TOP, 2))
  expect(made.world.told).toEqual([])
  made.world.discord.permissions = 1n << 28n
  await made.remember()
  expect(made.world.told).toEqual([{ kind: 'released', what: TOP, actor: 'system:roster' }])
  expect([...made.world.book.quarantined.keys()]).toEqual(['kick'])
})

test('a few people who changed at the source are looked at one by one, and nobody who is not here', async () => {
  const made = town()
  made.groups.identityChanged(GUILD, ['3', '4', '99'])
  await settled()
  expect(made.looked).toEqual(['3', '4'])
  expect(runs(made)).toEqual([])
})

test.each([
  ['all people', 'all'],
  ['more than fifty', Array.from({ length: 51 }, (_, at) => String(200 + at))],
] as const)('%s who changed at the source are one cause and one run', async (_name, changed) => {
  const made = town()
  for (let id = 200; id < 251; id += 1) made.world.discord.put(String(id), [])
  made.world.discord.put('200', [DIRECTORS])
  made.groups.identityChanged(GUILD, changed)
  await made.clock.pass(5_000)
  expect(made.looked).toEqual([])
  expect(runs(made)).toMatchObject([{ purpose: 'group', cause: 'source:memory', state: 'completed' }])
  expect(removals(made)).toEqual([`remove_role 200 ${DIRECTORS}`])
})

test('roles that other names govern since a change at the source are not reviewed a second time', async () => {
  const made = town({ blast: { run: 0.4, day: 1, kicks: 1 } })
  await made.remember()
  made.world.source.replace({
    names: { ...NAMES, groups: [...NAMES.groups, 'Crew'] },
    identities: [person('42', '3', ['Pilots'])],
  })
  made.groups.identityChanged(GUILD, 'all')
  await made.clock.pass(5_000)
  expect(runs(made)).toMatchObject([{ cause: 'source:memory', state: 'awaiting_approval' }])
})

test('a role that is renamed while it is not known who acts is reviewed once this bot acts again', async () => {
  const made = town()
  await made.remember()
  made.world.mayAct = () => false
  await made.roles(rename(CREW, 'Directors'))
  expect(runs(made)).toEqual([])
  made.world.mayAct = () => true
  await made.clock.pass(60_000)
  expect(removals(made)).toHaveLength(3)
})

test('a change at the source while it is not known who acts is reviewed once this bot acts again', async () => {
  const made = town()
  made.world.mayAct = () => false
  made.groups.identityChanged(GUILD, 'all')
  await made.clock.pass(5_000)
  expect(runs(made)).toEqual([])
  made.world.mayAct = () => true
  await made.clock.pass(60_000)
  expect(runs(made)).toMatchObject([{ purpose: 'group', state: 'completed' }])
})

test('an edit of roles while the database is away is followed when it is back', async () => {
  const made = town()
  await made.remember()
  made.world.book.fail = 'settings'
  await made.roles(rename(CREW, 'Directors'))
  await made.clock.pass(120_000)
  expect(removals(made)).toEqual([])
  made.world.book.fail = null
  await made.clock.pass(60_000)
  expect(removals(made)).toHaveLength(3)
})
