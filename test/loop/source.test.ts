import { expect, test } from 'vitest'
import { memoryDirectory } from '#src/identity/memory.ts'
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

/** A human reads what the source says at this moment; something happens; they accept what they have read. */
async function acceptAfter(world: SmallWorld, change: () => void = () => {}) {
  const { digest } = await lookAtSource(world, GUILD)
  change()
  return acknowledgeSource(world, GUILD, digest, BY)
}

test('a fall that a human accepts is the truth from then on', async () => {
  const world = fallen()
  expect(await acceptAfter(world)).toMatchObject({
    kind: 'accepted',
    source: { before: { linked: 20 }, now: { linked: 2 }, truth: { suspect: false, why: [] } },
  })
  expect(world.book.acceptedByHuman).toMatchObject({ identities: 2, linked: 2 })
})

const [ann, bob] = [person('42', '3', ['Pilots']), person('43', '4', ['Pilots'])]

test.each([
  ['somebody more is gone', [ann]],
  ['somebody more came', [ann, bob, person('44', '5')]],
  ['somebody changed their group', [ann, { ...bob, groups: ['Directors'] }]],
  ['somebody changed their state', [ann, { ...bob, state: null }]],
  ['somebody lost their access', [ann, { ...bob, access: false }]],
  ['somebody has linked another account as well', [ann, { ...bob, discordIds: ['4', '6'] }]],
] as const)('nothing is accepted that nobody has seen: %s since', async (_name, identities) => {
  const world = fallen()
  const answer = await acceptAfter(world, () => world.source.replace({ names: NAMES, identities }))
  expect(answer).toMatchObject({ kind: 'changed', source: { truth: { suspect: true } } })
  expect(answer.source.digest).toBe((await lookAtSource(world, GUILD)).digest)
  expect(world.book.acceptedByHuman).toBeNull()
})

test('what is accepted is the very reading that was compared', async () => {
  const world = fallen()
  const { digest } = await lookAtSource(world, GUILD)
  const snapshot = world.source.snapshot.bind(world.source)
  let reads = 0
  world.source.snapshot = async () => {
    reads += 1
    if (reads > 1) world.source.replace({ names: NAMES, identities: [ann] })
    return snapshot()
  }
  await acknowledgeSource(world, GUILD, digest, BY)
  expect(world.book.acceptedByHuman).toMatchObject({ identities: 2 })
})

test('the same numbers of another source are not what was seen', async () => {
  const world = fallen()
  const { digest } = await lookAtSource(world, GUILD)
  const other = memoryDirectory('other', { names: NAMES, identities: [ann, bob] }, () => 0)
  expect(await acknowledgeSource({ ...world, directory: () => other }, GUILD, digest, BY)).toMatchObject({
    kind: 'changed',
  })
})

test('a source that is sound by then is not accepted: that would only forget what was known of it', async () => {
  const world = fallen()
  world.book.baselineNow = { linked: 2, withAccess: 2, perGroup: new Map(), perState: new Map() }
  await expect(acceptAfter(world)).rejects.toThrow(/passes its truth check.*nothing to accept/i)
  expect(world.book.acceptedByHuman).toBeNull()
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
  await expect(acceptAfter(world)).rejects.toThrow(why)
  expect(world.book.acceptedByHuman).toBeNull()
})

test.each([
  ['read to its end', { complete: false }, /incomplete/],
  ['told from the wrong database', { permissionExists: false }, /no_permission/],
] as const)('no human can accept a source that could not be %s', async (_name, reading, why) => {
  const world = fallen()
  const snapshot = world.source.snapshot.bind(world.source)
  world.source.snapshot = async () => ({ ...(await snapshot()), ...reading })
  await expect(acceptAfter(world)).rejects.toThrow(why)
})

test('a source that cannot be read is not accepted, and its own sentence is told', async () => {
  const world = fallen()
  const goDark = () => world.source.fail('The identity database does not answer. Look at its server.')
  await expect(acceptAfter(world, goDark)).rejects.toThrow(/does not answer.*Nothing was changed/)
})
