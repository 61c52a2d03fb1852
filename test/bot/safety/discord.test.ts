import { describe, expect, test } from 'vitest'
import { DiscordFault } from '#src/discord/faults.ts'
import { idOf, OWNER, say, shownBy } from '../town.ts'
import {
  type ArmedTown,
  armedTown,
  countWrongfulRemovals,
  crowd,
  give,
  holds,
  KICK,
  mayKick,
  posted,
  REMOVAL,
  recorded,
  storyOf,
  sweep,
  untilPosted,
  untilTaken,
  writes,
} from './armed-town.ts'

// Discord answers wrongly, late, or not at all, while an armed bot acts. What is called done was seen, and nobody innocent pays for a fault.

countWrongfulRemovals()

/** A hundredth of the refused requests for which Discord bans an address. */
const MOST_INVALID = 100

const said = (town: ArmedTown, words: string) => posted(town).filter((text) => text.includes(words)).length

test('a storm of 429 delays live acts and a sweep, and both are done in the end', async () => {
  const town = await armedTown()
  town.sandbox.faults.storm429(20, { route: REMOVAL })
  give(town, 'ann', 'Directors')
  expect((await sweep(town)).title).toMatch(/[23] members out of order, [23] role changes made/)
  await untilTaken(town, 'ann', 'Directors')
  expect(town.rights.losses()).toEqual(['bob lost Directors', 'eve lost Pilots'])
  expect(town.sandbox.requests.invalid).toBeLessThan(MOST_INVALID)
})

test('a storm of 429 that never ends is given up far below what Discord bans for, and nothing is called done', async () => {
  const town = await armedTown({ before: crowd(30) })
  town.sandbox.faults.storm429(() => false, { route: REMOVAL, retryAfter: 0.001 })
  const shown = await sweep(town)
  expect(shown.text).not.toMatch(/made and seen/)
  expect(town.rights.losses()).toEqual([])
  expect(town.sandbox.requests.invalid).toBeLessThanOrEqual(MOST_INVALID + 10)
})

describe('a removal that Discord says was done and was not', () => {
  test('is not called done, live, and is made again once Discord is well', async () => {
    const town = await armedTown()
    town.sandbox.faults.lie(1, REMOVAL)
    give(town, 'ann', 'Directors')
    await untilTaken(town, 'ann', 'Directors')
    await untilPosted(town, 'was taken')
    expect(storyOf(await recorded(town), 'ann')).toEqual([
      ...['action.intended', 'action.settled failed', 'finding.seen'],
      ...['action.intended', 'action.settled done', 'finding.cleared'],
    ])
  })

  test('is not called done by a sweep', async () => {
    const town = await armedTown()
    town.sandbox.faults.lie(1_000, REMOVAL)
    const shown = await sweep(town)
    expect(shown.title).toBe('2 members out of order')
    expect(shown.text).toContain('Nothing was changed')
    expect(town.rights.losses()).toEqual([])
    expect(writes(town)).toHaveLength(2)
  })
})

describe('a removal that Discord answers with an error, and that was made', () => {
  for (const [name, strike] of [
    ['a 500', (town: ArmedTown) => town.sandbox.faults.serverErrors(1, 500, { route: REMOVAL, done: true })],
    [
      'a connection that is cut after it',
      (town: ArmedTown) => town.sandbox.faults.cut(1, { route: REMOVAL, done: true }),
    ],
  ] as const)
    test(`${name}: is found to be done, and not made twice`, async () => {
      const town = await armedTown()
      strike(town)
      give(town, 'ann', 'Directors')
      expect(await untilPosted(town, 'was taken')).toContain(`<@${idOf('ann')}>`)
      expect(writes(town)).toHaveLength(1)
      expect(storyOf(await recorded(town), 'ann')).toEqual(['action.intended', 'action.settled done'])
    })
})

test('a removal before which the connection is cut is made at the next try', async () => {
  const town = await armedTown()
  town.sandbox.faults.cut(2, { route: REMOVAL })
  give(town, 'ann', 'Directors')
  await untilPosted(town, 'was taken')
  expect(storyOf(await recorded(town), 'ann')).toEqual(['action.intended', 'action.settled done'])
})

test('a removal that Discord fails for ever is never called done, and is made when Discord is well', async () => {
  const town = await armedTown()
  town.sandbox.faults.serverErrors(1_000, 503, { route: REMOVAL })
  give(town, 'ann', 'Directors')
  expect((await sweep(town)).text).not.toMatch(/made and seen/)
  expect(said(town, 'was taken')).toBe(0)
  town.sandbox.faults.calm()
  await untilTaken(town, 'ann', 'Directors')
  await untilPosted(town, 'was taken')
})

describe('a kick', () => {
  const town = async () => {
    const made = await armedTown({ policy: { unknown_guest: 'strip_kick' }, before: mayKick })
    made.rights.mayBeKicked(idOf('eve'))
    return made
  }
  const kick = async ({ guild }: ArmedTown) =>
    shownBy(await say(guild, OWNER, 'audit run', { action: 'strip_kick', member: idOf('eve') }))

  test('that Discord says was done and was not is not called done, and is tried again later', async () => {
    const kicking = await town()
    kicking.sandbox.faults.lie(1, KICK)
    await kick(kicking)
    expect(kicking.guild.member(idOf('eve'))).toBeDefined()
    const lines = await recorded(kicking)
    expect(storyOf(lines, 'eve').slice(-2)).toEqual(['action.intended', 'action.settled failed'])
    expect(lines.some(({ type }) => type === 'kick.postponed')).toBe(true)
  })

  test('that Discord answers with a 500 and made is found to be done', async () => {
    const kicking = await town()
    kicking.sandbox.faults.serverErrors(1, 500, { route: KICK, done: true })
    await kick(kicking)
    expect(kicking.guild.member(idOf('eve'))).toBeUndefined()
    expect(kicking.sandbox.requests.count(KICK)).toBe(1)
    expect(storyOf(await recorded(kicking), 'eve').at(-1)).toBe('action.settled done')
  })

  test('that is refused is left alone with one alert, and the member is stripped all the same', async () => {
    const kicking = await town()
    kicking.sandbox.faults.refuse(1_000, 'missingPermissions', KICK)
    await kick(kicking)
    await untilPosted(kicking, 'Discord refuses kicks')
    await kick(kicking)
    expect(kicking.sandbox.requests.count(KICK)).toBe(1)
    expect(kicking.rights.losses()).toEqual(['eve lost Pilots'])
  })
})

test('a role that Discord refuses is left alone with one alert, and released once it was moved', async () => {
  const town = await armedTown()
  town.sandbox.faults.refuse(1_000, 'missingPermissions', REMOVAL)
  give(town, 'ann', 'Directors')
  await untilPosted(town, 'Discord refuses a role')
  await sweep(town)
  give(town, 'other20', 'Directors')
  await say(town.guild, OWNER, 'explain', { member: idOf('other20') })
  expect(writes(town).filter(({ path }) => path.endsWith(town.guild.role('Directors').id))).toHaveLength(1)
  expect(town.rights.losses()).toEqual([])
  town.guild.take(idOf('other20'), 'Directors', { by: idOf(OWNER) })
  town.sandbox.faults.calm()
  town.guild.moveRole('Directors', 3)
  await untilPosted(town, 'A role is tried again')
  await sweep(town)
  expect(holds(town, 'bob', 'Directors')).toBe(false)
  expect(said(town, 'Discord refuses a role')).toBe(2)
})

test('a token that Discord no longer takes halts everything: nothing more is sent', async () => {
  const town = await armedTown({ before: crowd(30) })
  town.sandbox.faults.refuse(1_000, 'unauthorized', REMOVAL)
  give(town, 'ann', 'Directors')
  await expect(town.bot.broken).resolves.toBeInstanceOf(DiscordFault)
  const sent = writes(town).length
  give(town, 'other20', 'Directors')
  await sweep(town)
  expect(writes(town)).toHaveLength(sent)
  expect(sent).toBeLessThan(5)
  expect(town.rights.losses()).toEqual([])
})
