import { describe, expect, test } from 'vitest'
import { Attribution } from '#src/loop/attribution.ts'
import { type AuditOrder, audit } from '#src/loop/audit.ts'
import { explainMember } from '#src/loop/explain.ts'
import { LiveReviews } from '#src/loop/live.ts'
import { Queue } from '#src/loop/queue.ts'
import { Passing, settled } from './passing.ts'
import { DIRECTORS, GUILD, makeSmallWorld, NAMES, PILOTS, person, type SmallWorld, STRIPPING } from './small-world.ts'

const RIVAL = '70'

/** Something gives Directors back to Ann whenever it is told to. */
function quarrel() {
  const world = makeSmallWorld([person('42', '3', ['Pilots'])])
  world.discord.put('3', [PILOTS])
  world.book.settingsNow = { ...STRIPPING, armed: { schedule: true, realtime: true } }
  const clock = new Passing(world.clock)
  const attribution = new Attribution(world, clock)
  const queue = new Queue()
  const reviews = new LiveReviews(world, queue, { asked: false }, attribution)
  const giveBack = async (memberId = '3') => {
    const held = world.discord.members.get(memberId)?.roleIds ?? []
    world.discord.put(memberId, [...held, DIRECTORS])
    attribution.heard(GUILD, {
      ...{ entryId: '900', executorId: RIVAL, memberId, added: [DIRECTORS], removed: [] },
      ...{ reason: null, at: clock.now() },
    })
    reviews.see(GUILD, memberId, 'role_change', [DIRECTORS])
    await settled()
    await clock.pass(20_000)
  }
  const look = async () => {
    reviews.see(GUILD, '3', 'role_change')
    await settled()
  }
  const takeAway = async () => {
    world.discord.put('3', [])
    await look()
    await clock.pass(20_000)
  }
  const run = (more: Pick<AuditOrder, 'trigger' | 'actor' | 'lane'> & Partial<Pick<AuditOrder, 'only' | 'action'>>) =>
    audit(
      world,
      queue,
      {
        ...{ guildId: GUILD, purpose: 'audit', cause: null, only: { memberId: null, roleId: null } },
        ...{
          action: 'strip',
          mayDestroy: true,
          reason: null,
          idempotencyKey: `${more.trigger} ${more.action}`,
          ...more,
        },
      },
      { asked: false },
      () => {},
    )
  const scheduled = () => run({ trigger: 'schedule', actor: 'system:schedule', lane: 'sweep' })
  const asked = (action: AuditOrder['action'] = 'strip', memberId: string | null = null) =>
    run({ trigger: 'slash', actor: 'discord:1', lane: 'command', action, only: { memberId, roleId: null } })
  return { world, clock, look, giveBack, takeAway, scheduled, asked }
}

const removals = (world: SmallWorld) => world.steps.filter((step) => step.startsWith('remove_role'))
const gifts = (world: SmallWorld) => world.steps.filter((step) => step.startsWith('add_role'))
const contests = (world: SmallWorld) => world.told.filter(({ kind }) => kind === 'contested')

test('what is given back three times within ten minutes is left alone, and the moderators are told who does it', async () => {
  const { world, giveBack } = quarrel()
  for (let time = 0; time < 5; time += 1) await giveBack()
  expect(removals(world)).toHaveLength(3)
  expect(contests(world)).toEqual([
    {
      kind: 'contested',
      memberId: '3',
      roleId: DIRECTORS,
      what: 'comes_back',
      times: 3,
      grantor: { id: RIVAL, by: 'event' },
    },
  ])
  expect(world.book.contests.get(`3 ${DIRECTORS}`)).toMatchObject({ grantorId: RIVAL, times: 3 })
  expect(world.book.lines).toMatchObject([{ type: 'finding.seen', subject: 'member:3', data: { contested: true } }])
})

test('it takes no more than to come back three times, however slowly, in those ten minutes', async () => {
  const { world, clock, giveBack } = quarrel()
  for (let time = 0; time < 4; time += 1) {
    await giveBack()
    await clock.pass(150_000)
  }
  expect(removals(world)).toHaveLength(3)
  expect(contests(world)).toHaveLength(1)
})

test('what is given back three times in more than ten minutes is taken each time', async () => {
  const { world, clock, giveBack } = quarrel()
  for (let time = 0; time < 5; time += 1) {
    await giveBack()
    await clock.pass(300_000)
  }
  expect(removals(world)).toHaveLength(5)
  expect(contests(world)).toEqual([])
})

test('a contested role stays where it is though the ten minutes have passed, until a person ends it', async () => {
  const { world, clock, giveBack } = quarrel()
  for (let time = 0; time < 4; time += 1) await giveBack()
  await clock.pass(3_600_000)
  await giveBack()
  expect(removals(world)).toHaveLength(3)
  expect(world.book.lines).toHaveLength(1)
  await world.book.endContest(GUILD, '3')
  await giveBack()
  expect(removals(world)).toHaveLength(4)
})

test('whoever asks about the member is told what is left alone, and why', async () => {
  const { world, giveBack } = quarrel()
  for (let time = 0; time < 4; time += 1) await giveBack()
  const { leftAlone } = await explainMember(world, GUILD, '3', true)
  expect(leftAlone).toEqual([
    { roleId: DIRECTORS, why: expect.stringContaining('Something else keeps giving this role back') },
  ])
  await world.book.endContest(GUILD, '3')
  expect((await explainMember(world, GUILD, '3', true)).leftAlone).toEqual([])
})

test('a person who acts on the member ends it, though nothing is left to be done', async () => {
  const { world, giveBack, asked } = quarrel()
  for (let time = 0; time < 4; time += 1) await giveBack()
  world.discord.put('3', [PILOTS])
  await asked('report', '3')
  expect(world.book.contests.size).toBe(1)
  await asked('strip', '3')
  expect(world.book.contests.size).toBe(0)
})

test('a scheduled run leaves a contested role alone as well', async () => {
  const { world, giveBack, scheduled } = quarrel()
  for (let time = 0; time < 4; time += 1) await giveBack()
  await scheduled()
  expect(removals(world)).toHaveLength(3)
})

test('what is contested of one member is still taken from others', async () => {
  const { world, giveBack } = quarrel()
  for (let time = 0; time < 4; time += 1) await giveBack()
  await giveBack('4')
  expect(removals(world).at(-1)).toBe(`remove_role 4 ${DIRECTORS}`)
})

test('of two roles the one that nobody contests is taken', async () => {
  const { world, giveBack } = quarrel()
  for (let time = 0; time < 4; time += 1) await giveBack()
  world.source.replace({
    names: { groups: ['Pilots', 'Directors', 'Top'], states: ['Member'], reservedNames: [] },
    identities: [person('42', '3'), person('43', '5', ['Pilots', 'Directors'])],
  })
  await giveBack()
  expect(removals(world).slice(3)).toEqual([`remove_role 3 ${PILOTS}`])
})

describe('what the policy gives and something else takes away each time', () => {
  const generous = () => {
    const made = quarrel()
    const { settingsNow } = made.world.book
    made.world.book.settingsNow = { ...settingsNow, policy: { ...settingsNow.policy, missing_roles: 'grant' } }
    return made
  }

  test('is given three times within ten minutes, and then no more, and the moderators are told once', async () => {
    const { world, takeAway, scheduled } = generous()
    for (let time = 0; time < 6; time += 1) await takeAway()
    await scheduled()
    expect(gifts(world)).toHaveLength(3)
    expect(contests(world)).toEqual([
      { kind: 'contested', memberId: '3', roleId: PILOTS, what: 'goes_away', times: 3, grantor: null },
    ])
  })

  test('is given again when a person asks, and from then on as before', async () => {
    const { world, takeAway, asked } = generous()
    for (let time = 0; time < 4; time += 1) await takeAway()
    await asked()
    expect(gifts(world)).toHaveLength(4)
    expect(world.book.contests.size).toBe(0)
  })

  test('is followed each time where it is the source that changes its mind', async () => {
    const { world, clock, look } = generous()
    for (let time = 0; time < 5; time += 1) {
      for (const groups of [['Pilots', 'Directors'], ['Pilots']]) {
        world.source.replace({ names: NAMES, identities: [person('42', '3', groups)] })
        await look()
        await clock.pass(10_000)
      }
    }
    expect([gifts(world).length, removals(world).length, contests(world).length]).toEqual([5, 5, 0])
  })

  test('keeps nobody from taking what came beside it', async () => {
    const { world, takeAway, giveBack } = generous()
    for (let time = 0; time < 4; time += 1) await takeAway()
    await giveBack()
    expect(removals(world)).toHaveLength(1)
    expect(gifts(world)).toHaveLength(3)
  })
})

test('a bot in whose place another acts begins no contest', async () => {
  const { world, giveBack } = quarrel()
  for (let time = 0; time < 3; time += 1) await giveBack()
  world.mayAct = () => false
  await giveBack()
  expect(contests(world)).toEqual([])
})

test('a rival that gives the role to another member each time comes up against the blast radius', async () => {
  const { world, giveBack } = quarrel()
  world.book.settingsNow = { ...world.book.settingsNow, blast: { run: 0.2, day: 1, kicks: 1 } }
  for (let id = 100; id < 118; id += 1) world.discord.put(String(id), [])
  for (let id = 100; id < 110; id += 1) await giveBack(String(id))
  // Of twenty people a fifth are four.
  expect(removals(world)).toHaveLength(4)
})
