import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readUnread } from '#src/discord/unread-chunk.ts'

const GUILD = '900000000000000000'
const OTHER = '900000000000000001'

/** A thousand members, so that the frame is a long one. */
const members = Array.from({ length: 1_000 }, (_, index) => ({ user: { id: String(300 + index) }, roles: ['1001'] }))
const body = { guild_id: GUILD, members, chunk_index: 0, chunk_count: 1, nonce: 'n' }
const frameOf = (payload: unknown): string => JSON.stringify(payload)

describe('the frame of a members chunk', () => {
  it('is recognized with its guild and its number, and read whole later', () => {
    const payload = readUnread(frameOf({ t: 'GUILD_MEMBERS_CHUNK', s: 7, op: 0, d: body }))
    expect(payload).toMatchObject({ t: 'GUILD_MEMBERS_CHUNK', s: 7, op: 0, d: { guildId: GUILD } })
    expect(payload?.d.read()).toEqual(body)
  })

  it('is recognized where the guild is named last', () => {
    const { guild_id, ...rest } = body
    const payload = readUnread(frameOf({ op: 0, s: 7, t: 'GUILD_MEMBERS_CHUNK', d: { ...rest, guild_id } }))
    expect(payload?.d.guildId).toBe(GUILD)
  })

  it.each([
    ['another dispatch', { t: 'GUILD_CREATE', s: 7, op: 0, d: body }],
    ['another operation', { t: 'GUILD_MEMBERS_CHUNK', s: 7, op: 9, d: body }],
    ['one without a number', { t: 'GUILD_MEMBERS_CHUNK', s: null, op: 0, d: body }],
    ['one whose body comes first', { d: body, t: 'GUILD_MEMBERS_CHUNK', s: 7, op: 0 }],
    ['one of a guild that is none', { t: 'GUILD_MEMBERS_CHUNK', s: 7, op: 0, d: { ...body, guild_id: 'x' } }],
    ['one without a guild', { t: 'GUILD_MEMBERS_CHUNK', s: 7, op: 0, d: { members } }],
    [
      'one in which only a member names a guild',
      { t: 'GUILD_MEMBERS_CHUNK', s: 7, op: 0, d: { members: [{ guild_id: OTHER }, ...members] } },
    ],
    [
      'one that names its guild where nobody looks',
      { t: 'GUILD_MEMBERS_CHUNK', s: 7, op: 0, d: { members, guild_id: GUILD, not_found: [] } },
    ],
    ['a short one', { t: 'GUILD_MEMBERS_CHUNK', s: 7, op: 0, d: { ...body, members: [] } }],
  ])('is left to others: %s', (_, payload) => {
    expect(readUnread(frameOf(payload))).toBeNull()
  })

  it('is never taken for something that it is not, whatever people are called and in whatever order its fields come', () => {
    const name = fc.constantFrom(
      'ann',
      '","guild_id":"1"',
      '"guild_id":"1"',
      ']},"guild_id":"2"',
      '\\',
      'é',
      '🦜',
      ',"d":{',
    )
    const person = fc.record({ nick: name, guild_id: fc.constantFrom(undefined, OTHER), roles: fc.array(name) })
    const fieldsOf = (people: readonly unknown[], nonce: string) => [
      ['guild_id', GUILD],
      ['members', [...people, ...members]],
      ['nonce', nonce],
      ['not_found', [nonce]],
      ['chunk_index', 0],
    ]
    const shuffled = fc
      .tuple(fc.array(person, { maxLength: 3 }), name)
      .chain(([people, nonce]) => fc.shuffledSubarray(fieldsOf(people, nonce), { minLength: 4 }))
    const tops = fc.shuffledSubarray(['t', 's', 'op', 'd'], { minLength: 4 })
    let recognized = 0
    fc.assert(
      fc.property(shuffled, tops, (fields, order) => {
        const d = Object.fromEntries(fields)
        const all: Record<string, unknown> = { t: 'GUILD_MEMBERS_CHUNK', s: 7, op: 0, d }
        const frame = frameOf(Object.fromEntries(order.map((key) => [key, all[key]])))
        const payload = readUnread(frame)
        if (payload === null) return
        recognized++
        expect(payload).toMatchObject({ t: 'GUILD_MEMBERS_CHUNK', s: 7, op: 0 })
        expect(payload.d.guildId).toBe(d.guild_id)
        expect(payload.d.read()).toEqual(JSON.parse(frame).d)
      }),
      { numRuns: 200 },
    )
    expect(recognized).toBeGreaterThan(10)
  })
})
