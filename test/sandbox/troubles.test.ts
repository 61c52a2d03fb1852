import { type Client, DiscordAPIError, Routes } from 'discord.js'
import { describe, expect, it } from 'vitest'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Sandbox, SandboxOptions } from '#src/sandbox/sandbox.ts'
import { dispatchesOf, openClient, openSandbox } from './open.ts'

const ANN = '200000000000000001'
const BEN = '200000000000000002'
const ROLE_DELETE = 'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}'
const KICK = 'DELETE /guilds/{guild_id}/members/{user_id}'
const PATCH = 'PATCH /guilds/{guild_id}/members/{user_id}'

interface Stage {
  readonly sandbox: Sandbox
  readonly guild: Guild
  readonly client: Client<true>
}

async function open(options: SandboxOptions = {}): Promise<Stage> {
  const sandbox = await openSandbox({ limits: false, ...options })
  const guild = sandbox.addGuild({
    name: 'Example',
    roles: ['Pilots', 'Wing'],
    members: [
      { username: 'ann', id: ANN, roles: ['Pilots'] },
      { username: 'ben', id: BEN },
    ],
  })
  return { sandbox, guild, client: await openClient(sandbox, { rest: { retries: 0 } }) }
}

const strip = ({ client, guild }: Stage) =>
  client.rest.delete(Routes.guildMemberRole(guild.id, ANN, guild.role('Pilots').id))
const statusOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'taken',
    (error) => (error instanceof DiscordAPIError || 'status' in error ? error.status : error),
  )

describe('a request that takes its time', () => {
  it('is carried out only once the time has passed', async () => {
    const stage = await open()
    stage.sandbox.faults.delay(ROLE_DELETE, 60_000)
    const asked = strip(stage)
    await stage.client.rest.get(Routes.user())
    expect(stage.guild.holds(ANN, 'Pilots')).toBe(true)
    stage.sandbox.clock.advance(60_000)
    await asked
    expect(stage.guild.holds(ANN, 'Pilots')).toBe(false)
  })

  it('can be carried out at once and answered late, or when told', async () => {
    const stage = await open()
    const tell = stage.sandbox.faults.delay(ROLE_DELETE, Number.POSITIVE_INFINITY, { done: true })
    let answered = false
    const asked = strip(stage).then(() => {
      answered = true
    })
    await stage.sandbox.until(() => !stage.guild.holds(ANN, 'Pilots'))
    await stage.client.rest.get(Routes.user())
    expect([answered, stage.sandbox.requests.count(ROLE_DELETE)]).toEqual([false, 0])
    tell()
    await asked
    expect(stage.sandbox.requests.count(ROLE_DELETE)).toBe(1)
  })

  it('waits by itself, where nobody puts the clock forward', async () => {
    const stage = await open()
    stage.sandbox.faults.delay(ROLE_DELETE, 20)
    const before = stage.sandbox.clock.now()
    await strip(stage)
    expect(stage.sandbox.clock.now() - before).toBeGreaterThanOrEqual(20)
  })
})

describe('an event that takes its time', () => {
  it('comes after those that happened later, and does not hold them up', async () => {
    const { sandbox, guild, client } = await open({ slips: { noAuditEvents: true } })
    const seen = dispatchesOf(client)
    sandbox.faults.delayEvents('GUILD_MEMBER_UPDATE', 5_000)
    guild.take(ANN, 'Pilots')
    guild.leave(BEN)
    await expect.poll(() => seen.map(({ t }) => t)).toEqual(['GUILD_MEMBER_REMOVE'])
    sandbox.clock.advance(5_000)
    await expect.poll(() => seen.map(({ t }) => t)).toEqual(['GUILD_MEMBER_REMOVE', 'GUILD_MEMBER_UPDATE'])
  })

  it('can be let go before, and comes once', async () => {
    const { sandbox, guild, client } = await open({ slips: { noAuditEvents: true } })
    const seen = dispatchesOf(client)
    const tell = sandbox.faults.delayEvents('GUILD_MEMBER_UPDATE', 5_000, 2)
    guild.take(ANN, 'Pilots')
    tell()
    sandbox.clock.advance(5_000)
    guild.give(ANN, 'Wing')
    await expect.poll(() => seen.map(({ d }) => d.roles)).toEqual([[], [guild.role('Wing').id]])
  })
})

describe('an audit log that is slow', () => {
  it('has the entry late, and tells of it late, at the place where it belongs', async () => {
    const { sandbox, guild, client } = await open()
    const seen = dispatchesOf(client)
    sandbox.faults.auditDelay = 10_000
    guild.give(BEN, 'Pilots', { by: ANN })
    sandbox.faults.auditDelay = 0
    guild.give(BEN, 'Wing', { by: ANN })
    const log = async () => {
      const { entries } = await client.guilds.cache.get(guild.id)!.fetchAuditLogs({ type: 25 })
      return entries.map(({ changes }) => (changes[0]!.new as { name: string }[])[0]!.name)
    }
    expect(await log()).toEqual(['Wing'])
    expect(seen.filter(({ t }) => t === 'GUILD_AUDIT_LOG_ENTRY_CREATE')).toHaveLength(1)
    sandbox.clock.advance(10_000)
    expect(await log()).toEqual(['Wing', 'Pilots'])
    await expect.poll(() => seen.filter(({ t }) => t === 'GUILD_AUDIT_LOG_ENTRY_CREATE').length).toBe(2)
  })

  it('may never have it', async () => {
    const { sandbox, guild } = await open()
    sandbox.faults.auditDelay = Number.POSITIVE_INFINITY
    guild.give(BEN, 'Pilots')
    sandbox.clock.advance(1_000_000_000)
    expect(guild.audit.entries).toEqual([])
    expect(guild.holds(BEN, 'Pilots')).toBe(true)
  })
})

describe('a rival bot', () => {
  it('gives the role back as often as it is taken, by its own name, until it is content', async () => {
    const stage = await open()
    const { sandbox, guild } = stage
    const rival = sandbox.faults.rival({ guild, member: ANN, role: 'Pilots', times: 2 })
    for (const time of [1, 2]) {
      await strip(stage)
      await sandbox.until(() => rival.given === time && guild.holds(ANN, 'Pilots'))
    }
    await strip(stage)
    sandbox.clock.advance(60_000)
    expect([rival.given, guild.holds(ANN, 'Pilots')]).toEqual([2, false])
    const given = guild.audit.entries.filter(({ changes }) => changes?.[0]?.key === '$add')
    expect(given.map(({ user_id }) => user_id)).toEqual([rival.id, rival.id])
    expect(guild.member(rival.id)).toMatchObject({ bot: true })
  })

  it('can be an account that is there already, takes its time, and can be stopped', async () => {
    const stage = await open()
    const { sandbox, guild } = stage
    const rival = sandbox.faults.rival({ guild, member: ANN, role: 'Pilots', by: BEN, after: 5_000 })
    await strip(stage)
    expect(guild.holds(ANN, 'Pilots')).toBe(false)
    sandbox.clock.advance(5_000)
    expect(guild.holds(ANN, 'Pilots')).toBe(true)
    guild.rename(ANN, 'Ann')
    rival.stop()
    await strip(stage)
    sandbox.clock.advance(5_000)
    expect([rival.given, rival.id, guild.holds(ANN, 'Pilots')]).toEqual([1, BEN, false])
  })
})

describe('a kick, and a write of several roles', () => {
  const kick = ({ client, guild }: Stage) => client.rest.delete(Routes.guildMember(guild.id, ANN))
  const write = ({ client, guild }: Stage) =>
    client.rest.patch(Routes.guildMember(guild.id, ANN), { body: { roles: [guild.role('Wing').id] } })

  it('can be answered as if done, and not be done', async () => {
    const stage = await open()
    stage.sandbox.faults.lie(1, KICK)
    stage.sandbox.faults.lie(1, PATCH)
    await kick(stage)
    expect(await write(stage)).toMatchObject({ roles: [stage.guild.role('Wing').id] })
    expect(stage.guild.member(ANN)!.roles).toEqual([stage.guild.role('Pilots').id])
  })

  it('can be done, and answered as if not', async () => {
    const stage = await open()
    stage.sandbox.faults.serverErrors(1, 500, { route: PATCH, done: true })
    expect(await statusOf(write(stage))).toBe(500)
    expect(stage.guild.holds(ANN, 'Wing')).toBe(true)
    stage.sandbox.faults.serverErrors(1, 502, { route: KICK, done: true })
    expect(await statusOf(kick(stage))).toBe(502)
    expect(stage.guild.member(ANN)).toBeUndefined()
  })
})

it('a session that timed out (4009) is over: the client starts a new one', async () => {
  const { sandbox, client } = await open()
  const seen = dispatchesOf(client)
  sandbox.faults.disconnect({ how: 4009 })
  await expect.poll(() => seen.map(({ t }) => t), { timeout: 5000 }).toEqual(['READY', 'GUILD_CREATE'])
  expect(sandbox.gateway.count('identified')).toBe(2)
})
