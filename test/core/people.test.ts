import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasAccess } from '#src/core/access.ts'
import type { Identity } from '#src/core/model.ts'
import { flagsOf, identitiesOf, mayBeIn, PeopleBuilder, peopleOf } from '#src/core/people.ts'

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

function built(identities: readonly Identity[]) {
  const builder = new PeopleBuilder()
  for (const one of identities) {
    builder.add(one.id, one.username, flagsOf(one), builder.combinationOf(one.state, one.groups))
    for (const id of one.discordIds) builder.link(id)
  }
  return builder.columns()
}

/** As plain objects: those of columns are read when asked. */
const plain = ({ id, username, active, superuser, access, state, groups, discordIds }: Identity): Identity => ({
  ...{ id, username, active, superuser, access, state, groups, discordIds },
})

describe('people as columns', () => {
  it('gives back everybody who was put in, whatever they are called', () => {
    fc.assert(
      fc.property(fc.array(identity, { maxLength: 40 }), (identities) => {
        const people = built(identities)
        expect([...identitiesOf(people)].map(plain)).toEqual(identities)
        const alike = peopleOf(identities)
        expect(alike.combinations).toEqual(people.combinations)
        expect([...identitiesOf(alike)]).toEqual(identities)
        for (const [row, one] of identities.entries()) expect(mayBeIn(people.flags[row]!)).toBe(hasAccess(one))
      }),
    )
  })

  it('keeps a state with its groups once, and tells names apart that only look alike when put together', () => {
    const builder = new PeopleBuilder()
    expect(builder.combinationOf('a', ['b', 'c'])).toBe(builder.combinationOf('a', ['b', 'c']))
    expect(builder.combinationOf('a', ['b,c'])).not.toBe(builder.combinationOf('a', ['b', 'c']))
    expect(builder.combinationOf(null, ['a'])).not.toBe(builder.combinationOf('null', ['a']))
  })

  it('takes groups and accounts that become known later, in any order', () => {
    fc.assert(
      fc.property(fc.array(identity, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (identities, order) => {
        const builder = new PeopleBuilder()
        for (const one of identities) builder.add(one.id, one.username, flagsOf(one), builder.combinationOf(null, []))
        const claims = identities.flatMap(({ discordIds }, row) => discordIds.map((id) => ({ id, row })))
        const places = claims.map(() => order.next().value ?? 0)
        const shuffled = [...claims.keys()].sort((a, b) => places[a]! - places[b]!)
        for (const at of shuffled) builder.link(claims[at]!.id, claims[at]!.row)
        for (const [row, { state, groups }] of identities.entries())
          builder.recombine(row, builder.combinationOf(state, groups))
        const sorted = (one: Identity) => ({ ...plain(one), discordIds: one.discordIds.toSorted() })
        expect([...identitiesOf(builder.columns())].map(sorted)).toEqual(identities.map(sorted))
      }),
    )
  })

  it('links nobody to what cannot be an account of Discord', () => {
    const builder = new PeopleBuilder()
    builder.add('1', 'ann', 0, builder.combinationOf(null, []))
    for (const id of ['', '0123', '-5', 'ann', '18446744073709551616']) builder.link(id)
    builder.link('18446744073709551615')
    expect(builder.columns().identityAt(0).discordIds).toEqual(['18446744073709551615'])
  })
})
