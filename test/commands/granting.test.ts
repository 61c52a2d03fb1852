import { beforeEach, describe, expect, it } from 'vitest'
import { capability } from '#commands/capability.ts'
import { notices } from '#commands/notices.ts'
import { CAPABILITIES } from '#src/core/capability.ts'
import { Refusal } from '#src/core/refusal.ts'
import { ANN, DIRECTORS, GUILD, give, PILOTS, SmallCommandWorld } from './small-world.ts'

let world: SmallCommandWorld

beforeEach(() => {
  world = new SmallCommandWorld()
})

describe('/capability', () => {
  it('grants one thing to the holders of a role, and nothing else', async () => {
    const reply = await give(capability, world, 'grant', { role: PILOTS, capability: 'bots', reason: 'team' })
    expect([...world.grants]).toEqual([['bots', [PILOTS]]])
    expect(world.deeds).toMatchObject([{ name: 'grantCapability', by: { reason: 'team' } }])
    expect(reply.text).toContain(`Whoever holds <@&${PILOTS}> may say which accounts are bots`)
    expect((await give(capability, world, 'grant', { role: PILOTS, capability: 'bots' })).title).toBe('Granted already')
  })

  it('revokes it, and says who still may', async () => {
    await give(capability, world, 'grant', { role: PILOTS, capability: 'run' })
    const reply = await give(capability, world, 'revoke', { role: PILOTS, capability: 'run' })
    expect(reply).toMatchObject({ title: 'Revoked' })
    expect(reply.text).toContain('"Manage Roles" still may')
    const again = await give(capability, world, 'revoke', { role: PILOTS, capability: 'policy' })
    expect(again.title).toBe('Was not granted')
    expect(again.text).not.toContain('Manage Roles')
  })

  it.each([
    [{ role: GUILD, capability: 'read' }, 'Everybody has the role @everyone'],
    [{ role: PILOTS, capability: 'administrator' }, 'must be one of'],
    [{ role: PILOTS }, '`capability` is missing'],
    [{ capability: 'read' }, '`role` is missing'],
  ])('refuses %j', async (options, sentence) => {
    for (const subcommand of ['grant', 'revoke'])
      await expect(give(capability, world, subcommand, options)).rejects.toThrow(sentence)
    expect(world.deeds).toEqual([])
  })

  it('lists who may ask what, with as many roles as a server has', async () => {
    const many = Array.from({ length: 250 }, (_, at) => String(700_000_000_000_000_000n + BigInt(at)))
    world.grants = new Map([...CAPABILITIES.map((each) => [each, many] as const), ['policy', [DIRECTORS]]])
    const { text } = await give(capability, world, 'list')
    expect(text).toContain(`**policy** (change the policy): <@&${DIRECTORS}>`)
    expect(text).toContain('whoever has Manage Roles, ')
    world.grants = new Map()
    expect((await give(capability, world, 'list')).text).toContain(
      '**bots** (say which accounts are bots): Administrators alone',
    )
  })
})

describe('/notices', () => {
  it('posts in a channel, or nowhere', async () => {
    const reply = await give(notices, world, 'channel', { channel: '900' })
    expect(world.deeds).toMatchObject([{ name: 'arrange', what: { channelId: '900' } }])
    expect(reply.text).toContain('posts in <#900>')
    expect((await give(notices, world, 'show')).text).toContain('Posted in <#900>.')
    expect((await give(notices, world, 'off')).title).toBe('Notices are off')
    expect(world.arrangementsNow.channelId).toBeNull()
    expect((await give(notices, world, 'show')).text).toContain('Posted nowhere')
  })

  it('tells why a channel cannot be used', async () => {
    world.failing.set('arrange', new Refusal('The bot may not write there.'))
    await expect(give(notices, world, 'channel', { channel: '900' })).rejects.toThrow('may not write there')
    await expect(give(notices, world, 'channel')).rejects.toThrow('`channel` is missing')
  })

  it('are sent to whoever subscribes, until they want no more', async () => {
    expect((await give(notices, world, 'subscribe')).title).toBe('You are subscribed')
    expect((await give(notices, world, 'subscribe')).title).toBe('You are subscribed already')
    expect((await give(notices, world, 'show')).text).toContain('by direct message too')
    expect((await give(notices, world, 'unsubscribe')).title).toBe('You are not subscribed any more')
    expect((await give(notices, world, 'unsubscribe')).title).toBe('You were not subscribed')
    expect(world.deeds).toMatchObject([
      { name: 'subscribe', what: { memberId: ANN, wanted: true } },
      { name: 'subscribe', what: { memberId: ANN, wanted: false } },
    ])
  })

  it('are not sent to the console, which nobody can write to', async () => {
    const console = { memberId: null, actor: 'cli:ops' as const }
    await expect(give(notices, world, 'subscribe', {}, console)).rejects.toThrow('only in Discord')
    expect((await give(notices, world, 'show', {}, console)).title).toBe('Where notices go')
  })
})
