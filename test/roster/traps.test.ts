import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FillBy } from '#src/roster/filler.ts'
import type { RosterKeeper } from '#src/roster/keeper.ts'
import { MAX_GHOSTS } from '#src/roster/role-bits.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import type { GuildPlan } from '#src/sandbox/plan.ts'
import { sampleCrowd, sampleMembers } from '#src/sandbox/sample.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'
import { type Door, expectTruth, openDoor } from './door.ts'

// Real discord.js against the sandbox. Each test springs one of the traps that a bot on Discord's gateway falls into, shows where discord.js'
// own cache or events go wrong, and holds that the roster has the truth.

let sandbox: Sandbox
let door: Door

beforeEach(async () => {
  ;({ sandbox, door } = await openDoor(1))
})

afterEach(close)

async function close(): Promise<void> {
  await door.close()
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
}

/** For a test in which the list is read more than once: Discord's 30 seconds between two are one and a half. */
async function hurry(): Promise<void> {
  await close()
  ;({ sandbox, door } = await openDoor(20))
}

const ROLES = ['Members', 'Pilots', 'Directors']

function makeGuild(people: number, plan: Partial<GuildPlan> = {}): Guild {
  const members = sampleMembers(people, 1, { roles: ['Members'], share: 0.5, bots: 0 })
  return sandbox.addGuild({ name: 'Example', roles: ROLES, members, ...plan })
}

/** Logged in, with a live roster of the guild. */
async function liveKeeper(guild: Guild, fillBy: FillBy = 'chunks'): Promise<RosterKeeper> {
  const keeper = door.keep(guild, fillBy)
  await door.login()
  await door.until(() => keeper.roster.state === 'live')
  expectTruth(keeper.roster, guild)
  door.told.length = 0
  return keeper
}

/** The people of the guild by their place in it: neither its owner nor the bot, who come last. */
function people(guild: Guild, count: number): readonly string[] {
  return guild.members.page('0', count).map(({ id }) => id)
}

function cached(guild: Guild): number {
  return door.client.guilds.cache.get(guild.id)?.members.cache.size ?? 0
}

function count(event: 'guildMemberUpdate' | 'guildMemberAvailable'): () => number {
  let seen = 0
  door.client.on(event as 'guildMemberUpdate', () => {
    seen++
  })
  return () => seen
}

describe('trap 1: a guild that is announced anew', () => {
  it.each([
    ['a fresh session', () => sandbox.faults.freshSession()],
    ['an outage', () => outageOf(sandbox)],
  ])(
    'after %s empties the cache of discord.js; the roster keeps everybody, reads the list again and tells what was missed',
    async (_, spring) => {
      await hurry()
      const guild = makeGuild(500)
      const { roster } = await liveKeeper(guild)
      await door.client.guilds.cache.get(guild.id)!.members.list({ limit: 1000 })
      expect(cached(guild)).toBe(502)
      const [riser, leaver] = people(guild, 2) as [string, string]
      spring()
      guild.give(riser, 'Directors', { silent: true })
      guild.leave(leaver, { silent: true })
      await door.until(() => roster.state === 'suspect' && roster.available)
      expect(cached(guild)).toBe(1)
      expect(roster.columns.count).toBe(502)
      await door.until(() => roster.state === 'live')
      expectTruth(roster, guild)
      const directors = guild.role('Directors').id
      expect(door.told).toContainEqual(expect.objectContaining({ kind: 'left', memberId: leaver }))
      expect(door.told).toContainEqual({
        ...{ kind: 'member', memberId: riser, added: [directors], removed: [], joined: false, origin: 'refill' },
      })
    },
  )
})

function outageOf({ faults, guilds: [guild] }: Sandbox): void {
  faults.outage(guild!.id)
  faults.endOutage(guild!.id)
}

describe('trap 2: events that are replayed when the session is resumed', () => {
  // So many that they do not come in one read: of one read, discord.js may hear that it is ready again before it handles the rest.
  const MISSED = 400

  it('come while discord.js tells its listeners nothing; each reaches the roster, which stays live', async () => {
    const guild = makeGuild(MISSED)
    const { roster } = await liveKeeper(guild)
    const updates = count('guildMemberUpdate')
    sandbox.faults.disconnect({ resumable: true })
    for (const id of people(guild, MISSED)) guild.give(id, 'Pilots')
    await door.until(() => door.packets.some(({ t }) => t === 'RESUMED'))
    const names = door.packets.map(({ t }) => t)
    expect(names.lastIndexOf('GUILD_MEMBER_UPDATE')).toBeLessThan(names.indexOf('RESUMED'))
    expect(updates()).toBeLessThan(MISSED)
    expectTruth(roster, guild)
    expect(roster.state).toBe('live')
    expect(door.told.filter(({ kind }) => kind === 'member').length).toBe(MISSED)
  })
})

describe('trap 3: members whom discord.js has not cached', () => {
  it('come without what they had before, while the roster tells the one role that is new', async () => {
    const guild = makeGuild(10)
    const { roster } = await liveKeeper(guild, 'pages')
    const updates = count('guildMemberUpdate')
    const available = count('guildMemberAvailable')
    const [id] = people(guild, 1) as [string]
    guild.give(id, 'Pilots')
    await door.until(() => available() > 0)
    expect(updates()).toBe(0)
    const change = { kind: 'member', memberId: id, added: [guild.role('Pilots').id], removed: [] }
    expect(door.told).toMatchObject([change])
    expectTruth(roster, guild)
  })

  it('and of whom nobody ever told are new to the roster with every role they have', async () => {
    const guild = makeGuild(10)
    const { roster } = await liveKeeper(guild)
    const { id } = guild.join({ username: 'unannounced', roles: ['Members'] }, { silent: true })
    guild.give(id, 'Directors')
    await door.until(() => door.told.length > 0)
    const added = [guild.role('Members').id, guild.role('Directors').id]
    expect(door.told).toEqual([{ kind: 'member', memberId: id, added, removed: [], joined: false, origin: 'event' }])
    expectTruth(roster, guild)
  })
})

describe('trap 4: dispatches that wait until discord.js is ready', () => {
  it('overtake newer ones there; the roster takes them as they came', async () => {
    const guild = makeGuild(60)
    const other = makeGuild(1)
    const keeper = door.keep(guild)
    const release = sandbox.faults.hold(({ t, guildId }) => t === 'GUILD_CREATE' && guildId === other.id)
    const loggedIn = door.login()
    await door.until(() => keeper.roster.state === 'live')
    const waiting = people(guild, 50)
    for (const id of waiting) guild.setRoles(id, ['Pilots'])
    await door.until(() => holders(keeper, guild, 'Pilots') === 50)
    release()
    for (const id of waiting) guild.setRoles(id, ['Directors'])
    await loggedIn
    await door.until(() => holders(keeper, guild, 'Directors') === 50)
    await door.until(() => waiting.filter((id) => isStale(guild, id)).length > 10)
    expectTruth(keeper.roster, guild)
  })
})

function holders({ roster }: RosterKeeper, guild: Guild, role: string): number {
  const { id } = guild.role(role)
  return roster.compareCounts({}).find(({ roleId }) => roleId === id)?.ours ?? 0
}

/** Whether discord.js believes in roles that the member no longer has. */
function isStale(guild: Guild, id: string): boolean {
  return (
    door.client.guilds.cache.get(guild.id)?.members.cache.get(id)?.roles.cache.has(guild.role('Pilots').id) === true
  )
}

describe('trap 8: a list of members in chunks', () => {
  it('is taken for whole by discord.js at the first short chunk; the roster waits for every chunk', async () => {
    const [ours, theirs] = [makeGuild(2_500), makeGuild(2_500)]
    // The last chunk comes before the one in the middle.
    for (const { id } of [ours, theirs])
      sandbox.faults.reorder(
        ({ t, guildId, d }) => t === 'GUILD_MEMBERS_CHUNK' && guildId === id && d.chunk_index === 1,
      )
    const keeper = door.keep(ours)
    const early: (readonly [string, number])[] = []
    door.client.on('raw', ({ t, d }) => {
      if (t === 'GUILD_MEMBERS_CHUNK' && d.guild_id === ours.id) early.push([keeper.roster.state, d.chunk_index])
    })
    await door.login()
    const fetched = await door.client.guilds.cache.get(theirs.id)!.members.fetch()
    expect(fetched.size).toBeLessThan(theirs.memberCount)
    await door.until(() => keeper.roster.state === 'live')
    expect(early).toEqual([
      ['syncing', 0],
      ['syncing', 2],
      ['live', 1],
    ])
    expectTruth(keeper.roster, ours)
  })

  it('of which one is lost makes no live roster: it asks again', async () => {
    await hurry()
    const guild = makeGuild(1_500)
    sandbox.faults.drop(({ t, d }) => t === 'GUILD_MEMBERS_CHUNK' && d.chunk_index === 1)
    const keeper = door.keep(guild)
    await door.login()
    await door.until(() => keeper.roster.columns.count >= 1_000)
    expect(keeper.roster.state).toBe('syncing')
    await door.until(() => keeper.roster.state === 'live')
    expect(sandbox.gateway.count('members asked')).toBeGreaterThan(1)
    expectTruth(keeper.roster, guild)
  })

  it('is refused when it was asked for a moment ago: the roster waits as long as Discord says', async () => {
    await hurry()
    const guild = makeGuild(100)
    const keeper = door.keep(guild)
    door.client.on('raw', ({ t }) => {
      if (t === 'GUILD_CREATE') door.askBehindTheKeeper(guild)
    })
    await door.login()
    await door.until(() => keeper.roster.state === 'live')
    expect(door.packets.some(({ t }) => t === 'RATE_LIMITED')).toBe(true)
    expectTruth(keeper.roster, guild)
  })
})

describe('trap 9: events behind a burst of chunks', () => {
  it('are taken in between the chunks, at once, and win over the older list; and nothing is kept of a chunk but its columns', async () => {
    const members = sampleCrowd(20_000, 1)
    const guild = makeGuild(0, { members })
    const [riser, leaver] = people(guild, 2) as [string, string]
    const stop = sandbox.gateway.on(({ kind, detail }) => {
      if (kind !== 'chunk' || detail.index !== 5) return
      stop()
      guild.give(riser, 'Pilots')
      guild.leave(leaver)
      guild.give(members.idAt(19_000), 'Directors')
    })
    const keeper = door.keep(guild)
    await door.login()
    await door.until(() => keeper.roster.state === 'live')
    const kinds = door.told.map((change) => (change.kind === 'state' ? change.to : change.kind))
    expect(kinds).toEqual(['syncing', 'member', 'left', 'member', 'live'])
    expectTruth(keeper.roster, guild)
    expect(keeper.roster.bytes / guild.memberCount).toBeLessThan(64)
  })
})

describe('trap 12: a role array in another order', () => {
  it('makes an update for discord.js and no change for the roster', async () => {
    const guild = makeGuild(5)
    const { id } = guild.join({ username: 'ann', roles: ['Members', 'Pilots', 'Directors'] })
    const { roster } = await liveKeeper(guild)
    await door.client.guilds.cache.get(guild.id)!.members.list({ limit: 1000 })
    const updates = count('guildMemberUpdate')
    guild.setRoles(id, ['Directors', 'Members', 'Pilots'])
    await door.until(() => updates() === 1)
    expect(door.told).toEqual([])
    expectTruth(roster, guild)
  })
})

describe('trap 13: joins that bring roles, and joins of members already there', () => {
  it('are told with the roles that are new, once', async () => {
    const guild = makeGuild(5)
    const { roster } = await liveKeeper(guild)
    const { id } = guild.join({ username: 'ann', roles: ['Pilots'] })
    guild.join({ id, username: 'ann', roles: ['Pilots'] })
    guild.join({ id, username: 'ann', roles: ['Pilots', 'Directors'] })
    await door.until(() => door.packets.filter(({ t }) => t === 'GUILD_MEMBER_ADD').length === 3)
    const change = { kind: 'member', memberId: id, removed: [], origin: 'event' }
    expect(door.told).toEqual([
      { ...change, added: [guild.role('Pilots').id], joined: true },
      { ...change, added: [guild.role('Directors').id], joined: false },
    ])
    expectTruth(roster, guild)
  })
})

describe('trap 14: members who carry the ids of deleted roles', () => {
  it('are told of only for the roles that the guild has, and the ids are let go of when the list is read again', async () => {
    await hurry()
    const guild = makeGuild(20)
    const keeper = await liveKeeper(guild)
    const [id] = people(guild, 1) as [string]
    guild.setRoles(id, ['Pilots', 'Directors'])
    await door.until(() => door.told.length === 1)
    sandbox.faults.deletedRoleIds = true
    const ghost = guild.role('Pilots').id
    guild.deleteRole('Pilots')
    guild.rename(id, 'Ann')
    await door.until(() => door.packets.at(-1)?.t === 'GUILD_AUDIT_LOG_ENTRY_CREATE')
    await door.until(() => door.packets.filter(({ t }) => t === 'GUILD_MEMBER_UPDATE').length === 2)
    expect(door.told.slice(1)).toEqual([
      { kind: 'role_gone', roleId: ghost, memberIds: [id], holders: 1 },
      { kind: 'roles_changed' },
    ])
    expect(keeper.roster.member(id)?.roleIds).toContain(ghost)
    expectTruth(keeper.roster, guild)
    await keeper.check()
    expect(keeper.roster.state).toBe('live')
    outageOf(sandbox)
    await door.until(() => keeper.roster.state === 'suspect')
    await door.until(() => keeper.roster.state === 'live')
    expect(keeper.roster.columns.roleIds).not.toContain(ghost)
    expectTruth(keeper.roster, guild)
  })

  it('cost a bounded number of bits, however many of them there are', async () => {
    const guild = makeGuild(200)
    for (const [index, id] of people(guild, 200).entries())
      guild.setRoles(id, ['Members', `9${String(index).padStart(17, '0')}`])
    const { roster } = await liveKeeper(guild)
    expect(roster.columns.roleIds.length).toBe(guild.roles.size - 1 + MAX_GHOSTS)
    expectTruth(roster, guild)
  })
})
