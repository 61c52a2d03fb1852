import { Events, GatewayIntentBits } from 'discord.js'
import { describe, expect, it } from 'vitest'
import { sampleMembers } from '#src/sandbox/sample.ts'
import { makeClient } from './client.ts'
import { dispatchesOf, next, openClient, openSandbox } from './open.ts'

const named = (seen: readonly { t: string }[], t: string) => seen.filter((dispatch) => dispatch.t === t)

describe('logging in', () => {
  it('shows a guild with its roles and its size, and of its members only the bot', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots', 'Directors'], members: 60 })
    const client = await openClient(sandbox)
    const seen = client.guilds.cache.get(guild.id)!
    expect(seen.name).toBe('Example')
    expect(seen.memberCount).toBe(62)
    expect([...seen.members.cache.keys()]).toEqual([sandbox.botUserId])
    expect(seen.large).toBe(true)
    expect(seen.roles.cache.map(({ name }) => name).sort()).toEqual(['@everyone', 'Directors', 'Pilots', 'rolecall'])
    expect(seen.members.me!.roles.highest.name).toBe('rolecall')
    expect(seen.members.me!.permissions.has('ManageRoles')).toBe(true)
  })

  it('refuses a token that is not good', async () => {
    const sandbox = await openSandbox()
    const client = makeClient(sandbox)
    await expect(client.login('not-a-token')).rejects.toThrow(/token/i)
    expect(sandbox.requests.answered(401)).toBe(1)
  })

  it('refuses the members intent where the application does not have it', async () => {
    const sandbox = await openSandbox({ privileged: [] })
    const client = makeClient(sandbox)
    await expect(client.login(sandbox.token)).rejects.toThrow('Used disallowed intents')
  })

  it('spreads guilds over shards by their ids', async () => {
    const sandbox = await openSandbox()
    const guilds = Array.from({ length: 6 }, (_, index) => sandbox.addGuild({ name: `Guild ${index}` }))
    const client = await openClient(sandbox, { shards: [0, 1], shardCount: 2 })
    expect(client.guilds.cache.size).toBe(6)
    for (const { id } of guilds) expect(client.guilds.cache.get(id)!.shardId).toBe(Number((BigInt(id) >> 22n) % 2n))
    expect(new Set(client.guilds.cache.map(({ shardId }) => shardId)).size).toBe(2)
  })
})

describe('asking for members', () => {
  it('sends everyone in chunks of a thousand', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({
      name: 'Example',
      roles: ['Pilots'],
      members: sampleMembers(2300, 7, { roles: ['Pilots'] }),
    })
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    const members = await client.guilds.cache.get(guild.id)!.members.fetch()
    const chunks = named(seen, 'GUILD_MEMBERS_CHUNK') as { d?: { chunk_count: number; members: unknown[] } }[]
    expect(members.size).toBe(2302)
    expect(chunks.map(({ d }) => d!.members.length)).toEqual([1000, 1000, 302])
    for (const member of members.values()) {
      const held = member.roles.cache.filter(({ id }) => id !== guild.id)
      expect([...held.keys()].sort()).toEqual([...guild.member(member.id)!.roles].sort())
    }
  })

  it('refuses the whole list twice within thirty seconds, and not after', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', members: 3 })
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    const ask = (nonce: string) =>
      client.ws.shards.get(0)!.send({ op: 8, d: { guild_id: guild.id, query: '', limit: 0, nonce } })
    ask('first')
    ask('second')
    await sandbox.until(() => sandbox.gateway.count('RATE_LIMITED') === 1)
    sandbox.clock.advance(30_000)
    ask('third')
    await sandbox.until(() => sandbox.gateway.count('GUILD_MEMBERS_CHUNK') === 2)
    await expect
      .poll(() => seen.map(({ t, d }) => d.nonce ?? (d.meta as { nonce: string } | undefined)?.nonce ?? t))
      .toEqual(['first', 'second', 'third'])
    expect(named(seen, 'RATE_LIMITED')).toHaveLength(1)
  })

  it('answers a hundred ids at a time, and names those it does not know', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', members: [{ username: 'ann', id: '200000000000000001' }] })
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    const user_ids = ['200000000000000001', '200000000000000002']
    client.ws.shards.get(0)!.send({ op: 8, d: { guild_id: guild.id, user_ids, limit: 0, nonce: 'x'.repeat(33) } })
    await expect.poll(() => seen.length).toBe(1)
    expect(seen[0]!.d).toMatchObject({ not_found: ['200000000000000002'], chunk_count: 1 })
    expect(seen[0]!.d.nonce).toBeUndefined()
  })

  it('shows the same people with and without changes made in the middle of the burst', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: 2500 })
    const client = await openClient(sandbox)
    const last = guild.members.page('0', 5000).at(-3)!
    sandbox.gateway.on(({ kind, detail }) => {
      if (kind !== 'chunk' || detail.index !== 0) return
      guild.give(last.id, 'Pilots')
      guild.join({ username: 'late' })
    })
    const seen = dispatchesOf(client)
    client.ws.shards.get(0)!.send({ op: 8, d: { guild_id: guild.id, query: '', limit: 0 } })
    await expect.poll(() => named(seen, 'GUILD_MEMBERS_CHUNK').length).toBe(3)
    const sent = seen
      .filter(({ t }) => t === 'GUILD_MEMBERS_CHUNK')
      .flatMap(({ d }) => d.members as { user: { id: string } }[])
    expect(new Set(sent.map(({ user }) => user.id)).size).toBe(guild.memberCount)
    expect(sent).toHaveLength(guild.memberCount)
  })

  it('hangs up on a client that sends more than 120 times a minute', async () => {
    const sandbox = await openSandbox()
    sandbox.addGuild({ name: 'Example' })
    const client = await openClient(sandbox)
    const codes: unknown[] = []
    sandbox.gateway.on(({ kind, detail }) => {
      if (kind === 'closed') codes.push(detail.code)
    })
    const shard = client.ws.shards.get(0)!
    // The client holds its own sends back before the 115th, but never its heartbeats.
    for (let sent = 0; sent < 130; sent += 1) shard.send({ op: 1, d: null })
    await sandbox.until(() => codes.length > 0)
    expect(codes).toEqual([4008])
  })
})

describe('a connection that breaks', () => {
  it('replays on resume what was missed, in order', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots', 'Directors'], members: 5 })
    const [first] = guild.members.page('0', 1)
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    sandbox.faults.disconnect()
    guild.give(first!.id, 'Pilots')
    guild.give(first!.id, 'Directors')
    guild.take(first!.id, 'Pilots')
    await next(client, Events.ShardResume)
    const updates = seen.filter(({ t }) => t === 'GUILD_MEMBER_UPDATE').map(({ d }) => (d.roles as string[]).length)
    expect(updates).toEqual([1, 2, 1])
    expect(seen.at(-1)!.t).toBe('RESUMED')
    expect(seen.map(({ s }) => s)).toEqual(seen.map((_, index) => seen[0]!.s + index))
  })

  it('starts a fresh session after op 9, with the guilds sent anew', async () => {
    const sandbox = await openSandbox()
    sandbox.addGuild({ name: 'Example', members: 5 })
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    sandbox.faults.freshSession()
    await expect.poll(() => seen.map(({ t }) => t), { timeout: 5000 }).toEqual(['READY', 'GUILD_CREATE'])
    expect(sandbox.gateway.count('identified')).toBe(2)
  })

  it('cannot be resumed past what was kept', async () => {
    const sandbox = await openSandbox({ replayLimit: 3 })
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots', 'Directors'], members: 5 })
    const [first] = guild.members.page('0', 1)
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    sandbox.faults.disconnect()
    for (const role of ['Pilots', 'Directors']) guild.give(first!.id, role)
    await expect.poll(() => seen.map(({ t }) => t), { timeout: 5000 }).toEqual(['READY', 'GUILD_CREATE'])
    expect(sandbox.gateway.count('resume refused')).toBe(1)
  })

  it('that goes dead without closing is found out by its heartbeat, and nothing is lost', async () => {
    const sandbox = await openSandbox({ heartbeatInterval: 40 })
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: 5 })
    const [first] = guild.members.page('0', 1)
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    const resumed = next(client, Events.ShardResume)
    sandbox.faults.zombie()
    guild.give(first!.id, 'Pilots')
    expect(seen).toEqual([])
    await resumed
    expect(seen.map(({ t }) => t)).toEqual(['GUILD_MEMBER_UPDATE', 'GUILD_AUDIT_LOG_ENTRY_CREATE', 'RESUMED'])
  })

  it('is asked for a heartbeat and gives it at once', async () => {
    const sandbox = await openSandbox()
    await openClient(sandbox)
    const before = sandbox.gateway.count('heartbeat')
    sandbox.gateway.askHeartbeat()
    await sandbox.until(() => sandbox.gateway.count('heartbeat') > before)
  })

  it('an outage takes the guild away and brings it back with the bot alone', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', members: 5 })
    const client = await openClient(sandbox)
    await client.guilds.cache.get(guild.id)!.members.fetch()
    const gone = next(client, Events.GuildUnavailable)
    sandbox.faults.outage(guild.id)
    await gone
    const back = next(client, Events.GuildAvailable)
    guild.join({ username: 'unseen' })
    sandbox.faults.endOutage(guild.id)
    await back
    expect(client.guilds.cache.get(guild.id)!.members.cache.size).toBe(1)
    expect(client.guilds.cache.get(guild.id)!.memberCount).toBe(8)
  })
})

describe('events', () => {
  it('tell of members, roles and the audit log what others do', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: 1 })
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    const newcomer = guild.join({ username: 'new', roles: ['Pilots'] })
    guild.take(newcomer.id, 'Pilots', { by: guild.ownerId, reason: 'on leave' })
    guild.rename(newcomer.id, 'Newcomer')
    const wing = guild.createRole({ name: 'Wing' })
    guild.moveRole(wing.id, 7)
    guild.deleteRole(wing.id)
    guild.kick(newcomer.id)
    await expect.poll(() => named(seen, 'GUILD_MEMBER_REMOVE').length).toBe(1)
    await expect.poll(() => seen.at(-1)!.d.action_type).toBe(20)
    expect(seen.map(({ t, d }) => (t === 'GUILD_AUDIT_LOG_ENTRY_CREATE' ? d.action_type : t))).toEqual([
      'GUILD_MEMBER_ADD',
      'GUILD_MEMBER_UPDATE',
      25,
      'GUILD_MEMBER_UPDATE',
      24,
      'GUILD_ROLE_CREATE',
      30,
      'GUILD_ROLE_UPDATE',
      31,
      'GUILD_ROLE_DELETE',
      32,
      'GUILD_MEMBER_REMOVE',
      20,
    ])
    expect(seen[2]!.d).toMatchObject({ user_id: guild.ownerId, target_id: newcomer.id, reason: 'on leave' })
    expect(seen[2]!.d.changes).toEqual([
      { key: '$remove', new_value: [{ id: guild.role('Pilots').id, name: 'Pilots' }] },
    ])
  })

  it('come for another order of the same roles, and for a member who is there already', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots', 'Wing'], members: [] })
    const ann = guild.join({ username: 'ann', roles: ['Pilots', 'Wing'] })
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    guild.setRoles(ann.id, ['Wing', 'Pilots'])
    guild.setRoles(ann.id, ['Wing', 'Pilots'])
    guild.join({ username: 'ann', id: ann.id })
    await expect.poll(() => seen.map(({ t }) => t)).toEqual(['GUILD_MEMBER_UPDATE', 'GUILD_MEMBER_ADD'])
    expect(guild.memberCount).toBe(3)
  })

  it('are not sent to who did not ask for them', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: 1 })
    const client = await openClient(sandbox, { intents: [GatewayIntentBits.Guilds] })
    const seen = dispatchesOf(client)
    const [first] = guild.members.page('0', 1)
    guild.give(first!.id, 'Pilots')
    guild.give(sandbox.botUserId, 'Pilots')
    guild.createRole({ name: 'Wing' })
    await expect.poll(() => seen.map(({ t }) => t)).toEqual(['GUILD_MEMBER_UPDATE', 'GUILD_ROLE_CREATE'])
    expect(seen[0]!.d).toMatchObject({ user: { id: sandbox.botUserId } })
  })

  it('of the audit log need its permission too', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: 1, botPermissions: ['MANAGE_ROLES'] })
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    const [first] = guild.members.page('0', 1)
    guild.give(first!.id, 'Pilots')
    guild.leave(first!.id)
    await expect.poll(() => seen.map(({ t }) => t)).toEqual(['GUILD_MEMBER_UPDATE', 'GUILD_MEMBER_REMOVE'])
  })

  it('can be dropped, doubled, swapped and held back', async () => {
    const sandbox = await openSandbox({ slips: { noAuditEvents: true } })
    const guild = sandbox.addGuild({ name: 'Example', members: [] })
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    const joined = () => seen.map(({ d }) => (d.user as { username: string }).username)
    sandbox.faults.drop('GUILD_MEMBER_ADD')
    sandbox.faults.double(({ d }) => (d.user as { username: string }).username === 'ben')
    sandbox.faults.reorder(({ d }) => (d.user as { username: string }).username === 'cat')
    for (const username of ['ann', 'ben', 'cat', 'dan']) guild.join({ username })
    await expect.poll(joined).toEqual(['ben', 'ben', 'dan', 'cat'])
    const release = sandbox.faults.hold('GUILD_MEMBER_ADD')
    guild.join({ username: 'eve' })
    sandbox.faults.auditFirst = false
    release()
    guild.join({ username: 'fay' })
    await expect.poll(joined).toEqual(['ben', 'ben', 'dan', 'cat', 'eve', 'fay'])
  })

  it('of the first second after READY may never be told', async () => {
    const sandbox = await openSandbox()
    sandbox.faults.silentStart = 1000
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: 2 })
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    const [first, second] = guild.members.page('0', 2)
    guild.give(first!.id, 'Pilots')
    sandbox.clock.advance(1000)
    guild.give(second!.id, 'Pilots')
    await expect.poll(() => seen.map(({ t }) => t)).toEqual(['GUILD_MEMBER_UPDATE', 'GUILD_AUDIT_LOG_ENTRY_CREATE'])
    expect(seen[0]!.d).toMatchObject({ user: { id: second!.id } })
  })

  it('can show members with the ids of roles that are gone', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots', 'Wing'], members: 1 })
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    const [first] = guild.members.page('0', 1)
    const wing = guild.role('Wing').id
    guild.give(first!.id, wing)
    guild.deleteRole(wing)
    guild.rename(first!.id, 'tidy')
    sandbox.faults.deletedRoleIds = true
    guild.rename(first!.id, 'untidy')
    await expect.poll(() => named(seen, 'GUILD_MEMBER_UPDATE').length).toBe(3)
    const updates = seen.filter(({ t }) => t === 'GUILD_MEMBER_UPDATE').map(({ d }) => d.roles)
    expect(updates).toEqual([[wing], [], [wing]])
  })
})

describe('a server that differs from Discord in small ways', () => {
  it('sends bare updates with the guild among the roles, and says nothing of the audit log', async () => {
    const sandbox = await openSandbox({ slips: 'all' })
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: 1 })
    const client = await openClient(sandbox)
    const seen = dispatchesOf(client)
    const [first] = guild.members.page('0', 1)
    guild.give(first!.id, 'Pilots')
    guild.join({ username: 'ann' })
    await expect.poll(() => seen.map(({ t }) => t)).toEqual(['GUILD_MEMBER_UPDATE', 'GUILD_MEMBER_ADD'])
    expect(Object.keys(seen[0]!.d).sort()).toEqual(['guild_id', 'roles', 'user'])
    expect(seen[0]!.d.roles).toEqual([guild.id, guild.role('Pilots').id])
  })
})

it('a guild can be joined and left while the bot runs', async () => {
  const sandbox = await openSandbox()
  const client = await openClient(sandbox)
  const joined = next<{ name: string }>(client, Events.GuildCreate)
  const guild = sandbox.addGuild({ name: 'Late' })
  expect((await joined).name).toBe('Late')
  const left = next<{ name: string }>(client, Events.GuildDelete)
  sandbox.removeGuild(guild.id)
  expect((await left).name).toBe('Late')
})

it('a client that speaks another version of the gateway is shown the door', async () => {
  const sandbox = await openSandbox()
  const socket = new WebSocket(`${sandbox.gatewayUrl}?v=9&encoding=json`)
  const code = await new Promise((resolve) => socket.addEventListener('close', (event) => resolve(event.code)))
  expect(code).toBe(4012)
})
