import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { vitalsOf } from '#src/core/truth.ts'
import { digestInSteps, digestOf } from '#src/snapshot/digest.ts'
import { readSnapshot } from '#src/snapshot/read.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import type { Snapshot } from '#src/snapshot/snapshot.ts'
import { writeSnapshot } from '#src/snapshot/write.ts'
import { drawFrom, drawWorld } from '../core/awkward.ts'

function drawSnapshot(seed: number): Snapshot {
  const { members, identities, scope } = drawWorld(drawFrom(seed))
  const { guild, names, settings, invocation, now } = scope
  const person = { username: 'né\u202e"\\', nick: '__proto__', joinedAt: 1_234_567 }
  const baseline = seed % 2 === 0 ? null : vitalsOf(identities, names)
  return {
    takenAt: now,
    guild,
    members,
    people: new Map(members.map(({ id }) => [id, person])),
    identity: { names, identities },
    settings,
    invocation,
    baseline: baseline && {
      linked: baseline.linked,
      withAccess: baseline.withAccess,
      perGroup: baseline.perGroup,
      perState: baseline.perState,
    },
  }
}

describe('a snapshot that was written', () => {
  it('is read back as it was, whatever the guild', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const snapshot = drawSnapshot(seed)
        expect(readSnapshot(writeSnapshot(snapshot)).snapshot).toEqual(snapshot)
      }),
      { numRuns: 100 },
    )
  })

  it('names a member of whom only the id is known by nothing', () => {
    const snapshot = { ...drawSnapshot(4), members: [{ id: '3', bot: false, roleIds: [] }], people: new Map() }
    const read = readSnapshot(writeSnapshot(snapshot)).snapshot
    expect(read.people.get('3')).toEqual({ username: '', nick: null, joinedAt: null })
  })
})

describe('settings', () => {
  it('come back from what was written of them, through JSON', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { settings } = drawWorld(drawFrom(seed)).scope
        expect(readSettings(JSON.parse(JSON.stringify(writeSettings(settings))))).toEqual(settings)
      }),
      { numRuns: 100 },
    )
  })

  it('are the safe ones where nothing is set', () => {
    expect(readSettings({})).toEqual(DEFAULT_SETTINGS)
  })

  it('are refused with the path of the fault, from where they stand', () => {
    expect(() => readSettings({ policy: { role_drift: { default: 'strip_kick' } } })).toThrow(
      /^policy\.role_drift\.default: must be "report" or "strip": role drift never kicks\.$/,
    )
    expect(() => readSettings({ blast: { run: 2 } }, ['settings'])).toThrow(/^settings\.blast\.run: /)
    expect(() => readSettings(null)).toThrow(/^must be an object\.$/)
  })
})

describe('a digest', () => {
  it('is the SHA-256 of the canonical JSON, in whatever order the keys were', () => {
    // Of the two bytes {} and of {"a":1,"b":[true,null]}, taken with sha256sum.
    expect(digestOf({})).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
    expect(digestOf({ b: [true, null], a: 1 })).toBe(digestOf({ a: 1, b: [true, null] }))
    expect(digestOf({ a: 1 })).not.toBe(digestOf({ a: 2 }))
  })

  it('the digest is the same where it is taken in steps, whatever the value', async () => {
    const value = fc.dictionary(fc.string({ unit: 'binary' }), fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())))
    await fc.assert(
      fc.asyncProperty(value, async (any) => {
        expect(await digestInSteps(any)).toBe(digestOf(any))
      }),
    )
    const long = { b: Array.from({ length: 1_234 }, (_, id) => ({ id, c: [id] })), a: '1' }
    let hadTurn = false
    setImmediate(() => {
      hadTurn = true
    })
    const digest = await digestInSteps(long)
    expect([digest, hadTurn]).toEqual([digestOf(long), true])
  })
})
