import { expect, test } from 'vitest'
import { idOf, MODERATOR } from '../town.ts'
import {
  type ArmedTown,
  armedTown,
  BULK,
  countWrongfulRemovals,
  give,
  holds,
  REMOVAL,
  recorded,
  storyOf,
  sweep,
  untilPosted,
  untilTaken,
} from './armed-town.ts'

// BULK_STRIP: several roles of one member go in one write, which puts a whole list in the place of another. Nothing else may go with them.

countWrongfulRemovals()

/** Bob holds both governed roles, and one that nobody governs. */
const bulkTown = () =>
  armedTown({
    environment: { BULK_STRIP: 'true' },
    before: (guild) => {
      guild.createRole({ name: 'Birthday' })
      guild.createRole({ name: 'Helper' })
      for (const role of ['Pilots', 'Birthday']) guild.give(idOf('bob'), role, { silent: true })
    },
  })

const bobsRoles = ({ guild }: ArmedTown): readonly string[] =>
  guild.member(idOf('bob'))!.roles.map((id) => guild.roles.get(id)!.name)

test('all that was not earned goes in one write, and the rest stays', async () => {
  const town = await bulkTown()
  await sweep(town)
  expect(bobsRoles(town)).toEqual(['Birthday'])
  expect(town.sandbox.requests.count(BULK)).toBe(1)
  expect(town.sandbox.requests.count(REMOVAL)).toBe(1)
})

test('a write that Discord says was made and was not is not called done', async () => {
  const town = await bulkTown()
  town.sandbox.faults.lie(1, BULK)
  await sweep(town)
  expect(bobsRoles(town)).toHaveLength(3)
  expect(storyOf(await recorded(town), 'bob')).toEqual(['action.intended', 'action.settled failed'])
})

test('a write that Discord answers with a 500 and made is found to be done', async () => {
  const town = await bulkTown()
  town.sandbox.faults.serverErrors(1, 500, { route: BULK, done: true })
  await sweep(town)
  expect(town.sandbox.requests.count(BULK)).toBe(1)
  expect(bobsRoles(town)).toEqual(['Birthday'])
  expect(storyOf(await recorded(town), 'bob')).toEqual(['action.intended', 'action.settled done'])
})

test('a write that is refused is made role by role, each seen to be gone', async () => {
  const town = await bulkTown()
  town.sandbox.faults.refuse(1, 'missingPermissions', BULK)
  await sweep(town)
  expect(bobsRoles(town)).toEqual(['Birthday'])
})

test('a write that waited for a storm of 429 is made from a list that is read anew: what was given meanwhile stays', async () => {
  const town = await bulkTown()
  town.sandbox.faults.before(BULK, () => town.guild.give(idOf('bob'), 'Helper', { by: idOf(MODERATOR) }))
  town.sandbox.faults.storm429(3, { route: BULK })
  await sweep(town)
  expect(bobsRoles(town)).toEqual(['Birthday', 'Helper'])
})

test('two roles given by hand to somebody who earned neither go in one write as well', async () => {
  const town = await bulkTown()
  town.guild.setRoles(idOf('other20'), ['Pilots', 'Directors'], { by: idOf(MODERATOR) })
  for (const role of ['Pilots', 'Directors']) await untilTaken(town, 'other20', role)
  expect(await untilPosted(town, 'was taken')).toContain(`Given by <@${idOf(MODERATOR)}>`)
  expect(town.sandbox.requests.count(BULK)).toBe(1)
  give(town, 'other21', 'Directors')
  await untilTaken(town, 'other21', 'Directors')
  expect(holds(town, 'ann', 'Pilots')).toBe(true)
})
