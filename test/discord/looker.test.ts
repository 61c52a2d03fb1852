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

  it('is asked for in the invite, and Administrator is not', () => {
    const address = new URL(inviteAddress('123456789012345678'))
    expect(address.searchParams.get('scope')).toBe('bot applications.commands')
    // Manage Roles (1 << 28) and View Audit Log (1 << 7).
    expect(address.searchParams.get('permissions')).toBe(String((1 << 28) | (1 << 7)))
    expect(BigInt(address.searchParams.get('permissions')!) & 8n).toBe(0n)
  })

  it('is nothing more where all is well', async () => {
    expect(missingPermissions(await standing(), [role('Pilots'), role('Directors')])).toEqual([])
  })

  it('is named where it lacks, with what does not work and what to click', async () => {
    const poor = sandbox.addGuild({ name: 'Poor', botPermissions: [], roles: ['Pilots'] })
    const said = missingPermissions(await looker.standing(poor.id, sandbox.botUserId), [poor.role('Pilots').id])
    expect(said).toHaveLength(2)
    expect(said[0]).toContain('Manage Roles')
    expect(said[0]).toContain('Server Settings → Roles')
    expect(said[1]).toContain('View Audit Log')
  })

  it('includes a role of the bot above the governed ones', async () => {
    await sandbox.close()
    await begin({}, 1)
    const said = missingPermissions(await standing(), [role('Pilots'), role('Directors')])
    expect(said).toEqual([expect.stringMatching(/stands too low to touch .*drag the bot's role above/)])
  })
})
