import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isId, readId, toId } from '#src/core/ids.ts'
import { IdIndex } from '#src/roster/id-index.ts'

const anyId = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.integer({ min: 0, max: 63 }).map((bit) => 2n ** BigInt(bit)),
  fc.integer({ min: 1, max: 64 }).map((bit) => 2n ** BigInt(bit) - 1n),
  fc.bigInt({ min: 0n, max: 20n }),
)

describe('an id in two halves', () => {
  it('is the same id when it is read back, up to 2^64-1', () => {
    const property = fc.property(anyId, (value) => {
      const halves = { high: 0, low: 0 }
      expect(readId(String(value), halves)).toBe(true)
      expect((BigInt(halves.high) << 32n) | BigInt(halves.low)).toBe(value)
      expect(toId(halves.high, halves.low)).toBe(String(value))
    })
    fc.assert(property, { numRuns: 2_000 })
  })

  it.each([
    '',
    '01',
    '-1',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '1 ',
    '0x1',
    '18446744073709551616',
    '99999999999999999999',
    '1'.repeat(21),
  ])('is not made of %j', (text) => {
    expect(isId(text)).toBe(false)
  })

  it.each([null, undefined, 3, 3n, {}, ['3']])('is not made of the value %s', (value) => {
    expect(isId(value)).toBe(false)
  })
})

/** Ids that meet in the table: few of them, so that rows are inserted, removed and moved over one another again and again. */
const crowd = fc
  .integer({ min: 0, max: 40 })
  .map((number) => String(100_000_000_000_000_000n + BigInt(number) * 4_194_304n))
const steps = fc.array(fc.record({ id: crowd, here: fc.boolean() }), { maxLength: 300 })

/** An index with room for the whole crowd. */
function roomyIndex(): IdIndex {
  const index = new IdIndex()
  index.widen(64)
  return index
}

/** Does to the index what is done to a set. */
function set(index: IdIndex, id: string, here: boolean): void {
  const row = index.rowOf(id)
  if (here && row < 0) index.insert(id)
  if (!here && row >= 0) index.remove(row)
}

function expectSame(index: IdIndex, model: ReadonlySet<string>): void {
  const held = Array.from({ length: index.count }, (_, row) => index.idAt(row))
  expect(held.sort()).toEqual([...model].sort())
  for (const id of held) expect(index.idAt(index.rowOf(id))).toBe(id)
}

describe('the index of ids', () => {
  it('knows the same ids as a plain set, whatever is put in and taken out', () => {
    const property = fc.property(steps, (all) => {
      const index = roomyIndex()
      const model = new Set<string>()
      for (const { id, here } of all) {
        set(index, id, here)
        if (here) model.add(id)
        else model.delete(id)
        expect(index.rowOf(id) >= 0).toBe(here)
      }
      expectSame(index, model)
    })
    fc.assert(property, { numRuns: 500 })
  })

  it('does not grow when members come and go for ever', () => {
    const index = roomyIndex()
    const before = index.bytes
    for (let turn = 0; turn < 10_000; turn++) {
      set(index, String(turn + 1), true)
      if (turn >= 20) set(index, String(turn - 19), false)
    }
    expect(index.count).toBe(20)
    expect(index.rowOf('10000')).toBeGreaterThanOrEqual(0)
    expect(index.rowOf('1')).toBe(-1)
    expect(index.bytes).toBe(before)
  })

  it('gives no row to what is no id', () => {
    const index = roomyIndex()
    expect(index.insert('someone')).toBe(-1)
    expect(index.count).toBe(0)
    expect(index.rowOf('someone')).toBe(-1)
    expect(() => index.idAt(0)).toThrow(RangeError)
  })
})
