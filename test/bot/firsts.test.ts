import { expect, test } from 'vitest'
import { Firsts } from '#src/bot/firsts.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { Passing, settled } from '../loop/passing.ts'
import { GUILD, makeSmallWorld, person, STRIPPING } from '../loop/small-world.ts'

const HOUR = 3_600_000

/** A bot that has just begun; what follows when its roster is live. */
function begun(realtime: boolean) {
  const world = makeSmallWorld([person('42', '3')])
  world.book.settingsNow = { ...STRIPPING, armed: { schedule: false, realtime } }
  const clock = new Passing(world.clock)
  const steps: string[] = []
  const firsts = new Firsts({
    world,
    clock,
    groups: {
      identityChanged: (_guildId, changed) => steps.push(`look at ${changed}`),
      resume: () => steps.push('resume'),
    },
    log: makeLog({ level: 'silent', secrets: [] }),
    reportStanding: () => steps.push('report'),
  })
  const live = async () => {
    firsts.live(GUILD)
    await settled()
  }
  return { world, clock, firsts, steps, live }
}

test('where live looks act, everybody is looked at once a start, and those who change from then on', async () => {
  const { world, steps, live } = begun(true)
  await live()
  await live()
  world.source.replace({ names: (await world.source.find([])).names, identities: [] })
  expect(steps).toEqual(['report', 'resume', 'look at all', 'report', 'resume', 'look at 3'])
})

test('where nothing is armed nobody is looked at, and that is told once', async () => {
  const { world, clock, steps, live } = begun(false)
  await live()
  await clock.pass(HOUR)
  await live()
  expect(steps).toEqual(['report', 'resume', 'report', 'resume'])
  expect(world.told).toEqual([{ kind: 'nothing_armed' }])
})

test.each([
  ['everybody is looked at', true],
  ['the warning is given', false],
] as const)(
  'where the database is away when the roster is live, %s as soon as it is back, and once',
  async (_, realtime) => {
    const { world, clock, steps, live } = begun(realtime)
    world.book.fail = 'settings'
    await live()
    await clock.pass(HOUR)
    expect([steps, world.told]).toEqual([['report', 'resume'], []])
    world.book.fail = null
    await clock.pass(HOUR)
    expect(steps.filter((step) => step === 'look at all')).toHaveLength(realtime ? 1 : 0)
    expect(world.told).toHaveLength(realtime ? 0 : 1)
  },
)

test('a bot that ends begins with no server any more', async () => {
  const { world, clock, firsts, steps, live } = begun(true)
  world.book.fail = 'settings'
  await live()
  firsts.close()
  world.book.fail = null
  await clock.pass(HOUR)
  world.source.replace({ names: (await world.source.find([])).names, identities: [] })
  expect(steps).toEqual(['report', 'resume'])
})

test('a bot that ends while a server is begun with does not begin again', async () => {
  const { world, clock, firsts, steps, live } = begun(true)
  world.book.fail = 'settings'
  const living = live()
  firsts.close()
  await living
  world.book.fail = null
  await clock.pass(HOUR)
  expect(steps).toEqual(['report', 'resume'])
})
