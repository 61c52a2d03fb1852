import { describe, expect, it } from 'vitest'
import { missedIn } from '#src/discord/roles-left.ts'
import { EDIT, KICK, memberId, openStage, READ, ROLES } from './acting.ts'

const done = { outcome: 'done', detail: null }

describe('kicking', () => {
  it('sends the member away, with the reason in the audit log', async () => {
    const { guild, sandbox, kick } = await openStage()
    expect(await kick(0)).toEqual(done)
    expect(guild.member(memberId(0))).toBeUndefined()
    expect(sandbox.requests.of(KICK).map(({ reason }) => reason)).toEqual(['because'])
  })

  it('gone: the member left by themselves', async () => {
    const { guild, kick } = await openStage()
    guild.leave(memberId(0))
    expect(await kick(0)).toEqual({ outcome: 'gone', detail: 'The member is no longer in the server.' })
  })

  it('refused: the member stands above the bot, or it may not kick; it is told what to switch on', async () => {
    const { kick } = await openStage({ guild: { botPosition: 1 } })
    expect(await kick(0)).toEqual({
      outcome: 'refused',
      detail: expect.stringMatching(/Kick Members.*Nobody can kick the owner/),
      refusal: true,
    })
  })
})

describe('taking several roles at once', () => {
  const members = [{ id: memberId(0), username: 'ann', roles: ['Pilots', 'Directors', 'Booster', 'Friends'] }]
  const roles = [
    'Pilots',
    'Directors',
    'Friends',
    { name: 'Booster', managed: true, tags: { premium_subscriber: null } },
  ]

  it('writes the roles that are left in one request, those of integrations and boosting among them', async () => {
    const { guild, sandbox, removeRoles } = await openStage({ guild: { roles, members } })
    expect(await removeRoles(0, ['Pilots', 'Directors'])).toEqual(done)
    const left = [guild.role('Booster').id, guild.role('Friends').id]
    expect(sandbox.requests.of(EDIT).map(({ body, reason }) => [body, reason])).toEqual([
      [{ roles: expect.toSatisfy((ids: string[]) => ids.toSorted().join() === left.toSorted().join()) }, 'because'],
    ])
    expect(guild.member(memberId(0))?.roles.toSorted()).toEqual(left.toSorted())
  })

  it('loses no role that was given after the caller looked', async () => {
    const { guild, sandbox, removeRoles } = await openStage({ guild: { roles, members } })
    guild.take(memberId(0), 'Friends')
    sandbox.faults.before(READ, () => guild.give(memberId(0), 'Friends'))
    expect(await removeRoles(0, ['Pilots', 'Directors'])).toEqual(done)
    expect(guild.member(memberId(0))?.roles).toContain(guild.role('Friends').id)
  })

  it('loses no role that was made and given after the caller looked', async () => {
    const { guild, sandbox, removeRoles } = await openStage({ guild: { roles, members } })
    sandbox.faults.before(READ, () => {
      guild.createRole({ name: 'Fresh' })
      guild.give(memberId(0), 'Fresh')
    })
    expect(await removeRoles(0, ['Pilots', 'Directors'])).toEqual(done)
    expect(guild.member(memberId(0))?.roles).toContain(guild.role('Fresh').id)
  })

  it('says which role was to stay and is gone all the same, to whoever reads the run and to the operator', async () => {
    const { guild, lines, removeRoles } = await openStage({ guild: { roles, members } })
    const friends = guild.role('Friends').id
    const setRoles = guild.setRoles.bind(guild)
    guild.setRoles = (id, wanted, deed) =>
      setRoles(
        id,
        [...wanted].filter((role) => role !== friends),
        deed,
      )
    expect(await removeRoles(0, ['Pilots', 'Directors'])).toEqual({
      outcome: 'done',
      detail: expect.stringMatching(new RegExp(`were to stay.*${friends}`)),
    })
    expect(lines.join('')).toContain(friends)
  })

  it.each([
    ['names them all', { user: { id: '3' }, roles: ['7', '8', '9'] }, []],
    ['gives whole roles in place of their ids', { user: { id: '3' }, roles: [{ id: '7' }, { id: '8' }] }, []],
    ['names one of them', { user: { id: '3' }, roles: ['7'] }, ['8']],
    ['names none', { user: { id: '3' }, roles: [] }, ['7', '8']],
    ['says nothing at all', undefined, []],
    ['says what nobody understands', { user: { id: '3' }, roles: 'Friends' }, []],
  ])('of two roles that were to stay misses those that are not named, where the answer %s', (_what, answer, missed) => {
    expect(missedIn(answer, '1000', ['7', '8'])).toEqual(missed)
  })

  it('writes back no role that the server no longer has', async () => {
    const { guild, sandbox, removeRoles } = await openStage({ guild: { roles, members } })
    sandbox.faults.deletedRoleIds = true
    const friends = guild.role('Friends').id
    guild.deleteRole('Friends')
    expect(await removeRoles(0, ['Pilots', 'Directors'])).toEqual(done)
    expect(sandbox.requests.of(READ)[0]?.answer).toMatchObject({ roles: expect.arrayContaining([friends]) })
    expect(sandbox.requests.of(EDIT).map(({ body }) => body)).toEqual([{ roles: [guild.role('Booster').id] }])
  })

  it('changes nothing where there is nothing left to take', async () => {
    const { guild, sandbox, removeRoles } = await openStage({ guild: { roles, members } })
    guild.take(memberId(0), 'Pilots')
    expect(await removeRoles(0, ['Pilots'])).toEqual(done)
    expect(sandbox.requests.count(EDIT)).toBe(0)
  })

  it('changes nothing where the member cannot be read right before', async () => {
    const { guild, sandbox, removeRoles, pauses } = await openStage({ guild: { roles, members } })
    sandbox.faults.serverErrors(Number.POSITIVE_INFINITY, 500, { route: READ })
    expect(await removeRoles(0, ['Pilots'])).toEqual({
      outcome: 'failed',
      detail: expect.stringMatching(/reading member .*Nothing was changed/),
    })
    expect(pauses).toHaveLength(4)
    sandbox.faults.calm()
    guild.leave(memberId(0))
    expect(await removeRoles(0, ['Pilots'])).toMatchObject({ outcome: 'gone' })
    expect(sandbox.requests.count(EDIT)).toBe(0)
  })

  it.each([
    ['the member', READ],
    ['the roles of the server after them', ROLES],
  ])('changes nothing where Discord took so long to show %s that the look may be old news', async (_what, slow) => {
    let ahead = 0
    const elapsed = () => performance.now() + ahead
    const { sandbox, removeRoles } = await openStage({ guild: { roles, members }, enforcer: { elapsed } })
    const slowly = () => {
      ahead += 3_100
    }
    sandbox.faults.before(slow, slowly, Number.POSITIVE_INFINITY)
    expect(await removeRoles(0, ['Pilots'])).toEqual({
      outcome: 'failed',
      detail: expect.stringMatching(/more than 3 s.*Nothing was changed.*BULK_STRIP/),
    })
    expect(sandbox.requests.count(EDIT)).toBe(0)
  })

  it('is done at the second try where only the first look took so long', async () => {
    let ahead = 0
    const elapsed = () => performance.now() + ahead
    const { sandbox, removeRoles } = await openStage({ guild: { roles, members }, enforcer: { elapsed } })
    const slowly = () => {
      ahead += 3_100
    }
    sandbox.faults.before(READ, slowly)
    expect(await removeRoles(0, ['Pilots'])).toEqual(done)
    expect(sandbox.requests.count(EDIT)).toBe(1)
  })

  it('refused: a role that is to go belongs to an integration', async () => {
    const { removeRoles } = await openStage({ guild: { roles, members } })
    expect(await removeRoles(0, ['Pilots', 'Booster'])).toMatchObject({ outcome: 'refused', refusal: true })
  })

  it('unknown: the connection broke without an answer, again and again', async () => {
    const { sandbox, removeRoles } = await openStage({ guild: { roles, members } })
    sandbox.faults.cut(Number.POSITIVE_INFINITY, { route: EDIT })
    expect(await removeRoles(0, ['Pilots'])).toMatchObject({ outcome: 'unknown' })
  })

  it('is done once where the answer was lost: the next look shows it', async () => {
    const { sandbox, removeRoles } = await openStage({ guild: { roles, members } })
    sandbox.faults.cut(1, { route: EDIT, done: true })
    expect(await removeRoles(0, ['Pilots'])).toEqual(done)
    expect(sandbox.requests.count(EDIT)).toBe(1)
  })
})
