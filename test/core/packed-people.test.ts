import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Identity } from '#src/core/model.ts'
import { packedParts, Unpacking } from '#src/core/packed-people.ts'
import { peopleOf } from '#src/core/people.ts'

const names = fc.string({ unit: 'grapheme', maxLength: 20 })
const discordIds = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
const anybody: fc.Arbitrary<Identity> = fc.record({
  ...{ id: names, username: names, active: fc.boolean(), superuser: fc.boolean(), access: fc.boolean() },
  state: fc.option(names),
  groups: fc.array(names, { maxLength: 4 }),
  discordIds: fc.array(discordIds, { maxLength: 3 }),
})

const packed = (identities: readonly Identity[]) => [...packedParts(peopleOf(identities))]

function unpacked(parts: readonly Uint8Array[]): readonly Identity[] {
  const unpacking = new Unpacking()
  return parts.flatMap((part) => unpacking.read(part))
}

const withoutNames = (identities: readonly Identity[]) => identities.map((one) => ({ ...one, username: '' }))

it('whoever was packed comes out as they were, but for their names', () => {
  fc.assert(
    fc.property(fc.array(anybody, { maxLength: 30 }), (identities) => {
      expect(unpacked(packed(identities))).toEqual(withoutNames(identities))
    }),
  )
})

const [somebody] = fc.sample(anybody, 1)
const numbered = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ ...somebody!, id: `${at}`, groups: [`group ${at % 9_000}`] }))

it('many are packed in parts, which are the same bytes each time', () => {
  const many = numbered(10_000)
  const parts = packed(many)
  expect(parts).toHaveLength(4)
  expect(unpacked(parts)).toEqual(withoutNames(many))
  expect(packed(many)).toEqual(parts)
})

it('bytes that end too early, and people without the part before them, are refused and not taken for fewer', () => {
  const [belongings, ann] = packed([{ ...somebody!, id: '42', discordIds: ['195846210987196416'] }])
  for (let length = ann!.length - 1; length > 3; length--)
    expect(() => unpacked([belongings!, ann!.subarray(0, length)])).toThrow(RangeError)
  expect(() => unpacked([ann!])).toThrow(RangeError)
})
