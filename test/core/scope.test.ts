import { expect, it } from 'vitest'
import { makeScope } from '#src/core/scope.ts'
import { PILOTS, scopeWith } from './small.ts'

it('governs by the roles, the names and the settings of each scope, however many were made of the others before', () => {
  const { guild, names, settings, invocation, truth, now } = scopeWith()
  const governs = (change: Partial<Parameters<typeof makeScope>[0]>) =>
    makeScope({ guild, names, settings, invocation, truth, now, ...change }).governed.roleIds.has(PILOTS)
  const changes = [
    { guild: { ...guild, roles: guild.roles.filter(({ id }) => id !== PILOTS) } },
    { guild: { ...guild, id: PILOTS } },
    { names: { ...names, groups: [] } },
    { settings: { ...settings, roleExceptions: [PILOTS] } },
  ]
  for (const change of changes) expect([governs({}), governs(change), governs({})]).toEqual([true, false, true])
})
