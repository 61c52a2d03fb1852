import { REST } from '@discordjs/rest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Act } from '#src/core/run.ts'
import { type Enforcer, type EnforcerOptions, makeEnforcer } from '#src/discord/enforcer.ts'
import { Errand, type Performing } from '#src/discord/errand.ts'
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
/** How often it was asked whether an act is still wanted, and what is answered. */
let asked: number
let wanted: () => Promise<boolean>

function begin(changes: Partial<EnforcerOptions> = {}): void {
  const kept = keptLog()
  fatal = []
  pauses = []
  lines = kept.lines
  now = 1_000_000
  asked = 0
  wanted = async () => true
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

const act = (kind: 'remove_role' | 'add_role', role: string, memberId = ANN): Act => ({
  kind,
  guildId: guild.id,
  memberId,
  roleId: guild.role(role).id,
})
const justNow = () => ({ elapsed: performance.now(), now: Date.now() })
const stillWanted = () => {
  asked++
  return wanted()
}
const perform = (one: Act, { reason = 'because', lane = 'sweep', lookedAt = justNow() }: Partial<Performing> = {}) =>
  enforcer.perform(one, { reason, lane, lookedAt, stillWanted })
const remove = (role = 'Pilots', memberId = ANN) => perform(act('remove_role', role, memberId))
const rolesOf = (memberId: string) => guild.member(memberId)?.roles

describe('changing a role', () => {
  it('takes one role away and leaves the others', async () => {
    expect(await remove()).toEqual({ outcome: 'done', detail: null })
    expect(rolesOf(ANN)).toEqual([guild.role('Directors').id])
    expect(sandbox.requests.all.map(({ method, route }) => `${method} ${route}`)).toEqual([REMOVE])
  })

  it('gives one role and leaves the others', async () => {
    expect(await perform(act('add_role', 'Directors', BEN))).toEqual({
      outcome: 'done',
      detail: null,
    })
    expect(rolesOf(BEN)).toEqual(expect.arrayContaining([guild.role('Pilots').id, guild.role('Directors').id]))
    expect(sandbox.requests.count(GIVE)).toBe(1)
  })

  it('shows the reason in the audit log, whatever people wrote in it, and keeps its mark where it is cut', async () => {
    await perform(act('remove_role', 'Pilots'), { reason: 'Müller 🙂\nsaid\u0000 "no" \ud800 [0198-abc]' })
    await perform(act('remove_role', 'Directors'), { reason: `${'🙂x'.repeat(400)} [0198-abc]` })
    const [first = '', second = ''] = sandbox.requests.of(REMOVE).map(({ reason }) => reason)
    expect(first).toBe('Müller 🙂 said\u0000 "no" \ufffd [0198-abc]')
    expect(second).toMatch(/^(?:🙂x)+🙂?… \[0198-abc\]$/u)
    expect(second.length).toBeLessThanOrEqual(512)
  })

  it('has one write in flight for a member, and does not make other servers wait', async () => {
    const other = sandbox.addGuild({ name: 'Other', roles: ['Pilots'], members: [{ id: BEN, username: 'ben' }] })
    const arrived: string[] = []
    const isAnn = ({ params }: { params: Readonly<Record<string, string>> }) => params.user_id === ANN
    sandbox.faults.before(isAnn, ({ method }) => void arrived.push(method), Number.POSITIVE_INFINITY)
    const release = sandbox.faults.stall(isAnn)
    const ann = [remove('Pilots'), perform(act('add_role', 'Pilots')), remove('Directors')]
    const elsewhere: Act = { kind: 'add_role', guildId: other.id, memberId: BEN, roleId: other.role('Pilots').id }
    expect(await perform(elsewhere)).toMatchObject({ outcome: 'done' })
    expect(arrived).toEqual(['DELETE'])
    release()
    expect((await Promise.all(ann)).map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done'])
    expect(arrived).toEqual(['DELETE', 'PUT', 'DELETE'])
    expect(rolesOf(ANN)).toEqual([guild.role('Pilots').id])
  })

  it('loses no write where Discord would lose one of two at once', async () => {
    sandbox.faults.raceRoleWrites = true
    guild.take(ANN, 'Directors')
    await Promise.all([remove('Pilots'), perform(act('add_role', 'Directors'))])
    expect(rolesOf(ANN)).toEqual([guild.role('Directors').id])
  })
})

describe("Discord's answers in our words", () => {
  it('gone: the member left', async () => {
    guild.leave(ANN)
    expect(await remove()).toEqual({ outcome: 'gone', detail: 'The member is no longer in the server.' })
  })

  it('refused: the role was deleted, and nobody is said to have left', async () => {
    const doomed = act('remove_role', 'Pilots')
    guild.deleteRole('Pilots')
    expect(await perform(doomed)).toEqual({
      outcome: 'refused',
      detail: 'The role no longer exists in the server (Unknown Role, 10011).',
    })
  })

  it('refused: the bot is no longer in the server, which is no refusal that a role is to be left alone for', async () => {
    const elsewhere = { ...act('remove_role', 'Pilots'), guildId: '100000000000000009' }
    expect(await perform(elsewhere)).toEqual({
      outcome: 'refused',
      detail: 'The bot is no longer in this server (Unknown Guild, 10004). Invite it again.',
    })
  })

  it('refused: the bot stands too low, and is told what to drag where', async () => {
    const low = sandbox.addGuild({
      name: 'Low',
      roles: ['Pilots'],
      members: [{ id: ANN, username: 'ann', roles: ['Pilots'] }],
      botPosition: 1,
    })
    const answer = await perform({
      kind: 'remove_role',
      guildId: low.id,
      memberId: ANN,
      roleId: low.role('Pilots').id,
    })
    expect(answer).toEqual({
      outcome: 'refused',
      detail: expect.stringContaining('drag that role above'),
      refusal: true,
    })
    expect(pauses).toEqual([])
  })

  it.each([
    ['missingAccess', 'Invite it again'],
    ['missingPermissions', 'Manage Roles'],
    ['invalidRole', 'belongs to an integration'],
    ['secondFactorRequired', 'two-factor'],
  ] as const)('refused: %s', async (name, says) => {
    sandbox.faults.refuse(1, name, REMOVE)
    const refused = { outcome: 'refused', detail: expect.stringContaining(says), refusal: true }
    expect(await remove()).toEqual(refused)
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

  it('failed by one answer alone, where the token is not good any more in the middle of many acts', async () => {
    const people = Array.from({ length: 20 }, (_, index) =>
      guild.join({ id: `3000000000000000${10 + index}`, username: `p${index}`, roles: ['Pilots'] }),
    )
    await Promise.all(people.slice(0, 5).map(({ id }) => remove('Pilots', id)))
    const before = sandbox.requests.total
    sandbox.faults.refuse(Number.POSITIVE_INFINITY, 'unauthorized', REMOVE)
    expect(await remove('Pilots', people[5]!.id)).toMatchObject({ outcome: 'failed' })
    const late = await Promise.all(people.slice(6).map(({ id }) => remove('Pilots', id)))
    expect(late.map(({ outcome }) => outcome)).toEqual(late.map(() => 'failed'))
    expect([sandbox.requests.total - before, fatal.length]).toEqual([1, 1])
  })
})

describe('limits', () => {
  it('are waited for: a burst goes through without being refused for its rate, and each is asked after at most twice', async () => {
    const people = Array.from({ length: 25 }, (_, index) =>
      guild.join({ id: `3000000000000000${10 + index}`, username: `p${index}`, roles: ['Pilots'] }),
    )
    const answers = await Promise.all(people.map(({ id }) => remove('Pilots', id)))
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['done']))
    expect(sandbox.requests.answered(429)).toBe(0)
    // All but the first stood in line; the first of each new window was asked before the limit and after it.
    expect(asked).toBeGreaterThanOrEqual(24)
    expect(asked).toBeLessThanOrEqual(24 + 25)
  })

  it('that Discord tells too often for one act end it', async () => {
    sandbox.faults.storm429(Number.POSITIVE_INFINITY, { route: REMOVE, retryAfter: 0.001 })
    expect(await remove()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('Nothing was changed') })
    expect([sandbox.requests.count(REMOVE), asked]).toEqual([21, 20])
  })

  it('that are too long to wait for end an act at once', async () => {
    sandbox.faults.storm429(1, { route: REMOVE, retryAfter: 600 })
    expect(await remove()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('rate limit') })
    expect(asked).toBe(0)
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

describe('an answer of Discord that brings a ban of the address nearer', () => {
  const ME = 'GET /users/@me'
  const HUNDRED = 100

  /** A hundred of these answers come to other clients of the bot; every one of them is let go of after its own. */
  async function hear(answer: () => void): Promise<void> {
    const invalid = new InvalidRequests(() => now)
    begin({ invalid })
    answer()
    for (let time = 0; time < HUNDRED; time += 1) {
      const options = { api: sandbox.url, globalRequestsPerSecond: 1_000, retries: 0, rejectOnRateLimit: () => true }
      const client = new REST(options).setToken(sandbox.token)
      invalid.watch(client)
      await client.get('/users/@me').catch(() => {})
    }
  }

  it.each([
    ['that the token is no good', () => sandbox.faults.refuse(HUNDRED, 'unauthorized', ME)],
    ['that it is not allowed', () => sandbox.faults.refuse(HUNDRED, 'missingAccess', ME)],
    ['that the bot asks too often', () => sandbox.faults.storm429(HUNDRED, { route: ME, retryAfter: 0.001 })],
  ])('is one %s', async (_what, answer) => {
    await hear(answer)
    expect(await remove()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('100 requests') })
    expect(sandbox.requests.count(REMOVE)).toBe(0)
  })

  it('is none that others ask too often for what the bot shares with them', async () => {
    await hear(() => sandbox.faults.storm429(HUNDRED, { route: ME, retryAfter: 0.001, scope: 'shared' }))
    expect(await remove()).toMatchObject({ outcome: 'done' })
  })
})

describe('an act of which the look is more than a second old', () => {
  const old = () => ({ lookedAt: { elapsed: performance.now() - 1_001, now: Date.now() } })

  it('is asked after before it is sent, though nothing had to be waited for at the door', async () => {
    expect(await perform(act('remove_role', 'Pilots'), old())).toMatchObject({ outcome: 'done' })
    expect(asked).toBe(1)
  })

  it('is asked after though by one clock no time has passed: the machine slept meanwhile', async () => {
    const slept = { lookedAt: { elapsed: performance.now(), now: Date.now() - 3_600_000 } }
    wanted = async () => false
    expect(await perform(act('remove_role', 'Pilots'), slept)).toMatchObject({ outcome: 'changed' })
    expect([asked, sandbox.requests.total]).toEqual([1, 0])
  })

  it.each([
    ['a moment later', 999, 999, true],
    ['a second later', 1_000, 1_000, false],
    ['though one clock stood still: the machine slept', 1, 3_600_000, false],
    ['though the clock on the wall was set back', 1_000, -3_600_000, false],
  ])('counts a yes as one of this moment, or not: %s', async (_, elapsed, wall, isFresh) => {
    const then = { elapsed: 5, now: 1_000_000 }
    const errand = new Errand(act('remove_role', 'Pilots'), '', {
      reason: '',
      lane: 'sweep',
      lookedAt: then,
      stillWanted,
    })
    errand.age()
    expect(errand.isFresh(then)).toBe(false)
    await errand.ask(() => then)
    expect(errand.isFresh({ elapsed: then.elapsed + elapsed, now: then.now + wall })).toBe(isFresh)
  })

  it('is left alone where its member became entitled since', async () => {
    wanted = async () => false
    expect(await perform(act('remove_role', 'Pilots'), old())).toMatchObject({ outcome: 'changed' })
    expect(sandbox.requests.total).toBe(0)
  })
})

describe('an act that had to wait', () => {
  const entitled = async () => false

  it('is asked after only where it waited', async () => {
    expect(await remove()).toMatchObject({ outcome: 'done' })
    expect(asked).toBe(0)
  })

  it('is left alone where its member became entitled while a rate limit passed', async () => {
    sandbox.faults.storm429(1, { route: REMOVE, retryAfter: 0.02 })
    wanted = entitled
    expect(await remove()).toMatchObject({ outcome: 'changed', detail: expect.stringContaining('no longer wanted') })
    expect([sandbox.requests.count(REMOVE), asked]).toEqual([1, 1])
    expect(rolesOf(ANN)).toContain(guild.role('Pilots').id)
  })

  it('is left alone where its member became entitled while a limit passed that was foreseen', async () => {
    const people = Array.from({ length: 10 }, (_, index) =>
      guild.join({ id: `3000000000000000${10 + index}`, username: `p${index}`, roles: ['Pilots'] }),
    )
    await sandbox.close()
    sandbox = await startSandbox({ rateScale: 0.1 })
    against = offences(sandbox)
    guild = sandbox.addGuild({
      name: 'Example',
      roles: ['Pilots'],
      members: [...people.map(({ id }) => id), ANN].map((id) => ({ id, username: `p${id}`, roles: ['Pilots'] })),
    })
    begin()
    for (const { id } of people)
      expect(await perform(act('remove_role', 'Pilots', id), { lane: 'live' })).toMatchObject({ outcome: 'done' })
    expect(asked).toBe(0)
    wanted = entitled
    expect(await remove()).toMatchObject({ outcome: 'changed' })
    expect([sandbox.requests.count(REMOVE), sandbox.requests.answered(429)]).toEqual([10, 0])
  })

  it('is left alone where it waited behind another of its member that changed what is wanted', async () => {
    wanted = entitled
    const [first, second] = await Promise.all([remove('Pilots'), remove('Directors')])
    expect([first.outcome, second.outcome]).toEqual(['done', 'changed'])
    expect(rolesOf(ANN)).toEqual([guild.role('Directors').id])
  })

  it('is unknown where a fault came first: that try may have been carried out', async () => {
    sandbox.faults.serverErrors(1, 500, { route: REMOVE, done: true })
    wanted = entitled
    expect(await remove()).toMatchObject({ outcome: 'unknown', detail: expect.stringContaining('may have been done') })
    expect(sandbox.requests.count(REMOVE)).toBe(1)
  })

  it('is not sent where nobody can say whether it is still wanted', async () => {
    sandbox.faults.storm429(1, { route: REMOVE, retryAfter: 0.001 })
    wanted = () => Promise.reject(new Error('the source is silent'))
    expect(await remove()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('nothing was changed') })
    expect(sandbox.requests.count(REMOVE)).toBe(1)
    expect(lines.join('')).toContain('the source is silent')
  })

  it('is unknown where nobody can say so after a fault', async () => {
    sandbox.faults.cut(1, { route: REMOVE, done: true })
    wanted = () => Promise.reject(new Error('the source is silent'))
    expect(await remove()).toMatchObject({ outcome: 'unknown', detail: expect.stringContaining('may have been done') })
    expect(sandbox.requests.count(REMOVE)).toBe(1)
  })
})

describe('once the bot is asked to stop', () => {
  const STOPPED = {
    outcome: 'failed',
    detail: 'The bot was asked to stop before this was sent; nothing was changed.',
  } as const
  const soon = { timeout: 5_000, interval: 5 }

  it('nothing is sent any more', async () => {
    enforcer.stop()
    expect(await remove()).toEqual(STOPPED)
    expect(sandbox.requests.total).toBe(0)
  })

  it('what waits for a limit, and what stands behind it, ends at once', async () => {
    sandbox.faults.storm429(1, { route: REMOVE, retryAfter: 50 })
    const waiting = [remove('Pilots'), remove('Directors'), remove('Pilots', BEN)]
    await expect.poll(() => sandbox.requests.answered(429), soon).toBe(1)
    enforcer.stop()
    expect(await Promise.all(waiting)).toEqual([STOPPED, STOPPED, STOPPED])
    expect(sandbox.requests.count(REMOVE)).toBe(1)
  })

  it('what pauses after a fault is unknown: that try may have been carried out', async () => {
    begin({ waiting: { pause: () => new Promise<void>(() => {}), random: () => 1 } })
    sandbox.faults.serverErrors(1, 500, { route: REMOVE, done: true })
    const waiting = remove()
    await expect.poll(() => lines.length, soon).toBe(1)
    enforcer.stop()
    expect(await waiting).toMatchObject({ outcome: 'unknown' })
    expect(sandbox.requests.count(REMOVE)).toBe(1)
  })

  it('what is asked after is not sent, whatever the answer', async () => {
    sandbox.faults.storm429(1, { route: REMOVE, retryAfter: 0.001 })
    wanted = () => new Promise<boolean>(() => {})
    const waiting = remove()
    await expect.poll(() => asked, soon).toBe(1)
    enforcer.stop()
    expect(await waiting).toEqual(STOPPED)
  })

  it('what is in flight still gets its answer, and those behind it do not wait for that', async () => {
    const arrived: string[] = []
    sandbox.faults.before(REMOVE, ({ method }) => void arrived.push(method))
    const release = sandbox.faults.stall(REMOVE)
    const [flying, behind] = [remove('Pilots'), remove('Directors')]
    await expect.poll(() => arrived, soon).toHaveLength(1)
    enforcer.stop()
    expect(await behind).toEqual(STOPPED)
    release()
    expect(await flying).toMatchObject({ outcome: 'done' })
  })
})
