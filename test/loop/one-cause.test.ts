import { expect, test } from 'vitest'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id, Settings } from '#src/core/model.ts'
import { Attribution } from '#src/loop/attribution.ts'
import { GroupReviews } from '#src/loop/group.ts'
import { LiveReviews } from '#src/loop/live.ts'
import { Queue } from '#src/loop/queue.ts'
import { Sight } from '#src/loop/sight.ts'
import { Passing, settled } from './passing.ts'
import { DIRECTORS, GUILD, makeSmallWorld, NAMES, PILOTS, person, STRIPPING } from './small-world.ts'
import { changes, shutDoor } from './three-members.ts'

// A change of people at the source is one cause, with the blast radius of one run, whether few or many, and whatever the source says meanwhile.

const SENTENCE = 'The identity database does not answer.'
const EMPTY = { names: { groups: [], states: [], reservedNames: [] }, identities: [] }
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Of so many people in the guild, the id of the one with this number. */
const idOf = (index: number): Id => String(100 + index)

/** A guild of a hundred, all of them pilots by right; live looks act, upon ten at most at once. All is joined as in the bot. */
function town(blast: Partial<Settings['blast']> = {}) {
  const pilots = Array.from({ length: 99 }, (_, index) => index)
  const people = (lost: readonly number[]) => ({
    names: NAMES,
    identities: pilots.map((index) => person(String(index), idOf(index), lost.includes(index) ? [] : ['Pilots'])),
  })
  const world = makeSmallWorld(people([]).identities)
  const armed = { schedule: false, realtime: true }
  world.book.settingsNow = { ...STRIPPING, armed, blast: { run: 0.1, day: 1, kicks: 1, ...blast } }
  for (const index of pilots) world.discord.put(idOf(index), [PILOTS])
  const clock = new Passing(world.clock)
  const halt = { asked: false }
  const queue = new Queue()
  const sight = new Sight(world, clock, () => {
    live.resume(GUILD)
    groups.resume(GUILD)
  })
  const { source } = world
  let dark = false
  const answered = <T>(ask: () => Promise<T>) => (dark ? Promise.reject(new DirectoryUnreachable(SENTENCE)) : ask())
  const directory = sight.watching(GUILD, {
    source: 'memory',
    find: (ids) => answered(() => source.find(ids)),
    snapshot: () => answered(() => source.snapshot()),
    accounts: (id) => source.accounts(id),
    watch: (onChange) => source.watch(onChange),
    noticing: () => source.noticing(),
  })
  const darken = (isDark: boolean) => {
    dark = isDark
  }
  world.directory = () => directory
  const live = new LiveReviews(world, queue, halt, new Attribution(world, clock))
  const groups = new GroupReviews({ world, queue, halt, clock, live })
  source.watch((changed) => groups.identityChanged(GUILD, changed))
  /** These people have lost their group at the source, all at once. */
  const lose = async (...lost: readonly number[]) => {
    source.replace(people(lost))
    await settled()
    await settled()
  }
  /** Time passes, and the source is asked now and then. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= MINUTE) {
      await clock.pass(Math.min(left, MINUTE))
      await sight.tick([GUILD]).then(settled)
    }
  }
  const runs = () => [...world.book.runs.values()].map(({ purpose, state }) => `${purpose} ${state}`)
  return { world, clock, halt, live, groups, source, darken, people, lose, pass, runs }
}

const first = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)
const told = ({ world }: ReturnType<typeof town>) => world.told.map(({ kind }) => kind)

test('a change at the source that hits more than a run may take strips nobody: one run waits for a human', async () => {
  const made = town()
  await made.lose(...first(40))
  await made.pass(MINUTE)
  expect(changes(made.world)).toEqual([])
  expect(made.runs()).toEqual(['group awaiting_approval'])
  expect(told(made)).toEqual(['plan_waits'])
})

test.each([
  [10, ['live running']],
  [11, ['group awaiting_approval']],
] as const)('a change that hits %i people where ten may be touched at once comes to %j', async (count, came) => {
  const made = town()
  await made.lose(...first(count))
  await made.pass(MINUTE)
  expect(made.runs()).toEqual(came)
  expect(changes(made.world)).toHaveLength(count === 10 ? 10 : 0)
})

test('more than a run may take that changed and have earned what they hold are one run that comes to nothing', async () => {
  const made = town()
  made.groups.identityChanged(GUILD, first(40).map(idOf))
  await made.pass(MINUTE)
  expect(made.runs()).toEqual(['group completed'])
  expect(made.world.told).toEqual([])
})

test('what this hour has taken leaves the less for a change at the source', async () => {
  const made = town()
  await made.lose(...first(5))
  await made.pass(2 * MINUTE)
  expect(changes(made.world)).toHaveLength(5)
  await made.lose(...first(11))
  await made.pass(MINUTE)
  expect(changes(made.world)).toHaveLength(11)
  expect(made.runs()).toEqual(['live running', 'group completed'])
})

test('what a day may take leaves no more for a change at the source', async () => {
  const made = town({ day: 0.05 })
  await made.lose(...first(6))
  await made.pass(MINUTE)
  expect(changes(made.world)).toEqual([])
  expect(made.runs()).toEqual(['group awaiting_approval'])
})

test('two changes at once are not both looked at one by one where together they are too many', async () => {
  const made = town()
  made.source.replace(made.people(first(6)))
  await made.lose(...first(12))
  await made.pass(MINUTE)
  expect(told(made)).not.toContain('live_held')
  expect(made.runs()).toContainEqual(expect.stringMatching(/^group/))
})

test('people who changed a while ago and lost nothing leave room for others', async () => {
  const made = town()
  made.groups.identityChanged(GUILD, first(8).map(idOf))
  await made.pass(2 * MINUTE)
  await made.lose(...first(8, 20))
  expect(made.runs()).toEqual(['live running'])
  expect(changes(made.world)).toHaveLength(8)
})

test('people who are looked at in one run leave room for others', async () => {
  const made = town()
  made.groups.identityChanged(GUILD, first(11).map(idOf))
  await settled()
  await made.lose(...first(8, 20))
  expect(made.runs()).toEqual(['group completed', 'live running'])
})

test('a source that is dark when the bot begins has everybody looked at when it is well, and until then one notice is posted', async () => {
  const made = town()
  made.darken(true)
  made.groups.identityChanged(GUILD, 'all')
  await made.pass(3 * HOUR)
  expect([made.runs(), told(made), made.world.notices]).toEqual([[], ['blind'], []])
  made.source.replace(made.people(first(4)))
  await made.pass(MINUTE)
  made.darken(false)
  await made.pass(2 * MINUTE)
  expect(made.runs()).toEqual(['group completed'])
  expect(changes(made.world)).toHaveLength(4)
  expect(told(made)).toEqual(['blind', 'sighted', 'run_ended'])
})

test('a source that is emptied takes nothing from anybody, and who really changed is looked at when it is whole', async () => {
  const made = town()
  made.source.replace(EMPTY)
  await made.pass(3 * HOUR)
  expect([made.runs(), told(made), made.world.notices]).toEqual([[], ['blind'], []])
  await made.lose(...first(4))
  await made.pass(2 * MINUTE)
  expect(changes(made.world)).toHaveLength(4)
})

test('those who change while the source is dark are one cause when it comes back', async () => {
  const made = town()
  made.darken(true)
  for (const few of [4, 8, 12]) await made.lose(...first(few))
  await made.pass(HOUR)
  expect([made.runs(), told(made)]).toEqual([[], ['blind']])
  made.darken(false)
  await made.pass(2 * MINUTE)
  expect(changes(made.world)).toEqual([])
  expect(made.runs()).toEqual(['group awaiting_approval'])
})

test('roles that are given one by one while the source is dark are looked at one by one when it is well', async () => {
  const made = town()
  made.darken(true)
  for (const index of first(3)) {
    made.world.discord.put(idOf(index), [PILOTS, DIRECTORS])
    made.live.see(GUILD, idOf(index), 'role_change', [DIRECTORS])
  }
  await made.pass(HOUR)
  made.darken(false)
  await made.pass(2 * MINUTE)
  expect(made.runs()).toEqual(['live running'])
  expect(changes(made.world)).toHaveLength(3)
})

test.each([
  ['a few', first(4).map(idOf)],
  ['all', 'all'],
] as const)(
  'where %s change while the member list is in doubt they are looked at when it is live again',
  async (_, changed) => {
    const made = town()
    made.world.discord.state = 'syncing'
    await made.lose(...first(4))
    made.groups.identityChanged(GUILD, changed)
    await made.pass(HOUR)
    expect([made.runs(), made.world.notices]).toEqual([[], []])
    made.world.discord.state = 'live'
    made.groups.resume(GUILD)
    await settled()
    expect(made.runs()).toEqual(['group completed'])
    expect(changes(made.world)).toHaveLength(4)
  },
)

test('where nobody says that the member list is live again it is asked anew within a minute', async () => {
  const made = town()
  made.world.discord.state = 'suspect'
  await made.lose(...first(4))
  await made.pass(HOUR)
  made.world.discord.state = 'live'
  await made.pass(MINUTE)
  expect(changes(made.world)).toHaveLength(4)
})

test('a review that is cut off because the source went dark is done to its end when it is well', async () => {
  const made = town({ run: 1 })
  made.world.discord.afterAct = () => made.darken(changes(made.world).length === 20)
  await made.lose(...first(60))
  await made.pass(10 * MINUTE)
  expect(made.runs()).toEqual(['group interrupted'])
  expect(changes(made.world).length).toBeLessThan(30)
  made.darken(false)
  await made.pass(2 * MINUTE)
  expect(made.runs()).toEqual(['group interrupted', 'group completed'])
  expect(changes(made.world)).toHaveLength(60)
})

test('a review during whose plan the source falls sick is made again when it is well', async () => {
  const made = town()
  const { source, world } = made
  const { baselineNow } = world.book
  const { snapshot } = source
  source.snapshot = () => {
    source.snapshot = snapshot
    world.book.baselineNow = { ...baselineNow!, linked: 500 }
    return source.snapshot()
  }
  world.discord.put(idOf(0), [PILOTS, DIRECTORS])
  made.groups.identityChanged(GUILD, 'all')
  await made.pass(HOUR)
  expect([made.runs(), told(made)]).toEqual([['group completed'], ['blind']])
  world.book.baselineNow = baselineNow
  await made.pass(2 * MINUTE)
  expect(made.runs()).toEqual(['group completed', 'group completed'])
  expect(changes(world)).toHaveLength(1)
})

test('what comes to light again is not reviewed twice at once', async () => {
  const made = town()
  made.world.discord.state = 'syncing'
  await made.lose(...first(4))
  made.world.discord.state = 'live'
  const open = shutDoor(made.world)
  made.groups.resume(GUILD)
  await made.pass(MINUTE)
  made.groups.identityChanged(GUILD, 'all')
  await made.pass(MINUTE)
  expect(made.runs()).toEqual(['group running'])
  open()
  await made.pass(MINUTE)
  expect(made.runs()).toEqual(['group completed', 'group completed'])
})

test('a bot that is to end waits for no source any more', async () => {
  const made = town()
  made.darken(true)
  made.groups.identityChanged(GUILD, 'all')
  await made.pass(MINUTE)
  made.halt.asked = true
  await made.pass(MINUTE)
  made.darken(false)
  made.halt.asked = false
  await made.pass(HOUR)
  expect(made.runs()).toEqual([])
})

test('a review that breaks again and again is told once, when it is given up', async () => {
  const made = town()
  made.world.book.fail = 'storePlan'
  made.groups.identityChanged(GUILD, 'all')
  await made.pass(HOUR)
  expect(made.runs()).toHaveLength(20)
  expect(made.world.told).toMatchObject([{ kind: 'run_ended', run: { state: 'failed' } }])
})

test('a change whose size cannot be told at the moment is one run as soon as the database is back', async () => {
  const made = town()
  made.world.book.fail = 'liveAffectedSince'
  await made.lose(...first(4))
  made.world.book.fail = null
  await made.pass(MINUTE)
  expect(made.runs()).toEqual(['group completed'])
  expect(changes(made.world)).toHaveLength(4)
})
