import { expect, test } from 'vitest'
import { idOf, MODERATOR, OWNER, say, shownBy } from '../town.ts'
import {
  armedTown,
  countWrongfulRemovals,
  crowd,
  give,
  holds,
  KICK,
  mayKick,
  REMOVAL,
  recorded,
  storyOf,
  sweep,
  untilPosted,
  untilTaken,
  writes,
} from './armed-town.ts'

// A governed role lands on somebody who has not earned it, on every road that there is.

countWrongfulRemovals()

const AUDIT_LOG = 'GET /guilds/{guild_id}/audit-logs'

test('a role given by hand is taken at once: written down before, seen after, and the moderator is named', async () => {
  const town = await armedTown()
  give(town, 'ann', 'Directors')
  await untilTaken(town, 'ann', 'Directors')
  const post = await untilPosted(town, 'was taken', `<@${idOf('ann')}>`)
  expect(post).toContain(`Given by <@${idOf(MODERATOR)}>`)
  expect(writes(town).map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual([
    `DELETE ${town.guild.role('Directors').id}`,
  ])
  const lines = await recorded(town)
  expect(storyOf(lines, 'ann')).toEqual(['action.intended', 'action.settled done'])
  expect(lines.find(({ type }) => type === 'action.intended')).toMatchObject({ actor: 'system:realtime' })
})

test('the moderator is named where the audit log tells of them before the member event comes', async () => {
  const town = await armedTown()
  town.sandbox.faults.auditFirst = true
  give(town, 'ann', 'Directors')
  expect(await untilPosted(town, 'was taken')).toContain(`Given by <@${idOf(MODERATOR)}>`)
  expect(town.sandbox.requests.count(AUDIT_LOG)).toBe(0)
})

test('the moderator is named by one question to the audit log where it tells of nobody by itself', async () => {
  const town = await armedTown()
  town.sandbox.faults.drop('GUILD_AUDIT_LOG_ENTRY_CREATE', Number.POSITIVE_INFINITY)
  give(town, 'ann', 'Directors')
  expect(await untilPosted(town, 'was taken')).toContain(`Given by <@${idOf(MODERATOR)}>`)
  expect(town.sandbox.requests.count(AUDIT_LOG)).toBe(1)
})

test('nobody is named where the audit log cannot be read, and the role goes all the same', async () => {
  const town = await armedTown({
    before: (guild) => guild.editRole(guild.botRoleId, { permissions: ['MANAGE_ROLES'] }),
  })
  give(town, 'ann', 'Directors')
  await untilTaken(town, 'ann', 'Directors')
  expect(await untilPosted(town, 'was taken')).toContain('Who gave it could not be found')
  expect(shownBy(await say(town.guild, OWNER, 'audit grantors')).text).toContain('Nobody that could be found')
})

test('who keeps giving roles that were not earned is listed', async () => {
  const town = await armedTown()
  for (const name of ['ann', 'other20']) {
    give(town, name, 'Directors')
    await untilPosted(town, 'was taken', `<@${idOf(name)}>`)
  }
  expect(shownBy(await say(town.guild, OWNER, 'audit grantors')).text).toContain(
    `**<@${idOf(MODERATOR)}>** gave 2 roles to 2 members`,
  )
})

test('a role given by another bot is taken, and the bot is named', async () => {
  const town = await armedTown()
  const other = town.guild.join({ username: 'ticket-bot', bot: true })
  town.guild.give(idOf('ann'), 'Directors', { by: other.id })
  await untilTaken(town, 'ann', 'Directors')
  expect(await untilPosted(town, 'was taken')).toContain(`Given by <@${other.id}>`)
})

test('a role that an invite gives to a newcomer is taken', async () => {
  const town = await armedTown()
  const { id } = town.guild.join({ username: 'newcomer', roles: ['Directors'] })
  await town.sandbox.until(() => !town.guild.holds(id, 'Directors'))
  expect(town.guild.member(id)).toBeDefined()
})

test('of the roles given back to somebody who comes again, only what they have not earned is taken', async () => {
  const town = await armedTown()
  town.guild.leave(idOf('ann'))
  town.guild.join({ username: 'ann', id: idOf('ann'), roles: ['Pilots', 'Directors'] })
  await untilTaken(town, 'ann', 'Directors')
  expect(holds(town, 'ann', 'Pilots')).toBe(true)
})

test('somebody of whom the identity database has never heard loses a governed role', async () => {
  const town = await armedTown()
  give(town, 'other25', 'Pilots')
  await untilTaken(town, 'other25', 'Pilots')
})

test('a role renamed to a governed name is taken from its holders, in one run', async () => {
  const town = await armedTown({
    before: (guild) => {
      guild.createRole({ name: 'Wing' })
      for (const name of ['other20', 'other21']) guild.give(idOf(name), 'Wing', { silent: true })
    },
  })
  town.rights.governs('Wing')
  town.guild.editRole('Wing', { name: 'Directors' })
  const wing = [...town.guild.roles.values()].findLast(({ name }) => name === 'Directors')!.id
  for (const name of ['other20', 'other21']) await untilTaken(town, name, wing)
  const lines = await recorded(town)
  expect(lines.filter(({ type, data }) => type === 'run.opened' && data.purpose === 'group')).toHaveLength(1)
})

test('a role renamed to a governed name that many hold is taken from nobody: the plan waits for a human', async () => {
  const many = Array.from({ length: 6 }, (_, index) => `other${20 + index}`)
  const town = await armedTown({
    before: (guild) => {
      guild.createRole({ name: 'Wing' })
      for (const name of many) guild.give(idOf(name), 'Wing', { silent: true })
    },
  })
  town.guild.editRole('Wing', { name: 'Directors' })
  await untilPosted(town, 'too large and waits')
  await town.bot.stop()
  expect(town.rights.losses()).toEqual([])
  expect(writes(town)).toEqual([])
})

test('where realtime is not armed the role stays, and the finding says why', async () => {
  const town = await armedTown({ armed: false })
  give(town, 'ann', 'Directors')
  await say(town.guild, MODERATOR, 'explain', { member: idOf('ann') })
  const lines = await recorded(town)
  expect(storyOf(lines, 'ann')).toEqual(['finding.seen'])
  expect(lines.find(({ type }) => type === 'finding.seen')?.data.gates).toEqual(['unattended_not_armed'])
  expect(town.rights.losses()).toEqual([])
  expect(writes(town)).toEqual([])
})

test('nobody is kicked by a live look, whatever the policy says of those who have no right to be here', async () => {
  const kicking = { unknown_guest: 'strip_kick', linked_no_perm: 'strip_kick' }
  const town = await armedTown({ policy: kicking, before: mayKick })
  give(town, 'other25', 'Pilots')
  const { id } = town.guild.join({ username: 'newcomer', roles: ['Directors'] })
  // Told when all that was to be done to them is done.
  for (const memberId of [idOf('other25'), id]) await untilPosted(town, 'was taken', `<@${memberId}>`)
  await town.bot.stop()
  expect(town.sandbox.requests.count(KICK)).toBe(0)
})

test('a protected member, the owner and a role out of reach are left alone, live and by a sweep', async () => {
  const town = await armedTown({
    before: (guild) => {
      guild.createRole({ name: 'Admirals', position: 40 })
      guild.give(idOf('other21'), 'Admirals', { silent: true })
    },
    groups: ['Admirals'],
  })
  await say(town.guild, OWNER, 'protect member', { member: idOf('ann') })
  give(town, 'ann', 'Directors')
  give(town, OWNER, 'Directors')
  town.guild.give(idOf('other20'), 'Admirals', { by: idOf(OWNER) })
  give(town, 'other22', 'Directors')
  // Looked at in their turn: by the time that the last one is through, so are the others.
  await untilTaken(town, 'other22', 'Directors')
  await sweep(town)
  expect(holds(town, 'eve', 'Pilots')).toBe(false)
  for (const [name, role] of [
    ['ann', 'Directors'],
    [OWNER, 'Directors'],
    ['other20', 'Admirals'],
    ['other21', 'Admirals'],
  ] as const)
    expect([name, holds(town, name, role)]).toEqual([name, true])
  const lines = await recorded(town)
  const gates = (name: string) =>
    lines.find(({ type, subject }) => type === 'finding.seen' && subject === `member:${idOf(name)}`)?.data.gates
  expect([gates('ann'), gates(OWNER), gates('other20')]).toEqual([
    ['protected_member'],
    ['guild_owner'],
    ['out_of_reach'],
  ])
})

test('within an hour no more members are touched than in a run: the next one is only reported', async () => {
  const town = await armedTown()
  for (const name of ['other20', 'other21', 'other22']) {
    give(town, name, 'Directors')
    await untilTaken(town, name, 'Directors')
  }
  give(town, 'other23', 'Directors')
  await untilPosted(town, 'Too much at once', '4 members')
  const lines = await recorded(town)
  expect(holds(town, 'other23', 'Directors')).toBe(true)
  expect(storyOf(lines, 'other23')).toEqual(['finding.seen'])
})

test('so many roles handed out at one moment are not taken beyond the limit either', async () => {
  const town = await armedTown()
  const many = Array.from({ length: 8 }, (_, index) => `other${20 + index}`)
  for (const name of many) give(town, name, 'Directors')
  await untilPosted(town, 'Too much at once')
  await town.sandbox.until(() => many.filter((name) => !holds(town, name, 'Directors')).length === 3)
  const lines = await recorded(town)
  expect(many.filter((name) => !holds(town, name, 'Directors'))).toHaveLength(3)
  expect(lines.filter(({ type }) => type === 'action.intended')).toHaveLength(3)
})

test('a role given in the middle of a long sweep is taken before the rest of the sweep', async () => {
  const town = await armedTown({ rateScale: 0.1, before: crowd(38) })
  const removals = () => town.sandbox.requests.of(REMOVAL).map(({ params }) => params.user_id)
  const begun = town.sandbox.until(() => removals().length >= 15, 'the sweep to be under way')
  const swept = sweep(town)
  await begun
  give(town, 'ann', 'Directors')
  const before = removals().length
  expect((await swept).title).toBe('40 members out of order, 40 role changes made')
  expect(removals()).toHaveLength(41)
  // Those four who are in the sweep's hands may be on their way already.
  expect(removals().indexOf(idOf('ann')) - before).toBeLessThanOrEqual(6)
})

test('a sweep sends as many changes as there are to make, and the next one none', async () => {
  const town = await armedTown()
  await sweep(town)
  expect(writes(town).map(({ method }) => method)).toEqual(['DELETE', 'DELETE'])
  expect(town.rights.losses()).toEqual(['bob lost Directors', 'eve lost Pilots'])
  expect((await sweep(town)).title).toBe('Everybody is in order')
  expect(writes(town)).toHaveLength(2)
})
