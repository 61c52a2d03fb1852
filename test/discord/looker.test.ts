import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inviteAddress, missingPermissions } from '#src/discord/invite.ts'
import { type Looker, makeLooker } from '#src/discord/looker.ts'
import { makeRest } from '#src/discord/rest.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '#src/sandbox/sandbox.ts'
import { offences } from './listening.ts'

const ANN = '200000000000000001'
const BOT = '200000000000000002'
const NOBODY = '200000000000000009'
const MEMBER = 'GET /guilds/{guild_id}/members/{user_id}'

let sandbox: Sandbox
let against: readonly string[]
let guild: Guild
let looker: Looker

async function begin(options: SandboxOptions = {}, botPosition?: number): Promise<void> {
  sandbox = await startSandbox(options)
  against = offences(sandbox)
  guild = sandbox.addGuild({
    name: 'Example',
    roles: ['Pilots', 'Directors'],
    members: [
      { id: ANN, username: 'ann', roles: ['Pilots', 'Directors'] },
      { id: BOT, username: 'another bot', bot: true },
    ],
    ...(botPosition === undefined ? {} : { botPosition }),
  })
  looker = makeLooker(makeRest({ token: sandbox.token, apiUrl: sandbox.url }))
}

beforeEach(() => begin())
afterEach(async () => {
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
  expect(against).toEqual([])
})

const role = (name: string) => guild.role(name).id

describe('looking at Discord itself', () => {
  it('sees a member as Discord says they are now', async () => {
    expect(await looker.member(guild.id, ANN)).toEqual({
      id: ANN,
      bot: false,
      roleIds: [role('Pilots'), role('Directors')],
      joinedAt: guild.member(ANN)?.joinedAt,
    })
    guild.take(ANN, 'Pilots')
    expect((await looker.member(guild.id, ANN))?.roleIds).toEqual([role('Directors')])
    expect(await looker.member(guild.id, BOT)).toMatchObject({ bot: true, roleIds: [] })
  })

  it('says that nobody is there only where Discord says so', async () => {
    expect(await looker.member(guild.id, NOBODY)).toBeNull()
    sandbox.faults.serverErrors(10, 500, { route: MEMBER })
    await expect(looker.member(guild.id, ANN)).rejects.toMatchObject({ kind: 'outage' })
    sandbox.faults.calm()
    await expect(looker.member('100000000000000009', ANN)).rejects.toMatchObject({ name: 'DiscordFault' })
    sandbox.faults.cut(10, { route: MEMBER })
    await expect(looker.member(guild.id, ANN)).rejects.toMatchObject({ name: 'DiscordFault' })
  })

  it('lists members by pages, and the roles with their holders', async () => {
    const page = await looker.listMembers(guild.id, '0')
    expect(page.map(({ id }) => id)).toEqual(expect.arrayContaining([ANN, BOT]))
    expect(await looker.listMembers(guild.id, page.at(-1)!.id)).toEqual([])
    const counts = await looker.roleCounts(guild.id)
    expect(counts.get(role('Pilots'))).toBe(1)
    expect(counts.has(guild.id)).toBe(false)
  })

  it('reads a server with its roles and what the bot holds in it', async () => {
    expect(await looker.guild(guild.id, sandbox.botUserId)).toMatchObject({
      id: guild.id,
      name: 'Example',
      ownerId: guild.ownerId,
      botUserId: sandbox.botUserId,
      botRoleIds: [guild.botRoleId],
      roles: expect.arrayContaining([
        { id: role('Pilots'), name: 'Pilots', position: expect.any(Number), managed: false },
      ]),
    })
  })

  it('takes a role with any tag for one that Discord manages, whatever the flag says', async () => {
    guild.editRole('Pilots', { managed: false, tags: { premium_subscriber: null } })
    const { roles } = await looker.guild(guild.id, sandbox.botUserId)
    const managed = (name: string) => roles.find(({ id }) => id === role(name))?.managed
    expect([managed('Pilots'), managed('Directors')]).toEqual([true, false])
  })

  it('reads who gave and took roles last, the newest first', async () => {
    guild.take(ANN, 'Pilots', { by: ANN, reason: 'by hand' })
    guild.rename(ANN, 'Annie', { by: ANN })
    guild.give(ANN, 'Pilots', { by: BOT })
    const [newest, older, ...others] = await looker.roleChanges(guild.id)
    expect(newest).toMatchObject({ executorId: BOT, memberId: ANN, added: [role('Pilots')], removed: [], reason: null })
    expect(older).toMatchObject({ executorId: ANN, added: [], removed: [role('Pilots')], reason: 'by hand' })
    expect(others).toEqual([])
    expect(Math.abs((newest?.at ?? 0) - sandbox.clock.now())).toBeLessThan(60_000)
    expect(sandbox.requests.of('GET /guilds/{guild_id}/audit-logs').map(({ query }) => query)).toEqual([
      { action_type: '25', limit: '100' },
    ])
  })

  it('says so where it may not read the audit log', async () => {
    const poor = sandbox.addGuild({ name: 'Poor', botPermissions: [] })
    await expect(looker.roleChanges(poor.id)).rejects.toMatchObject({ kind: 'refused' })
  })

  it('is not confused by servers that differ from Discord in small ways', async () => {
    await sandbox.close()
    await begin({ slips: 'all' })
    expect((await looker.member(guild.id, ANN))?.roleIds).toEqual([role('Pilots'), role('Directors')])
  })

  it('says that the token is not good any more', async () => {
    const other = makeLooker(makeRest({ token: 'not-a-good-one', apiUrl: sandbox.url }))
    await expect(other.member(guild.id, ANN)).rejects.toMatchObject({ kind: 'token' })
    // The REST client has forgotten the token by now, and throws before it sends anything.
    await expect(other.member(guild.id, ANN)).rejects.toMatchObject({ kind: 'token' })
  })
})

describe('what a server must grant', () => {
  const standing = () => looker.standing(guild.id, sandbox.botUserId)
  const permissionsIn = (address: string) => BigInt(new URL(address).searchParams.get('permissions')!)
  const KICK_MEMBERS = 1n << 1n

  it('is asked for in the invite, and neither Administrator nor kicking is', () => {
    const address = inviteAddress('123456789012345678')
    expect(new URL(address).searchParams.get('scope')).toBe('bot applications.commands')
    // View Audit Log, View Channels, Send Messages, Embed Links, Manage Roles.
    const needed = (1n << 7n) | (1n << 10n) | (1n << 11n) | (1n << 14n) | (1n << 28n)
    expect(permissionsIn(address)).toBe(needed)
    expect(permissionsIn(inviteAddress('123456789012345678', { kick: true }))).toBe(needed | KICK_MEMBERS)
  })

  it('is nothing more where all is well', async () => {
    const duties = { kicks: true, posts: true }
    expect(missingPermissions(await standing(), [role('Pilots'), role('Directors')], duties)).toEqual([])
  })

  it('is named where it lacks, with what does not work and what to click', async () => {
    const poor = sandbox.addGuild({ name: 'Poor', botPermissions: [], roles: ['Pilots'] })
    const said = missingPermissions(await looker.standing(poor.id, sandbox.botUserId), [poor.role('Pilots').id])
    expect(said).toHaveLength(2)
    expect(said[0]).toContain('Manage Roles')
    expect(said[0]).toContain('Server Settings → Roles')
    expect(said[1]).toContain('View Audit Log')
  })

  it('is what kicks and notices need only where there are any', async () => {
    const { guild: at } = await standing()
    const roles = { guild: at, permissions: (1n << 28n) | (1n << 7n) }
    const lacks = (duties: Parameters<typeof missingPermissions>[2]) =>
      missingPermissions(roles, [], duties).map((said) => /permission (.+?) in this server/.exec(said)?.[1])
    expect(lacks({ kicks: false, posts: false })).toEqual([])
    expect(lacks({ kicks: true, posts: false })).toEqual(['Kick Members'])
    expect(lacks({ kicks: false, posts: true })).toEqual(['View Channels', 'Send Messages', 'Embed Links'])
  })

  it('includes a role of the bot above the governed ones, and names those that stand too high', async () => {
    await sandbox.close()
    await begin({}, 1)
    guild.editRole('Pilots', { name: '*Pilots* @everyone' })
    const [pilots, directors] = [guild.role('*Pilots* @everyone').id, role('Directors')]
    expect(missingPermissions(await standing(), [pilots, directors])).toEqual([
      expect.stringMatching(/stands too low to touch 2 governed roles: .*Directors\. Open.*drag the bot's role above/),
    ])
    const [said = ''] = missingPermissions(await standing(), [pilots])
    expect(said).toContain('one governed role: \\*Pilots\\* @\u200beveryone.')
  })

  it('names five roles at most', async () => {
    await sandbox.close()
    await begin({}, 1)
    const created = Array.from(
      { length: 7 },
      (_, index) => guild.createRole({ name: `Squad ${index}`, position: 5 }).id,
    )
    const [said = ''] = missingPermissions(await standing(), created)
    expect(said.match(/Squad/g)).toHaveLength(5)
    expect(said).toContain('and 2 more.')
  })
})
