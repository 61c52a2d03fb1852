import { describe, expect, test } from 'vitest'
import type { Guild } from '#src/sandbox/guild.ts'
import { idOf, MODERATOR, OWNER, say } from '../town.ts'
import {
  type ArmedTown,
  armedTown,
  countWrongfulRemovals,
  crowd,
  give,
  guestId,
  holds,
  posted,
  REMOVAL,
  recorded,
  storyOf,
  sweep,
  untilPosted,
  untilTaken,
  writes,
} from './armed-town.ts'

// What people and other bots do between the look at a member and the act, and in the middle of a sweep.

countWrongfulRemovals()

/** Just before the first removal is carried out. */
const atTheFirstRemoval = ({ sandbox, guild }: ArmedTown, deed: (guild: Guild) => void): void =>
  sandbox.faults.before(REMOVAL, () => deed(guild))

describe('a member who, between the look and the act,', () => {
  const rows: readonly (readonly [string, (guild: Guild) => void])[] = [
    ['leaves', (guild) => guild.leave(idOf('ann'))],
    ['is banned', (guild) => guild.ban(idOf('ann'))],
    [
      'leaves and comes again without the role',
      (guild) => {
        guild.leave(idOf('ann'))
        guild.join({ username: 'ann', id: idOf('ann'), roles: ['Pilots'] })
      },
    ],
    ['loses the role by another hand', (guild) => guild.take(idOf('ann'), 'Directors', { by: idOf(MODERATOR) })],
  ]
  for (const [what, deed] of rows)
    test(`${what} loses nothing else by it`, async () => {
      const town = await armedTown()
      atTheFirstRemoval(town, deed)
      give(town, 'ann', 'Directors')
      await town.sandbox.until(() => town.sandbox.requests.count(REMOVAL) === 1)
      give(town, 'other20', 'Directors')
      await untilTaken(town, 'other20', 'Directors')
      const lines = await recorded(town)
      expect(storyOf(lines, 'ann').slice(0, 2)).toEqual([
        'action.intended',
        expect.stringMatching(/^action.settled (?:gone|done)$/),
      ])
      expect(writes(town)).toHaveLength(2)
    })
})

describe('in the middle of a sweep', () => {
  /** Forty are out of order; Discord's limits make it last some seconds. */
  const longTown = () => armedTown({ rateScale: 0.1, before: crowd(38) })
  const keptBy = ({ guild }: ArmedTown) =>
    Array.from({ length: 38 }, (_, index) => guestId(index)).filter((id) => guild.member(id)!.roles.length > 0)

  test('a role that is deleted is asked for no more, and the others are taken', async () => {
    const town = await longTown()
    atTheFirstRemoval(town, (guild) => guild.deleteRole('Directors'))
    await sweep(town)
    expect(writes(town).length).toBeLessThan(12)
    expect(holds(town, 'eve', 'Pilots')).toBe(false)
  })

  test('a role that is renamed to a name that nobody governs is left to those who hold it', async () => {
    const town = await longTown()
    atTheFirstRemoval(town, (guild) => guild.editRole('Directors', { name: 'Staff' }))
    await sweep(town)
    expect(keptBy(town).length).toBeGreaterThan(26)
  })

  test('a role that is moved above the bot is left to those who hold it', async () => {
    const town = await longTown()
    atTheFirstRemoval(town, (guild) => guild.moveRole('Directors', 40))
    await sweep(town)
    expect(keptBy(town).length).toBeGreaterThan(26)
    expect(holds(town, 'eve', 'Pilots')).toBe(false)
  })

  test('a bot that loses Manage Roles is refused a few times and stops', async () => {
    const town = await longTown()
    atTheFirstRemoval(town, (guild) => guild.editRole(guild.botRoleId, { permissions: ['VIEW_AUDIT_LOG'] }))
    await sweep(town)
    expect(town.rights.losses()).toEqual([])
    expect(town.sandbox.requests.answered(403)).toBeLessThan(12)
  })

  test('a member who is protected keeps what they have', async () => {
    const town = await longTown()
    const swept = sweep(town)
    await untilTaken(town, 'bob', 'Directors')
    await say(town.guild, OWNER, 'protect member', { member: guestId(37) })
    await swept
    expect(town.guild.holds(guestId(37), 'Directors')).toBe(true)
  })
})

describe('another bot that gives back whatever is taken', () => {
  test('is given way to after three times, named, and told of once', async () => {
    const town = await armedTown()
    const rival = town.sandbox.faults.rival({ guild: town.guild, member: idOf('ann'), role: 'Directors' })
    give(town, 'ann', 'Directors')
    expect(await untilPosted(town, 'Something keeps giving a role back')).toContain(`given by <@${rival.id}>`)
    give(town, 'other20', 'Directors')
    await untilTaken(town, 'other20', 'Directors')
    const lines = await recorded(town)
    expect(writes(town).filter(({ path }) => path.includes(idOf('ann')))).toHaveLength(3)
    expect(lines.filter(({ type }) => type === 'role.contested')).toHaveLength(1)
    expect(posted(town).filter((text) => text.includes('Something keeps giving'))).toHaveLength(1)
    expect(holds(town, 'ann', 'Directors')).toBe(true)
  })

  test('does not keep the bot from anybody else', async () => {
    const town = await armedTown()
    town.sandbox.faults.rival({ guild: town.guild, member: idOf('ann'), role: 'Directors' })
    give(town, 'ann', 'Directors')
    await untilPosted(town, 'Something keeps giving a role back')
    give(town, 'other20', 'Directors')
    await untilTaken(town, 'other20', 'Directors')
  })
})
