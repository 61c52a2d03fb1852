import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GuildPosts } from '#src/bot/posts.ts'
import { type Connection, connect, type Packet } from '#src/discord/gateway.ts'
import { type Shard, shardsOf } from '#src/discord/inside.ts'
import { UnreadChunk } from '#src/discord/unread-chunk.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import { sampleMembers } from '#src/sandbox/sample.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { expectTruth, HastyClock } from '../roster/door.ts'
import { hearing } from './listening.ts'

// The member list of a large server and what happens meanwhile, over one connection: real discord.js against the sandbox, with our rosters.

const ANN = '200000000000000001'
const CHUNK = 1_000
const ROLES = ['Members', 'Scouts', 'Pilots', 'Directors']
const soon = { timeout: 20_000, interval: 5 }

let sandbox: Sandbox
let small: Guild
let posts: GuildPosts
let connection: Connection
let packets: Packet[]
/** Bodies in the order in which discord.js got them; of a chunk, what is in it. */
let arrived: unknown[]
let busy: boolean

beforeEach(async () => {
  // Discord's 30 seconds between two lists are one.
  const clock = new HastyClock(30)
  sandbox = await startSandbox({ now: () => clock.now(), rateScale: 0.95 })
  small = sandbox.addGuild({ name: 'Small', roles: ROLES, members: [{ id: ANN, username: 'ann' }] })
  packets = []
  arrived = []
  busy = false
  posts = new GuildPosts({
    world: {
      askMembers: (guildId, nonce) => connection.askMembers(guildId, nonce),
      listMembers: () => Promise.reject(new Error('nobody reads pages here')),
      roleCounts: () => Promise.reject(new Error('nobody counts roles here')),
      clock,
    },
    fillBy: 'chunks',
    checkEveryMs: 3_600_000,
    announced: () => {},
  })
  const { options } = hearing(sandbox, {
    onPacket: (packet) => {
      packets.push(packet)
      posts.take(packet, clock.now())
    },
    onSession: ({ kind }) => {
      if (kind === 'resumed') posts.resumed()
    },
    isBusy: () => busy,
  })
  connection = await connect(options)
  connection.client.prependListener('raw', ({ d }: { d: unknown }) => {
    arrived.push(d instanceof UnreadChunk ? d.read() : d)
  })
  await expect.poll(() => rosterOf(small)?.state, soon).toBe('live')
})

afterEach(async () => {
  posts.stop()
  await connection.close()
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
})

const rosterOf = ({ id }: Guild) => posts.keeper(id)?.roster
const heard = (t: string, guild: Guild) =>
  packets.filter((packet) => packet.t === t && (packet.d as { guild_id?: string }).guild_id === guild.id)
const shard = (): Shard => shardsOf(connection.client).get(0)!

/** A large server invites the bot. Resolves when this many chunks of its list were sent. */
async function invite(people: number, sent = people / CHUNK): Promise<Guild> {
  const before = sandbox.gateway.count('chunk')
  const members = sampleMembers(people - 2, 1, { roles: ['Members', 'Scouts'], share: 0.5, bots: 0 })
  const large = sandbox.addGuild({ name: 'Large', roles: ROLES, members })
  await sandbox.until(() => sandbox.gateway.count('chunk') >= before + sent)
  return large
}

/** Everything that was said of the guild was heard, in its order, and the roster came out right. */
async function expectWhole(guild: Guild): Promise<void> {
  await expect.poll(() => rosterOf(guild)?.state, soon).toBe('live')
  const memberId = guild.members.page('0', 1)[0]!.id
  const last = guild.createRole({ name: 'Last' })
  guild.give(memberId, last.id)
  await expect.poll(() => rosterOf(guild)?.member(memberId)?.roleIds, soon).toContain(last.id)
  expectTruth(rosterOf(guild)!, guild)
}

describe('while the members of a large server are listed', () => {
  it('a role that is given in another one is heard of, though the list has come before it', async () => {
    busy = true
    const large = await invite(12 * CHUNK)
    small.give(ANN, 'Pilots')
    await expect.poll(() => rosterOf(small)?.member(ANN)?.roleIds, soon).toEqual([small.role('Pilots').id])
    expect(rosterOf(large)?.state).toBe('syncing')
    expect(heard('GUILD_MEMBERS_CHUNK', large).length).toBeLessThan(12)
    await expectWhole(large)
  })

  it('the list becomes whole, though something else is under way all the time', async () => {
    busy = true
    const large = await invite(20 * CHUNK, 1)
    const storm = setInterval(() => {
      small.give(ANN, 'Pilots')
      small.take(ANN, 'Pilots')
    }, 5)
    try {
      await expectWhole(large)
    } finally {
      clearInterval(storm)
    }
    expect(heard('GUILD_MEMBERS_CHUNK', large).length).toBe(20)
  })

  it('the socket is paused only for moments', async () => {
    const pauses: boolean[] = []
    busy = true
    const large = await invite(12 * CHUNK, 1)
    await expect
      .poll(
        () => {
          pauses.push((shard().connection as { isPaused?: boolean }).isPaused === true)
          return pauses.includes(true) && pauses.lastIndexOf(false) > pauses.indexOf(true)
        },
        { timeout: 5_000, interval: 1 },
      )
      .toBe(true)
    await expectWhole(large)
    expect(shard().connection).toMatchObject({ isPaused: false })
  })

  it('a members chunk is not parsed by discord.js', async () => {
    const bodies: unknown[] = []
    connection.client.prependListener('raw', ({ t, d }: Packet) => void (t === 'GUILD_MEMBERS_CHUNK' && bodies.push(d)))
    const large = await invite(2 * CHUNK)
    await expectWhole(large)
    expect(bodies.map((body) => body instanceof UnreadChunk)).toEqual([true, true])
  })

  it('and the connection is lost, the list is whole in the end, and nothing of it was read twice', async () => {
    busy = true
    const large = await invite(12 * CHUNK)
    await expect.poll(() => heard('GUILD_MEMBERS_CHUNK', large).length, soon).toBeGreaterThan(1)
    sandbox.faults.disconnect()
    expect(heard('GUILD_MEMBERS_CHUNK', large).length).toBeLessThan(12)
    large.setRoles(large.members.page('0', 1)[0]!.id, ['Directors'])
    await sandbox.until(() => sandbox.gateway.count('resumed') === 1)
    await expectWhole(large)
    const indexes = heard('GUILD_MEMBERS_CHUNK', large).map(({ d }) => (d as { chunk_index: number }).chunk_index)
    expect(indexes).toEqual(Array.from({ length: 12 }, (_, index) => index))
    expect(sandbox.gateway.count('members asked')).toBe(2)
  })

  it('and the session begins anew, the list is asked for again and whole in the end', async () => {
    busy = true
    const large = await invite(12 * CHUNK)
    sandbox.faults.freshSession()
    large.setRoles(large.members.page('0', 1)[0]!.id, ['Directors'])
    await sandbox.until(() => sandbox.gateway.count('ready') === 2)
    busy = false
    await expectWhole(large)
  }, 30_000)

  it('and the bot is stopped, it ends at once and hears nothing more', async () => {
    busy = true
    const large = await invite(12 * CHUNK)
    const began = performance.now()
    await connection.close()
    expect(performance.now() - began).toBeLessThan(1_900)
    const { length } = packets
    expect(heard('GUILD_MEMBERS_CHUNK', large).length).toBeLessThan(12)
    busy = false
    // What waited would be taken in, one a turn.
    for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setTimeout(resolve, 1))
    expect(packets.length).toBe(length)
    await sandbox.until(() => sandbox.gateway.connected === 0)
  })

  it('whatever happens there meanwhile is heard in its order, and the roster is right in the end', async () => {
    const kinds = ['give', 'take', 'join', 'leave', 'new role', 'drop role', 'hurry', 'rest', 'elsewhere'] as const
    const deed = fc.record({
      chunk: fc.integer({ min: 0, max: 4 }),
      kind: fc.constantFrom(...kinds),
      place: fc.integer({ min: 0, max: 4_900 }),
    })
    const cut = fc.option(fc.integer({ min: 0, max: 4 }), { freq: 1 })
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 40 }), cut, async (deeds, cutAt) => {
        const from = arrived.length
        const heardFrom = packets.length
        const before = sandbox.gateway.count('chunk')
        let large: Guild
        const stop = sandbox.gateway.on(({ kind, detail }) => {
          if (kind !== 'chunk' || detail.guildId !== large.id) return
          for (const { kind: what, place } of deeds.filter(({ chunk }) => chunk === detail.index))
            act(large, what, place)
          if (detail.index === cutAt) sandbox.faults.disconnect()
        })
        const members = sampleMembers(4_998, 1, { roles: ['Members', 'Scouts'], share: 0.5, bots: 0 })
        large = sandbox.addGuild({ name: 'Large', roles: ROLES, members })
        await sandbox.until(() => sandbox.gateway.count('chunk') >= before + 5)
        await expectWhole(large)
        stop()
        busy = false
        const ofIt = (d: unknown) => (d as { guild_id?: string }).guild_id === large.id
        expect(
          packets
            .slice(heardFrom)
            .map(({ d }) => d)
            .filter(ofIt),
        ).toEqual(arrived.slice(from).filter(ofIt))
        sandbox.removeGuild(large.id)
        await expect.poll(() => rosterOf(large), soon).toBeUndefined()
      }),
      { numRuns: 8, endOnFailure: true },
    )
  }, 60_000)
})

function act(large: Guild, kind: string, place: number): void {
  const member = large.members.page('0', 5_000)[place]!
  const mayGo = member && !member.bot && member.id !== large.ownerId
  if (kind === 'give' && member) large.give(member.id, 'Pilots')
  if (kind === 'take' && member) large.take(member.id, 'Members')
  if (kind === 'leave' && mayGo) large.leave(member.id)
  if (kind === 'join') large.join({ username: `newcomer${large.memberCount}`, roles: ['Pilots'] })
  if (kind === 'new role') large.createRole({ name: `role ${large.roles.size}` })
  if (kind === 'drop role' && [...large.roles.values()].some(({ name }) => name === 'Scouts'))
    large.deleteRole('Scouts')
  if (kind === 'hurry') busy = true
  if (kind === 'rest') busy = false
  if (kind === 'elsewhere') {
    small.give(ANN, 'Pilots')
    small.take(ANN, 'Pilots')
  }
}
