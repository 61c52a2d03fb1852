import { beforeEach, describe, expect, it } from 'vitest'
import { acknowledge } from '#commands/acknowledge.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Reply } from '#src/discord/command.ts'
import {
  ANN,
  alikeOf,
  buttonsOf,
  DIGEST,
  give,
  NOW,
  offers,
  press,
  RUN,
  runOf,
  SmallCommandWorld,
  SOURCE,
  waitingRun,
  wholeOf,
} from './small-world.ts'

const SHORT = 'ab'.repeat(8)
const ASKS = `acknowledge:plan:${RUN}:${SHORT}`
const REALLY = `acknowledge:really:${RUN}:${SHORT}`

let world: SmallCommandWorld

beforeEach(() => {
  world = new SmallCommandWorld()
  world.runsKept = [waitingRun()]
})

describe('/acknowledge first-run', () => {
  it('lifts the lock by the report that was named', async () => {
    world.stake = 3
    const reply = await give(acknowledge, world, 'first-run', { run: RUN, reason: 'read it' })
    expect(world.deeds).toMatchObject([
      { name: 'acknowledgeFirstRun', what: RUN, by: { actor: `discord:${ANN}`, reason: 'read it' } },
    ])
    expect(reply.title).toBe('The first-run lock is lifted')
    expect(reply.text).toContain('found 3 members out of order and changed nothing')
    expect(reply.text).toContain('Nothing acts by itself')
  })

  it('is offered reports that were completed, and a plan the runs that wait', async () => {
    world.runsKept = [
      waitingRun(),
      runOf({ id: RUN.replace(/1$/, '2') }),
      runOf({ action: 'strip' }),
      runOf({ id: RUN.replace(/1$/, '3'), purpose: 'undo' }),
      runOf({ id: RUN.replace(/1$/, '4'), only: { memberId: ANN, roleId: null } }),
    ]
    const offered = async (subcommand: string) =>
      (await offers(acknowledge, world, subcommand, 'run', '')).map(({ value }) => value)
    expect(await offered('first-run')).toEqual([RUN.replace(/1$/, '2')])
    expect(await offered('plan')).toEqual([RUN])
    expect(await offers(acknowledge, world, 'plan', 'digest', '')).toEqual([])
  })
})

describe('a plan that waits', () => {
  it('is not approved by the first press, which shows what it does and asks', async () => {
    const reply = await press(acknowledge, world, ASKS)
    expect(world.deeds).toEqual([])
    expect(reply.text).toContain('**This takes roles from 214 members. Really?**')
    expect(reply.text).toContain('It waits because at most 23 of 238 (bots not counted) may be touched in one run.')
    expect(wholeOf(reply)).toContain(DIGEST)
    expect(reply).toMatchObject({
      buttons: [{ id: REALLY, label: 'Yes: it takes roles from 214 members' }],
      confirm: REALLY,
    })
  })

  it.each([
    [{ affected: 214, kicks: 12 }, 'kicks 12 members and takes roles from 202 others'],
    [{ affected: 12, kicks: 12 }, 'kicks 12 members'],
    [{ affected: 1, kicks: 0 }, 'takes roles from 1 member'],
  ])('says what it does in numbers: %j', async (numbers, words) => {
    const waits = waitingRun()
    world.runsKept = [{ ...waits, blast: { ...waits.blast!, ...numbers } }]
    expect((await press(acknowledge, world, ASKS)).text).toContain(`**This ${words}. Really?**`)
  })

  it('is carried out by the second press, which names its whole digest', async () => {
    world.ended = runOf({ action: 'strip', outcomes: { done: 214 } })
    world.alike = [alikeOf(214)]
    const updates: Reply[] = []
    world.progress = [{ at: NOW, progress: { stage: 'acting', done: 1, total: 214, leftMs: null } }]
    const reply = await press(acknowledge, world, REALLY, { update: async (shown) => void updates.push(shown) })
    expect(world.deeds).toMatchObject([{ name: 'acknowledgePlan', what: { runId: RUN, digest: DIGEST } }])
    expect(reply.title).toBe('214 members out of order, 214 role changes made')
    expect(updates[0]?.title).toBe('The plan is being carried out')
  })

  it.each([ASKS, REALLY])('is not approved where the plan is another by now: %s', async (button) => {
    world.runsKept = [waitingRun({ planDigest: `sha256:${'cd'.repeat(32)}` })]
    await expect(press(acknowledge, world, button)).rejects.toThrow('belongs to another plan')
    expect(world.deeds).toEqual([])
  })

  it.each([ASKS, REALLY])('is not approved where the run no longer waits, or is not here: %s', async (button) => {
    world.runsKept = [runOf({ state: 'abandoned' })]
    await expect(press(acknowledge, world, button)).rejects.toThrow('does not wait any more: it is abandoned')
    world.runsKept = []
    await expect(press(acknowledge, world, button)).rejects.toThrow('This server has no run')
    expect(world.deeds).toEqual([])
  })

  it.each(['', ':x', `:${RUN}`, `:${RUN}:`, `:${RUN}:${SHORT.toUpperCase()}`, `:${RUN}:${SHORT}0`, `:x:${SHORT}`])(
    'is not approved by a button that was made up: really%s',
    async (rest) => {
      await expect(press(acknowledge, world, `acknowledge:really${rest}`)).rejects.toThrow()
      expect(world.deeds).toEqual([])
    },
  )

  it('is approved at once by whoever types its digest in full', async () => {
    world.ended = runOf({ action: 'strip', outcomes: { done: 2 } })
    for (const digest of [DIGEST, ` \`${DIGEST}\` `, 'AB'.repeat(32)])
      await give(acknowledge, world, 'plan', { run: RUN, digest, reason: 'meant' })
    expect(world.deeds).toHaveLength(3)
    for (const deed of world.deeds)
      expect(deed).toMatchObject({ what: { runId: RUN, digest: DIGEST }, by: { reason: 'meant' } })
  })

  it.each(['', SHORT, `sha256:${SHORT}`, `${DIGEST}0`])('is not approved by "%s"', async (digest) => {
    await expect(give(acknowledge, world, 'plan', { run: RUN, digest })).rejects.toThrow('not the digest of a plan')
    expect(world.deeds).toEqual([])
  })
})

describe('/acknowledge source', () => {
  const YES = `acknowledge:source:${DIGEST.replace('sha256:', '')}`
  const OTHER = 'cd'.repeat(32)

  it('shows the numbers before and now and asks; nothing is accepted yet', async () => {
    const reply = await give(acknowledge, world, 'source')
    expect(world.deeds).toEqual([])
    expect(wholeOf(reply)).toContain('Linked accounts: 900 → **610**')
    expect(wholeOf(reply)).toContain('With access: 800 → **520**')
    expect(wholeOf(reply)).toContain('group Pilots: 60 → **12**')
    expect(reply).toMatchObject({ confirm: YES, buttons: [{ id: YES }], tone: 'warn' })
  })

  it('accepts what was shown by the press, and names it', async () => {
    const reply = await press(acknowledge, world, YES)
    expect(world.deeds).toMatchObject([{ name: 'acknowledgeSource', what: DIGEST }])
    expect(reply).toMatchObject({ title: 'Accepted: these numbers count as right', tone: 'good' })
    expect(reply.text).toContain('nothing was taken from anybody')
  })

  it('shows anew what the source says where that is not what was shown, and asks about that', async () => {
    world.source = { ...SOURCE, digest: `sha256:${OTHER}`, now: { ...SOURCE.now, linked: 609 } }
    const reply = await press(acknowledge, world, YES)
    expect(world.deeds).toEqual([])
    expect(reply.text).toContain('says something else since')
    expect(wholeOf(reply)).toContain('Linked accounts: 900 → **609**')
    expect(reply).toMatchObject({ tone: 'warn', confirm: `acknowledge:source:${OTHER}` })
    await press(acknowledge, world, reply.confirm!)
    expect(world.deeds).toMatchObject([{ what: `sha256:${OTHER}` }])
  })

  it('tells why it was not accepted where the bot will not', async () => {
    world.failing.set('acknowledgeSource', new Refusal('It passes its truth check as it is.'))
    await expect(press(acknowledge, world, YES)).rejects.toThrow('passes its truth check')
  })

  it.each(['incomplete', 'no_identities', 'no_access', 'no_permission', 'no_groups'])(
    'accepts no source that is %s: that has to be mended',
    async (reason) => {
      world.source = { ...SOURCE, truth: { suspect: true, why: [reason, 'dropped:linked'] } }
      const shown = await give(acknowledge, world, 'source')
      expect(shown).toMatchObject({ title: 'This cannot be accepted', held: true })
      expect(buttonsOf(shown)).toEqual([])
      world.source = { ...world.source, digest: `sha256:${OTHER}` }
      expect((await press(acknowledge, world, YES)).title).toBe('This cannot be accepted')
      expect(world.deeds).toEqual([])
    },
  )

  it('says in plain words what is wrong with a source', async () => {
    const why = ['incomplete', 'no_access', 'dropped:linked', 'dropped:state:On *leave*']
    world.source = { ...SOURCE, truth: { suspect: true, why } }
    const { text } = await give(acknowledge, world, 'source')
    expect(text).toContain(
      '(it could not be read to its end, nobody in it has access, linked accounts fell, state On \\*leave\\* fell)',
    )
    expect(text).toContain('Accepting would not help: it could not be read to its end, nobody in it has access.')
  })

  it('has nothing to accept of a source that is sound', async () => {
    world.source = { ...SOURCE, before: null, truth: { suspect: false, why: [] } }
    const reply = await give(acknowledge, world, 'source')
    expect(reply).toMatchObject({ title: 'There is nothing to accept', tone: 'good' })
    expect(buttonsOf(reply)).toEqual([])
  })

  it('draws no name of a group as a mention, and cuts a long list', async () => {
    const why = Array.from({ length: 300 }, (_, at) => `dropped:group:@everyone ${'x'.repeat(90)} ${at}`)
    world.source = { ...SOURCE, truth: { suspect: true, why } }
    const whole = wholeOf(await give(acknowledge, world, 'source'))
    expect(whole).not.toContain('@everyone')
    expect(whole).toContain('and 292 more')
  })

  it.each(['', '1-2-3-4', OTHER.slice(1), `${OTHER}0`, OTHER.toUpperCase()])(
    'reads no made-up digest: "%s"',
    async (written) => {
      await expect(press(acknowledge, world, `acknowledge:source:${written}`)).rejects.toThrow('older version')
    },
  )
})
