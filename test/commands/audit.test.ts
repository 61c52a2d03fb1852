import { beforeEach, describe, expect, it } from 'vitest'
import { audit } from '#commands/audit.ts'
import type { Run } from '#src/core/run.ts'
import type { Reply } from '#src/discord/command.ts'
import {
  ANN,
  alikeOf,
  BEN,
  buttonsOf,
  COUNTS,
  DIGEST,
  DIRECTORS,
  give,
  HOUR,
  NOW,
  PILOTS,
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

const ranWith = async (run: Partial<Run>, options: Record<string, string> = {}, changes = {}): Promise<Reply> => {
  world.ended = runOf(run)
  return give(audit, world, 'run', options, changes)
}

describe('/audit run', () => {
  it('reports where nothing else is asked for, and says that nothing was changed', async () => {
    const reply = await ranWith({})
    expect(world.deeds).toMatchObject([
      { name: 'audit', what: { action: 'report', only: { memberId: null, roleId: null } } },
    ])
    expect(reply).toMatchObject({ title: 'Everybody is in order', tone: 'good' })
    expect(reply.text).toContain('This was a report: nothing was changed.')
    expect(reply.held).toBeUndefined()
  })

  it('asks for what was asked: the action, the member, the role, the reason, and what the asker may do', async () => {
    const only = { memberId: BEN, roleId: PILOTS }
    const options = { action: 'strip_kick', member: BEN, role: PILOTS, reason: ' Friday ' }
    const reply = await ranWith({ action: 'strip_kick', only }, options)
    expect(world.deeds).toEqual([
      {
        name: 'audit',
        what: { action: 'strip_kick', only },
        by: {
          actor: `discord:${ANN}`,
          cause: expect.stringMatching(/^interaction:\d+$/),
          reason: 'Friday',
          mayStrip: true,
          mayKick: true,
          roleIds: [DIRECTORS],
          stoppedSince: expect.any(Function),
        },
      },
    ])
    expect(reply.title).toBe('In order')
    expect(reply.text).toContain(`Looked only at the member <@${BEN}> and the role <@&${PILOTS}>`)
    expect(reply.text).toContain('Reason given: Friday')
  })

  it('never takes an unknown action for another', async () => {
    await expect(ranWith({}, { action: 'ban' })).rejects.toThrow('must be one of `report`, `strip`, `strip_kick`')
    await expect(ranWith({}, { member: 'ann' })).rejects.toThrow('not an id')
    expect(world.deeds).toEqual([])
  })

  it('counts what was made and seen to be made', async () => {
    world.alike = [alikeOf(3)]
    const reply = await ranWith({ action: 'strip', outcomes: { done: 4, changed: 1 } }, { action: 'strip' })
    expect(reply.title).toBe('3 members out of order, 4 role changes made')
    expect(reply.text).toContain('4 role changes made and seen to be made at Discord.')
    expect(wholeOf(reply)).toContain('**1** changed since the plan, left alone')
    expect(buttonsOf(reply)).toEqual([`audit:page:${RUN}:all:0`])
  })

  it('claims nothing that was not seen', async () => {
    expect(wholeOf(await ranWith({ outcomes: { refused: 1 } }))).toContain('refused by Discord, or left alone')
    expect((await ranWith({ outcomes: { unknown: 2 } })).text).toContain('What came of some changes is not known')
    expect((await ranWith({ state: 'interrupted' })).text).toContain('No change is known to have been made.')
    expect((await ranWith({ state: 'running' })).text).toContain('It goes on')
    const suspect = await ranWith({ truth: { suspect: true, why: ['dropped:group:@everyone'] } })
    expect(suspect.title).toBe('The identity source failed its health check')
    expect(suspect.text).toContain('`/acknowledge source`')
    expect(suspect.text).not.toContain('@everyone')
    expect((await ranWith({ rosterState: 'suspect' })).text).toContain('The member list was not live')
  })

  it.each([
    [['KickMembers'], 'strip', { mayDestroy: false }, '"Manage Roles"', 'this run only reported'],
    [['ManageRoles'], 'strip_kick', { mayDestroy: false }, '"Kick Members"', 'this run only reported'],
    [['ManageRoles'], 'strip_kick', { action: 'strip' }, '"Kick Members"', 'did no more than `strip`'],
    [[], 'strip_kick', { mayDestroy: false }, '"Manage Roles" and "Kick Members"', 'You do not have them'],
  ] as const)('says to whoever holds %j what lacks for %s', async (held, action, came, permission, sentence) => {
    const reply = await ranWith({ action, ...came }, { action }, { permissions: new Set(held) })
    expect(reply.tone).toBe('warn')
    expect(reply.text).toContain(`which needs the permission ${permission} in the whole server`)
    expect(reply.text).toContain(sentence)
  })

  it('says nothing of permissions to whoever has them', async () => {
    for (const changes of [{ permissions: new Set(['Administrator']) }, { permissions: new Set(), isOwner: true }]) {
      const reply = await ranWith({ action: 'strip_kick' }, { action: 'strip_kick' }, changes)
      expect(reply.text).not.toContain('needs the permission')
    }
  })

  it('says what held it, and that it was held', async () => {
    const held = { effectiveAction: 'report', gates: ['first_run_lock'] } as const
    world.alike = [alikeOf(2, held), alikeOf(1, { ...held, gates: ['action_ceiling', 'first_run_lock'] })]
    const reply = await ranWith({ action: 'strip' }, { action: 'strip' })
    expect(reply.held).toBe(true)
    expect(wholeOf(reply)).toContain('**3** × the first-run lock')
    expect(wholeOf(reply)).toContain('**1** × this run may kick nobody')
    const report = await ranWith({})
    expect(report.held).toBeUndefined()
    expect(wholeOf(report)).not.toContain('this run may only report')
  })

  it('counts each member in one line, and those out of order as the title does', async () => {
    const spared = { effectiveAction: 'report', policyAction: 'report' } as const
    const empty = { ...spared, differs: false } as const
    world.alike = [
      alikeOf(11_000),
      alikeOf(1, { category: 'missing_roles', ...spared }),
      alikeOf(3, { category: 'unknown_guest' }),
      alikeOf(2, { category: 'unknown_guest', ...empty, policyAction: 'strip_kick', gates: ['action_ceiling'] }),
      alikeOf(5, { category: 'linked_no_perm', decidedBy: 'override' }),
      alikeOf(1, { category: 'linked_no_perm', ...empty, policyAction: 'strip_kick', gates: ['action_ceiling'] }),
      alikeOf(4, { category: 'identity_conflict', ...spared, decidedBy: 'category', gates: ['identity_conflict'] }),
      alikeOf(1, { category: 'role_drift', ...spared, decidedBy: 'override' }),
      alikeOf(54, { category: 'unknown_guest', ...empty }),
      alikeOf(1, { category: 'linked_no_perm', ...empty }),
    ]
    const counts = { ...COUNTS, members: 11_082, in_order: 8, bot_filtered: 2 }
    const reply = await ranWith({ action: 'strip', counts }, { action: 'strip' })
    expect(reply.title).toBe('11,017 members out of order')
    expect(wholeOf(reply)).toContain(
      [
        '**11,017** out of order:',
        '• **11,001** hold roles that were not earned',
        '• **1** lacks roles that were earned',
        '• **3** guests hold roles, though no identity claims their accounts',
        '• **2** guests hold nothing that the identity database decides, but are to be kicked',
        '• **5** are linked, but without access, and hold roles',
        '• **1** is linked, but without access, and is to be kicked',
        '• **4** are claimed by more than one identity',
        '**65** others:',
        '• **8** hold exactly what they have earned',
        '• **54** guests hold nothing that the identity database decides',
        '• **1** is linked without access, and holds nothing that the identity database decides',
        '• **2** bots, left alone',
      ].join('\n'),
    )
    expect(wholeOf(reply)).toContain(
      [
        'What follows for these 11,017',
        '**11,008** were to be changed: **11,003** by the policy, **5** by an override',
        '**7** held back',
        '**1** only reported: the policy says so',
        '**1** only reported: an override says so',
      ].join('\n'),
    )
  })

  it('calls changed only what was seen to be', async () => {
    world.alike = [alikeOf(2), alikeOf(1, { policyAction: 'report', effectiveAction: 'report' })]
    const told = async (run: Partial<Run>) => wholeOf(await ranWith({ action: 'strip', ...run }, { action: 'strip' }))
    expect(await told({ outcomes: { done: 3 } })).toContain('**2** changed\n')
    expect(await told({ outcomes: { done: 1, refused: 1 } })).toContain('**2** were to be changed\n')
    world.alike = [alikeOf(1), alikeOf(1, { policyAction: 'report', effectiveAction: 'report' })]
    expect(await told({ outcomes: { refused: 1 } })).toContain('**1** was to be changed\n')
    world.alike = [alikeOf(2), alikeOf(1, { policyAction: 'report', effectiveAction: 'report' })]
    expect(await told({ outcomes: { done: 1 }, state: 'interrupted' })).toContain('**2** to be changed\n')
  })

  it('says whose word changed them, where that was an override', async () => {
    const by = { decidedBy: 'override' } as const
    const told = async (...alike: ReturnType<typeof alikeOf>[]) => {
      world.alike = alike
      return wholeOf(await ranWith({ action: 'strip', outcomes: { done: 9 } }, { action: 'strip' }))
    }
    expect(await told(alikeOf(1, by))).toContain('**1** changed, by an override')
    expect(await told(alikeOf(2, by))).toContain('**2** changed, all by overrides')
    expect(await told(alikeOf(2, by), alikeOf(3))).toContain('**5** changed: **3** by the policy, **2** by an override')
  })

  it('says that some are held by several gates, or only in part', async () => {
    world.alike = [alikeOf(2, { gates: ['first_run_lock', 'out_of_reach'], effectiveAction: 'report' })]
    const both = await ranWith({ action: 'strip' }, { action: 'strip' })
    expect(both.fields?.at(-1)?.name).toBe('Held back, some by more than one gate')
    world.alike = [
      alikeOf(1, { gates: ['out_of_reach'] }),
      alikeOf(4, { gates: ['guild_owner'], effectiveAction: 'report' }),
    ]
    const partly = (await ranWith({ action: 'strip' }, { action: 'strip' })).fields?.at(-1)
    expect(partly?.name).toBe('Held back, wholly or in part')
    expect(partly?.value).toMatch(/^\*\*4\*\* × the member owns the server\n\*\*1\*\* × a role ranks/)
  })

  it('says of a report what would follow', async () => {
    const held = { effectiveAction: 'report', gates: ['action_ceiling'] } as const
    world.alike = [alikeOf(2, held), alikeOf(1, { ...held, gates: ['guild_owner', 'action_ceiling'] })]
    expect(wholeOf(await ranWith({}))).toContain(
      'What follows for these 3\n**2** would be changed by a run that may act\n**1** would be held back',
    )
    world.alike = [alikeOf(2, held)]
    expect(wholeOf(await ranWith({}))).not.toContain('What follows')
    world.alike = [alikeOf(1, { decidedBy: 'override', policyAction: 'report', effectiveAction: 'report' })]
    expect(wholeOf(await ranWith({}))).toContain('What follows for this one\n**1** only reported: an override says so')
  })

  it('lists others alone where nobody is out of order, and nobody else where it looked at one', async () => {
    expect(wholeOf(await ranWith({}))).toContain('Found\n• **215** hold exactly what they have earned\n• **2** bots')
    const one = await ranWith({ only: { memberId: BEN, roleId: null } })
    expect(wholeOf(one)).toContain('Found\nNothing out of order.')
    expect(wholeOf(one)).not.toMatch(/215|240/)
    expect((await ranWith({ only: { memberId: BEN, roleId: null }, counts: null, state: 'failed' })).text).toBe(
      'Nothing was changed.',
    )
  })

  it('does not pass on as found what a sick source says', async () => {
    const reply = await ranWith({ truth: { suspect: true, why: ['no_groups'] } })
    expect(reply.fields?.[0]?.name).toBe('Found, by a source that is not to be believed')
  })

  it('names the digest of a plan that waits, and has a button that asks about it', async () => {
    world.alike = [alikeOf(214)]
    const reply = await ranWith(waitingRun(), { action: 'strip' })
    expect(reply).toMatchObject({ title: 'The plan is too large and waits', tone: 'warn', held: true })
    expect(reply.text).toContain(
      'The plan takes roles from 214 members, but at most 23 of 238 (bots not counted) may be touched in one run.',
    )
    expect(reply.text).toContain(`/acknowledge plan run:${RUN} digest:${DIGEST}`)
    expect(buttonsOf(reply)).toEqual([`audit:page:${RUN}:all:0`, `acknowledge:plan:${RUN}:${'ab'.repeat(8)}`])
  })

  it.each([
    [{ affected: 5, kicks: 9 }, 'at most 4 of 238 (bots not counted) may be kicked in one run'],
    [{ affected: 5, kicks: 1 }, 'passes the day’s limit: 59 of 238 (bots not counted) touched, 4 kicked.'],
  ])('says which limit it is over: %j', async (more, sentence) => {
    const waits = waitingRun()
    const reply = await ranWith({ ...waits, blast: { ...waits.blast!, ...more } })
    expect(reply.text).toContain(sentence)
  })

  it('says of a plan that waits what it had changed before, and never that it changed nothing', async () => {
    const cutOff = await ranWith(waitingRun({ outcomes: { done: 12, unknown: 1 } }))
    expect(cutOff.text).toContain('12 changes had been made; nothing more was changed.')
    expect(cutOff.text).toContain('What came of 1 change is not known')
    expect(cutOff.text).not.toContain('Nothing was changed.')
    expect((await ranWith(waitingRun())).text).toContain('Nothing was changed.')
  })

  it('tells how an interrupted run goes on', async () => {
    const reply = await ranWith({ state: 'interrupted', problem: 'The bot was restarted.' })
    expect(reply.tone).toBe('bad')
    expect(reply.text).toContain('The bot was restarted.')
    expect(reply.text).toContain(`/audit resume run:${RUN}`)
    expect((await ranWith({ state: 'interrupted', planDigest: null })).text).toContain('start it again')
  })
})

describe('progress', () => {
  const updates: Reply[] = []
  beforeEach(() => {
    updates.length = 0
  })
  const update = async (reply: Reply) => void updates.push(reply)
  const acting = (done: number, leftMs: number | null) => ({ stage: 'acting', done, total: 214, leftMs }) as const

  it('shows a bar, the count and the time left', async () => {
    world.progress = [{ at: NOW, progress: acting(107, 12 * 60_000) }]
    await ranWith({}, {}, { update })
    expect(updates).toEqual([
      {
        tone: 'plain',
        title: 'The audit is running',
        text: '▰▰▰▰▰▰▱▱▱▱▱▱ 50%\nDone with 107 of 214 members. About 12 min left.',
        progress: acting(107, 12 * 60_000),
      },
    ])
  })

  it('is shown at most once in two seconds', async () => {
    world.progress = [0, 500, 1_900, 2_000, 3_999, 4_100].map((ms) => ({ at: NOW + ms, progress: acting(ms, null) }))
    await ranWith({}, {}, { update })
    expect(updates.map(({ progress }) => progress?.done)).toEqual([0, 2_000, 4_100])
  })

  it('is shown on although the clock was set back an hour', async () => {
    world.progress = [NOW, NOW - HOUR].map((at) => ({ at, progress: acting(1, null) }))
    await ranWith({}, {}, { update })
    expect(updates).toHaveLength(2)
  })

  it.each([
    [{ stage: 'reading', done: 0, total: 0, leftMs: null }, 'Reading the identity source and every member.'],
    [
      { stage: 'planning', done: 1_500, total: 3_000, leftMs: 20_000 },
      'Comparing what is held with what was earned. Less than a minute left.',
    ],
    [
      { stage: 'acting', done: 9, total: 3, leftMs: 3 * HOUR },
      '▰▰▰▰▰▰▰▰▰▰▰▰ 100%\nDone with 9 of 3 members. About 3 h left.',
    ],
  ] as const)('reads well at each stage: %j', async (progress, text) => {
    world.progress = [{ at: NOW, progress }]
    await ranWith({}, {}, { update })
    expect(updates[0]?.text).toBe(text)
  })
})

describe('/audit resume and abandon', () => {
  it('goes on with the run that was named, pasted with its backticks', async () => {
    world.ended = runOf({ action: 'strip', outcomes: { done: 2 } })
    world.alike = [alikeOf(2)]
    const reply = await give(audit, world, 'resume', { run: ` \`${RUN.toUpperCase()}\` ` })
    expect(world.deeds).toMatchObject([{ name: 'resume', what: RUN }])
    expect(reply.title).toBe('2 members out of order, 2 role changes made')
  })

  it('gives a run up, and says what of it stays', async () => {
    world.ended = runOf({ state: 'abandoned', action: 'strip', outcomes: { done: 1 } })
    const reply = await give(audit, world, 'abandon', { run: RUN, reason: 'wrong *server*' })
    expect(world.deeds).toMatchObject([{ name: 'abandon', what: RUN, by: { reason: 'wrong *server*' } }])
    expect(reply.text).toContain(`1 role change had been made before and stays made; \`/undo run:${RUN}\``)
    expect(reply.text).toContain('wrong \\*server\\*')
    world.ended = runOf({ state: 'abandoned' })
    expect((await give(audit, world, 'abandon', { run: RUN })).text).not.toContain('/undo')
  })

  it.each(['resume', 'abandon', 'findings', 'diff'])('refuses what is not the id of a run: %s', async (subcommand) => {
    await expect(give(audit, world, subcommand, { run: 'yesterday' })).rejects.toThrow('not the id of a run')
    expect(world.deeds).toEqual([])
  })
})
