import { expect, test, vi } from 'vitest'
import { idOf, store } from '../town.ts'
import { type ArmedTown, armedTown, citizens, countWrongfulRemovals, sweep, writes } from './armed-town.ts'

// Where the policy grants, what was earned and is not held is given: after what is to be taken, and only while it is still earned.

countWrongfulRemovals()
vi.setConfig({ testTimeout: 60_000 })

/** Ann has earned Pilots and lacks it, and holds Directors by hand. */
const town = (): Promise<ArmedTown> =>
  armedTown({
    policy: { missing_roles: 'grant' },
    before: (guild) => guild.setRoles(idOf('ann'), ['Directors'], { silent: true }),
  })

/** In the order in which they were asked for. */
const done = (made: ArmedTown, username: string): readonly string[] =>
  writes(made)
    .filter(({ params }) => params.user_id === idOf(username))
    .map(({ method, params }) => `${method} ${made.guild.roles.get(params.role_id!)?.name}`)

const rolesOf = ({ guild }: ArmedTown, username: string) =>
  guild.member(idOf(username))?.roles.map((id) => guild.roles.get(id)?.name)

test('what somebody has not earned is taken from them, and then they are given what they have', async () => {
  const made = await town()
  await sweep(made)
  expect(done(made, 'ann')).toEqual(['DELETE Directors', 'PUT Pilots'])
  expect(rolesOf(made, 'ann')).toEqual(['Pilots'])
})

test('a role that somebody earns no more when its turn comes is not given to them, though they earn another', async () => {
  const made = await town()
  const [ann, ...others] = citizens.identities
  const moved = { ...citizens, identities: [{ ...ann!, groups: ['Directors'] }, ...others] }
  made.sandbox.faults.before(
    ({ method, params }) => method === 'DELETE' && params.user_id === idOf('ann'),
    () => store(made.place, made.guild, moved),
  )
  await sweep(made)
  expect(done(made, 'ann')).not.toContain('PUT Pilots')
})
