import { expect, test } from 'vitest'
import { MEMBER } from '../night.ts'
import { idOf, MODERATOR, OWNER, say, shownBy } from '../town.ts'
import {
  type ArmedTown,
  armedTown,
  countWrongfulRemovals,
  give,
  holds,
  REMOVAL,
  recorded,
  sweep,
  untilPosted,
  writes,
} from './armed-town.ts'

// An undo gives back what a run took, and no more than whoever asks could give by hand.

countWrongfulRemovals()

/** More than anybody asks for. */
const MANY = 1_000

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

test('a live act can be undone at once: its run is listed with what it has done, and offered first', async () => {
  const town = await armedTown()
  give(town, 'other3', 'Directors')
  await untilPosted(town, 'was taken')
  const { guild } = town
  const typing = { as: idOf(OWNER), command: 'undo', option: 'run', typed: '' }
  const offered = await guild.complete(typing)
  await offered.until(() => offered.offers !== null)
  const [newest] = offered.offers!
  expect(newest?.name).toMatch(/live acts · running · 1 changed$/)
  expect(shownBy(await say(guild, OWNER, 'audit runs', {})).whole).toContain('live acts · running · 1 changed')
  const shown = shownBy(await say(guild, OWNER, 'undo', { run: String(newest?.value) }))
  expect([shown.title, holds(town, 'other3', 'Directors')]).toEqual(['1 role given back', true])
})

/** Discord says that the one removal was made, and from then on shows nothing: nobody saw whether it was. */
async function sweptInTheDark(done: boolean): Promise<ArmedTown & { readonly runId: string }> {
  const town = await armedTown({ armed: false })
  const { faults } = town.sandbox
  town.guild.take(idOf('eve'), 'Pilots', { silent: true })
  faults.before(REMOVAL, () => {
    faults.drop('GUILD_MEMBER_UPDATE')
    faults.serverErrors(MANY, 500, { route: MEMBER })
  })
  if (!done) faults.lie(1, REMOVAL)
  const { runId } = await sweep(town)
  faults.calm()
  expect(
    (await recorded(town)).filter(({ type }) => type === 'action.settled').map(({ data }) => data.outcome),
  ).toEqual(['unknown'])
  // To be asked for its record the bot was stopped.
  await town.restart()
  return { ...town, runId: runId! }
}

test('a role that somebody took by hand is not given back where nobody saw whether the run had taken it, but to a member who is named', async () => {
  const town = await sweptInTheDark(false)
  town.guild.take(idOf('bob'), 'Directors', { by: idOf(OWNER) })
  const all = shownBy(await say(town.guild, OWNER, 'undo', { run: town.runId }))
  expect([all.title, holds(town, 'bob', 'Directors')]).toEqual(['Nothing was given back', false])
  expect(all.whole).toContain('It is not known whether the run took it')
  const one = shownBy(await say(town.guild, OWNER, 'undo', { run: town.runId, member: idOf('bob') }))
  expect([one.title, holds(town, 'bob', 'Directors')]).toEqual(['1 role given back', true])
  expect(one.text).toContain('nobody saw whether that run took it')
})

test('a role that the run took is given back though nobody saw it go, where the audit log names the very act', async () => {
  const town = await sweptInTheDark(true)
  expect(holds(town, 'bob', 'Directors')).toBe(false)
  const shown = shownBy(await say(town.guild, OWNER, 'undo', { run: town.runId }))
  expect([shown.title, holds(town, 'bob', 'Directors')]).toEqual(['1 role given back', true])
})

test('a role that the run could not take is held still: nothing is given, and nothing is called given', async () => {
  const town = await sweptInTheDark(false)
  const shown = shownBy(await say(town.guild, OWNER, 'undo', { run: town.runId }))
  expect([shown.title, writes(town).filter(PUT)]).toEqual(['All of it is held already', []])
})
