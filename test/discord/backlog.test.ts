import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { Backlog, GIVE_WAY_MS, PAUSE_MS, ROOM } from '#src/discord/backlog.ts'
import type { Packet } from '#src/discord/packets.ts'
import { HandTurns } from './hand-turns.ts'

const LARGE = '1'
const SMALL = '2'

let turns: HandTurns
let backlog: Backlog
let taken: string[]
let paused: Set<number>
let busy: boolean
let guilds: number

beforeEach(() => {
  turns = new HandTurns()
  taken = []
  paused = new Set()
  busy = false
  guilds = 2
  backlog = new Backlog({
    now: turns.now,
    next: turns.next,
    after: turns.after,
    take: ({ d }) => void taken.push((d as { name: string }).name),
    isBusy: () => busy,
    guilds: () => guilds,
    pause: (shardId) => void paused.add(shardId),
    resume: (shardId) => void paused.delete(shardId),
  })
})

const chunk = (name: string, guildId = LARGE): Packet => ({ t: 'GUILD_MEMBERS_CHUNK', d: { name, guild_id: guildId } })
const update = (name: string, guildId: string): Packet => ({ t: 'GUILD_MEMBER_UPDATE', d: { name, guild_id: guildId } })
const ofNoGuild = (t: string): Packet => ({ t, d: { name: t } })
const put = (...packets: readonly Packet[]) => {
  for (const packet of packets) backlog.put(packet, 0)
}
const chunks = (count: number) => Array.from({ length: count }, (_, index) => chunk(`chunk ${index}`))

describe('while the members of one server are listed', () => {
  it('what changes in another is heard first, and the chunks one a turn', () => {
    put(...chunks(3), update('ann', SMALL))
    expect(taken).toEqual(['ann'])
    turns.turn()
    expect(taken).toEqual(['ann', 'chunk 0'])
    turns.turn()
    turns.turn()
    expect(taken).toEqual(['ann', 'chunk 0', 'chunk 1', 'chunk 2'])
    expect(turns.waiting).toBe(0)
  })

  it('what changes in that one is heard in its place', () => {
    const created: Packet = { t: 'GUILD_CREATE', d: { name: 'created', id: LARGE } }
    put(chunk('first'), update('ben', LARGE), created, chunk('second'), update('cyn', LARGE))
    expect(taken).toEqual([])
    for (let turn = 0; turn < 3; turn++) turns.turn()
    expect(taken).toEqual(['first', 'ben', 'created', 'second', 'cyn'])
  })

  it('the command of a person waits for nothing, wherever it was given', () => {
    put(chunk('first'), { t: 'INTERACTION_CREATE', d: { name: 'stop', guild_id: LARGE } })
    expect(taken).toEqual(['stop'])
  })

  it('the end of a resume is told after what came before it', () => {
    put(chunk('first'), ofNoGuild('RESUMED'), update('ann', SMALL))
    expect(taken).toEqual([])
    turns.turn()
    turns.turn()
    expect(taken).toEqual(['first', 'RESUMED', 'ann'])
  })

  it('a fresh session forgets the chunks of its own connection, and first tells what else waits there', () => {
    put(chunk('first'), update('ben', LARGE))
    backlog.put(chunk('of another shard', '3'), 1)
    put(ofNoGuild('READY'))
    expect(taken).toEqual(['ben', 'READY'])
    turns.turn()
    expect(taken).toEqual(['ben', 'READY', 'of another shard'])
  })

  it('and there is no other server, nothing waits', () => {
    guilds = 1
    put(...chunks(2), update('ben', LARGE))
    expect(taken).toEqual(['chunk 0', 'chunk 1', 'ben'])
  })

  it('and the connection is closed, nothing more is taken in and its socket goes on', () => {
    busy = true
    put(...chunks(2))
    expect(paused).toEqual(new Set([0]))
    backlog.stop()
    turns.pass(GIVE_WAY_MS * 2)
    expect(taken).toEqual([])
    expect(paused.size).toBe(0)
    expect(turns.waiting).toBe(0)
  })
})

describe('while something is under way', () => {
  beforeEach(() => {
    busy = true
  })

  it('chunks give way to it for a while, and no longer', () => {
    put(...chunks(3))
    turns.turn()
    turns.pass(GIVE_WAY_MS - 2)
    expect(taken).toEqual([])
    turns.pass(4)
    expect(taken).toEqual(['chunk 0'])
    turns.pass(GIVE_WAY_MS + 4)
    expect(taken).toEqual(['chunk 0', 'chunk 1'])
  })

  it('they are taken in as soon as it is over', () => {
    put(...chunks(3))
    turns.pass(10)
    busy = false
    turns.pass(5)
    expect(taken).toEqual(['chunk 0', 'chunk 1', 'chunk 2'])
  })

  it('their socket is paused for a moment at a time, and read in between', () => {
    put(chunk('first'))
    expect(paused).toEqual(new Set([0]))
    turns.pass(PAUSE_MS - 2)
    expect(paused).toEqual(new Set([0]))
    turns.pass(4)
    expect(paused.size).toBe(0)
    put(chunk('second'))
    expect(paused).toEqual(new Set([0]))
    busy = false
    turns.pass(3)
    expect(paused.size).toBe(0)
  })

  it('a socket that brings no list is never paused', () => {
    put(update('ann', SMALL), update('ben', LARGE))
    expect(paused.size).toBe(0)
  })
})

describe('what waits', () => {
  it('has a bound, at which the socket waits too', () => {
    put(...chunks(ROOM - 1))
    expect(paused.size).toBe(0)
    put(chunk('one more'))
    expect(paused).toEqual(new Set([0]))
    turns.turn()
    expect(paused.size).toBe(0)
  })

  it('at that bound gives way for shorter stretches, so that the socket is not held up for long', () => {
    busy = true
    put(...chunks(ROOM))
    turns.pass(PAUSE_MS + 3)
    expect(taken.length).toBe(1)
  })

  it('is taken in whole and in the order of its server, whatever comes when', () => {
    const happening = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ what: fc.constant('chunk' as const), guild: fc.constantFrom('1', '2', '3') }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ what: fc.constant('update' as const), guild: fc.constantFrom('1', '2', '3') }),
      },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('resumed' as const) }) },
      { weight: 3, arbitrary: fc.record({ what: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 80 }) }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('busy' as const) }) },
    )
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const world = new HandTurns()
        const out: string[] = []
        let hurried = false
        const line = new Backlog({
          now: world.now,
          next: world.next,
          after: world.after,
          take: ({ d }) => void out.push((d as { name: string }).name),
          isBusy: () => hurried,
          guilds: () => 3,
          pause: () => {},
          resume: () => {},
        })
        const sent: string[] = []
        const send = (packet: Packet) => {
          sent.push((packet.d as { name: string }).name)
          line.put(packet, 0)
        }
        for (const [at, happens] of happenings.entries()) {
          if (happens.what === 'chunk') send(chunk(`${happens.guild} ${at}`, happens.guild))
          if (happens.what === 'update') send(update(`${happens.guild} ${at}`, happens.guild))
          if (happens.what === 'resumed') send({ t: 'RESUMED', d: { name: `all ${at}` } })
          if (happens.what === 'time') world.pass(happens.ms)
          if (happens.what === 'busy') hurried = !hurried
        }
        world.pass((sent.length + 1) * (GIVE_WAY_MS + 4))
        expect(out.length).toBe(sent.length)
        // What speaks of no server is told after all that came before it, and before all that came after.
        for (const guild of ['1', '2', '3']) {
          const speaksOf = (name: string) => name.startsWith(`${guild} `) || name.startsWith('all ')
          expect(out.filter(speaksOf)).toEqual(sent.filter(speaksOf))
        }
      }),
      { numRuns: 300 },
    )
  })
})
