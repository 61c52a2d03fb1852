import { REST } from '@discordjs/rest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Act } from '#src/core/run.ts'
import { type Enforcer, type EnforcerOptions, makeEnforcer } from '#src/discord/enforcer.ts'
import type { DiscordFault } from '#src/discord/faults.ts'
import { InvalidRequests } from '#src/discord/invalid-requests.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { keptLog, offences } from './listening.ts'

const ANN = '200000000000000001'
const BEN = '200000000000000002'
const REMOVE = 'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}'
const GIVE = 'PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}'

let sandbox: Sandbox
let against: readonly string[]
let guild: Guild
let enforcer: Enforcer
let fatal: DiscordFault[]
let pauses: number[]
let lines: string[]
let now: number

function begin(changes: Partial<EnforcerOptions> = {}): void {
  const kept = keptLog()
  fatal = []
  pauses = []
  lines = kept.lines
  now = 1_000_000
  enforcer = makeEnforcer({
    token: sandbox.token,
    apiUrl: sandbox.url,
    log: kept.log,
    onFatal: (fault) => void fatal.push(fault),
    now: () => now,
    waiting: { pause: async (ms) => void pauses.push(ms), random: () => 1 },
    ...changes,
  })
}

beforeEach(async () => {
  sandbox = await startSandbox({ rateScale: 0.01 })
  against = offences(sandbox)
  guild = sandbox.addGuild({
    name: 'Example',
    roles: ['Pilots', 'Directors'],
    members: [
      { id: ANN, username: 'ann', roles: ['Pilots', 'Directors'] },
      { id: BEN, username: 'ben', roles: ['Pilots'] },
    ],
  })
  begin()
})

afterEach(async () => {
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
  expect(against).toEqual([])
})

const act = (kind: Act['kind'], role: string, memberId = ANN): Act => ({
  kind,
  guildId: guild.id,
  memberId,
  roleId: guild.role(role).id,
})
const remove = (role = 'Pilots', memberId = ANN) => enforcer.perform(act('remove_role', role, memberId), 'because')
const rolesOf = (memberId: string) => guild.member(memberId)?.roles

describe('changing a role', () => {
  it('takes one role away and leaves the others', async () => {
    expect(await remove()).toEqual({ outcome: 'done', detail: null })
    expect(rolesOf(ANN)).toEqual([guild.role('Directors').id])
    expect(sandbox.requests.all.map(({ method, route }) => `${method} ${route}`)).toEqual([REMOVE])
  })

  it('gives one role and leaves the others', async () => {
    expect(await enforcer.perform(act('add_role', 'Directors', BEN), 'because')).toEqual({
      outcome: 'done',
      detail: null,
    })
    expect(rolesOf(BEN)).toEqual(expect.arrayContaining([guild.role('Pilots').id, guild.role('Directors').id]))
    expect(sandbox.requests.count(GIVE)).toBe(1)
  })

  it('shows the reason in the audit log, whatever people wrote in it, and keeps its mark where it is cut', async () => {
    await enforcer.perform(act('remove_role', 'Pilots'), 'Müller 🙂\nsaid\u0000 "no" \ud800 [0198-abc]')
    await enforcer.perform(act('remove_role', 'Directors'), `${'🙂x'.repeat(400)} [0198-abc]`)
    const [first = '', second = ''] = sandbox.requests.of(REMOVE).map(({ reason }) => reason)
    expect(first).toBe('Müller 🙂 said\u0000 "no" \ufffd [0198-abc]')
    expect(second).toMatch(/^(?:🙂x)+🙂?… \[0198-abc\]$/u)
    expect(second.length).toBeLessThanOrEqual(512)
  })

  it('has one write in flight for a member, and does not make members wait for each other', async () => {
    const arrived: string[] = []
    const isAnn = ({ params }: { params: Readonly<Record<string, string>> }) => params.user_id === ANN
    sandbox.faults.before(isAnn, ({ method }) => void arrived.push(method), Number.POSITIVE_INFINITY)
    const release = sandbox.faults.stall(isAnn)
    const ann = [remove('Pilots'), enforcer.perform(act('add_role', 'Pilots'), 'because'), remove('Directors')]
    // Giving has a rate limit of its own, so that nothing but our own chain holds Ann's second write back.
    expect(await enforcer.perform(act('add_role', 'Directors', BEN), 'because')).toMatchObject({ outcome: 'done' })
    expect(arrived).toEqual(['DELETE'])
    release()
    expect((await Promise.all(ann)).map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done'])
    expect(arrived).toEqual(['DELETE', 'PUT', 'DELETE'])
    expect(rolesOf(ANN)).toEqual([guild.role('Pilots').id])
  })

  it('loses no write where Discord would lose one of two at once', async () => {
    sandbox.faults.raceRoleWrites = true
    guild.take(ANN, 'Directors')
    await Promise.all([remove('Pilots'), enforcer.perform(act('add_role', 'Directors'), 'because')])
    expect(rolesOf(ANN)).toEqual([guild.role('Directors').id])
  })
})

describe("Discord's answers in our words", () => {
  it('gone: the member left', async () => {
    guild.leave(ANN)
    expect(await remove()).toEqual({ outcome: 'gone', detail: 'The member is no longer in the server.' })
  })

  it('gone: the role was deleted', async () => {
    const doomed = act('remove_role', 'Pilots')
    guild.deleteRole('Pilots')
    expect(await enforcer.perform(doomed, 'because')).toEqual({
      outcome: 'gone',
      detail: 'The role no longer exists in the server.',
    })
  })

  it('refused: the bot stands too low, and is told what to drag where', async () => {
    const low = sandbox.addGuild({
      name: 'Low',
      roles: ['Pilots'],
      members: [{ id: ANN, username: 'ann', roles: ['Pilots'] }],
      botPosition: 1,
    })
    const answer = await enforcer.perform(
      { kind: 'remove_role', guildId: low.id, memberId: ANN, roleId: low.role('Pilots').id },
      'because',
    )
    expect(answer).toMatchObject({ outcome: 'refused', detail: expect.stringContaining('drag that role above') })
    expect(pauses).toEqual([])
  })

  it.each([
    ['missingAccess', 'Invite it again'],
    ['missingPermissions', 'Manage Roles'],
    ['secondFactorRequired', 'two-factor'],
  ] as const)('refused: %s', async (name, says) => {
    sandbox.faults.refuse(1, name, REMOVE)
    expect(await remove()).toMatchObject({ outcome: 'refused', detail: expect.stringContaining(says) })
    expect(sandbox.requests.count(REMOVE)).toBe(1)
  })

  it('done after two faults of Discord, with growing pauses between the tries', async () => {
    sandbox.faults.serverErrors(2, 500, { route: REMOVE })
    expect(await remove()).toEqual({ outcome: 'done', detail: null })
    expect(pauses).toEqual([500, 1_000])
    expect(sandbox.requests.count(REMOVE)).toBe(3)
  })

  it('unknown after faults without end: it may have been done, and one of them was', async () => {
    sandbox.faults.serverErrors(Number.POSITIVE_INFINITY, 500, { route: REMOVE, done: true })
    expect(await remove()).toMatchObject({
      outcome: 'unknown',
      detail: expect.stringContaining('may have been done all the same'),
    })
    expect(sandbox.requests.count(REMOVE)).toBe(5)
    expect(rolesOf(ANN)).toEqual([guild.role('Directors').id])
  })

  it('unknown where a refusal follows a fault: the first try may have been carried out', async () => {
    sandbox.faults.serverErrors(1, 502, { route: REMOVE, done: true })
    sandbox.faults.refuse(1, 'missingPermissions', REMOVE)
    expect(await remove()).toMatchObject({ outcome: 'unknown' })
  })

  it('unknown where the connection breaks without an answer, again and again', async () => {
    sandbox.faults.cut(Number.POSITIVE_INFINITY, { route: REMOVE })
    expect(await remove()).toMatchObject({ outcome: 'unknown' })
  })

  it('failed where Discord cannot be reached at all: nothing can have happened', async () => {
    await sandbox.close()
    expect(await remove()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('Nothing was changed') })
    expect(pauses).toHaveLength(4)
    sandbox = await startSandbox()
  })

  it('failed, and nothing is done from then on, where the token is not good any more', async () => {
    begin({ token: 'a-token-that-was-reset' })
    expect(await remove()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('Reset Token') })
    expect(await remove('Directors')).toMatchObject({ outcome: 'failed' })
    expect(fatal).toMatchObject([{ kind: 'token' }])
    expect(sandbox.requests.total).toBe(1)
    expect(lines.join('')).not.toContain('a-token-that-was-reset')
  })
})

describe('limits', () => {
  it('are waited for: a burst goes through without being refused for its rate', async () => {
    const people = Array.from({ length: 25 }, (_, index) =>
      guild.join({ id: `3000000000000000${10 + index}`, username: `p${index}`, roles: ['Pilots'] }),
    )
    const answers = await Promise.all(people.map(({ id }) => remove('Pilots', id)))
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['done']))
    expect(sandbox.requests.answered(429)).toBe(0)
  })

  it('that Discord tells too often for one act end it', async () => {
    sandbox.faults.storm429(Number.POSITIVE_INFINITY, { route: REMOVE, retryAfter: 0.001 })
    expect(await remove()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('Nothing was changed') })
    expect(sandbox.requests.count(REMOVE)).toBe(6)
  })

  it('that are too long to wait for end an act at once', async () => {
    sandbox.faults.storm429(1, { route: REMOVE, retryAfter: 600 })
    expect(await remove()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('rate limit') })
  })

  it('stop all acts long before Discord would ban the address, and let them go on later', async () => {
    const invalid = new InvalidRequests(() => now)
    const reading = new REST({ api: sandbox.url, globalRequestsPerSecond: 1_000 }).setToken(sandbox.token)
    invalid.watch(reading)
    begin({ invalid })
    sandbox.faults.refuse(100, 'missingAccess', 'GET /users/@me')
    for (let time = 0; time < 99; time++) await reading.get('/users/@me').catch(() => {})
    sandbox.faults.refuse(1, 'missingPermissions', REMOVE)
    expect(await remove()).toMatchObject({ outcome: 'refused' })
    expect(await remove()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('for the next 10 min') })
    expect(sandbox.requests.count(REMOVE)).toBe(1)
    now += 600_000
    expect(await remove()).toMatchObject({ outcome: 'done' })
  })
})
