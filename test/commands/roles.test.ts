// biome-ignore-all lint/suspicious/noThenProperty: a preview tells what is then from what is now.
import { beforeEach, describe, expect, it } from 'vitest'
import { roles } from '#commands/roles.ts'
import type { Id } from '#src/core/model.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import {
  BEN,
  buttonsOf,
  DIRECTORS,
  GUILD,
  give,
  NOW,
  offers,
  PILOTS,
  PREVIEW,
  press,
  SmallCommandWorld,
  wholeOf,
} from './small-world.ts'

let world: SmallCommandWorld

beforeEach(() => {
  world = new SmallCommandWorld()
})

const withGroups = (entries: readonly (readonly [string, readonly Id[]])[]) => {
  world.settingsNow = { ...DEFAULT_SETTINGS, roleMap: { groups: new Map(entries), states: new Map() } }
}

describe('/roles map and unmap', () => {
  it('says which roles a name earns, each once and in the order of their ids', async () => {
    const options = { kind: 'group', name: 'Pilots', role: DIRECTORS, role2: PILOTS, role3: DIRECTORS }
    const reply = await give(roles, world, 'map', options)
    expect(reply.text).toContain(`group Pilots earns <@&${PILOTS}> <@&${DIRECTORS}>`)
    expect(world.settingsNow.roleMap.groups).toEqual(new Map([['Pilots', [PILOTS, DIRECTORS]]]))
    expect((await give(roles, world, 'map', options)).title).toBe('It is so already')
    await give(roles, world, 'map', { kind: 'state', name: 'Member', none: true })
    expect(world.settingsNow.roleMap.states).toEqual(new Map([['Member', []]]))
  })

  it('shows its numbers first where it puts more members out of order', async () => {
    world.preview = { ...PREVIEW, wouldStrip: { now: 0, then: 120 }, harsher: { total: 1, memberIds: [BEN] } }
    const asks = await give(roles, world, 'map', { kind: 'group', name: 'Pilots', role: PILOTS })
    expect(asks.text).toContain('120 more (120 instead of 0)')
    expect(world.deeds).toEqual([])
    expect((await press(roles, world, asks.confirm!)).title).toBe('Set')
    expect(world.settingsNow.roleMap.groups.get('Pilots')).toEqual([PILOTS])
  })

  it('warns of a role that is not here, whether it is to be earned or left alone', async () => {
    world.absent = new Set([PILOTS])
    const mapped = await give(roles, world, 'map', { kind: 'group', name: 'Pilots', role: PILOTS, role2: DIRECTORS })
    expect(mapped.text).toContain(`This server has no role with the id \`${PILOTS}\`, so`)
    expect((await give(roles, world, 'except', { role: PILOTS })).text).toContain('`/roles except`')
  })

  it('goes back to the roles of the name', async () => {
    withGroups([
      ['Pilots', [PILOTS]],
      ['Old', []],
    ])
    await give(roles, world, 'unmap', { kind: 'group', name: 'Pilots' })
    expect([...world.settingsNow.roleMap.groups.keys()]).toEqual(['Old'])
    expect((await give(roles, world, 'unmap', { kind: 'state', name: 'Pilots' })).title).toBe('It is so already')
  })

  it('warns of a name that the source does not know', async () => {
    const reply = await give(roles, world, 'map', { kind: 'state', name: 'Pilots', role: PILOTS })
    expect(reply.text).toContain('knows no state Pilots at present')
  })

  it.each([
    [{ kind: 'group', name: 'Pilots' }, 'Name at least one role'],
    [{ kind: 'group', name: 'Pilots', none: false }, 'Name at least one role'],
    [{ kind: 'group', name: 'Pilots', none: true, role: PILOTS }, 'not both'],
    [{ kind: 'group', name: 'Pilots', role: GUILD }, 'Everybody has the role @everyone'],
    [{ kind: 'group', name: 'Pilots', role5: 'x' }, 'not an id'],
    [{ kind: 'club', name: 'Pilots', role: PILOTS }, 'must be one of'],
    [{ kind: 'group', name: ' ', role: PILOTS }, 'Name the group'],
  ])('refuses %j', async (options, sentence) => {
    await expect(give(roles, world, 'map', options)).rejects.toThrow(sentence)
    expect(world.deeds).toEqual([])
  })

  it('maps no more than a thousand names', async () => {
    withGroups(Array.from({ length: 1_000 }, (_, at) => [`Group ${at}`, []]))
    await expect(give(roles, world, 'map', { kind: 'group', name: 'Pilots', none: true })).rejects.toThrow('the most')
    await give(roles, world, 'map', { kind: 'group', name: 'Group 7', role: PILOTS })
    expect(world.settingsNow.roleMap.groups.get('Group 7')).toEqual([PILOTS])
  })

  it('is offered the names of the kind that was chosen, and those that the map has', async () => {
    withGroups([['Gone', [PILOTS]]])
    const valuesOf = async (options: Record<string, string>) =>
      (await offers(roles, world, 'map', 'name', '', options)).map(({ value }) => value)
    expect(await valuesOf({ kind: 'group' })).toEqual(['Pilots', 'Directors', 'Gone'])
    expect(await valuesOf({ kind: 'state' })).toEqual(['Member'])
    expect(await valuesOf({})).toContain('Pilots')
    expect(await offers(roles, world, 'map', 'kind', '')).toEqual([])
  })
})

describe('/roles except', () => {
  it('leaves a role alone, and lifts that', async () => {
    await give(roles, world, 'except', { role: PILOTS, reason: 'sold' })
    expect(world.settingsNow.roleExceptions).toEqual([PILOTS])
    expect((await give(roles, world, 'except', { role: PILOTS })).title).toBe('It is so already')
    await give(roles, world, 'except', { role: PILOTS, lift: true })
    expect(world.settingsNow.roleExceptions).toEqual([])
    expect((await give(roles, world, 'except', { role: PILOTS, lift: true })).title).toBe('It is so already')
  })

  it('takes no more exceptions than a server has roles', async () => {
    world.settingsNow = { ...DEFAULT_SETTINGS, roleExceptions: Array.from({ length: 250 }, (_, at) => `Role ${at}`) }
    await expect(give(roles, world, 'except', { role: PILOTS })).rejects.toThrow('which is the most')
  })
})

describe('/roles list', () => {
  it('shows what earns each role, who holds it, and what is odd', async () => {
    world.governedNow = {
      roles: [
        {
          roleId: PILOTS,
          earnedBy: [
            { kind: 'group', name: '*Pilots*' },
            { kind: 'state', name: 'Member' },
          ],
          reachable: true,
          holders: 120,
        },
        { roleId: DIRECTORS, earnedBy: [{ kind: 'group', name: 'Directors' }], reachable: false, holders: 1 },
      ],
      unmatched: [{ kind: 'group', name: 'Ghosts' }],
    }
    world.settingsNow = { ...DEFAULT_SETTINGS, roleExceptions: [PILOTS, '@everyone else'] }
    const quarantines = [{ what: DIRECTORS, detail: 'Missing Permissions (50013)', at: NOW }]
    world.statusNow = { ...world.statusNow, quarantines }
    const whole = wholeOf(await give(roles, world, 'list'))
    expect(whole).toContain(`**<@&${PILOTS}>** earned by group \\*Pilots\\* or state Member · 120 holders\n`)
    expect(whole).toContain('1 holder · **out of the bot’s reach**: move the bot’s role above it · **left alone**')
    expect(whole).toContain('group Ghosts')
    expect(whole).not.toContain('@everyone')
    expect(whole).toContain('50013')
  })

  it('goes page by page, and stays short of Discord’s limits', async () => {
    const earnedBy = Array.from({ length: 40 }, () => ({ kind: 'group' as const, name: '_'.repeat(150) }))
    world.governedNow = {
      roles: Array.from({ length: 20 }, () => ({ roleId: PILOTS, earnedBy, reachable: false, holders: 9 })),
      unmatched: earnedBy,
    }
    const first = await give(roles, world, 'list')
    expect(first.footer).toBe('1–6 of 20 roles')
    expect((await press(roles, world, buttonsOf(first)[1]!)).footer).toBe('7–12 of 20 roles')
    expect(first.text).toContain('and 36 more')
  })
})

describe('/roles release', () => {
  it('tries again what Discord had refused, kicks too', async () => {
    world.quarantined = new Set([PILOTS, 'kick'])
    const reply = await give(roles, world, 'release', { role: PILOTS, kicks: true, reason: 'moved the role up' })
    expect(world.deeds).toMatchObject([{ name: 'release', what: [PILOTS, 'kick'] }])
    expect(reply.text).toContain(`<@&${PILOTS}> and kicks`)
    expect((await give(roles, world, 'release', { role: PILOTS })).title).toBe('Was not left alone')
  })

  it('asks what where nothing is named', async () => {
    await expect(give(roles, world, 'release', { kicks: false })).rejects.toThrow('Say which role')
  })
})
