import { expect, test } from 'vitest'
import { idOf, MODERATOR, untilLive } from '../town.ts'
import {
  type ArmedTown,
  armedTown,
  countWrongfulRemovals,
  give,
  REMOVAL,
  recorded,
  storyOf,
  sweep,
  untilPosted,
  untilTaken,
  writes,
} from './armed-town.ts'

// What the gateway tells is lost, late, doubled or out of order. A list that may be wrong takes nothing from anybody, and is put right by itself.

countWrongfulRemovals()

/** Else the comparison of role counts, which comes by in time, may find by itself what nobody told of, and that would be right. */
const UNCOUNTED = { environment: { CHECKSUM_MINUTES: '1440' } }

/** Once the bot has asked Discord for the members again, and has them. */
async function untilReadAgain({ sandbox, guild }: ArmedTown): Promise<void> {
  await sandbox.until(() => sandbox.gateway.count('members asked') >= 2, 'the members being asked for again', 25_000)
  await untilLive(guild)
}

test('a role of which no event told is found by the count of its holders, and taken', async () => {
  const town = await armedTown({ environment: { CHECKSUM_MINUTES: '1' } })
  town.guild.give(idOf('ann'), 'Directors', { by: idOf(MODERATOR), silent: true })
  await untilTaken(town, 'ann', 'Directors')
  expect(await untilPosted(town, 'was taken')).toContain('Who gave it could not be found')
})

test('an event that was dropped is found the same way', async () => {
  const town = await armedTown({ environment: { CHECKSUM_MINUTES: '1' } })
  town.sandbox.faults.drop('GUILD_MEMBER_UPDATE')
  give(town, 'ann', 'Directors')
  await untilTaken(town, 'ann', 'Directors')
})

test('a loss of which no event told takes nothing more: the member is looked at before the act', async () => {
  const town = await armedTown(UNCOUNTED)
  town.guild.take(idOf('bob'), 'Directors', { by: idOf(MODERATOR), silent: true })
  expect((await sweep(town)).whole).toContain('changed')
  expect(writes(town)).toHaveLength(1)
})

test('a fresh session: nobody is judged by the old list, and what was given meanwhile is taken once it was read anew', {
  timeout: 60_000,
}, async () => {
  const town = await armedTown(UNCOUNTED)
  const { sandbox, guild } = town
  guild.give(idOf('ann'), 'Directors', { silent: true })
  const letThrough = sandbox.faults.hold('GUILD_MEMBERS_CHUNK')
  sandbox.faults.freshSession()
  await sandbox.until(() => sandbox.gateway.count('members asked') >= 2, 'the members being asked for again', 25_000)
  give(town, 'other20', 'Directors')
  expect((await sweep(town)).text).toMatch(/nobody is judged by a list that may be old. Nothing was changed/)
  expect(writes(town)).toEqual([])
  letThrough()
  for (const name of ['ann', 'other20']) await untilTaken(town, name, 'Directors')
})

test('an outage of the guild: nothing is taken, and what was given meanwhile is taken when it is over', async () => {
  const town = await armedTown(UNCOUNTED)
  town.sandbox.faults.outage(town.guild.id)
  give(town, 'ann', 'Directors')
  expect(writes(town)).toEqual([])
  town.sandbox.faults.endOutage(town.guild.id)
  await untilTaken(town, 'ann', 'Directors')
})

test('an outage in the middle of a sweep: nothing is called done that was not, and the next sweep does the rest', async () => {
  const town = await armedTown(UNCOUNTED)
  const { faults } = town.sandbox
  faults.before(REMOVAL, () => faults.outage(town.guild.id))
  expect((await sweep(town)).text).not.toMatch(/made and seen/)
  expect(town.rights.losses()).toEqual([])
  faults.endOutage(town.guild.id)
  await untilReadAgain(town)
  await sweep(town)
  expect(town.rights.losses()).toEqual(['bob lost Directors', 'eve lost Pilots'])
})

test('a lost connection that is taken up again: what was given meanwhile is replayed and taken', async () => {
  const town = await armedTown(UNCOUNTED)
  town.sandbox.faults.disconnect()
  give(town, 'ann', 'Directors')
  await untilTaken(town, 'ann', 'Directors')
})

test('an event that comes twice is one act', async () => {
  const town = await armedTown(UNCOUNTED)
  town.sandbox.faults.double('GUILD_MEMBER_UPDATE', 5)
  give(town, 'ann', 'Directors')
  await untilPosted(town, 'was taken')
  expect(writes(town)).toHaveLength(1)
  expect(storyOf(await recorded(town), 'ann')).toEqual(['action.intended', 'action.settled done'])
})

test('an event that comes late, of a role that was taken back by hand long ago, is no act', async () => {
  const town = await armedTown(UNCOUNTED)
  const tell = town.sandbox.faults.hold('GUILD_MEMBER_UPDATE')
  give(town, 'ann', 'Directors')
  town.guild.take(idOf('ann'), 'Directors', { by: idOf(MODERATOR), silent: true })
  tell()
  give(town, 'other20', 'Directors')
  await untilTaken(town, 'other20', 'Directors')
  expect(storyOf(await recorded(town), 'ann')).toEqual([])
  expect(writes(town)).toHaveLength(1)
})

test('an event that comes after a newer one is believed of nobody: Discord is asked', async () => {
  const town = await armedTown(UNCOUNTED)
  const tellTheOld = town.sandbox.faults.delayEvents('GUILD_MEMBER_UPDATE', Number.POSITIVE_INFINITY)
  give(town, 'ann', 'Directors')
  town.guild.take(idOf('ann'), 'Directors', { by: idOf(MODERATOR) })
  tellTheOld()
  give(town, 'other20', 'Directors')
  await untilTaken(town, 'other20', 'Directors')
  expect(storyOf(await recorded(town), 'ann')).toEqual([])
  expect(writes(town)).toHaveLength(1)
})
