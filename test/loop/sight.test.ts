import { expect, test } from 'vitest'
import { type Directory, DirectoryUnreachable } from '#src/core/directory.ts'
import { Attribution } from '#src/loop/attribution.ts'
import { LiveReviews } from '#src/loop/live.ts'
import { Queue } from '#src/loop/queue.ts'
import { Sight } from '#src/loop/sight.ts'
import { Passing, settled } from './passing.ts'
import { DIRECTORS, GUILD, makeSmallWorld, NAMES, PILOTS, person, STRIPPING } from './small-world.ts'

const SENTENCE = 'The identity database does not answer.'
const EMPTY = { names: { groups: [], states: [], reservedNames: [] }, identities: [] }
const PEOPLE = { names: NAMES, identities: [person('42', '3', ['Pilots'])] }

/** A small world whose directory is watched, as it is joined in the bot. */
function town() {
  const world = makeSmallWorld(PEOPLE.identities)
  world.discord.put('3', [PILOTS])
  world.book.settingsNow = { ...STRIPPING, armed: { schedule: false, realtime: true } }
  const clock = new Passing(world.clock)
  const reviews = new LiveReviews(world, new Queue(), { asked: false }, new Attribution(world, clock))
  const sighted: string[] = []
  const sight = new Sight(world, clock, (guildId) => {
    sighted.push(guildId)
    reviews.resume(guildId)
  })
  let asked = 0
  const counted: Directory = {
    source: 'memory',
    find: (ids) => {
      asked += 1
      return world.source.find(ids)
    },
    snapshot: () => world.source.snapshot(),
    accounts: (id) => world.source.accounts(id),
    watch: (onChange) => world.source.watch(onChange),
    noticing: () => world.source.noticing(),
  }
  const directory = sight.watching(GUILD, counted)
  world.directory = () => directory
  const read = async () => {
    await directory.find(['3']).catch(() => {})
    await settled()
  }
  const tick = () => sight.tick([GUILD]).then(settled)
  return { world, clock, reviews, sight, sighted, directory, read, tick, questions: () => asked }
}

const told = ({ world }: ReturnType<typeof town>) =>
  world.told.filter(({ kind }) => kind === 'blind' || kind === 'sighted')

test('whoever reads the source gets what it said, and what it did not', async () => {
  const { directory, world } = town()
  expect((await directory.find(['3'])).claims.get('3')).toMatchObject([{ id: '42' }])
  expect((await directory.snapshot()).people.count).toBe(1)
  world.source.fail(SENTENCE)
  await expect(directory.find(['3'])).rejects.toThrow(SENTENCE)
})

test('a source that comes back empty makes the guild blind, which is told once', async () => {
  const made = town()
  made.world.source.replace(EMPTY)
  await made.read()
  await made.clock.pass(2_000)
  made.world.book.fail = 'goBlind'
  await made.read()
  expect(made.world.notices).toEqual([])
  expect(told(made)).toEqual([
    {
      kind: 'blind',
      source: 'memory',
      truth: { suspect: true, why: ['no_identities', 'no_groups', 'no_access'] },
      problem: null,
    },
  ])
  expect(made.world.book.blind).toMatchObject({ why: ['no_identities', 'no_groups', 'no_access'] })
})

test('a whole look at the guild sees the sickness as well', async () => {
  const made = town()
  made.world.source.replace(EMPTY)
  await made.directory.snapshot()
  await settled()
  expect(told(made)).toMatchObject([{ kind: 'blind' }])
})

test('a source that fails once and answers again is no news, and what was put off is done', async () => {
  const made = town()
  made.world.source.fail(SENTENCE)
  made.world.discord.put('3', [PILOTS, DIRECTORS])
  made.reviews.see(GUILD, '3', 'role_change')
  await settled()
  expect(made.world.discord.members.get('3')?.roleIds).toContain(DIRECTORS)
  made.world.source.fail(null)
  await made.clock.pass(40_000)
  expect(told(made)).toEqual([])
  expect(made.world.discord.members.get('3')?.roleIds).toEqual([PILOTS])
})

test('many who read at once meet one hiccup', async () => {
  const made = town()
  made.world.source.fail(SENTENCE)
  await Promise.all([made.read(), made.read(), made.read()])
  made.world.source.fail(null)
  await made.clock.pass(40_000)
  expect(told(made)).toEqual([])
})

test('a source that is still silent when it is asked again makes the guild blind', async () => {
  const made = town()
  made.world.source.fail(SENTENCE)
  await made.read()
  await made.clock.pass(4_000)
  expect(told(made)).toEqual([])
  await made.clock.pass(2_000)
  expect(told(made)).toEqual([{ kind: 'blind', source: 'memory', truth: null, problem: SENTENCE }])
})

test('a source that neither answers nor fails the second time makes the guild blind after half a minute', async () => {
  const made = town()
  made.world.source.fail(SENTENCE)
  await made.read()
  made.world.source.find = () => new Promise(() => {})
  await made.clock.pass(29_000)
  expect(told(made)).toEqual([])
  await made.clock.pass(2_000)
  expect(told(made)).toMatchObject([{ kind: 'blind', problem: SENTENCE }])
})

test('a blind guild’s source is asked each minute, and when the truth is back that is told and the waiting are looked at', async () => {
  const made = town()
  made.world.source.replace(EMPTY)
  made.world.discord.put('3', [PILOTS, DIRECTORS])
  made.reviews.see(GUILD, '3', 'role_change')
  await settled()
  await made.clock.pass(60_000)
  await made.tick()
  expect(told(made)).toHaveLength(1)
  made.world.source.replace(PEOPLE)
  await made.clock.pass(60_000)
  await made.tick()
  expect(told(made)).toEqual([
    expect.objectContaining({ kind: 'blind' }),
    { kind: 'sighted', source: 'memory', since: 1_000_000 },
  ])
  expect(made.world.book.blind).toBeNull()
  expect(made.world.discord.members.get('3')?.roleIds).toEqual([PILOTS])
})

test('a guild that an earlier process left blind sees again at the first tick, and that is told', async () => {
  const made = town()
  made.world.book.blind = { source: 'memory', since: 5, why: [], problem: SENTENCE }
  await made.tick()
  expect(told(made)).toEqual([{ kind: 'sighted', source: 'memory', since: 5 }])
})

test('a guild that an earlier process left blind, and still is, is not told again', async () => {
  const made = town()
  made.world.book.blind = { source: 'memory', since: 5, why: [], problem: SENTENCE }
  made.world.source.replace(EMPTY)
  await made.tick()
  expect(told(made)).toEqual([])
})

test('a guild in which somebody reads is not asked after, and a quiet one is after five minutes', async () => {
  const made = town()
  await made.read()
  await made.clock.pass(240_000)
  await made.tick()
  expect(made.questions()).toBe(1)
  await made.clock.pass(61_000)
  await made.tick()
  expect(made.questions()).toBe(2)
  expect(made.sighted).toEqual([])
})

test('of many readings in a moment the last is judged', async () => {
  const made = town()
  await made.read()
  await made.read()
  made.world.source.replace(EMPTY)
  await made.read()
  expect(told(made)).toEqual([])
  await made.clock.pass(1_000)
  expect(told(made)).toMatchObject([{ kind: 'blind' }])
})

test('a look that was put off for a sickness of less than that moment is made all the same', async () => {
  const made = town()
  await made.read()
  made.world.discord.put('3', [PILOTS, DIRECTORS])
  made.world.source.replace(EMPTY)
  made.reviews.see(GUILD, '3', 'role_change')
  await settled()
  made.world.source.replace(PEOPLE)
  await made.read()
  await made.clock.pass(2_000)
  expect(told(made)).toEqual([])
  expect(made.world.discord.members.get('3')?.roleIds).toEqual([PILOTS])
})

test('a book that cannot be written is tried again by the next reading', async () => {
  const made = town()
  made.world.source.replace(EMPTY)
  made.world.book.fail = 'goBlind'
  await made.read()
  expect(made.world.notices).toEqual(['whether the identity source is to be trusted could not be found out'])
  made.world.book.fail = null
  await made.clock.pass(2_000)
  await made.read()
  expect(told(made)).toMatchObject([{ kind: 'blind' }])
})

test('a source that never says anything makes the guild blind as well', async () => {
  const made = town()
  made.world.source.find = () => new Promise(() => {})
  let over = false
  void made.tick().then(() => {
    over = true
  })
  await made.clock.pass(29_000)
  expect(told(made)).toEqual([])
  await made.clock.pass(2_000)
  await settled()
  expect(over).toBe(true)
  await made.clock.pass(40_000)
  expect(told(made)).toMatchObject([{ kind: 'blind', problem: expect.stringContaining('said nothing since') }])
})

test('a look that a hanging source leaves without an answer is given up, and made again when it answers', async () => {
  const made = town()
  const { world, clock, reviews } = made
  const { find } = world.source
  world.source.find = () => new Promise(() => {})
  world.discord.put('3', [PILOTS, DIRECTORS])
  reviews.see(GUILD, '3', 'role_change')
  await clock.pass(29_000)
  expect(world.notices).toEqual([])
  await clock.pass(40_000)
  expect(world.notices).toContain('a live review failed')
  expect(told(made)).toMatchObject([{ kind: 'blind', problem: expect.stringContaining('said nothing since') }])
  world.source.find = find
  await made.tick()
  expect(world.discord.members.get('3')?.roleIds).toEqual([PILOTS])
})

test('a source that hangs in one guild keeps the tick from no other', async () => {
  const made = town()
  const hung = made.sight.watching('2000', { ...made.directory, find: () => new Promise(() => {}) })
  const { directory } = made
  made.world.directory = (guildId) => (guildId === GUILD ? directory : hung)
  void made.sight.tick(['2000', GUILD])
  await settled()
  expect(made.questions()).toBe(1)
})

test('blindness that ends while its beginning is still being written is ended, and both are told in that order', async () => {
  const made = town()
  await made.read()
  await made.clock.pass(2_000)
  const { promise: written, resolve } = Promise.withResolvers<void>()
  const goBlind = made.world.book.goBlind.bind(made.world.book)
  made.world.book.goBlind = (...facts) => written.then(() => goBlind(...facts))
  made.world.source.fail(SENTENCE)
  await made.read()
  await made.clock.pass(5_000)
  made.world.source.fail(null)
  await made.read()
  await made.clock.pass(2_000)
  resolve()
  await settled()
  await made.clock.pass(2_000)
  expect(made.world.book.blind).toBe(null)
  expect(told(made).map(({ kind }) => kind)).toEqual(['blind', 'sighted'])
})

test('a source that answers others, and never about one member, makes the guild blind until it answers about that member', async () => {
  const made = town()
  const { world, clock, directory } = made
  const { find } = world.source
  world.source.find = async (ids) => {
    if (ids.includes('3')) throw new DirectoryUnreachable(SENTENCE)
    return find.call(world.source, ids)
  }
  await made.read()
  for (let second = 0; second < 7; second++) {
    await directory.find([])
    await clock.pass(1_000)
  }
  expect(made.sighted).toEqual([])
  expect(told(made)).toEqual([{ kind: 'blind', source: 'memory', truth: null, problem: SENTENCE }])
  await directory.find(['4'])
  await clock.pass(2_000)
  expect(told(made)).toHaveLength(1)
  world.source.find = find
  await made.tick()
  expect(told(made).map(({ kind }) => kind)).toEqual(['blind', 'sighted'])
})

test('a source that failed one member is asked about them again, though it could not be written that the guild is blind', async () => {
  const made = town()
  const { world, clock, directory } = made
  world.discord.put('3', [PILOTS, DIRECTORS])
  world.source.fail(SENTENCE)
  world.book.fail = 'goBlind'
  made.reviews.see(GUILD, '3', 'role_change')
  await settled()
  await clock.pass(40_000)
  world.book.fail = null
  world.source.fail(null)
  await directory.find(['4'])
  await clock.pass(2_000)
  await made.tick()
  await clock.pass(2_000)
  expect(world.discord.members.get('3')?.roleIds).toEqual([PILOTS])
})
