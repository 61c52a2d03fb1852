import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RosterChange } from '#src/roster/change.ts'
import { CONFIRM_AFTER_MS, MOST_IN_A_ROW } from '#src/roster/count-check.ts'
import { ASK_TRIES, ASK_WINDOW_MS, BACK_OFF_MS, type FillBy, MAX_BACK_OFF_MS, SILENCE_MS } from '#src/roster/filler.ts'
import { RosterKeeper } from '#src/roster/keeper.ts'
import type { KeeperWorld } from '#src/roster/keeper-world.ts'
import {
  announced,
  BOT,
  changed,
  chunk,
  GUILD,
  left,
  memberOf,
  outage,
  type Person,
  removed,
  theBot,
} from './dispatches.ts'
import { HandClock, settled } from './hand-clock.ts'

const ann: Person = { id: '3', roles: ['1001'] }
const bob: Person = { id: '40', roles: ['1002'] }

/** A Discord that answers only when the test says so. */
class QuietWorld implements KeeperWorld {
  readonly clock = new HandClock()
  /** Nonces of the questions, in order. */
  readonly asked: string[] = []
  readonly pagesAfter: string[] = []
  pages: (after: string) => Promise<readonly unknown[]> = async () => []
  counts: () => Promise<Record<string, unknown>> = async () => ({})
  asking: () => Promise<void> = async () => {}

  askMembers(_guildId: string, nonce: string): Promise<void> {
    this.asked.push(nonce)
    return this.asking()
  }

  listMembers(_guildId: string, after: string): Promise<readonly unknown[]> {
    this.pagesAfter.push(after)
    return this.pages(after)
  }

  roleCounts(): Promise<Record<string, unknown>> {
    return this.counts()
  }
}

let world: QuietWorld
let keeper: RosterKeeper
let told: RosterChange[]

function keep(fillBy: FillBy = 'chunks'): void {
  world = new QuietWorld()
  told = []
  const heard = (changes: readonly RosterChange[]) => void told.push(...changes)
  keeper = new RosterKeeper({ guildId: GUILD, botUserId: BOT, world, heard, fillBy })
}

function take(packet: { t: string; d: unknown }): void {
  keeper.take(packet, world.clock.now())
}

/** The answer to the last question, in one chunk. */
function answer(...people: readonly Person[]): void {
  take(chunk(world.asked.at(-1)!, [theBot, ...people]))
}

async function live(...people: readonly Person[]): Promise<void> {
  take(announced())
  await world.clock.pass(0)
  answer(...people)
  expect(keeper.roster.state).toBe('live')
}

/** Pages of two, as Discord gives pages of a thousand. */
function inPages(...people: readonly Person[]): (after: string) => Promise<readonly unknown[]> {
  return async (after) =>
    people
      .filter(({ id }) => Number(id) > Number(after))
      .slice(0, 2)
      .map(memberOf)
}

beforeEach(() => keep())
afterEach(() => keeper.stop())

describe('filling by chunks', () => {
  it('asks once the guild is announced, and is live with the last chunk', async () => {
    expect(world.asked).toEqual([])
    take(announced())
    await world.clock.pass(0)
    expect(world.asked.length).toBe(1)
    expect(Buffer.byteLength(world.asked[0]!)).toBeLessThanOrEqual(32)
    answer(ann)
    expect(told.map((change) => change.kind === 'state' && change.to)).toEqual(['syncing', 'live'])
    expect(keeper.note).toBeNull()
  })

  it('asks anew when the question is lost, no sooner than Discord allows', async () => {
    take(announced())
    await world.clock.pass(ASK_WINDOW_MS - 1)
    expect(keeper.note).toBe('Discord stopped after 0 chunks of the member list')
    expect(world.asked.length).toBe(1)
    await world.clock.pass(1)
    expect(world.asked.length).toBe(2)
  })

  it('asks anew when a chunk is lost, and takes no answer to the old question', async () => {
    take(announced())
    await world.clock.pass(0)
    take(chunk(world.asked[0]!, [theBot], 0, 2))
    await world.clock.pass(SILENCE_MS * 2 - 1)
    expect(keeper.note).toBeNull()
    await world.clock.pass(1)
    expect(keeper.note).toBe('Discord stopped after 1 chunks of the member list')
    await world.clock.pass(BACK_OFF_MS)
    expect(world.asked.length).toBe(2)
    take(chunk(world.asked[0]!, [ann], 1, 2))
    expect(keeper.roster.state).toBe('syncing')
    answer(ann)
    expect(keeper.roster.state).toBe('live')
  })

  it('waits on while chunks keep coming', async () => {
    take(announced())
    await world.clock.pass(0)
    for (let index = 0; index < 5; index++) {
      take(chunk(world.asked[0]!, [{ id: String(100 + index) }], index, 6))
      await world.clock.pass(SILENCE_MS - 1)
    }
    take(chunk(world.asked[0]!, [theBot], 5, 6))
    expect(keeper.roster.state).toBe('live')
    expect(world.asked.length).toBe(1)
  })

  it('waits as long as Discord says when it is asked too often', async () => {
    take(announced())
    await world.clock.pass(0)
    const meta = { guild_id: GUILD, nonce: world.asked[0] }
    take({ t: 'RATE_LIMITED', d: { opcode: 8, retry_after: 44.5, meta } })
    expect(keeper.note).toContain('45 s')
    await world.clock.pass(44_499)
    expect(world.asked.length).toBe(1)
    await world.clock.pass(1)
    expect(world.asked.length).toBe(2)
  })

  it('is not moved by a refusal that was meant for another guild or another question', async () => {
    take(announced())
    await world.clock.pass(0)
    take({ t: 'RATE_LIMITED', d: { opcode: 8, retry_after: 60, meta: { guild_id: '999' } } })
    take({ t: 'RATE_LIMITED', d: { opcode: 8, retry_after: 60, meta: { guild_id: GUILD, nonce: 'other' } } })
    take({ t: 'RATE_LIMITED', d: { opcode: 8, retry_after: 'soon', meta: { guild_id: GUILD } } })
    answer(ann)
    expect(keeper.roster.state).toBe('live')
  })

  it('reads pages instead after so many questions without a whole answer', async () => {
    world.pages = inPages(theBot, ann, bob)
    take(announced())
    await world.clock.pass(ASK_WINDOW_MS * ASK_TRIES)
    expect(world.asked.length).toBe(ASK_TRIES)
    expect(world.pagesAfter).toEqual(['0', '3', '40'])
    expect(keeper.roster.state).toBe('live')
  })

  it('outlives a question that cannot be sent', async () => {
    world.asking = async () => {
      throw new Error('the connection is down')
    }
    take(announced())
    await world.clock.pass(0)
    expect(keeper.note).toBe('the connection is down')
    world.asking = async () => {}
    await world.clock.pass(ASK_WINDOW_MS)
    answer(ann)
    expect(keeper.roster.state).toBe('live')
    expect(keeper.note).toBeNull()
  })

  it('begins anew when a chunk cannot be read', async () => {
    take(announced())
    await world.clock.pass(0)
    take({
      t: 'GUILD_MEMBERS_CHUNK',
      d: { guild_id: GUILD, nonce: world.asked[0], members: [{}], chunk_index: 0, chunk_count: 1 },
    })
    expect(keeper.note).toContain('could not be read')
    await world.clock.pass(ASK_WINDOW_MS)
    answer(ann)
    expect(keeper.roster.state).toBe('live')
  })
})

describe('filling by pages', () => {
  beforeEach(() => {
    keeper.stop()
    keep('pages')
  })

  it('reads to the empty page, from the greatest id of each', async () => {
    world.pages = inPages(theBot, ann, bob)
    take(announced())
    await world.clock.pass(0)
    expect(world.pagesAfter).toEqual(['0', '3', '40'])
    expect(keeper.roster.member('40')?.roleIds).toEqual(['1002'])
    expect(keeper.roster.state).toBe('live')
    expect(world.asked).toEqual([])
  })

  it('lets an event win over a page that was asked before it', async () => {
    const page = Promise.withResolvers<readonly unknown[]>()
    world.pages = (after) => (after === '0' ? page.promise : Promise.resolve([]))
    take(announced())
    await world.clock.pass(0)
    take(changed({ id: '3', roles: ['1003'] }))
    take(left('40'))
    page.resolve([theBot, ann, bob].map(memberOf))
    await settled()
    expect(keeper.roster.state).toBe('live')
    expect(keeper.roster.member('3')?.roleIds).toEqual(['1003'])
    expect(keeper.roster.member('40')).toBeNull()
  })

  it('ignores a page of a reading that was given up', async () => {
    const page = Promise.withResolvers<readonly unknown[]>()
    world.pages = () => page.promise
    take(announced())
    await world.clock.pass(0)
    take(outage)
    take(announced())
    world.pages = () => new Promise(() => {})
    await world.clock.pass(0)
    page.resolve([memberOf(theBot), memberOf(ann)])
    await settled()
    expect(world.pagesAfter).toEqual(['0', '0'])
    expect(keeper.roster.member('3')).toBeNull()
    expect(keeper.roster.state).toBe('syncing')
  })

  it('tries again with growing waits, never longer than the bound, for as long as it takes', async () => {
    world.pages = async () => {
      throw new Error('Discord answers 500')
    }
    take(announced())
    await world.clock.pass(7_000)
    expect(world.pagesAfter.length).toBe(4)
    expect(keeper.note).toBe('Discord answers 500')
    await world.clock.pass(3_600_000)
    const tries = world.pagesAfter.length
    expect(tries).toBeLessThan(30)
    await world.clock.pass(MAX_BACK_OFF_MS)
    expect(world.pagesAfter.length).toBe(tries + 1)
  })

  it('gives up a list that goes in circles', async () => {
    world.pages = async () => [memberOf(theBot)]
    take(announced())
    await world.clock.pass(0)
    expect(keeper.note).toBe('the member list goes in circles')
    expect(keeper.roster.state).toBe('syncing')
  })
})

describe('a guild that goes and comes', () => {
  it('is read anew after an outage, and the difference is told', async () => {
    await live(ann)
    take(outage)
    expect(keeper.roster.state).toBe('suspect')
    await world.clock.pass(600_000)
    expect(world.asked.length).toBe(1)
    take(announced())
    await world.clock.pass(0)
    answer(bob)
    expect(told.slice(-3)).toMatchObject([
      { kind: 'state', to: 'live' },
      { kind: 'left', memberId: '3', origin: 'refill' },
      { kind: 'member', memberId: '40', origin: 'refill' },
    ])
  })

  it('is not asked about during an outage, even where a wait had been agreed before it', async () => {
    take(announced())
    await world.clock.pass(0)
    take({ t: 'RATE_LIMITED', d: { opcode: 8, retry_after: 44.5, meta: { guild_id: GUILD } } })
    take(outage)
    await world.clock.pass(600_000)
    expect(world.asked.length).toBe(1)
  })

  it('is read anew after a fresh session, and what was asked before is forgotten', async () => {
    take(announced())
    await world.clock.pass(0)
    keeper.freshSession()
    await world.clock.pass(60_000)
    expect(world.asked.length).toBe(1)
    take(announced())
    await world.clock.pass(0)
    expect(world.asked.length).toBe(2)
    answer(ann)
    expect(keeper.roster.state).toBe('live')
  })

  it('is left alone after a resume: all that was missed was replayed', async () => {
    await live(ann)
    keeper.resumed()
    await world.clock.pass(60_000)
    expect(world.asked.length).toBe(1)
    expect(keeper.roster.state).toBe('live')
  })

  it('is asked about no more once the bot was removed from it', async () => {
    await live(ann)
    take(removed)
    await world.clock.pass(600_000)
    expect(world.asked.length).toBe(1)
    expect(keeper.roster.guild()).toBeNull()
  })

  it('is heard of no more once the keeper was stopped, and nothing is left waiting', async () => {
    take(announced())
    await world.clock.pass(0)
    const seen = keeper.roster.sees('3', '1001', true, 60_000)
    keeper.stop()
    const before = told.length
    answer(ann)
    expect(await seen).toBe(false)
    expect(told.length).toBe(before)
    expect(world.clock.waiting).toBe(0)
  })
})

describe('the role counts', () => {
  const right = { '1001': 1, '1002': 0, '1003': 1 }

  /** Asks for the counts now, and lets the confirmation come too. */
  async function check(): Promise<void> {
    const checking = keeper.check()
    await world.clock.pass(CONFIRM_AFTER_MS)
    await checking
  }

  it('that agree say that the roster is right as of now, with or without @everyone', async () => {
    await live(ann)
    const before = keeper.roster.verifiedAt!
    await world.clock.pass(1_000)
    for (const counts of [right, { ...right, [GUILD]: 2 }, { '1001': 1, '1003': 1 }]) {
      world.counts = async () => counts
      const now = world.clock.now()
      await check()
      expect(keeper.roster.verifiedAt).toBe(now)
    }
    expect(keeper.roster.verifiedAt).toBeGreaterThan(before)
  })

  it('that agree with a roster which has meanwhile come into doubt say nothing', async () => {
    await live(ann)
    const verifiedAt = keeper.roster.verifiedAt
    await world.clock.pass(1_000)
    const counts = Promise.withResolvers<Record<string, unknown>>()
    world.counts = () => counts.promise
    const checking = keeper.check()
    take(outage)
    counts.resolve(right)
    await checking
    expect(keeper.roster.verifiedAt).toBe(verifiedAt)
  })

  it('that disagree twice make it suspect, and the list is read anew', async () => {
    await live(ann)
    world.counts = async () => ({ ...right, '1002': 1 })
    await check()
    expect(keeper.roster.state).toBe('suspect')
    expect(told.at(-1)).toMatchObject({
      to: 'suspect',
      why: expect.stringContaining('role 1002 has 1 there and 0 here'),
    })
    await world.clock.pass(ASK_WINDOW_MS)
    answer(ann, bob)
    expect(told.slice(-2)).toMatchObject([{ to: 'live' }, { memberId: '40', added: ['1002'], origin: 'refill' }])
  })

  it('that disagree only until an event has come are no reason for doubt', async () => {
    await live(ann)
    world.counts = async () => ({ ...right, '1002': 1 })
    const checking = keeper.check()
    await settled()
    take(changed({ id: '3', roles: ['1001', '1002'] }))
    await world.clock.pass(CONFIRM_AFTER_MS)
    await checking
    expect(keeper.roster.state).toBe('live')
  })

  it('that disagree about a role which is changing meanwhile prove nothing yet, but do when it goes on and on', async () => {
    await live(ann)
    world.counts = async () => ({ ...right, '1001': 7 })
    for (let turn = 1; turn < MOST_IN_A_ROW; turn++) {
      const checking = keeper.check()
      await settled()
      take(changed({ id: '3', roles: [] }))
      take(changed(ann))
      await world.clock.pass(CONFIRM_AFTER_MS)
      await checking
      expect(keeper.roster.state).toBe('live')
    }
    const checking = keeper.check()
    await settled()
    take(changed({ id: '3', roles: [] }))
    await world.clock.pass(CONFIRM_AFTER_MS)
    await checking
    expect(keeper.roster.state).toBe('suspect')
  })

  it('that a list read anew does not mend are wrong themselves: it is noted, and not read again and again', async () => {
    await live(ann)
    world.counts = async () => ({ ...right, '1002': 1 })
    await check()
    await world.clock.pass(ASK_WINDOW_MS)
    answer(ann)
    expect(keeper.roster.state).toBe('live')
    await check()
    expect(keeper.roster.state).toBe('live')
    expect(keeper.note).toContain('role 1002')
    expect(world.asked.length).toBe(2)
  })

  it('that cannot be had change nothing, and are asked for again at the next turn', async () => {
    await live(ann)
    let asked = 0
    world.counts = async () => {
      asked++
      throw new Error('404')
    }
    await world.clock.pass(1_200_000)
    expect(asked).toBeGreaterThanOrEqual(3)
    expect(keeper.roster.state).toBe('live')
    expect(keeper.note).toContain('404')
  })

  it.each([null, 'none', { '1001': '1' }, { '1001': Number.NaN }])(
    'that are none (%j) change nothing',
    async (counts) => {
      await live(ann)
      world.counts = async () => counts as Record<string, unknown>
      for (let turn = 0; turn < 6; turn++) await check()
      expect(keeper.roster.state).toBe('live')
      expect(keeper.note).toContain('no list of counts')
    },
  )

  it('are not asked for while the roster is not live', async () => {
    let asked = 0
    world.counts = async () => {
      asked++
      return right
    }
    take(announced())
    await world.clock.pass(1_200_000)
    expect(asked).toBe(0)
  })
})
