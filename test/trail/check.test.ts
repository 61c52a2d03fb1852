import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TrailCheck, TrailFault } from '#src/trail/check.ts'
import { openCheckpoint } from '#src/trail/checkpoint.ts'
import { publicBytes, readPublicKey } from '#src/trail/key.ts'
import { KEY, record } from './forge.ts'

// What a reader finds who has an export and the public key, and nothing else.

const PUBLIC = readPublicKey(publicBytes(KEY).toString('base64'))

function verdict(lines: readonly (string | Buffer)[], key = PUBLIC): TrailFault | 'whole' {
  const check = new TrailCheck(key)
  try {
    for (const line of lines) check.take(Buffer.from(line))
    check.end()
    return 'whole'
  } catch (error) {
    if (error instanceof TrailFault) return error
    throw error
  }
}

const faultIn = (lines: readonly (string | Buffer)[]): TrailFault => {
  const found = verdict(lines)
  if (found === 'whole') throw new Error('It was called whole.')
  return found
}

/** The same pseudo-random numbers each time. */
function* places(count: number, below: number): Generator<number> {
  let state = 12_345
  for (let made = 0; made < count; made++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    yield state % below
  }
}

const LINES = 10_000
const whole = record(LINES)

describe('a record of 10,000 lines', () => {
  it('is whole as it was written', () => expect(verdict(whole)).toBe('whole'))

  // Where the line that was struck is the first thing wrong, so that a short record shows the same.
  it('tells of every single bit that is flipped, at the line where it was', () => {
    const short = record(3)
    for (const [at, line] of short.entries())
      for (let bit = 0; bit < Buffer.byteLength(line) * 8; bit++) {
        const bytes = Buffer.from(line)
        bytes[bit >> 3]! ^= 1 << (bit & 7)
        expect(faultIn(short.with(at, bytes.toString('latin1')).map((one, i) => (i === at ? bytes : one))).place).toBe(
          at + 1,
        )
      }
  })

  it('tells of a bit anywhere in its length', () => {
    for (const at of places(20, LINES)) {
      const bytes = Buffer.from(whole[at]!)
      bytes[(at * 31) % bytes.length]! ^= 1 << (at & 7)
      expect(faultIn([...whole.slice(0, at), bytes, ...whole.slice(at + 1)]).place).toBe(at + 1)
    }
  })

  it.each([
    ['deleted', (at: number) => whole.toSpliced(at, 1), 1],
    ['doubled', (at: number) => whole.toSpliced(at, 0, whole[at]!), 2],
    ['swapped with the next', (at: number) => whole.with(at, whole[at + 1]!).with(at + 1, whole[at]!), 1],
    ['cut short', (at: number) => whole.with(at, whole[at]!.slice(0, -5)), 1],
    ['emptied', (at: number) => whole.with(at, ''), 1],
  ])('tells of a line that is %s, and names its place', (_, strike, offset) => {
    for (const at of [0, ...places(8, LINES - 1), LINES - 1]) expect(faultIn(strike(at)).place).toBe(at + offset)
  })

  it('tells of an end that was cut off', () => {
    for (const left of [0, 1, 5_000, LINES]) {
      const fault = faultIn(whole.slice(0, left))
      expect([fault.place, fault.message]).toEqual([left + 1, expect.stringContaining('missing')])
    }
    expect(faultIn([...whole.slice(0, LINES - 1), whole.at(-1)!]).message).toContain('lines are missing, or were added')
  })
})

it('a chain that was written anew holds by its hashes, but not by its signature nor against a checkpoint kept elsewhere', () => {
  const { privateKey: forger } = generateKeyPairSync('ed25519')
  const forged = record(12, '1000', forger)
  expect(faultIn(forged).message).toContain('another key has signed')
  const note = (lines: readonly string[]): string => JSON.parse(lines.at(-1)!).checkpoint
  const kept = openCheckpoint(note(record(8)), PUBLIC)!
  const longer = new TrailCheck(PUBLIC, { known: [kept] })
  for (const line of record(12)) longer.take(Buffer.from(line))
  expect(longer.end()).toMatchObject([{ guildId: '1000', lines: 12 }])
  const shorter = new TrailCheck(PUBLIC, { known: [kept] })
  for (const line of record(7)) shorter.take(Buffer.from(line))
  expect(() => shorter.end()).toThrow(/was kept has 8 lines/)
  const other = openCheckpoint(note(record(8, '1000', forger)), readPublicKey(publicBytes(forger).toString('base64')))!
  const anew = new TrailCheck(PUBLIC, { known: [{ ...kept, root: other.root.map((byte) => byte ^ 1) as Buffer }] })
  expect(() => {
    for (const line of record(12)) anew.take(Buffer.from(line))
  }).toThrow(/was written anew/)
})

it('several chains in one file are each whole, and no line goes over into another', () => {
  const [one, two, all] = [record(4, '1000'), record(3, '1001'), record(2, null)]
  expect(verdict([...one, ...two, ...all])).toBe('whole')
  expect(faultIn([...one.slice(0, -1), ...two]).message).toContain('belongs to the chain of another server')
  expect(faultIn([...one.slice(0, -1), two.at(-1)!]).message).toContain('is the checkpoint of another chain')
})

it('without a key the chain is checked, and the signature is not', () => {
  const check = new TrailCheck(null)
  for (const line of record(5)) check.take(Buffer.from(line))
  expect(check.end()).toMatchObject([{ lines: 5 }])
  expect(() => readPublicKey('nonsense')).toThrow(/no public key/)
})

it('the vectors for other verifiers are what this one says', () => {
  const { publicKey, vectors } = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8'))
  const key = readPublicKey(publicKey)
  const said = vectors.map(({ lines }: { lines: string[] }) => {
    const found = verdict(lines, key)
    return found === 'whole' ? null : found.place
  })
  expect(said).toEqual(vectors.map(({ firstWrong }: { firstWrong: number | null }) => firstWrong))
  expect(vectors.length).toBeGreaterThan(8)
})
