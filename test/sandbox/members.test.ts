import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MemberRecord, Members } from '#src/sandbox/members.ts'
import { memberText, toMember } from '#src/sandbox/payloads.ts'
import { sampleCrowd, sampleMembers } from '#src/sandbox/sample.ts'
import { compareIds } from '#src/sandbox/snowflake.ts'
import { openClient, openSandbox } from './open.ts'

const CROWD = sampleCrowd(12, 3, { roles: ['1', '2'], share: 0.5 })
/** Someone of the crowd, or one of a few others who sort before, between and after it. */
const ids = fc.constantFrom(
  ...Array.from({ length: 12 }, (_, index) => CROWD.idAt(index)),
  '10000000000000000',
  (BigInt(CROWD.idAt(5)) + 1n).toString(),
  '1999999999999999999',
)
const acts = fc.array(
  fc.record({
    id: ids,
    roles: fc.uniqueArray(fc.constantFrom('1', '2', '3')),
    goes: fc.boolean(),
    count: fc.boolean(),
  }),
)

const record = (id: string, roles: readonly string[]): MemberRecord => ({
  id,
  username: id,
  globalName: null,
  nick: null,
  roles,
  joinedAt: 0,
  bot: false,
})

describe('the members of a guild', () => {
  it('are those of a plain map, whatever is done, though most of them are never kept', () => {
    fc.assert(
      fc.property(acts, ids, fc.nat(6), (steps, after, limit) => {
        const members = new Members(CROWD)
        const plain = new Map(Array.from({ length: CROWD.size }, (_, index) => [CROWD.idAt(index), CROWD.at(index)]))
        for (const { id, roles, goes, count } of steps) {
          // Counting in the middle makes the counts be kept up from there on.
          if (count) members.roleCounts()
          if (goes) {
            members.remove(id)
            plain.delete(id)
          } else {
            members.put(record(id, roles))
            plain.set(id, record(id, roles))
          }
        }
        const sorted = [...plain.values()].sort((a, b) => compareIds(a.id, b.id))
        expect([...members.walk()]).toEqual(sorted)
        expect(members.size).toBe(plain.size)
        expect(members.page(after, limit)).toEqual(sorted.filter(({ id }) => compareIds(id, after) > 0).slice(0, limit))
        for (const role of ['1', '2', '3'])
          expect(members.roleCounts().get(role) ?? 0).toBe(sorted.filter(({ roles }) => roles.includes(role)).length)
      }),
    )
  })
})

describe('sample people', () => {
  it('are the same for the same seed and others for another, with ids that Discord could have given', () => {
    expect(sampleMembers(50, 1)).toEqual(sampleMembers(50, 1))
    const all = [1, 2, 3].flatMap((seed) => sampleMembers(50, seed))
    expect(new Set(all.map(({ id }) => id)).size).toBe(150)
    expect(all.every(({ id }) => /^\d{17,19}$/.test(id!))).toBe(true)
    expect(all.some(({ bot }) => bot)).toBe(true)
    const crowd = sampleCrowd(1_000_000, 5)
    for (const index of [0, 1, 15, 142_857, 999_999]) expect(crowd.indexOf(crowd.idAt(index))).toBe(index)
    expect(crowd.idAt(999_999)).toBe((BigInt(crowd.idAt(0)) + 999_999n * (15_000n << 22n)).toString())
    expect(['10000000000000000', (BigInt(crowd.idAt(7)) + 1n).toString()].map(crowd.indexOf)).toEqual([-1, -1])
  })

  it('can be a crowd of two hundred thousand, listed whole over the gateway', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({
      name: 'Crowd',
      roles: [{ name: 'Pilots', id: '300000000000000001' }],
      members: sampleCrowd(200_000, 5, { roles: ['300000000000000001'] }),
    })
    const client = await openClient(sandbox)
    let seen = 0
    client.on('raw', ({ t, d }: { t: string; d: { members: unknown[] } }) => {
      if (t === 'GUILD_MEMBERS_CHUNK') seen += d.members.length
    })
    client.ws.shards.get(0)!.send({ op: 8, d: { guild_id: guild.id, query: '', limit: 0 } })
    await sandbox.until(() => sandbox.gateway.count('GUILD_MEMBERS_CHUNK') === 201, '201 chunks', 60_000)
    await expect.poll(() => seen, { timeout: 30_000 }).toBe(200_002)
  })
})

it('a member written out fast reads the same as one written out plainly', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant(null))
  const members = fc.record({
    id: ids,
    username: fc.string({ unit: 'binary' }),
    globalName: text,
    nick: text,
    roles: fc.array(ids),
    joinedAt: fc.nat(),
    bot: fc.boolean(),
    pending: fc.boolean(),
  })
  fc.assert(
    fc.property(members, (member) => {
      expect(memberText(member, member.roles)).toBe(JSON.stringify(toMember(member)))
    }),
  )
})
