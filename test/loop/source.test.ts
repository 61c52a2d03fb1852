import { expect, test } from 'vitest'
import { acknowledgeSource, lookAtSource } from '#src/loop/source.ts'
import { GUILD, makeSmallWorld, NAMES, person, type SmallWorld } from './small-world.ts'
import { BY } from './three-members.ts'

const before = { linked: 20, withAccess: 20, perGroup: new Map([['Pilots', 20]]), perState: new Map() }

/** A source in which there were twenty people, and are two. */
function fallen(): SmallWorld {
  const world = makeSmallWorld([person('42', '3', ['Pilots']), person('43', '4', ['Pilots'])])
  world.book.baselineNow = before
  return world
}

test('what the source says is shown beside what was accepted, and nothing is changed', async () => {
  const world = fallen()
  expect(await lookAtSource(world, GUILD)).toMatchObject({
    source: 'memory',
    before: { linked: 20 },
    now: { linked: 2 },
    truth: { suspect: true, why: ['dropped:linked', 'dropped:access', 'dropped:group:Pilots'] },
  })
  expect(world.book.acceptedByHuman).toBeNull()
})

test('a fall that a human accepts is the truth from then on', async () => {
  const world = fallen()
  const accepted = await acknowledgeSource(world, GUILD, BY)
  expect(accepted).toMatchObject({ before: { linked: 20 }, now: { linked: 2 }, truth: { suspect: false, why: [] } })
  expect(world.book.acceptedByHuman).toMatchObject({ identities: 2, linked: 2 })
})

test.each([
  ['there is nobody in it', { names: NAMES, identities: [] }, /no_identities, no_access/],
  [
    'it knows neither groups nor states',
    { names: { ...NAMES, groups: [], states: [] }, identities: [person('42', '3', [], { state: null })] },
    /no_groups/,
  ],
  ['nobody in it has access', { names: NAMES, identities: [person('42', '3', [], { access: false })] }, /no_access/],
] as const)('no human can accept a source of which the check says: %s', async (_name, people, why) => {
  const world = fallen()
  world.source.replace(people)
  await expect(acknowledgeSource(world, GUILD, BY)).rejects.toThrow(why)
  expect(world.book.acceptedByHuman).toBeNull()
})

test.each([
  ['read to its end', { complete: false }, /incomplete/],
  ['told from the wrong database', { permissionExists: false }, /no_permission/],
] as const)('no human can accept a source that could not be %s', async (_name, reading, why) => {
  const world = fallen()
  const snapshot = world.source.snapshot.bind(world.source)
  world.source.snapshot = async () => ({ ...(await snapshot()), ...reading })
  await expect(acknowledgeSource(world, GUILD, BY)).rejects.toThrow(why)
})

test('a source that cannot be read is not accepted, and its own sentence is told', async () => {
  const world = fallen()
  world.source.fail('The identity database does not answer. Look at its server.')
  await expect(acknowledgeSource(world, GUILD, BY)).rejects.toThrow(/does not answer.*Nothing was changed/)
})
