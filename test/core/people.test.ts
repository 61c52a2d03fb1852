import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasAccess } from '#src/core/access.ts'
import { GatheredPeople } from '#src/core/gathered-people.ts'
import type { Identity } from '#src/core/model.ts'
import { ACCESS, ACTIVE, identitiesOf, mayBeIn, peopleOf, SUPERUSER } from '#src/core/people.ts'
import { gathered, spanOf } from './gathered.ts'

const name = fc.string({ unit: 'grapheme', maxLength: 12 })
const discordId = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String)
const identity: fc.Arbitrary<Identity> = fc.record({
  id: name,
  username: name,
  active: fc.boolean(),
  superuser: fc.boolean(),
  access: fc.boolean(),
  state: fc.option(name),
  groups: fc.uniqueArray(name, { maxLength: 4 }),
  discordIds: fc.array(discordId, { maxLength: 3 }),
})

/** Each with an id of their own. */
const everybody = fc.uniqueArray(identity, { maxLength: 40, selector: ({ id }) => id })

/** As plain objects: those of columns are read when asked. */
const plain = ({ id, username, active, superuser, access, state, groups, discordIds }: Identity): Identity => ({
  ...{ id, username, active, superuser, access, state, groups, discordIds },
})

/** Of a list only what is in it matters. */
const sorted = (one: Identity) => ({
  ...plain(one),
  groups: one.groups.toSorted(),
  discordIds: [...new Set(one.discordIds)].sort(),
})

describe('people as columns', () => {
  it('gives back everybody who was put in, whatever they are called', () => {
    fc.assert(
      fc.property(everybody, (identities) => {
        const alike = peopleOf(identities)
        expect([...identitiesOf(alike)]).toEqual(identities)
        for (const [row, one] of identities.entries()) expect(mayBeIn(alike.flags[row]!)).toBe(hasAccess(one))
      }),
    )
  })

  it('gives back everybody of whom tables told, in whatever order and however often', () => {
    fc.assert(
      fc.property(everybody, fc.infiniteStream(fc.nat()), (identities, order) => {
        const people = gathered(identities, (told) =>
          [...told, ...told]
            .map((tell) => ({ tell, place: order.next().value ?? 0 }))
            .sort((a, b) => a.place - b.place)
            .map(({ tell }) => tell),
        )
        expect([...identitiesOf(people)].map(sorted)).toEqual(identities.map(sorted))
      }),
    )
  })

  it('keeps a state with its groups once, in whatever order the groups came', () => {
    const one = (id: string, state: string | null, groups: readonly string[]): Identity => ({
      ...{ id, username: id, active: true, superuser: false, access: true, discordIds: [], state, groups },
    })
    const { combination, combinations } = gathered([
      ...[one('1', 'a', ['b', 'c']), one('2', 'a', ['c', 'b']), one('3', 'a', ['b,c']), one('4', null, ['b'])],
      ...[one('5', 'null', ['b']), one('6', 'a', []), one('7', 'a', ['b'])],
    ])
    expect([...combination]).toEqual([0, 0, 1, 2, 3, 4, 5])
    expect(combinations[0]).toEqual({ state: 'a', groups: ['b', 'c'] })
  })

  it('knows nobody twice, and nobody by a part of an id', () => {
    const people = new GatheredPeople()
    expect(['1', '12', 'ann', 'Ann', ''].map((id) => people.add(spanOf(id), 0))).toEqual(Array(5).fill(true))
    expect(['ann', '', '1'].map((id) => people.add(spanOf(id), 0))).toEqual([false, false, false])
    expect(['', 'Ann', 'ann', '12', '1', 'an', '123', 'ANN'].map((id) => people.rowOf(spanOf(id)))).toEqual([
      ...[4, 3, 2, 1, 0, -1, -1, -1],
    ])
  })

  it('says where somebody is given two states', () => {
    const people = new GatheredPeople()
    people.add(spanOf('1'), 0)
    expect([0, 0, 1].map((state) => people.setState(0, state))).toEqual([true, true, false])
  })

  it('gives the permission to whom their state or a group of theirs brings it, and takes it from nobody', () => {
    const people = new GatheredPeople()
    for (const flags of [ACTIVE, ACTIVE, SUPERUSER, ACCESS]) people.add(spanOf(String(people.count)), flags)
    people.join(1, 1)
    people.setState(2, 0)
    const asked = { groups: ['a', 'b'], states: ['c'] }
    const steps = people.columns({
      ...asked,
      grant: (state, groups) => state === 0 || groups.includes(1),
    })
    let step = steps.next()
    while (!step.done) step = steps.next()
    expect([...step.value.flags.subarray(0, 4)]).toEqual([ACTIVE, ACTIVE | ACCESS, SUPERUSER | ACCESS, ACCESS])
  })
})
