import { expect, test } from 'vitest'
import type { LookForMissing } from '#src/core/losses.ts'
import type { Identity } from '#src/core/model.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import { whoIsMissing } from '#src/loop/people-diff.ts'
import { acknowledgeSource, lookAtSource } from '#src/loop/source.ts'
import { DIRECTORS, GUILD, makeSmallWorld, NAMES, PILOTS, person, type SmallWorld, STRIPPING } from './small-world.ts'
import { BY, changes, run, SCHEDULED } from './three-members.ts'

const crew = Array.from({ length: 30 }, (_, at) => person(String(100 + at), String(10 + at), ['Pilots']))

/** Thirty pilots, of whom the first two are in the server and hold what they have earned. */
function town(identities: readonly Identity[] = crew): SmallWorld {
  const world = makeSmallWorld(identities)
  for (const id of ['10', '11']) world.discord.put(id, [PILOTS])
  world.book.settingsNow = STRIPPING
  return world
}

const now = (world: SmallWorld, identities: readonly Identity[]) => world.source.replace({ names: NAMES, identities })

const report = (world: SmallWorld, key: string) =>
  run(world, { action: 'report', idempotencyKey: `interaction:${key}` })

async function compared(world: SmallWorld, most = 50) {
  const found = await whoIsMissing(world, GUILD, most)
  if (found.kind !== 'compared') throw new Error(`It was ${found.kind}.`)
  return found
}

const ids = ({ losses }: Awaited<ReturnType<typeof compared>>) => losses.map(({ loss }) => loss.id)

test('whoever vanished, appeared or lost something is told apart, and whose roles hang on it stand first', async () => {
  const world = town()
  await report(world, 'then')
  const [ann, bob, cyd, dan, eve, ...rest] = crew as [Identity, Identity, Identity, Identity, Identity, ...Identity[]]
  const changed = [
    { ...bob, groups: [] },
    { ...cyd, access: false },
    { ...dan, discordIds: ['999'], groups: ['Pilots', 'Directors'] },
    { ...eve, username: 'another name', superuser: true },
  ]
  now(world, [...changed, ...rest.slice(1), person('500', '500')])
  const found = await compared(world)
  expect(found).toMatchObject({
    people: { before: 30, now: 29 },
    appeared: 1,
    counts: { gone: 2, access: 1, accounts: 1, belongings: 1 },
    ...{ total: 5, endangered: 2, truth: { suspect: false } },
  })
  expect(found.names).toEqual([
    { kind: 'group', name: 'Pilots', people: 3 },
    { kind: 'state', name: 'Member', people: 2 },
  ])
  expect(ids(found)).toEqual([ann.id, bob.id, rest[0]!.id, cyd.id, dan.id])
  expect(found.losses[0]).toEqual({
    loss: { ...{ id: ann.id, username: null, access: true }, discordIds: ['10'], state: 'Member', groups: ['Pilots'] },
    members: [{ memberId: '10', roleIds: [PILOTS] }],
  })
  expect(found.losses[4]).toMatchObject({
    loss: { discordIds: ['13'] },
    members: [{ memberId: '13' }, { memberId: '999' }],
  })
  expect(changes(world)).toEqual([])
})

test('a reading that looks sick, and one that failed, do not take the place of the last that was accepted', async () => {
  const world = town()
  await report(world, 'then')
  world.book.baselineNow = { linked: 30, withAccess: 30, perGroup: new Map(), perState: new Map() }
  now(world, crew.slice(10))
  expect((await report(world, 'fallen')).truth).toMatchObject({
    suspect: true,
    fell: { 'dropped:linked': { from: 30, to: 20 } },
  })
  expect((await compared(world)).counts.gone).toBe(10)
  world.source.fail('The identity database does not answer.')
  await report(world, 'dark')
  expect(await whoIsMissing(world, GUILD, 50)).toMatchObject({
    ...{ kind: 'unreachable', accepted: { source: 'memory', people: 30 } },
    problem: 'The identity database does not answer.',
  })
})

test('what a human accepts is compared with from then on', async () => {
  const world = town()
  await report(world, 'then')
  world.book.baselineNow = { linked: 30, withAccess: 30, perGroup: new Map(), perState: new Map() }
  now(world, crew.slice(10))
  await acknowledgeSource(world, GUILD, (await lookAtSource(world, GUILD)).digest, BY)
  expect(await compared(world)).toMatchObject({ people: { before: 20, now: 20 }, total: 0 })
})

test('nothing is kept of a first reading for which nobody asked, nor of another kind of source', async () => {
  const world = town()
  world.book.baselineNow = null
  await run(world, { ...SCHEDULED, action: 'report' })
  const nothing: LookForMissing = { kind: 'nothing_kept', source: 'memory', others: [] }
  expect(await whoIsMissing(world, GUILD, 50)).toEqual(nothing)
  await report(world, 'then')
  expect((await compared(world)).total).toBe(0)
  const other = memoryDirectory('other', { names: NAMES, identities: crew }, () => 0)
  expect(await whoIsMissing({ ...world, directory: () => other }, GUILD, 50)).toMatchObject({
    ...{ kind: 'nothing_kept', source: 'other', others: [{ source: 'memory', people: 30 }] },
  })
})

test('of very many as many are named as were asked for, and all are counted', async () => {
  const world = town()
  await report(world, 'then')
  now(world, [person('500', '500')])
  const found = await compared(world, 3)
  expect([found.total, found.endangered, ids(found)]).toEqual([30, 2, ['100', '101', '102']])
})

test('of an account that two people claim nothing hangs on a loss', async () => {
  const world = town([...crew, person('200', '10', ['Directors'])])
  world.discord.put('10', [PILOTS, DIRECTORS])
  await report(world, 'then')
  const [ann, ...rest] = crew
  now(world, [...rest, person('200', '10', ['Directors']), person('201', '10')])
  const found = await compared(world)
  expect(found.losses).toMatchObject([{ loss: { id: ann!.id }, members: [{ memberId: '10', roleIds: [] }] }])
})

test('a look at the server does not fail where those who are there cannot be kept', async () => {
  const world = town()
  world.book.fail = 'keepAccepted'
  expect((await report(world, 'then')).state).toBe('completed')
  expect(world.notices).toEqual([expect.stringContaining('an older reading')])
})
