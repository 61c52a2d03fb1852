import { expect, test } from 'vitest'
import { idOf, OWNER, say, shownBy } from '../town.ts'
import { type ArmedTown, armedTown, countWrongfulRemovals, KICK, mayKick, recorded, storyOf } from './armed-town.ts'

// Somebody who leaves and comes back has had no chance to link their account yet (docs/semantics.md, section 5).

countWrongfulRemovals()

const LOOK = 'GET /guilds/{guild_id}/members/{user_id}'
const GUEST = 'other25'

const town = (): Promise<ArmedTown> => armedTown({ policy: { unknown_guest: 'strip_kick' }, before: mayKick })

const kickRun = async ({ guild }: ArmedTown) =>
  shownBy(await say(guild, OWNER, 'audit run', { action: 'strip_kick', member: idOf(GUEST) }))

test('a guest whom nobody knows is kicked by a run that is asked to', async () => {
  const made = await town()
  made.rights.mayBeKicked(idOf(GUEST))
  await kickRun(made)
  expect(made.guild.member(idOf(GUEST))).toBeUndefined()
})

test('a guest who leaves and comes back between the plan and the kick stays', async () => {
  const made = await town()
  const { guild, sandbox } = made
  const isGuest = ({ method, params }: { method: string; params: Readonly<Record<string, string>> }) =>
    method === 'GET' && params.user_id === idOf(GUEST)
  sandbox.faults.before(isGuest, () => {
    guild.leave(idOf(GUEST))
    guild.join({ username: GUEST, id: idOf(GUEST) })
  })
  await kickRun(made)
  expect(sandbox.requests.of(LOOK).some(({ params }) => params.user_id === idOf(GUEST))).toBe(true)
  expect(sandbox.requests.count(KICK)).toBe(0)
  expect(guild.member(idOf(GUEST))).toBeDefined()
  expect(storyOf(await recorded(made), GUEST)).not.toContain('action.intended')
})
