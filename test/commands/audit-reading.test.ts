// biome-ignore-all lint/suspicious/noThenProperty: the commands tell what was then from what is now.
import { beforeEach, describe, expect, it } from 'vitest'
import { audit } from '#commands/audit.ts'
import { explain } from '#commands/explain.ts'
import type { PlacedOverride } from '#src/discord/command.ts'
import {
  ANN,
  BEN,
  COUNTS,
  DIRECTORS,
  EVE,
  findingOf,
  give,
  HOUR,
  NOW,
  offers,
  PILOTS,
  press,
  RUN,
  runOf,
  SmallCommandWorld,
  waitingRun,
  wholeOf,
} from './small-world.ts'

let world: SmallCommandWorld

beforeEach(() => {
  world = new SmallCommandWorld()
  world.runsKept = [runOf()]
})

const idOf = (at: number) => `0198c0de-0000-7000-8000-${String(at).padStart(12, '0')}`

describe('/audit findings', () => {
  beforeEach(() => {
    world.found = Array.from({ length: 20 }, (_, at) => findingOf(String(500_000_000_000_000_000n + BigInt(at))))
  })

  it('shows them page by page', async () => {
    const first = await give(audit, world, 'findings', { run: RUN })
    expect(first.footer).toBe(`1–8 of 20 findings · run ${RUN}`)
    expect(first.buttons).toMatchObject([{ disabled: true }, { disabled: false, next: true }])
    const last = await press(audit, world, `audit:page:${RUN}:all:16`)
    expect(last.footer).toBe(`17–20 of 20 findings · run ${RUN}`)
    expect(last.buttons).toMatchObject([{ id: `audit:page:${RUN}:all:8` }, { disabled: true }])
    expect(last.buttons?.[1]?.next).toBeUndefined()
  })

  it('keeps to one kind', async () => {
    world.found[3] = findingOf(EVE, { category: 'unknown_guest' })
    const reply = await give(audit, world, 'findings', { run: RUN, category: 'unknown_guest' })
    expect(reply.text).toContain(`<@${EVE}>`)
    expect(reply.footer).toContain('1–1 of 1 finding ')
  })

  it('says of each by whose word, and what holds it', async () => {
    const spared = { decidedBy: 'override', policyAction: 'report', effectiveAction: 'report' } as const
    const id = (at: number) => String(500_000_000_000_000_000n + BigInt(at))
    const placedAt = (at: number, changes: Partial<PlacedOverride> = {}) =>
      world.placed.set(id(at), {
        ...{
          memberId: id(at),
          action: 'report',
          expiresAt: NOW + HOUR,
          reason: 'x',
          by: `discord:${ANN}`,
          at: NOW - 9 * HOUR,
        },
        ...changes,
      })
    placedAt(1)
    placedAt(2, { expiresAt: null, by: 'cli:ops' })
    placedAt(3, { expiresAt: NOW - HOUR })
    placedAt(4, { at: NOW })
    placedAt(6, { action: 'strip' })
    const conflict = { category: 'identity_conflict', decidedBy: 'category', gates: ['identity_conflict'] } as const
    world.found = [
      findingOf(id(0), { policyAction: 'report', effectiveAction: 'report' }),
      ...[1, 2, 3, 4, 5].map((at) => findingOf(id(at), spared)),
      findingOf(id(6), { decidedBy: 'override', gates: ['out_of_reach'] }),
      findingOf(id(7), { ...conflict, policyAction: 'report', effectiveAction: 'report' }),
    ]
    const { text } = await give(audit, world, 'findings', { run: RUN })
    expect([...text.matchAll(/→ (.*)/g)].map(([, words]) => words)).toEqual([
      'policy says report',
      `an override says report until <t:${(NOW + HOUR) / 1_000}:f>, by <@${ANN}>`,
      'an override says report until it is lifted, by ops (console)',
      `an override said report, by <@${ANN}>; it ended <t:${(NOW - HOUR) / 1_000}:R>`,
      'an override said report; another is set by now',
      'an override said report, and is lifted by now',
      `roles to be taken: an override says strip until <t:${(NOW + HOUR) / 1_000}:f>, by <@${ANN}>; the rest held by \`out_of_reach\``,
      'held by `identity_conflict`: a human must settle whose account it is',
    ])
  })

  it('tells a ceiling of a strip from that of a report', async () => {
    world.found = [findingOf(EVE, { policyAction: 'strip_kick', effectiveAction: 'report', gates: ['action_ceiling'] })]
    expect((await give(audit, world, 'findings', { run: RUN })).text).toContain('strip_kick, this run may only report')
    world.runsKept = [runOf({ action: 'strip' })]
    expect((await give(audit, world, 'findings', { run: RUN })).text).toContain('strip_kick, this run may kick nobody')
  })

  it('speaks of one role alone where the run looked at no other', async () => {
    world.runsKept = [runOf({ only: { memberId: null, roleId: PILOTS } })]
    world.found = [findingOf(EVE, { effectiveAction: 'report', removeRoles: [], missingRoles: [PILOTS] })]
    const { text } = await give(audit, world, 'findings', { run: RUN })
    expect(text).toContain(`Looked only at the role <@&${PILOTS}>.`)
    expect(text).toContain(`missing: <@&${PILOTS}>\n→ nothing is to be done about this role`)
    expect(text).not.toContain('too many')
    world.found = []
    expect((await give(audit, world, 'findings', { run: RUN })).text).toContain('Nothing there is out of order.')
  })

  it.each([
    [{ purpose: 'retry', cause: `run:${idOf(4)}` }, `as run \`${idOf(4)}\` had planned`],
    [{ purpose: 'live' }, 'what the bot did by itself within an hour'],
    [
      { state: 'failed', problem: 'The source is silent.' },
      'ended before it had looked, so it found nothing. The source',
    ],
    [{ state: 'running' }, 'still looking'],
  ] as const)('says of a run that never looked why it has none: %j', async (changes, words) => {
    world.runsKept = [runOf({ counts: null, ...changes })]
    const reply = await give(audit, world, 'findings', { run: RUN })
    expect(reply).toMatchObject({ title: 'No findings', text: expect.stringContaining(words) })
    await expect(give(audit, world, 'diff', { run: RUN })).rejects.toThrow('There is nothing to compare with.')
  })

  it('reads a button as strictly as an option', async () => {
    for (const rest of [`${RUN}:everything:0`, `${RUN}:all:-8`, `${RUN}:all`, 'x:all:0'])
      await expect(press(audit, world, `audit:page:${rest}`)).rejects.toThrow()
  })

  it('knows nothing of another server’s run', async () => {
    world.runsKept = []
    for (const subcommand of ['findings', 'diff'])
      await expect(give(audit, world, subcommand, { run: RUN })).rejects.toThrow('This server has no run')
  })
})

describe('/audit runs and diff', () => {
  it('lists runs newest first, with what they were and who asked', async () => {
    world.runsKept = [
      runOf({ id: idOf(9), purpose: 'undo', cause: `run:${idOf(2)}`, actor: 'cli:ops*', outcomes: { done: 3 } }),
      ...Array.from({ length: 8 }, (_, at) => runOf({ id: idOf(at) })),
    ]
    const reply = await give(audit, world, 'runs')
    expect(reply.text).toContain(
      `\`${idOf(9)}\`\nundo of run \`${idOf(2)}\` · completed · 3 given back · by ops\\* (console) · <t:`,
    )
    expect(reply.footer).toBe('1–6 of 9 runs')
    world.runsKept = [
      runOf({ purpose: 'group', cause: `role:${PILOTS}`, only: { memberId: null, roleId: PILOTS } }),
      runOf({ purpose: 'group', cause: 'source:native*' }),
      runOf({ purpose: 'group', cause: 'roles' }),
      runOf({ purpose: 'retry', cause: `run:${idOf(3)}`, action: 'strip_kick' }),
      runOf({ purpose: 'live', action: 'strip', outcomes: { done: 1_200 } }),
      runOf({ action: 'strip', only: { memberId: BEN, roleId: PILOTS } }),
    ]
    const { text } = await give(audit, world, 'runs')
    expect([...text.matchAll(/\n(.*?) · by/g)].map(([, what]) => what)).toEqual([
      `review of one change of <@&${PILOTS}> · completed`,
      'review of one change at the source native\\* · completed',
      'review of one change · completed',
      `kicks tried again for run \`${idOf(3)}\` · completed`,
      'live acts · completed · 1,200 changed',
      `strip, only <@${BEN}> and <@&${PILOTS}> · completed`,
    ])
    world.runsKept = Array.from({ length: 9 }, (_, at) => runOf({ id: idOf(at) }))
    expect((await press(audit, world, 'audit:runs:6')).footer).toBe('7–9 of 9 runs')
    world.runsKept = []
    expect((await give(audit, world, 'runs')).text).toContain('None here')
  })

  it('says what is different now from what a run found', async () => {
    world.diffNow = {
      counts: { then: COUNTS, now: { ...COUNTS, role_drift: 4, in_order: 214 } },
      appeared: [findingOf(BEN)],
      vanished: [findingOf(EVE, { category: 'unknown_guest', excessRoles: [PILOTS] })],
      changed: [{ then: findingOf(ANN), now: findingOf(ANN, { excessRoles: [PILOTS] }) }],
      totals: { appeared: 1, vanished: 1, changed: 1, same: 12 },
    }
    const reply = await give(audit, world, 'diff', { run: RUN })
    expect(reply.text).toContain(
      '**1** out of order now and not then, **1** no longer, **1** otherwise than then, **12** the same.',
    )
    expect(reply.text).toContain(`**new** <@${BEN}> holds roles that were not earned; too many: <@&${DIRECTORS}>`)
    expect(reply.text).toContain(
      `too many: <@&${PILOTS}>\nthen: holds roles that were not earned; too many: <@&${DIRECTORS}>`,
    )
    expect(reply.text).not.toContain('→ then')
    expect(reply.text).toContain(`**no longer** <@${EVE}> guest`)
    expect(wholeOf(reply)).toContain('**3 → 4** hold roles that were not earned')
  })

  it('says what would be done otherwise, where what is so is the same', async () => {
    const by = {
      memberId: ANN,
      action: 'report',
      expiresAt: null,
      reason: 'x',
      by: `discord:${EVE}`,
      at: NOW - 60,
    } as const
    world.placed.set(ANN, by)
    const spared = {
      decidedBy: 'override',
      policyAction: 'report',
      effectiveAction: 'report',
      removeRoles: [],
    } as const
    world.diffNow = {
      ...world.diffNow,
      vanished: [findingOf(EVE, { outcome: 'done' })],
      changed: [
        { then: findingOf(ANN), now: findingOf(ANN, spared) },
        { then: findingOf(BEN), now: findingOf(BEN, { unreachableRoles: [DIRECTORS], identityId: '8' }) },
      ],
    }
    const { text, fields } = await give(audit, world, 'diff', { run: RUN })
    expect(text).toContain(
      `→ then: roles to be taken (<@&${DIRECTORS}>)\n→ now: an override says report until it is lifted, by <@${EVE}>`,
    )
    expect(text).toContain(`out of the bot’s reach: <@&${DIRECTORS}>\nthen: holds roles`)
    expect(text).toContain('another identity claims the account than did then')
    expect(text).toContain('that run: done, and seen to be done')
    expect(fields).toEqual([])
  })

  it('counts nobody else where the run looked at one member', async () => {
    world.runsKept = [runOf({ only: { memberId: ANN, roleId: null } })]
    world.diffNow = { ...world.diffNow, counts: { then: COUNTS, now: { ...COUNTS, in_order: 9 } } }
    const reply = await give(audit, world, 'diff', { run: RUN })
    expect(reply.text).toContain(`Looked only at the member <@${ANN}>, then and now.`)
    expect(reply.fields).toEqual([])
  })

  it('pages through many differences, and says how many are only counted', async () => {
    const many = Array.from({ length: 100 }, (_, at) => findingOf(String(500_000_000_000_000_000n + BigInt(at))))
    world.diffNow = {
      ...world.diffNow,
      appeared: many,
      totals: { appeared: 140, vanished: 0, changed: 0, same: 0 },
    }
    const reply = await give(audit, world, 'diff', { run: RUN })
    expect(reply.footer).toBe(`1–8 of 100 differences (40 more are only counted) · run ${RUN}`)
    expect((await press(audit, world, `audit:diff:${RUN}:96`)).footer).toContain('97–100 of 100')
    world.diffNow = { ...world.diffNow, appeared: many.slice(0, 3) }
    expect((await press(audit, world, `audit:diff:${RUN}:96`)).footer).toContain('1–3 of 3')
  })
})

describe('/audit grantors', () => {
  beforeEach(() => {
    world.grantorsNow = [
      { grantorId: BEN, grants: 12, members: 5, lastAt: NOW - HOUR },
      { grantorId: null, grants: 1, members: 1, lastAt: NOW - 40 * 24 * HOUR },
    ]
  })

  it('names who keeps giving, as far back as was asked', async () => {
    expect((await give(audit, world, 'grantors')).text).toMatch(
      new RegExp(`^\\*\\*<@${BEN}>\\*\\* gave 12 roles to 5 members, last <t:\\d+:R>$`),
    )
    const longer = await give(audit, world, 'grantors', { days: 60 })
    expect(longer.text).toContain('**Nobody that could be found** gave 1 role to 1 member')
    expect((await give(audit, world, 'grantors', { days: 1 })).title).toBe(
      'Who gave roles that were not earned, in the last day',
    )
    world.grantorsNow = []
    expect((await give(audit, world, 'grantors')).text).toBe('Nobody was seen to give one.')
  })

  it.each([0, -1, 1.5, 366, 'x'])('refuses %s days', async (days) => {
    await expect(give(audit, world, 'grantors', { days })).rejects.toThrow('whole number from 1 to 365')
  })
})

describe('/audit status', () => {
  it('is ready where everything is', async () => {
    const reply = await give(audit, world, 'status')
    expect(reply).toMatchObject({ title: 'Ready', tone: 'good' })
    expect(wholeOf(reply)).toContain(
      'Not armed: nothing is done that nobody asked for.\nLive: what is seen is recorded',
    )
    expect(wholeOf(reply)).toContain('No schedule is set')
    expect(wholeOf(reply)).toContain('Posted nowhere')
  })

  it('says first that nobody loses anything where it is blind, and since when', async () => {
    const why = Array.from({ length: 300 }, (_, at) => `dropped:group:Group ${at}`)
    world.statusNow = { ...world.statusNow, blind: { since: NOW - HOUR, why, problem: null } }
    const reply = await give(audit, world, 'status')
    expect(reply).toMatchObject({ title: 'Blind: nobody loses anything', tone: 'warn' })
    expect(reply.text).toContain('nothing is taken from anybody')
    expect(reply.text).toContain('and 295 more')
  })

  it('names what is left alone since something else does not give way', async () => {
    expect(wholeOf(await give(audit, world, 'status'))).not.toContain('does not give way')
    const contests = Array.from({ length: 7 }, () => ({ memberId: BEN, roleId: PILOTS, times: 3, at: NOW - HOUR }))
    world.statusNow = { ...world.statusNow, contests }
    const reply = await give(audit, world, 'status')
    expect(reply.title).toBe('Not everything is as it should be')
    expect(wholeOf(reply)).toContain(`<@&${PILOTS}> of <@${BEN}>, changed 3 times in vain until <t:`)
    expect(wholeOf(reply)).toContain('and 2 more')
  })

  it('names what Discord refuses, the schedule, its next look and the channel', async () => {
    const quarantines = Array.from({ length: 8 }, (_, at) => ({
      what: at === 0 ? ('kick' as const) : String(700_000_000_000_000_000n + BigInt(at)),
      detail: 'Missing Permissions (50013)',
      at: NOW - HOUR,
    }))
    world.statusNow = {
      ...world.statusNow,
      quarantines,
      arrangements: {
        schedule: { expression: '0 4 * * *', timeZone: 'Europe/Oslo', action: 'strip' },
        channelId: '900',
      },
      nextLookAt: NOW + HOUR,
      armed: { schedule: true, realtime: true },
      lastRuns: [runOf()],
    }
    const whole = wholeOf(await give(audit, world, 'status'))
    expect(whole).toContain('kicks <t:')
    expect(whole).toContain('then `/roles release` and `/roles release kicks:True`.')
    expect(whole).toContain('and 3 more')
    expect(whole).toContain('Schedule: looks at `0 4 * * *` (Europe/Oslo), next')
    expect(whole).toContain('Scheduled runs act by themselves: they take')
    expect(whole).toContain(`next <t:${(NOW + HOUR) / 1_000}:R>`)
    expect(whole).toContain('Posted in <#900>')
    expect(whole).toContain(
      'Armed: schedule, realtime\nLive: a role that was not earned is taken as soon as it is seen',
    )
  })
})

describe('what is offered while somebody types a run', () => {
  beforeEach(() => {
    world.runsKept = [
      runOf({ id: idOf(1), state: 'interrupted', action: 'strip' }),
      waitingRun({ id: idOf(2) }),
      runOf({ id: idOf(3), action: 'strip', outcomes: { done: 4 }, startedAt: NOW - 3 * 24 * HOUR }),
      runOf({ id: idOf(4), purpose: 'undo', cause: `run:${idOf(3)}`, outcomes: { done: 4 } }),
      runOf({ id: idOf(5), only: { memberId: BEN, roleId: null } }),
      ...Array.from({ length: 60 }, (_, at) => runOf({ id: idOf(at + 10) })),
    ]
  })
  const idsOffered = async (subcommand: string, typed = '') =>
    (await offers(audit, world, subcommand, 'run', typed)).map(({ value }) => value)

  it('newest first, in words, and no more than Discord takes', async () => {
    const offered = await offers(audit, world, 'findings', 'run', '')
    expect(offered).toHaveLength(25)
    expect(offered.slice(0, 5)).toEqual([
      { name: '2 h ago · strip · interrupted', value: idOf(1) },
      { name: '2 h ago · strip · awaiting approval', value: idOf(2) },
      { name: '3 d ago · strip · completed · 4 changed', value: idOf(3) },
      { name: `2 h ago · undo of run ${idOf(3)} · completed · 4 given back`, value: idOf(4) },
      { name: '2 h ago · report, only one member · completed', value: idOf(5) },
    ])
  })

  it('only those that can go on, or be given up', async () => {
    expect(await idsOffered('resume')).toEqual([idOf(1)])
    expect(await idsOffered('abandon')).toEqual([idOf(1), idOf(2)])
  })

  it('by their words and by their id', async () => {
    expect(await idsOffered('findings', 'APPROVAL')).toEqual([idOf(2)])
    expect(await idsOffered('findings', idOf(3))).toEqual([idOf(3), idOf(4)])
    expect(await idsOffered('findings', 'nothing like it')).toEqual([])
    expect(await offers(audit, world, 'run', 'action', '')).toEqual([])
  })
})

describe('/explain', () => {
  it('explains the member as a strip run by the asker would see them', async () => {
    const reply = await give(explain, world, null, { member: BEN }, { permissions: new Set() })
    expect(reply.title).toBe('In order')
    await give(explain, world, null, { member: BEN })
    expect(world.explained).toEqual([
      { memberId: BEN, mayDestroy: false },
      { memberId: BEN, mayDestroy: true },
    ])
    await expect(give(explain, world, null, {})).rejects.toThrow('`member` is missing')
  })
})
