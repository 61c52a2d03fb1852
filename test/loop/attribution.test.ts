import { expect, test } from 'vitest'
import type { LoggedRoleChange } from '#src/core/notice.ts'
import { Attribution } from '#src/loop/attribution.ts'
import { Passing, settled } from './passing.ts'
import { BOT, DIRECTORS, GUILD, makeSmallWorld, PILOTS } from './small-world.ts'

const MOD = '50'
const OTHER_MOD = '51'

function office() {
  const world = makeSmallWorld([])
  const clock = new Passing(world.clock)
  const attribution = new Attribution(world, clock)
  const given = (change: Partial<LoggedRoleChange> = {}): LoggedRoleChange => ({
    entryId: '900',
    executorId: MOD,
    memberId: '3',
    added: [DIRECTORS],
    removed: [],
    reason: null,
    at: clock.now(),
    ...change,
  })
  /** What was answered, once it was; null too is an answer. */
  const ask = (memberId = '3', roleId = DIRECTORS) => {
    const asked = { answer: undefined as Awaited<ReturnType<Attribution['whoGave']>> | undefined }
    void attribution.whoGave(GUILD, memberId, roleId, clock.now()).then((answer) => {
      asked.answer = answer
    })
    return asked
  }
  const questions = () => world.steps.filter((step) => step === 'audit log').length
  return { world, clock, attribution, given, ask, questions }
}

test('a moderator is named whose entry in the audit log came before the role was seen', async () => {
  const { attribution, given, ask, questions } = office()
  attribution.heard(GUILD, given())
  const asked = ask()
  await settled()
  expect(asked.answer).toEqual({ id: MOD, by: 'event' })
  expect(questions()).toBe(0)
})

test('a moderator is named whose entry comes after the role was seen, without asking for it', async () => {
  const { attribution, given, ask, clock, questions } = office()
  const asked = ask()
  await clock.pass(2_000)
  expect(asked.answer).toBeUndefined()
  attribution.heard(GUILD, given())
  await clock.pass(10_000)
  expect(asked.answer).toEqual({ id: MOD, by: 'event' })
  expect(questions()).toBe(0)
})

test.each([
  ['of another member', { memberId: '4' }],
  ['of another role', { added: [PILOTS] }],
  ['of a removal', { added: [], removed: [DIRECTORS] }],
  ['of the bot itself', { executorId: BOT }],
] as const)('an entry %s names nobody', async (_name, change) => {
  const { attribution, given, ask, clock } = office()
  const asked = ask()
  attribution.heard(GUILD, given(change))
  await clock.pass(10_000)
  expect(asked.answer).toBeNull()
})

test('an entry that came too long before names nobody', async () => {
  const { attribution, given, ask, clock } = office()
  attribution.heard(GUILD, given())
  await clock.pass(11_000)
  const asked = ask()
  await clock.pass(10_000)
  expect(asked.answer).toBeNull()
})

test('whoever gave the role to themselves is named', async () => {
  const { attribution, given, ask } = office()
  attribution.heard(GUILD, given({ executorId: '3' }))
  const asked = ask()
  await settled()
  expect(asked.answer).toEqual({ id: '3', by: 'event' })
})

test('of two who may have given it neither is named', async () => {
  const { attribution, given, ask } = office()
  attribution.heard(GUILD, given())
  attribution.heard(GUILD, given({ executorId: OTHER_MOD }))
  const asked = ask()
  await settled()
  expect(asked.answer).toBeNull()
})

test('two entries of one moderator name them', async () => {
  const { attribution, given, ask } = office()
  attribution.heard(GUILD, given())
  attribution.heard(GUILD, given())
  const asked = ask()
  await settled()
  expect(asked.answer).toEqual({ id: MOD, by: 'event' })
})

test('where no entry comes the audit log is asked once for all who wait', async () => {
  const { world, given, ask, clock, questions } = office()
  world.discord.audit = [given({ memberId: '4', executorId: OTHER_MOD }), given()]
  const [first, second, third] = [ask('3'), ask('4'), ask('5')]
  await clock.pass(10_000)
  expect(first.answer).toEqual({ id: MOD, by: 'query' })
  expect(second.answer).toEqual({ id: OTHER_MOD, by: 'query' })
  expect(third.answer).toBeNull()
  expect(questions()).toBe(1)
})

test('whoever has only just been seen when the log is asked, and is not in it yet, waits for the next question', async () => {
  const { world, given, ask, clock, questions } = office()
  ask('4')
  await clock.pass(2_500)
  const late = ask('3')
  await clock.pass(1_000)
  expect(late.answer).toBeUndefined()
  world.discord.audit = [given()]
  await clock.pass(5_000)
  expect(late.answer).toEqual({ id: MOD, by: 'query' })
  expect(questions()).toBe(2)
})

test('an entry names who gave the role once, and not who gives it back the moment that it is taken', async () => {
  const { attribution, given, ask } = office()
  attribution.heard(GUILD, given())
  const [first, second] = [ask(), ask()]
  attribution.heard(GUILD, given({ entryId: '901', executorId: OTHER_MOD }))
  await settled()
  expect([first.answer, second.answer]).toEqual([
    { id: MOD, by: 'event' },
    { id: OTHER_MOD, by: 'event' },
  ])
})

test('an old entry of the audit log names nobody', async () => {
  const { world, given, ask, clock } = office()
  world.discord.audit = [given({ at: clock.now() - 20_000 })]
  const asked = ask()
  await clock.pass(10_000)
  expect(asked.answer).toBeNull()
})

test('where the bot may not read the audit log nobody is named, and that is noticed once an hour', async () => {
  const { world, ask, clock, questions } = office()
  world.discord.audit = null
  const asked = ask()
  await clock.pass(4_000)
  expect(asked.answer).toBeNull()
  ask()
  await clock.pass(4_000)
  expect(questions()).toBe(1)
  await clock.pass(60_000)
  ask()
  await clock.pass(4_000)
  expect(questions()).toBe(2)
  expect(world.notices).toEqual(['who gave a role cannot be read from the audit log'])
  await clock.pass(3_600_000)
  ask()
  await clock.pass(4_000)
  expect(world.notices).toHaveLength(2)
})

test('a log that cannot be read is asked more and more seldom, and as before once it can', async () => {
  const { world, ask, clock, questions } = office()
  world.discord.audit = null
  const hour = async () => {
    const before = questions()
    for (let minute = 0; minute < 60; minute += 1) {
      ask()
      await clock.pass(60_000)
    }
    return questions() - before
  }
  expect(await hour()).toBeLessThan(9)
  world.discord.audit = []
  await hour()
  expect(await hour()).toBe(60)
})

test('while the log is asked it is not asked a second time', async () => {
  const { world, ask, clock } = office()
  let questions = 0
  world.looker.roleChanges = () => {
    questions += 1
    return new Promise(() => {})
  }
  ask('3')
  await clock.pass(1_000)
  ask('4')
  await clock.pass(5_000)
  expect(questions).toBe(1)
})

test('a log that never answers is not waited for', async () => {
  const { world, ask, clock } = office()
  world.looker.roleChanges = () => new Promise(() => {})
  const asked = ask()
  await clock.pass(14_000)
  expect(asked.answer).toBeNull()
})

test('past a thousand who wait in a guild the giver stays unknown at once', async () => {
  const { ask } = office()
  for (let id = 100; id < 1_100; id += 1) ask(String(id))
  const last = ask('9')
  await settled()
  expect(last.answer).toBeNull()
})

test('what the bot itself gave is known to be its own', async () => {
  const { attribution, given, clock } = office()
  attribution.heard(GUILD, given({ executorId: BOT }))
  expect(attribution.wasOwn(GUILD, '3', DIRECTORS, clock.now())).toBe(true)
  expect(attribution.wasOwn(GUILD, '3', PILOTS, clock.now())).toBe(false)
})
