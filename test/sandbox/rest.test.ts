import { type Client, DiscordAPIError, RateLimitError, Routes } from 'discord.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Guild } from '#src/sandbox/guild.ts'
import { startSandbox } from '#src/sandbox/sandbox.ts'
import { openClient, openSandbox } from './open.ts'

const ANN = '200000000000000001'
const BEN = '200000000000000002'
const NOBODY = '200000000000000099'

const people = [
  { username: 'ann', id: ANN, roles: ['Pilots'] },
  { username: 'ben', id: BEN },
]

/** The code that Discord refuses with, or what else went wrong. */
async function refusal(asked: Promise<unknown>): Promise<unknown> {
  try {
    await asked
  } catch (error) {
    return error instanceof DiscordAPIError ? error.code : error
  }
  return 'not refused'
}

const roleOf = (guild: Guild, member: string, role: string) =>
  Routes.guildMemberRole(guild.id, member, guild.role(role).id)
const take = (client: Client, guild: Guild, member: string, role: string, reason?: string) =>
  client.rest.delete(roleOf(guild, member, role), reason === undefined ? {} : { reason })

describe('writing roles', () => {
  it('gives and takes one role, and the audit log says why', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots', 'Wing'], members: people })
    const client = await openClient(sandbox)
    await client.rest.put(roleOf(guild, BEN, 'Wing'))
    await take(client, guild, ANN, 'Pilots', 'Rölle — run 7')
    expect(guild.member(ANN)!.roles).toEqual([])
    expect(guild.holds(BEN, 'Wing')).toBe(true)
    const log = await client.guilds.cache.get(guild.id)!.fetchAuditLogs({ type: 25, limit: 1 })
    const entry = log.entries.first()!
    expect([entry.targetId, entry.executorId, entry.reason]).toEqual([ANN, sandbox.botUserId, 'Rölle — run 7'])
    expect(entry.changes).toEqual([{ key: '$remove', new: [{ id: guild.role('Pilots').id, name: 'Pilots' }] }])
    expect(sandbox.requests.of('DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}')[0]!.reason).toBe(
      'Rölle — run 7',
    )
  })

  it('says nothing and writes nothing where the role was not held', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots', 'Wing'], members: people })
    const client = await openClient(sandbox)
    await take(client, guild, BEN, 'Pilots')
    expect(guild.audit.entries).toEqual([])
    expect(sandbox.gateway.count('GUILD_MEMBER_UPDATE')).toBe(0)
  })

  it('replaces the whole set by PATCH, but only with roles within reach', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({
      name: 'Example',
      roles: [
        'Pilots',
        'Wing',
        { name: 'Booster', managed: true, tags: { premium_subscriber: null } },
        { name: 'High', position: 90 },
      ],
      botPosition: 50,
      members: [{ username: 'ann', id: ANN, roles: ['Pilots', 'Booster'] }],
    })
    const client = await openClient(sandbox)
    const patch = (...roles: string[]) =>
      client.rest.patch(Routes.guildMember(guild.id, ANN), {
        body: { roles: roles.map((role) => guild.role(role).id) },
      })
    await patch('Wing', 'Booster')
    expect(guild.member(ANN)!.roles.map((id) => guild.role(id).name)).toEqual(['Wing', 'Booster'])
    expect(await refusal(patch('Wing'))).toBe(50013)
    expect(await refusal(patch('Wing', 'Booster', 'High'))).toBe(50013)
    expect(await refusal(client.rest.patch(Routes.guildMember(guild.id, ANN), { body: { roles: ['pilots'] } }))).toBe(
      50035,
    )
  })

  it('refuses with the code that says why', async () => {
    const sandbox = await openSandbox({ limits: false })
    const guild = sandbox.addGuild({
      name: 'Example',
      roles: ['Pilots', { name: 'Bot', managed: true }, { name: 'Above', position: 9 }],
      members: people,
      botPosition: 5,
    })
    const client = await openClient(sandbox)
    const at = (path: string) => client.rest.delete(`/guilds/${path}` as `/${string}`)
    expect(await refusal(take(client, guild, ANN, 'Above'))).toBe(50013)
    expect(await refusal(take(client, guild, ANN, 'Bot'))).toBe(50013)
    expect(await refusal(take(client, guild, ANN, '@everyone'))).toBe(50028)
    expect(await refusal(take(client, guild, NOBODY, 'Pilots'))).toBe(10007)
    expect(await refusal(at(`${guild.id}/members/${ANN}/roles/${NOBODY}`))).toBe(10011)
    expect(await refusal(at(`${NOBODY}/members/${ANN}/roles/${NOBODY}`))).toBe(10004)
    expect(await refusal(at(`${guild.id}/members/ann/roles/${NOBODY}`))).toBe(50035)
    expect(await refusal(client.rest.get('/guilds-of-old'))).toBe(0)
    expect(guild.holds(ANN, 'Pilots')).toBe(true)
  })

  it('needs the permission, and in some guilds an owner with a second factor', async () => {
    const sandbox = await openSandbox()
    const roles = ['Pilots']
    const bare = sandbox.addGuild({ name: 'Bare', roles, members: people, botPermissions: [] })
    const strict = sandbox.addGuild({ name: 'Strict', roles, members: people, mfaLevel: 1 })
    sandbox.application.ownerHasSecondFactor = false
    const client = await openClient(sandbox)
    expect(await refusal(take(client, bare, ANN, 'Pilots'))).toBe(50013)
    expect(await refusal(client.rest.delete(Routes.guildMember(bare.id, ANN)))).toBe(50013)
    expect(await refusal(client.rest.get(Routes.guildAuditLog(bare.id)))).toBe(50013)
    expect(await refusal(take(client, strict, ANN, 'Pilots'))).toBe(60003)
  })

  it('two at once on one member can lose one, where the race is switched on', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({
      name: 'Example',
      roles: ['Pilots', 'Wing'],
      members: [{ username: 'ann', id: ANN, roles: ['Pilots', 'Wing'] }],
    })
    sandbox.faults.raceRoleWrites = true
    const headers = { authorization: `Bot ${sandbox.token}` }
    const both = ['Pilots', 'Wing'].map((role) =>
      fetch(`${sandbox.url}/v10${roleOf(guild, ANN, role)}`, { method: 'DELETE', headers }),
    )
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([204, 204])
    expect(guild.member(ANN)!.roles).toHaveLength(1)
  })
})

describe('kicking', () => {
  it('reaches those below the bot, and neither the owner nor who ranks as high', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({
      name: 'Example',
      roles: ['Pilots', { name: 'High', position: 50 }],
      botPosition: 50,
      ownerId: BEN,
      members: [...people, { username: 'cat', id: NOBODY, roles: ['High'] }],
    })
    const client = await openClient(sandbox)
    await client.rest.delete(Routes.guildMember(guild.id, ANN), { reason: 'no link' })
    expect(guild.member(ANN)).toBeUndefined()
    expect(guild.audit.entries.at(-1)).toMatchObject({ action_type: 20, target_id: ANN, reason: 'no link' })
    expect(await refusal(client.rest.delete(Routes.guildMember(guild.id, BEN)))).toBe(50013)
    // Of equal positions the lower id ranks higher: the role is older than the bot's.
    expect(await refusal(client.rest.delete(Routes.guildMember(guild.id, NOBODY)))).toBe(50013)
    expect(await refusal(client.rest.delete(Routes.guildMember(guild.id, ANN)))).toBe(10007)
  })
})

describe('reading', () => {
  it('pages members by id, counts the holders of each role, and shows the guild', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: 25 })
    for (const member of guild.members.page('0', 5)) guild.give(member.id, 'Pilots')
    const client = await openClient(sandbox)
    const page = (after: string, limit: number) =>
      client.rest.get(Routes.guildMembers(guild.id), {
        query: new URLSearchParams({ after, limit: String(limit) }),
      }) as Promise<{ user: { id: string } }[]>
    const first = await page('0', 20)
    const rest = await page(first.at(-1)!.user.id, 1000)
    const ids = [...first, ...rest].map(({ user }) => user.id)
    expect(ids).toEqual(ids.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)))
    expect(new Set(ids).size).toBe(27)
    expect(await refusal(page('0', 1001))).toBe(50035)
    expect(await client.rest.get(Routes.guildRoles(guild.id))).toHaveLength(3)
    const counts = await client.rest.get(`/guilds/${guild.id}/roles/member-counts`)
    expect(counts).toEqual({ [guild.role('Pilots').id]: 5, [guild.botRoleId]: 1 })
    const whole = await client.guilds.fetch({ guild: guild.id, force: true, withCounts: true })
    expect(whole.approximateMemberCount).toBe(27)
    expect((await client.guilds.fetch()).size).toBe(1)
    expect((await client.users.fetch(ids[0]!, { force: true })).id).toBe(ids[0])
    const application = await client.application.fetch()
    expect(application.flags.toArray()).toEqual(['GatewayGuildMembersLimited'])
    expect(await client.rest.get(Routes.gateway())).toEqual({ url: sandbox.gatewayUrl })
    expect(await client.rest.get(Routes.user())).toMatchObject({ id: sandbox.botUserId, bot: true })
  })

  it('keeps a bad token out', async () => {
    const sandbox = await openSandbox()
    const answer = await fetch(`${sandbox.url}/v10/users/@me`, { headers: { authorization: 'Bot nonsense' } })
    expect([answer.status, await answer.json()]).toEqual([401, { message: '401: Unauthorized', code: 0 }])
    expect(sandbox.requests.invalid).toBe(1)
  })
})

describe('limits', () => {
  it('let ten role writes through in ten seconds, and the client waits for the next', async () => {
    const sandbox = await openSandbox({ rateScale: 0.02 })
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: 30 })
    const client = await openClient(sandbox)
    const ids = guild.members.page('0', 15).map(({ id }) => id)
    await Promise.all(ids.map((id) => client.rest.put(roleOf(guild, id, 'Pilots'))))
    expect(ids.every((id) => guild.holds(id, 'Pilots'))).toBe(true)
    expect(sandbox.requests.answered(429)).toBe(0)
    const [first] = sandbox.requests.of('PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}')
    expect(first!.headers).toMatchObject({ 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '9' })
  })

  it('are told apart: one bucket, or everything', async () => {
    const sandbox = await openSandbox({ now: () => 1_800_000_000_000 })
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: people })
    const headers = { authorization: `Bot ${sandbox.token}` }
    const read = (path: string) => fetch(`${sandbox.url}/v10${path}`, { headers })
    for (let sent = 0; sent < 5; sent += 1) await read(Routes.guildMember(guild.id, ANN))
    const bucket = await read(Routes.guildMember(guild.id, ANN))
    expect([bucket.status, bucket.headers.get('x-ratelimit-scope'), bucket.headers.get('retry-after')]).toEqual([
      429,
      'user',
      '1',
    ])
    expect(await bucket.json()).toEqual({
      message: 'You are being rate limited.',
      code: 0,
      retry_after: 1,
      global: false,
    })
    for (let sent = 0; sent < 44; sent += 1) await read('/users/@me')
    const global = await read('/users/@me')
    expect([global.status, global.headers.get('x-ratelimit-global')]).toEqual([429, 'true'])
    sandbox.clock.advance(1000)
    expect((await read(Routes.guildMember(guild.id, ANN))).status).toBe(200)
    expect(sandbox.requests.invalid).toBe(2)
  })
})

describe('faults', () => {
  it('a storm of 429 passes, and the client comes through', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: people })
    const client = await openClient(sandbox)
    sandbox.faults.storm429(3, { retryAfter: 0.01, scope: 'shared' })
    await take(client, guild, ANN, 'Pilots')
    expect(guild.holds(ANN, 'Pilots')).toBe(false)
    expect([sandbox.requests.answered(429), sandbox.requests.invalid]).toEqual([3, 0])
    sandbox.faults.storm429(() => false)
    const careful = await openClient(sandbox, { rest: { rejectOnRateLimit: () => true } }).catch((error) => error)
    expect(careful).toBeInstanceOf(RateLimitError)
    sandbox.faults.calm()
  })

  it('a server error can come before the deed or after it', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({
      name: 'Example',
      roles: ['Pilots', 'Wing'],
      members: [{ username: 'ann', id: ANN, roles: ['Pilots', 'Wing'] }],
    })
    const client = await openClient(sandbox, { rest: { retries: 0 } })
    sandbox.faults.serverErrors(1, 503)
    expect(await take(client, guild, ANN, 'Pilots').catch(({ status }) => status)).toBe(503)
    sandbox.faults.serverErrors(1, 500, { done: true })
    expect(await take(client, guild, ANN, 'Wing').catch(({ status }) => status)).toBe(500)
    expect(guild.member(ANN)!.roles).toEqual([guild.role('Pilots').id])
  })

  it('a connection can break, an answer can be a lie, and somebody can leave in between', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: people })
    const client = await openClient(sandbox, { rest: { retries: 0 } })
    sandbox.faults.cut(1)
    expect(await refusal(take(client, guild, ANN, 'Pilots'))).toBeInstanceOf(Error)
    sandbox.faults.lie(1, 'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}')
    await take(client, guild, ANN, 'Pilots')
    expect(guild.holds(ANN, 'Pilots')).toBe(true)
    sandbox.faults.cut(1, { done: true })
    expect(await refusal(take(client, guild, ANN, 'Pilots'))).toBeInstanceOf(Error)
    expect(guild.holds(ANN, 'Pilots')).toBe(false)
    sandbox.faults.before(undefined, () => guild.leave(ANN))
    expect(await refusal(take(client, guild, ANN, 'Pilots'))).toBe(10007)
  })

  it('a request can be made to wait', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: people })
    const client = await openClient(sandbox)
    const release = sandbox.faults.stall('DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}')
    const asked = take(client, guild, ANN, 'Pilots')
    await client.rest.get(Routes.user())
    expect(guild.holds(ANN, 'Pilots')).toBe(true)
    release()
    await asked
    expect(guild.holds(ANN, 'Pilots')).toBe(false)
  })

  it('a guild in an outage answers nothing', async () => {
    const sandbox = await openSandbox()
    const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: people })
    const client = await openClient(sandbox, { rest: { retries: 0 } })
    sandbox.faults.outage(guild.id)
    expect(await take(client, guild, ANN, 'Pilots').catch(({ status }) => status)).toBe(500)
  })
})

it('a server that differs answers a PATCH with whole roles', async () => {
  // Its answers are not as Discord's description has them, and so not held to it.
  const sandbox = await startSandbox({ slips: 'all' })
  onTestFinished(() => sandbox.close())
  const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: people })
  const answer = await fetch(`${sandbox.url}/v10${Routes.guildMember(guild.id, ANN)}`, {
    method: 'PATCH',
    headers: { authorization: `Bot ${sandbox.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ roles: [] }),
  })
  expect(((await answer.json()) as { roles: { name: string }[] }).roles.map(({ name }) => name)).toEqual(['@everyone'])
})
