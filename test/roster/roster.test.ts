import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { MAX_CHUNKS } from '#src/roster/chunk-tally.ts'
import { MAX_LEAVERS } from '#src/roster/fill.ts'
import { type Packet, Roster } from '#src/roster/roster.ts'
import { MAX_WAITING } from '#src/roster/sightings.ts'
import { MAX_KEPT } from '#src/roster/unjudged.ts'
import {
  announced,
  BOT,
  changed,
  chunk,
  GUILD,
  joined,
  left,
  outage,
  type Person,
  removed,
  roleChanged,
  roleGone,
  roleMade,
  theBot,
} from './dispatches.ts'
import { HandClock } from './hand-clock.ts'

let clock: HandClock
let roster: Roster

beforeEach(() => {
  clock = new HandClock()
  roster = new Roster(GUILD, BOT, clock)
})

function take(packet: Packet) {
  return roster.take(packet, clock.now())
}

/** Reads a whole list of these people in. */
function fill(people: readonly Person[], nonce = 'first') {
  roster.beginFill({ by: 'chunks', nonce })
  return take(chunk(nonce, [theBot, ...people]))
}

/** A live roster of these people. */
function live(...people: readonly Person[]): void {
  take(announced())
  fill(people)
  expect(roster.state).toBe('live')
}

const ann: Person = { id: '3', roles: ['1001'] }

describe('the state of the roster', () => {
  it('is cold, then syncing while the list is read, then live', () => {
    expect(roster.state).toBe('cold')
    expect(roster.guild()).toBeNull()
    take(announced())
    expect(roster.state).toBe('cold')
    expect(roster.beginFill({ by: 'chunks', nonce: 'n' }).changes).toMatchObject([{ from: 'cold', to: 'syncing' }])
    expect(roster.verifiedAt).toBeNull()
    expect(take(chunk('n', [theBot, ann]))).toMatchObject([{ kind: 'state', from: 'syncing', to: 'live' }])
    expect(roster.verifiedAt).toBe(clock.now())
  })

  it('says of the guild what Discord said, with the roles of the bot itself', () => {
    live(ann)
    expect(roster.guild()).toMatchObject({
      id: GUILD,
      name: 'Example',
      ownerId: '1',
      botUserId: BOT,
      botRoleIds: ['1003'],
    })
    take({ t: 'GUILD_UPDATE', d: { id: GUILD, name: 'Renamed', owner_id: '7' } })
    expect(roster.guild()).toMatchObject({ name: 'Renamed', ownerId: '7' })
    expect(roster.guild()?.roles.length).toBe(4)
  })

  it('turns suspect when the guild is announced anew, and nobody is forgotten', () => {
    live(ann)
    expect(take(announced())).toMatchObject([{ kind: 'state', from: 'live', to: 'suspect' }])
    expect(roster.member('3')?.roleIds).toEqual(['1001'])
  })

  it('turns suspect in an outage and stays so until a list was read', () => {
    live(ann)
    expect(take(outage)).toMatchObject([{ to: 'suspect', why: 'Discord has an outage in this guild' }])
    expect(roster.available).toBe(false)
    take(announced())
    expect(roster.available).toBe(true)
    expect(roster.state).toBe('suspect')
    expect(fill([ann], 'second')).toMatchObject([{ from: 'suspect', to: 'live' }])
  })

  it('is cold again, with nobody in it, once the bot is no longer in the guild', () => {
    live(ann)
    expect(take(removed)).toMatchObject([{ to: 'cold' }])
    expect(roster.guild()).toBeNull()
    expect(roster.member('3')).toBeNull()
    expect(roster.columns.count).toBe(0)
  })

  it('does not turn live by a list that lacks the bot itself: such a list is not whole', () => {
    take(announced())
    roster.beginFill({ by: 'chunks', nonce: 'n' })
    take(chunk('n', [ann]))
    expect(roster.state).toBe('syncing')
    expect(roster.fill).toBeNull()
  })
})

describe('what is told of members', () => {
  it('is the roles that an update added and took, whatever their order', () => {
    live({ id: '3', roles: ['1001', '1002'] })
    expect(take(changed({ id: '3', roles: ['1002', '1001'] }))).toEqual([])
    expect(take(changed({ id: '3', roles: ['1002', '1003', '1003'] }))).toEqual([
      { kind: 'member', memberId: '3', added: ['1003'], removed: ['1001'], joined: false, origin: 'event' },
    ])
  })

  it('is every role of a member whom an update mentions first', () => {
    live()
    expect(take(changed(ann))).toEqual([
      { kind: 'member', memberId: '3', added: ['1001'], removed: [], joined: false, origin: 'event' },
    ])
  })

  it('is a join with the roles that came with it, and nothing when the same join comes again', () => {
    live()
    expect(take(joined(ann))).toMatchObject([{ memberId: '3', added: ['1001'], joined: true }])
    expect(take(joined(ann))).toEqual([])
    expect(take(joined({ id: '3', roles: ['1002'] }))).toMatchObject([
      { added: ['1002'], removed: ['1001'], joined: false },
    ])
  })

  it('is that they left, once', () => {
    live(ann)
    expect(take(left('3'))).toEqual([{ kind: 'left', memberId: '3', held: ['1001'], origin: 'event' }])
    expect(take(left('3'))).toEqual([])
    expect(roster.member('3')).toBeNull()
  })

  it('shrugs at payloads with the guild, the user and the roles only, the guild itself among the roles', () => {
    live({ id: '3', roles: ['1001'], bot: true })
    take({ t: 'GUILD_MEMBER_UPDATE', d: { guild_id: GUILD, user: { id: '3' }, roles: [GUILD, '1002'] } })
    expect(roster.member('3')).toEqual({ id: '3', bot: true, roleIds: ['1002'] })
  })

  it('is nothing of another guild', () => {
    live(ann)
    expect(take({ t: 'GUILD_MEMBER_REMOVE', d: { guild_id: '999', user: { id: '3' } } })).toEqual([])
    expect(roster.member('3')).not.toBeNull()
    expect(roster.malformed).toBe(0)
  })
})

describe('what is told of roles', () => {
  it('is that one was made, renamed, moved or deleted; not that one was painted', () => {
    live(ann)
    const told = [{ kind: 'roles_changed' }]
    expect(take(roleMade('1004'))).toEqual(told)
    expect(take(roleChanged('1004', { color: 7 }))).toEqual([])
    expect(take(roleChanged('1004', { name: 'Directors' }))).toEqual(told)
    expect(take(roleChanged('1004', { name: 'Directors', position: 9 }))).toEqual(told)
    expect(take(roleGone('1004'))).toEqual(told)
    expect(take(roleGone('1004'))).toEqual([])
  })

  it('counts a role with tags as managed, even one that is linked to accounts elsewhere', () => {
    live()
    take(roleMade('1004', { tags: { guild_connections: null } }))
    expect(roster.guild()?.roles.find(({ id }) => id === '1004')?.managed).toBe(true)
  })

  it('takes a deleted role from everybody', () => {
    live(ann)
    take(roleGone('1001'))
    expect(roster.member('3')?.roleIds).toEqual([])
    expect(roster.columns.roleIds).not.toContain('1001')
  })

  it('tells of a role that came before its creation only once it is a role of the guild', () => {
    live(ann)
    expect(take(changed({ id: '3', roles: ['1001', '1004'] }))).toEqual([])
    expect(take(roleMade('1004'))).toEqual([
      { kind: 'member', memberId: '3', added: ['1004'], removed: [], joined: false, origin: 'event' },
      { kind: 'roles_changed' },
    ])
    expect(roster.member('3')?.roleIds).toEqual(['1001', '1004'])
  })

  it('takes in what changed about roles during an outage', () => {
    live(ann)
    take(outage)
    expect(take(announced(['1002', '1003', '1005']))).toContainEqual({ kind: 'roles_changed' })
    expect(roster.member('3')?.roleIds).toEqual([])
    expect(fill([{ id: '3' }], 'second').map(({ kind }) => kind)).toEqual(['state', 'roles_changed'])
    expect(fill([{ id: '3' }], 'third')).toEqual([])
  })
})

describe('a fill', () => {
  it('tells no member change the first time: the caller looks at everybody then', () => {
    take(announced())
    expect(fill([ann, { id: '4', roles: ['1002'] }]).map(({ kind }) => kind)).toEqual(['state'])
  })

  it('tells the difference when the list is read anew, after it is whole', () => {
    live(ann, { id: '4', roles: [] }, { id: '5', roles: ['1002'] })
    take(outage)
    take(announced())
    roster.beginFill({ by: 'chunks', nonce: 'n' })
    expect(take(chunk('n', [theBot, { id: '3', roles: ['1002'] }], 0, 2))).toEqual([])
    const told = take(chunk('n', [{ id: '4' }, { id: '6', roles: ['1001'] }], 1, 2))
    expect(told).toEqual([
      { kind: 'state', from: 'suspect', to: 'live', why: 'the member list was read whole' },
      { kind: 'left', memberId: '5', held: ['1002'], origin: 'refill' },
      { kind: 'member', memberId: '3', added: ['1002'], removed: ['1001'], joined: false, origin: 'refill' },
      { kind: 'member', memberId: '6', added: ['1001'], removed: [], joined: true, origin: 'refill' },
    ])
  })

  it('takes chunks in any order, doubled or not, and none that answers another question', () => {
    take(announced())
    roster.beginFill({ by: 'chunks', nonce: 'n' })
    take(chunk('n', [ann], 1, 2))
    take(chunk('n', [{ id: '3', roles: ['1002'] }], 1, 2))
    take(chunk('stale', [theBot, { id: '9' }], 0, 2))
    expect(roster.state).toBe('syncing')
    take(chunk('n', [theBot], 0, 2))
    expect(roster.state).toBe('live')
    expect(roster.columns.count).toBe(2)
    expect(roster.member('3')?.roleIds).toEqual(['1001'])
  })

  it('is given up when its chunks contradict one another', () => {
    take(announced())
    roster.beginFill({ by: 'chunks', nonce: 'n' })
    take(chunk('n', [theBot], 0, 2))
    take(chunk('n', [ann], 1, 3))
    expect(roster.fill).toBeNull()
    expect(roster.malformed).toBe(1)
  })

  it('is given up when it claims more chunks than any guild has members for', () => {
    take(announced())
    roster.beginFill({ by: 'chunks', nonce: 'n' })
    take(chunk('n', [theBot], 0, MAX_CHUNKS + 1))
    expect(roster.fill).toBeNull()
    expect(roster.malformed).toBe(1)
  })

  it('is given up when more members leave meanwhile than can be remembered', () => {
    live(ann)
    roster.beginFill({ by: 'chunks', nonce: 'n' })
    for (let index = 0; index < MAX_LEAVERS; index++) take(left(String(100 + index)))
    expect(roster.fill).not.toBeNull()
    take(left('99'))
    expect(roster.fill).toBeNull()
  })

  it('is older than every event: it neither undoes a change nor brings back who left nor drops who came', () => {
    live(ann, { id: '4', roles: ['1001'] })
    roster.beginFill({ by: 'chunks', nonce: 'n' })
    take(changed({ id: '3', roles: ['1002'] }))
    take(left('4'))
    take(left('7'))
    take(joined({ id: '5', roles: ['1003'] }))
    const told = take(chunk('n', [theBot, ann, { id: '4', roles: ['1001'] }, { id: '7' }]))
    expect(told).toEqual([])
    expect(roster.member('3')?.roleIds).toEqual(['1002'])
    expect(roster.member('4')).toBeNull()
    expect(roster.member('7')).toBeNull()
    expect(roster.member('5')?.roleIds).toEqual(['1003'])
  })

  it('knows again who left and came back while it was read', () => {
    live(ann)
    roster.beginFill({ by: 'chunks', nonce: 'n' })
    take(left('3'))
    take(joined({ id: '3', roles: ['1002'] }))
    take(chunk('n', [theBot, ann]))
    expect(roster.member('3')?.roleIds).toEqual(['1002'])
  })

  it('that was given up has its differences told when a later one is whole', () => {
    live(ann)
    take(outage)
    take(announced())
    roster.beginFill({ by: 'chunks', nonce: 'n' })
    expect(take(chunk('n', [theBot, { id: '3', roles: [] }], 0, 2))).toEqual([])
    roster.dropFill()
    expect(fill([{ id: '3', roles: [] }], 'second').slice(1)).toEqual([
      { kind: 'member', memberId: '3', added: [], removed: ['1001'], joined: false, origin: 'refill' },
    ])
  })

  it('has told again, once it is whole, what events said while nobody was to act on it', () => {
    live(ann, { id: '4' }, { id: '5' })
    take(outage)
    take(announced())
    const change = { kind: 'member', memberId: '4', added: ['1002'], removed: [], joined: false, origin: 'event' }
    expect(take(changed({ id: '4', roles: ['1002'] }))).toEqual([change])
    take(changed({ id: '5', roles: ['1002'] }))
    take(left('5'))
    const told = fill([ann, { id: '4', roles: ['1002'] }], 'second')
    expect(told).toMatchObject([{ kind: 'state', to: 'live' }, change])
    expect(take(changed({ id: '4', roles: ['1002'] }))).toEqual([])
  })

  it('forgets no difference, however many there are: beyond the bound every role of the member counts as new', () => {
    const many = Array.from({ length: MAX_KEPT + 2 }, (_, index) => ({ id: String(100 + index), roles: ['1001'] }))
    live(...many)
    take(outage)
    take(announced())
    const told = fill(
      many.map(({ id }) => ({ id, roles: ['1001', '1002'] })),
      'second',
    )
    const added = told.map((change) => (change.kind === 'member' ? change.added.join() : change.kind))
    expect(added).toEqual(['state', ...Array(MAX_KEPT).fill('1002'), '1001,1002', '1001,1002'])
    expect(fill(many.map(({ id }) => ({ id, roles: ['1001', '1002'] })))).toEqual([])
  })
})

describe('a dispatch that cannot be read', () => {
  const broken: readonly Packet[] = [
    { t: 'GUILD_MEMBERS_CHUNK', d: { guild_id: GUILD, members: 'all' } },
    { t: 'GUILD_MEMBERS_CHUNK', d: { guild_id: GUILD, members: [], chunk_index: 4, chunk_count: 2 } },
    { t: 'GUILD_MEMBER_ADD', d: { guild_id: GUILD, roles: [] } },
    { t: 'GUILD_MEMBER_UPDATE', d: { guild_id: GUILD, user: { id: 'ann' }, roles: [] } },
    { t: 'GUILD_MEMBER_UPDATE', d: { guild_id: GUILD, user: { id: '3' } } },
    { t: 'GUILD_MEMBER_UPDATE', d: { guild_id: GUILD, user: { id: '3' }, roles: [7] } },
    { t: 'GUILD_MEMBER_REMOVE', d: { guild_id: GUILD } },
    { t: 'GUILD_MEMBER_REMOVE', d: null },
    { t: 'GUILD_CREATE', d: { id: GUILD } },
  ]

  it.each(broken)('of members is counted, changes nobody and makes the roster suspect: %j', (packet) => {
    live(ann)
    expect(take(packet)).toMatchObject([{ to: 'suspect' }])
    expect(roster.malformed).toBe(1)
    expect(roster.member('3')).toEqual({ id: '3', bot: false, roleIds: ['1001'] })
  })

  const brokenRoles: readonly Packet[] = [
    { t: 'GUILD_ROLE_CREATE', d: { guild_id: GUILD, role: { name: 'no id' } } },
    { t: 'GUILD_ROLE_UPDATE', d: { guild_id: GUILD } },
    { t: 'GUILD_ROLE_DELETE', d: { guild_id: GUILD } },
    { t: 'GUILD_UPDATE', d: { id: GUILD, roles: [{ name: 'no id' }] } },
    { t: 'GUILD_UPDATE', d: null },
  ]

  it.each(brokenRoles)('of roles is counted, changes none and makes the roster suspect: %j', (packet) => {
    live(ann)
    const { roles } = roster.guild()!
    expect(take(packet)).toMatchObject([{ to: 'suspect' }])
    expect(roster.malformed).toBe(1)
    expect(roster.guild()?.roles).toEqual(roles)
  })

  it('is not one that is merely silent of the roles', () => {
    live(ann)
    expect(take({ t: 'GUILD_UPDATE', d: { id: GUILD, name: 'Renamed' } })).toEqual([])
    expect([roster.state, roster.malformed, roster.guild()?.name]).toEqual(['live', 0, 'Renamed'])
  })

  it('never throws, whatever its shape', () => {
    const names = fc.constantFrom(
      ...[
        'GUILD_CREATE',
        'GUILD_UPDATE',
        'GUILD_DELETE',
        'GUILD_ROLE_CREATE',
        'GUILD_ROLE_UPDATE',
        'GUILD_ROLE_DELETE',
      ],
      ...['GUILD_MEMBER_ADD', 'GUILD_MEMBER_UPDATE', 'GUILD_MEMBER_REMOVE', 'GUILD_MEMBERS_CHUNK', 'constructor'],
    )
    const anything = fc.jsonValue()
    const user = fc.oneof(anything, fc.record({ id: fc.oneof(anything, fc.constant('3')), bot: anything }))
    const member = fc.oneof(anything, fc.record({ user, roles: fc.oneof(anything, fc.array(anything)) }))
    const fields = {
      id: fc.constant(GUILD),
      guild_id: fc.constant(GUILD),
      ...{
        user,
        role: anything,
        role_id: anything,
        roles: fc.oneof(anything, fc.array(anything)),
        unavailable: anything,
      },
      ...{ members: fc.oneof(anything, fc.array(member)), nonce: fc.constant('n'), chunk_index: fc.nat(3) },
      ...{ chunk_count: fc.oneof(anything, fc.nat(3)), name: anything, owner_id: anything, member_count: anything },
    }
    const d = fc.oneof(anything, fc.record(fields, { requiredKeys: ['id', 'guild_id'] }))
    const property = fc.property(fc.array(fc.tuple(names, d), { maxLength: 20 }), (packets) => {
      const victim = new Roster(GUILD, BOT, new HandClock())
      victim.take(announced(), 0)
      victim.beginFill({ by: 'chunks', nonce: 'n' })
      for (const [t, shape] of packets) victim.take({ t, d: shape }, 0)
    })
    fc.assert(property, { numRuns: 500 })
  })
})

describe('waiting to see a role', () => {
  it('ends at the first dispatch that shows the member with it, or without it', async () => {
    live(ann)
    const gained = roster.sees('3', '1002', true, 1_000)
    const lost = roster.sees('3', '1001', false, 1_000)
    take(changed({ id: '3', roles: ['1001', '1002'] }))
    expect(await gained).toBe(true)
    take(changed({ id: '3', roles: ['1002'] }))
    expect(await lost).toBe(true)
    expect(clock.waiting).toBe(0)
  })

  it('is not content with what was held before', async () => {
    live(ann)
    const seen = roster.sees('3', '1001', true, 1_000)
    await clock.pass(1_000)
    expect(await seen).toBe(false)
  })

  it('is refused at once where too many wait already', async () => {
    live(ann)
    for (let index = 0; index < MAX_WAITING; index++) void roster.sees('3', '1002', true, 1_000)
    expect(await roster.sees('3', '1002', true, 1_000)).toBe(false)
    roster.stop()
    expect(clock.waiting).toBe(0)
  })

  it('ends unseen when the member leaves, and seen when the role is deleted', async () => {
    live(ann, { id: '4', roles: ['1001'] })
    const gone = roster.sees('3', '1001', false, 1_000)
    const deleted = roster.sees('4', '1001', false, 1_000)
    take(left('3'))
    take(roleGone('1001'))
    expect(await Promise.all([gone, deleted])).toEqual([false, true])
  })

  it('counts what a list shows, but not where an event has said otherwise since', async () => {
    live(ann)
    roster.beginFill({ by: 'chunks', nonce: 'n' })
    take(changed({ id: '3', roles: ['1001', '1002'] }))
    const lost = roster.sees('3', '1002', false, 1_000)
    const held = roster.sees('3', '1002', true, 1_000)
    const listed = roster.sees(BOT, '1003', true, 1_000)
    take(chunk('n', [theBot, ann], 0, 2))
    await clock.pass(1_000)
    expect(await Promise.all([lost, held, listed])).toEqual([false, false, true])
  })
})

const people = fc.constantFrom('3', '4', '5', '6', '7', '8')
const roleSets = fc.array(fc.constantFrom('1001', '1002', '1003', '1004', GUILD), { maxLength: 6 })
const anyEvent = fc.oneof(
  fc.record({ t: fc.constantFrom('add' as const, 'update' as const), id: people, roles: roleSets }),
  fc.record({ t: fc.constant('remove' as const), id: people }),
  fc.record({ t: fc.constantFrom('list' as const, 'outage' as const, 'role' as const, 'no role' as const) }),
)
type Event = typeof anyEvent extends fc.Arbitrary<infer E> ? E : never
type Truth = Map<string, Set<string>>

/** A guild as Discord would hold it. Its fourth role comes and goes once: no id is ever given again. */
class PlainGuild {
  readonly members: Truth = new Map([[BOT, new Set(['1003'])]])
  readonly roles = new Set(['1001', '1002', '1003'])
  #fourth: 'to come' | 'there' | 'gone' = 'to come'

  /** The dispatches that the event makes. */
  happen(event: Event): readonly Packet[] {
    if (event.t === 'role') return this.#makeRole()
    if (event.t === 'no role') return this.#dropRole()
    if (event.t === 'outage') return [outage, announced([...this.roles])]
    if (event.t === 'list') return []
    if (event.t === 'remove') return this.members.delete(event.id) ? [left(event.id)] : []
    return this.#hold(event as Extract<Event, { roles: unknown }>)
  }

  list(nonce: string): Packet {
    return chunk(
      nonce,
      [...this.members].map(([id, held]) => ({ id, roles: [...held], bot: id === BOT })),
    )
  }

  #hold({ t, id, roles }: Extract<Event, { roles: unknown }>): readonly Packet[] {
    const held = roles.filter((role) => role === GUILD || this.roles.has(role))
    this.members.set(id, new Set(held.filter((role) => role !== GUILD)))
    return [(t === 'add' ? joined : changed)({ id, roles: held })]
  }

  #makeRole(): readonly Packet[] {
    if (this.#fourth !== 'to come') return []
    this.#fourth = 'there'
    this.roles.add('1004')
    return [roleMade('1004')]
  }

  #dropRole(): readonly Packet[] {
    if (this.#fourth !== 'there') return []
    this.#fourth = 'gone'
    this.roles.delete('1004')
    for (const held of this.members.values()) held.delete('1004')
    return [roleGone('1004')]
  }
}

/** Of a list older than its deletion a member may still carry a role's id; the guild's own roles are what counts. */
function shownRoles(roster: Roster, id: string, roles: ReadonlySet<string>): Set<string> {
  return new Set(roster.member(id)?.roleIds.filter((role) => roles.has(role)))
}

/** Somebody who judges members by what the roster tells, and only while it is live. */
class Judge {
  readonly #roster: Roster
  readonly #guild: PlainGuild
  readonly judged: Truth = new Map()

  constructor(roster: Roster, guild: PlainGuild) {
    this.#roster = roster
    this.#guild = guild
  }

  hear(packet: Packet): void {
    for (const change of this.#roster.take(packet, 0)) {
      if (change.kind === 'left') this.judged.delete(change.memberId)
      if (this.#roster.state !== 'live') continue
      if (change.kind === 'member') this.#judge(change.memberId)
      if (change.kind === 'roles_changed') for (const id of this.judged.keys()) this.#judge(id)
      if (change.kind === 'state' && change.from === 'syncing') this.#sweep()
    }
  }

  #sweep(): void {
    const { columns } = this.#roster
    for (let row = 0; row < columns.count; row++) this.#judge(columns.idAt(row))
  }

  #judge(id: string): void {
    if (this.#roster.member(id) !== null) this.judged.set(id, shownRoles(this.#roster, id, this.#guild.roles))
  }
}

/** What happens to the guild, with lists that are asked for in the midst of it and answered late; at the end one more. */
function liveThrough(events: readonly Event[], lag: number, roster: Roster, guild: PlainGuild): Judge {
  const judge = new Judge(roster, guild)
  const late: Packet[] = []
  const ask = (nonce: string) => {
    roster.beginFill({ by: 'chunks', nonce })
    late.push(guild.list(nonce))
  }
  judge.hear(announced())
  for (const [index, event] of events.entries()) {
    for (const packet of guild.happen(event)) judge.hear(packet)
    if (event.t === 'list') ask(String(index))
    if (index % (lag + 1) === 0) for (const packet of late.splice(0)) judge.hear(packet)
  }
  ask('last')
  for (const packet of late) judge.hear(packet)
  return judge
}

describe('the roster beside a plain map', () => {
  it('holds the same members with the same roles, and tells of every one of them while it is live', () => {
    const property = fc.property(fc.array(anyEvent, { maxLength: 60 }), fc.nat(3), (events, lag) => {
      const roster = new Roster(GUILD, BOT, new HandClock())
      const guild = new PlainGuild()
      const { judged } = liveThrough(events, lag, roster, guild)
      expect(roster.state).toBe('live')
      const held = new Map(guild.members.keys().map((id) => [id, shownRoles(roster, id, guild.roles)]))
      expect(held).toEqual(guild.members)
      expect(judged).toEqual(guild.members)
      expect(roster.columns.count).toBe(guild.members.size)
      expect(roster.malformed).toBe(0)
    })
    fc.assert(property, { numRuns: 1_000 })
  })
})
