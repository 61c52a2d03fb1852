import { beforeEach, describe, expect, it } from 'vitest'
import { arm } from '#commands/arm.ts'
import { readDuration } from '#commands/duration.ts'
import { schedule } from '#commands/schedule.ts'
import { stop } from '#commands/stop.ts'
import { undo } from '#commands/undo.ts'
import type { Rule } from '#src/core/model.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Act } from '#src/core/run.ts'
import {
  BEN,
  DIRECTORS,
  EVE,
  GUILD,
  give,
  HOUR,
  NOW,
  offers,
  PILOTS,
  RUN,
  runOf,
  SmallCommandWorld,
  wholeOf,
} from './small-world.ts'

let world: SmallCommandWorld

beforeEach(() => {
  world = new SmallCommandWorld()
})

const STRIPS: Rule<'strip'> = { default: 'strip', byGroup: new Map(), byState: new Map() }
const NIGHTLY = { expression: '0 4 * * *', timeZone: 'Europe/Oslo', action: 'strip' } as const

describe('/arm', () => {
  it('arms what was asked, and says what happens from now on', async () => {
    world.settingsNow = { ...DEFAULT_SETTINGS, policy: { ...DEFAULT_SETTINGS.policy, role_drift: STRIPS } }
    const realtime = await give(arm, world, 'realtime', { reason: 'ready' })
    expect(realtime).toMatchObject({ title: 'Realtime is armed', tone: 'good' })
    expect(realtime.text).toContain('Nobody is kicked by it.')
    expect(realtime.text).toContain('`/stop`')
    world.arrangementsNow = { ...world.arrangementsNow, schedule: NIGHTLY }
    const nightly = await give(arm, world, 'schedule')
    expect(nightly.text).toContain('they take the roles that were not earned (`strip`), as far as the policy says.')
    expect(nightly.text).toContain('looks at everybody at `0 4 * * *` (Europe/Oslo)')
    expect(world.deeds).toMatchObject([
      { name: 'arm', what: 'realtime', by: { reason: 'ready' } },
      { name: 'arm', what: 'schedule' },
    ])
  })

  it('says of a schedule that only reports that it still does, and what it takes to act', async () => {
    world.arrangementsNow = { ...world.arrangementsNow, schedule: { ...NIGHTLY, action: 'report' } }
    world.settingsNow = { ...DEFAULT_SETTINGS, policy: { ...DEFAULT_SETTINGS.policy, role_drift: STRIPS } }
    const reply = await give(arm, world, 'schedule')
    expect(reply.tone).toBe('warn')
    expect(reply.text).toContain(
      'Scheduled runs only report, although the schedule is armed: its action is `report`. Before they act:\n• `/schedule set` is given again with the same expression and `action:strip`.',
    )
    expect(reply.text).not.toContain('act by themselves')
  })

  it('warns where the policy takes nothing anyway', async () => {
    const reply = await give(arm, world, 'realtime')
    expect(reply.tone).toBe('warn')
    expect(reply.text).toContain('The policy only reports in every category')
    const byGroup = new Map([['Pilots', 'strip' as const]])
    world.settingsNow = {
      ...world.settingsNow,
      policy: { ...DEFAULT_SETTINGS.policy, linked_no_perm: { default: 'report', byGroup, byState: new Map() } },
    }
    expect((await give(arm, world, 'realtime')).tone).toBe('good')
  })

  it('tells why the world refuses, and arms nothing', async () => {
    world.failing.set('arm', new Refusal('Nobody has read a report yet.'))
    await expect(give(arm, world, 'realtime')).rejects.toThrow('Nobody has read a report yet.')
    expect(world.settingsNow.armed).toEqual({ schedule: false, realtime: false })
  })

  it('disarms one, or both, and says what is left', async () => {
    world.settingsNow = { ...DEFAULT_SETTINGS, armed: { schedule: true, realtime: true } }
    const one = await give(arm, world, 'off', { what: 'schedule' })
    expect(one).toMatchObject({ title: 'The schedule is disarmed' })
    expect(one.text).toContain('Still armed, and acting: realtime.')
    expect(one.text).not.toContain('seen live')
    world.settingsNow = { ...DEFAULT_SETTINGS, armed: { schedule: true, realtime: true } }
    const both = await give(arm, world, 'off', { what: 'both' })
    expect(both.title).toBe('Nothing acts by itself any more')
    expect(world.settingsNow.armed).toEqual({ schedule: false, realtime: false })
    await expect(give(arm, world, 'off', { what: 'everything' })).rejects.toThrow('must be one of')
    await expect(give(arm, world, 'off')).rejects.toThrow('`what` is missing')
  })
})

describe('/schedule', () => {
  it('sets when the bot looks, by default in UTC and only to report', async () => {
    world.statusNow = { ...world.statusNow, nextLookAt: NOW + HOUR }
    const reply = await give(schedule, world, 'set', { expression: ' 0 4 * * * ' })
    expect(world.deeds).toMatchObject([
      { name: 'arrange', what: { schedule: { expression: '0 4 * * *', timeZone: 'UTC', action: 'report' } } },
    ])
    expect(reply.text).toContain(`Next <t:${(NOW + HOUR) / 1_000}:R>`)
    expect(reply.text).toContain('Scheduled runs only report. Before they act:')
  })

  it.each([
    ['report', false, null, ['lock', 'action:strip', '/arm schedule']],
    ['report', false, 'lifted', ['action:strip', '/arm schedule']],
    ['strip', false, 'lifted', ['/arm schedule']],
    ['strip_kick', true, 'lifted', []],
  ] as const)(
    'names each step before %s acts (armed: %s, first-run lock: %s)',
    async (action, armed, lifted, steps) => {
      world.arrangementsNow = { ...world.arrangementsNow, schedule: { ...NIGHTLY, action } }
      const acknowledged = lifted === null ? null : world.statusNow.acknowledged
      world.statusNow = { ...world.statusNow, acknowledged, armed: { schedule: armed, realtime: false } }
      const { text } = await give(schedule, world, 'show')
      const named = ['lock', 'action:strip', '/arm schedule'].filter((step) => text.includes(step))
      expect(named).toEqual(steps)
      expect(text.includes('Scheduled runs act by themselves')).toBe(steps.length === 0)
      expect(text.includes('kick where the policy says so')).toBe(action === 'strip_kick')
    },
  )

  it('keeps what is left out as it was', async () => {
    world.arrangementsNow = { schedule: NIGHTLY, channelId: '900' }
    await give(schedule, world, 'set', { expression: '0 5 * * *' })
    expect(world.arrangementsNow).toEqual({ schedule: { ...NIGHTLY, expression: '0 5 * * *' }, channelId: '900' })
  })

  it('lets nobody but an Administrator make an armed schedule do more', async () => {
    world.settingsNow = { ...DEFAULT_SETTINGS, armed: { schedule: true, realtime: false } }
    const wanted = { expression: '0 4 * * *', action: 'strip_kick' }
    for (const before of [null, NIGHTLY]) {
      world.arrangementsNow = { ...world.arrangementsNow, schedule: before }
      await expect(give(schedule, world, 'set', wanted)).rejects.toThrow('Only an Administrator decides that')
    }
    expect(world.deeds).toEqual([])
    await give(schedule, world, 'set', { ...wanted, action: 'report' })
    await give(schedule, world, 'set', wanted, { permissions: new Set(['Administrator']) })
    await give(schedule, world, 'set', wanted, { isOwner: true, permissions: new Set() })
    expect(world.deeds).toHaveLength(3)
  })

  it('lets anybody who sets schedules raise one that is not armed', async () => {
    await give(schedule, world, 'set', { expression: '0 4 * * *', action: 'strip_kick' })
    expect(world.arrangementsNow.schedule?.action).toBe('strip_kick')
  })

  it('shows and clears it', async () => {
    expect((await give(schedule, world, 'show')).title).toBe('No schedule')
    world.arrangementsNow = { ...world.arrangementsNow, schedule: { ...NIGHTLY, expression: '`@everyone\n`' } }
    world.statusNow = { ...world.statusNow, armed: { schedule: true, realtime: false } }
    const shown = await give(schedule, world, 'show')
    expect(shown.text).toContain('`@everyone ` (Europe/Oslo)')
    expect(shown.text).toContain('Scheduled runs act by themselves: they take')
    await give(schedule, world, 'clear')
    expect(world.arrangementsNow.schedule).toBeNull()
  })

  it('tells what is wrong with an expression', async () => {
    world.failing.set('arrange', new Refusal('The hour must be from 0 to 23.'))
    await expect(give(schedule, world, 'set', { expression: '0 99 * * *' })).rejects.toThrow('from 0 to 23')
    await expect(give(schedule, world, 'set', { expression: ' ' })).rejects.toThrow('Say when')
  })
})

describe('/stop', () => {
  it('halts everything and says what that was', async () => {
    world.stopped = {
      runs: [
        { id: RUN, purpose: 'audit' },
        { id: RUN, purpose: 'live' },
      ],
      wasArmed: { schedule: true, realtime: true },
    }
    const reply = await give(stop, world, null, { reason: 'too many' })
    expect(world.deeds).toMatchObject([{ name: 'stop', by: { reason: 'too many' } }])
    expect(reply.title).toBe('Stopped')
    expect(reply.text).toContain('2 runs under way were interrupted. Disarmed: schedule and realtime.')
    expect(reply.text).toContain('may still land')
    expect(reply.text).toContain('Only an Administrator arms again')
    expect(wholeOf(reply)).toContain(`\`${RUN}\` (live acts)`)
    expect(reply.confirm).toBeUndefined()
  })

  it('says so where there was nothing to halt', async () => {
    const reply = await give(stop, world, null)
    expect(reply.text).toContain('No run was under way. Nothing was armed.')
    expect(reply.text).not.toContain('/arm')
  })

  it('stays short of Discord’s limits however much was under way', async () => {
    const runs = Array.from({ length: 100 }, () => ({ id: RUN, purpose: 'group' as const }))
    world.stopped = { ...world.stopped, runs }
    expect(wholeOf(await give(stop, world, null, { reason: 'x'.repeat(400) }))).toContain('and 92 more')
  })
})

describe('/undo', () => {
  const kick: Act = { kind: 'kick', guildId: GUILD, memberId: EVE }
  const removal: Act = { kind: 'remove_role', guildId: GUILD, memberId: BEN, roleId: PILOTS }

  it('says what was given back, and that it was seen', async () => {
    world.ended = runOf({ purpose: 'undo', outcomes: { done: 3 } })
    world.undone = { given: 3, unsure: 0, alreadyHeld: 1, shielded: [], impossible: [] }
    const reply = await give(undo, world, null, { run: RUN, reason: 'by mistake' })
    expect(world.deeds).toMatchObject([{ name: 'undo', what: { runId: RUN, memberId: null } }])
    expect(reply).toMatchObject({ title: '3 roles given back', tone: 'good' })
    expect(reply.text).toContain('3 roles given back and seen to be held again. 1 role was held already.')
    expect(reply.footer).toContain(`undoes run ${RUN}`)
  })

  it('keeps to one member', async () => {
    const reply = await give(undo, world, null, { run: RUN, member: BEN })
    expect(world.deeds).toMatchObject([{ what: { memberId: BEN } }])
    expect(reply.text).toContain(`That run took nothing from <@${BEN}> that could be given back.`)
  })

  it('says whom an override holds the policy off, and what cannot be given back and why', async () => {
    world.ended = runOf({ purpose: 'undo', outcomes: { done: 1, refused: 1 } })
    world.undone = {
      given: 1,
      unsure: 0,
      alreadyHeld: 0,
      shielded: [{ memberId: BEN, expiresAt: NOW + 7 * 24 * HOUR, replaced: null }],
      impossible: [
        { memberId: EVE, act: kick, why: 'A kick cannot be undone.' },
        { memberId: BEN, act: removal, why: 'The role is gone.' },
      ],
    }
    const reply = await give(undo, world, null, { run: RUN })
    const whole = wholeOf(reply)
    expect(reply.tone).toBe('warn')
    expect(whole).toContain('The policy would take some of these roles again.')
    expect(whole).toContain(`<@${BEN}> until it ends <t:`)
    expect(whole).toContain(`<@${EVE}> kick: A kick cannot be undone.`)
    expect(whole).toContain(`<@${BEN}> <@&${PILOTS}>: The role is gone.`)
    expect(whole).toContain('1 role could not be given, or that is not known')
  })

  it.each([
    [NOW + HOUR, 'would have ended <t:'],
    [null, 'would have stood for good'],
  ])(
    'names the override that gave way, when it would have ended (%s), and that it must be set again',
    async (expiresAt, words) => {
      const replaced = { memberId: BEN, action: 'strip_kick', expiresAt, reason: 'a *spy*' } as const
      world.undone = {
        given: 1,
        unsure: 0,
        alreadyHeld: 0,
        shielded: [{ memberId: BEN, expiresAt: NOW, replaced }],
        impossible: [],
      }
      const whole = wholeOf(await give(undo, world, null, { run: RUN }))
      expect(whole).toContain(`<@${BEN}> until it ends <t:`)
      expect(whole).toContain(`in place of an override of \`strip_kick\` (a \\*spy\\*), which ${words}`)
      expect(whole).toContain('does not come back by itself: set it again with `/override set`')
    },
  )

  it('stays short of Discord’s limits however many there are', async () => {
    const ids = Array.from({ length: 300 }, (_, at) => String(500_000_000_000_000_000n + BigInt(at)))
    world.undone = {
      given: 300,
      unsure: 0,
      alreadyHeld: 0,
      shielded: ids.map((memberId) => ({
        ...{ memberId, expiresAt: NOW },
        replaced: { memberId, action: 'strip_kick', expiresAt: NOW, reason: '*'.repeat(400) },
      })),
      impossible: ids.map((memberId) => ({ memberId, act: { ...removal, roleId: DIRECTORS }, why: 'x'.repeat(90) })),
    }
    expect(wholeOf(await give(undo, world, null, { run: RUN, reason: '*'.repeat(400) }))).toMatch(/and 29\d more/)
  })

  it('claims nothing where nothing was given', async () => {
    expect((await give(undo, world, null, { run: RUN })).title).toBe('Nothing was given back')
    world.undone = { ...world.undone, alreadyHeld: 2 }
    expect((await give(undo, world, null, { run: RUN })).title).toBe('All of it is held already')
    world.ended = runOf({ purpose: 'undo', state: 'interrupted', problem: 'Somebody gave /stop.' })
    const cut = await give(undo, world, null, { run: RUN })
    expect(cut.tone).toBe('warn')
    expect(cut.text).toContain(`/undo run:${RUN}`)
  })

  it('is offered the runs that took something', async () => {
    world.runsKept = [
      runOf({ id: RUN.replace(/1$/, '2') }),
      runOf({ action: 'strip', outcomes: { done: 2 } }),
      runOf({ id: RUN.replace(/1$/, '3'), purpose: 'undo', outcomes: { done: 2 } }),
    ]
    expect((await offers(undo, world, null, 'run', '')).map(({ value }) => value)).toEqual([RUN])
  })
})

describe('how long', () => {
  it.each([
    ['12h', 12 * HOUR],
    ['7d', 7 * 24 * HOUR],
    [' 4 W ', 28 * 24 * HOUR],
    ['2 weeks', 14 * 24 * HOUR],
    ['1 day', 24 * HOUR],
    ['366d', 366 * 24 * HOUR],
    ['never', null],
    ['NEVER', null],
  ])('"%s" is read', (typed, ms) => expect(readDuration(typed)).toBe(ms))

  it.each(['', '7', 'd', '0d', '-1d', '1.5d', '7 m', '7days ago', '99999d', '1d1h', 'forever', '7dh'])(
    '"%s" is refused with an example',
    (typed) => expect(() => readDuration(typed)).toThrow('`12h` (hours), `7d` (days)'),
  )

  it.each(['367d', '53w', '9000h'])('"%s" is refused as too long', (typed) =>
    expect(() => readDuration(typed)).toThrow('longer than a year'),
  )
})
