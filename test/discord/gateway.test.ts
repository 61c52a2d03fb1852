import { PermissionFlagsBits } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Connection, connect, type Packet } from '#src/discord/gateway.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { hearing, listen, offences } from './listening.ts'

const ANN = '200000000000000001'
const BEN = '200000000000000002'

let sandbox: Sandbox
let against: readonly string[]
let guild: Guild
let open: Connection[] = []

beforeEach(async () => {
  sandbox = await startSandbox()
  against = offences(sandbox)
  guild = sandbox.addGuild({
    name: 'Example',
    roles: ['Pilots', 'Directors'],
    members: [
      { id: ANN, username: 'ann', roles: ['Pilots'] },
      { id: BEN, username: 'ben' },
    ],
  })
})

afterEach(async () => {
  await Promise.all(open.map((connection) => connection.close()))
  open = []
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
  expect(against).toEqual([])
})

async function opened(...asked: Parameters<typeof listen> extends [Sandbox, ...infer Rest] ? Rest : never) {
  const { connection, heard } = await listen(sandbox, ...asked)
  open.push(connection)
  return { connection, heard }
}

const bodyOf = <T>({ d }: Packet): T => d as T
const named = (packets: readonly Packet[], t: string) => packets.filter((packet) => packet.t === t)
const soon = { timeout: 5_000, interval: 10 }

describe('logging in', () => {
  it('says who the bot is, which servers it is in and who owns them', async () => {
    const { connection, heard } = await opened()
    expect(connection.botUserId).toBe(sandbox.botUserId)
    expect(connection.applicationId).toBe(sandbox.applicationId)
    await expect.poll(() => named(heard.packets, 'GUILD_CREATE').length, soon).toBe(1)
    expect(connection.guildIds).toEqual([guild.id])
    expect(connection.ownerOf(guild.id)).toBe(guild.ownerId)
    expect(connection.ownerOf('1')).toBeNull()
    expect(heard.row.slice(0, 3)).toEqual(['fresh', 'READY', 'GUILD_CREATE'])
  })

  it('knows what roles may do in a whole server, as they are now', async () => {
    const { connection } = await opened()
    await expect.poll(() => connection.guildPermissionsOf(guild.id, []), soon).not.toBeNull()
    const pilots = guild.role('Pilots').id
    const everyone = connection.guildPermissionsOf(guild.id, [])!
    expect(everyone & PermissionFlagsBits.ManageRoles).toBe(0n)
    guild.editRole('Pilots', { permissions: ['MANAGE_ROLES'] })
    await expect
      .poll(() => connection.guildPermissionsOf(guild.id, [pilots, '1']), soon)
      .toBe(everyone | PermissionFlagsBits.ManageRoles)
    expect(connection.guildPermissionsOf('1', [pilots])).toBeNull()
  })

  it('tells of a server that the bot joins or is thrown out of, and keeps one that is only down', async () => {
    const { connection } = await opened()
    const second = sandbox.addGuild({ name: 'Second' })
    await expect.poll(() => connection.guildIds, soon).toEqual([guild.id, second.id])
    sandbox.faults.outage(guild.id)
    sandbox.removeGuild(second.id)
    await expect.poll(() => connection.guildIds, soon).toEqual([guild.id])
  })

  it('names the click that helps where the token is wrong, and does not repeat the token', async () => {
    const token = 'MTIzNDU2Nzg5MDEyMzQ1Njc4.sandbox.this-one-is-not-good-at-all'
    const { options, heard } = hearing({ url: sandbox.url, token })
    const fault = await connect(options).catch((error: unknown) => error)
    expect(fault).toMatchObject({ kind: 'token', message: expect.stringContaining('Bot → Reset Token') })
    expect(String((fault as Error).stack) + heard.lines.join('')).not.toContain(token)
  })

  it('names the click that helps where the members intent is off', async () => {
    const strict = await startSandbox({ privileged: [] })
    const { options } = hearing(strict)
    await expect(connect(options)).rejects.toMatchObject({
      kind: 'intents',
      code: 4014,
      message: expect.stringContaining('Privileged Gateway Intents, switch on "Server Members Intent"'),
    })
    await strict.close()
  })

  it('goes on trying with growing pauses while Discord cannot be reached, and says so', async () => {
    const pauses: number[] = []
    const closed = await startSandbox()
    const { url, token } = closed
    await closed.close()
    const waiting = { pause: async (ms: number) => void pauses.push(ms), random: () => 1 }
    const { options, heard } = hearing({ url, token }, { tries: 4, waiting })
    await expect(connect(options)).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    expect(pauses).toEqual([1_000, 2_000, 4_000])
    expect(heard.lines).toHaveLength(3)
    expect(heard.lines[0]).toContain('Check the connection to the internet')
  })

  it('comes through once Discord is back', async () => {
    sandbox.faults.serverErrors(4, 503, { route: 'GET /gateway/bot' })
    const waiting = { pause: async () => {}, random: () => 1 }
    const { heard } = await opened({ tries: 5, waiting })
    expect(heard.lines[0]).toContain('Discord answered with a fault of its own (503)')
  })

  it('stops trying when asked', async () => {
    const stop = new AbortController()
    sandbox.faults.serverErrors(1_000, 503, { route: 'GET /gateway/bot' })
    const waiting = { pause: () => new Promise<void>(() => stop.abort()), random: () => 1 }
    const { options } = hearing(sandbox, { tries: 5, waiting, signal: stop.signal })
    await expect(connect(options)).rejects.toMatchObject({ kind: 'disconnected' })
  })
})

describe('dispatches', () => {
  it('come in the order of Discord, also before discord.js is ready, and none waits there', async () => {
    const second = sandbox.addGuild({ name: 'Slow to come' })
    const release = sandbox.faults.hold(({ t, guildId }) => t === 'GUILD_CREATE' && guildId === second.id)
    const { connection, heard } = await opened()
    await expect.poll(() => heard.row.includes('GUILD_CREATE'), soon).toBe(true)
    for (let round = 0; round < 20; round++) guild.setRoles(ANN, round % 2 === 0 ? ['Directors'] : ['Pilots'])
    await expect.poll(() => named(heard.packets, 'GUILD_MEMBER_UPDATE').length, soon).toBe(20)
    expect(connection.client.isReady()).toBe(false)
    expect((connection.client.ws as unknown as { packetQueue: unknown[] }).packetQueue).toEqual([])
    const roles = named(heard.packets, 'GUILD_MEMBER_UPDATE').map((packet) => bodyOf<{ roles: string[] }>(packet).roles)
    expect(roles.slice(-2)).toEqual([[guild.role('Directors').id], [guild.role('Pilots').id]])
    release()
    await expect.poll(() => connection.client.isReady(), soon).toBe(true)
  })

  it('reach us alone where they speak of members: discord.js builds no members', async () => {
    const { connection, heard } = await opened()
    const { client } = connection
    await expect.poll(() => client.isReady(), soon).toBe(true)
    const told: string[] = []
    for (const name of [
      'guildMemberUpdate',
      'guildMemberAdd',
      'guildMemberRemove',
      'guildMemberAvailable',
      'guildMembersChunk',
      'guildAuditLogEntryCreate',
    ] as const)
      client.on(name, () => void told.push(name))
    guild.give(ANN, 'Directors')
    guild.join({ id: '200000000000000003', username: 'cyn' })
    guild.leave(BEN)
    await connection.askMembers(guild.id, 'all')
    await expect.poll(() => named(heard.packets, 'GUILD_MEMBERS_CHUNK').length, soon).toBe(1)
    expect(heard.row.filter((t) => t.startsWith('GUILD_MEMBER'))).toEqual([
      'GUILD_MEMBER_UPDATE',
      'GUILD_MEMBER_ADD',
      'GUILD_MEMBER_REMOVE',
      'GUILD_MEMBERS_CHUNK',
    ])
    expect(told).toEqual([])
    expect(client.guilds.cache.get(guild.id)?.members.cache.size).toBeLessThanOrEqual(1)
    expect(client.users.cache.size).toBe(1)
  })

  it('leave discord.js its servers and roles', async () => {
    const { connection } = await opened()
    const { client } = connection
    await expect.poll(() => client.isReady(), soon).toBe(true)
    const role = guild.createRole({ name: 'New' })
    await expect.poll(() => client.guilds.cache.get(guild.id)?.roles.cache.get(role.id)?.name, soon).toBe('New')
    guild.deleteRole(role.id)
    await expect.poll(() => client.guilds.cache.get(guild.id)?.roles.cache.has(role.id), soon).toBe(false)
  })

  it('keep coming after a listener has thrown at one', async () => {
    let calls = 0
    const { heard } = await opened({
      onPacket: ({ t }) => {
        if (t === 'GUILD_MEMBER_UPDATE' && ++calls === 1) throw new Error('a fault of ours')
      },
    })
    await expect.poll(() => heard.sessions, soon).toEqual(['fresh'])
    guild.give(ANN, 'Directors')
    guild.take(ANN, 'Directors')
    await expect.poll(() => calls, soon).toBe(2)
    expect(heard.lines.join('')).toContain('a fault of ours')
  })

  it('hand over the members of a server with our nonce', async () => {
    const { connection, heard } = await opened()
    await connection.askMembers(guild.id, 'fill-1')
    await expect.poll(() => named(heard.packets, 'GUILD_MEMBERS_CHUNK').length, soon).toBe(1)
    const chunk = bodyOf<{ nonce: string; members: { user: { id: string } }[] }>(
      named(heard.packets, 'GUILD_MEMBERS_CHUNK')[0]!,
    )
    expect(chunk.nonce).toBe('fill-1')
    expect(chunk.members.map(({ user }) => user.id)).toEqual(expect.arrayContaining([ANN, BEN]))
  })
})

describe('a session', () => {
  it('that is resumed replays what was missed, then says so', async () => {
    const { heard } = await opened()
    await expect.poll(() => heard.row.includes('GUILD_CREATE'), soon).toBe(true)
    heard.row.length = 0
    sandbox.faults.disconnect()
    guild.give(ANN, 'Directors')
    await expect.poll(() => heard.sessions.includes('resumed'), soon).toBe(true)
    expect(heard.row.filter((name) => name !== 'GUILD_AUDIT_LOG_ENTRY_CREATE')).toEqual([
      'reconnecting',
      'GUILD_MEMBER_UPDATE',
      'RESUMED',
      'resumed',
    ])
  })

  it('that cannot be resumed is fresh again, and asking for members meanwhile is refused rather than left hanging', async () => {
    const { connection, heard } = await opened()
    await expect.poll(() => heard.row.includes('GUILD_CREATE'), soon).toBe(true)
    sandbox.faults.freshSession()
    await expect
      .poll(
        () =>
          connection.askMembers(guild.id, 'x').then(
            () => 'sent',
            (fault) => fault.kind,
          ),
        soon,
      )
      .toBe('disconnected')
    // discord.js leaves five seconds between two identifies, as Discord asks.
    await expect.poll(() => heard.sessions.filter((kind) => kind === 'fresh').length, { timeout: 9_000 }).toBe(2)
  }, 15_000)

  it('that Discord ends for good is reported once, with what to do', async () => {
    const { heard } = await opened()
    await expect.poll(() => heard.row.includes('GUILD_CREATE'), soon).toBe(true)
    sandbox.faults.disconnect({ resumable: false, how: 4014 })
    await expect.poll(() => heard.fatal, soon).toMatchObject([{ kind: 'intents', code: 4014 }])
    expect(heard.sessions).toEqual(['fresh', 'disconnected'])
  })

  it('that we end is over at once, twice if need be, and tells nothing more', async () => {
    const { connection, heard } = await opened()
    await connection.close()
    await connection.close()
    guild.give(ANN, 'Directors')
    await sandbox.until(() => sandbox.gateway.connected === 0)
    expect(heard.fatal).toEqual([])
    expect(heard.sessions).toEqual(['fresh'])
    await expect(connection.askMembers(guild.id, 'x')).rejects.toMatchObject({ kind: 'disconnected' })
  })
})
