import { expect, test } from 'vitest'
import { MODERATOR, OWNER, say, shownBy } from '../town.ts'
import { type ArmedTown, armedTown, countWrongfulRemovals, holds, sweep, writes } from './armed-town.ts'

// An undo gives back what a run took, and no more than whoever asks could give by hand.

countWrongfulRemovals()

const PUT = ({ method }: { readonly method: string }): boolean => method === 'PUT'

/** Directors were taken from Bob and Pilots from Eve; Ann is a pilot, and pilots may hand out roles. */
async function swept(): Promise<ArmedTown & { readonly runId: string }> {
  const town = await armedTown({ before: (guild) => guild.editRole('Pilots', { permissions: ['MANAGE_ROLES'] }) })
  const { runId } = await sweep(town)
  return { ...town, runId: runId! }
}

test('roles that rank at or above their own are given back to nobody by somebody who may hand out roles', async () => {
  const town = await swept()
  const shown = shownBy(await say(town.guild, 'ann', 'undo', { run: town.runId }))
  expect(shown.title).toBe('Nothing was given back')
  expect(shown.whole).toContain('at or above your own highest role')
  expect(writes(town).filter(PUT)).toEqual([])
})

test.each([MODERATOR, OWNER])('%s ranks above them, and gives them back', async (name) => {
  const town = await swept()
  const shown = shownBy(await say(town.guild, name, 'undo', { run: town.runId }))
  expect(shown.title).toBe('2 roles given back')
  expect([holds(town, 'bob', 'Directors'), holds(town, 'eve', 'Pilots')]).toEqual([true, true])
})
