import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { memberId, openStage, REMOVE, SOON } from './acting.ts'

const done = { outcome: 'done', detail: null }

/** Who came in which order, by their numbers. */
const numbers = (arrived: readonly string[]) => arrived.map((id) => Number(BigInt(id) - BigInt(memberId(0))))

describe("in the line at Discord's door", () => {
  it('a live act goes before a command, a command before a sweep, and of each who came first', async () => {
    const { sandbox, remove, arrived } = await openStage()
    const release = sandbox.faults.stall(REMOVE)
    const acts = [remove(0, 'sweep'), remove(1, 'sweep'), remove(2, 'command'), remove(3, 'live')]
    acts.push(remove(4, 'sweep'), remove(5, 'command'), remove(6, 'live'))
    await expect.poll(() => arrived, SOON).toHaveLength(1)
    release()
    expect(await Promise.all(acts)).toEqual(acts.map(() => done))
    const [first, ...rest] = numbers(arrived)
    // Those of the first two lanes go at the same moment, by connections of their own.
    const [live, commands, sweeps] = [rest.slice(0, 2).toSorted(), rest.slice(2, 4).toSorted(), rest.slice(4)]
    expect([first, live, commands, sweeps]).toEqual([0, [3, 6], [2, 5], [1, 4]])
  })

  it('who waits for a rate limit holds up nobody: when it has passed, the most urgent goes first', async () => {
    const { sandbox, remove, arrived } = await openStage()
    sandbox.faults.storm429(1, { route: REMOVE, retryAfter: 0.1 })
    const sweep = remove(0, 'sweep')
    await expect.poll(() => sandbox.requests.answered(429), SOON).toBe(1)
    const live = remove(1, 'live')
    expect(await Promise.all([sweep, live])).toEqual([done, done])
    expect(numbers(arrived)).toEqual([0, 1, 0])
  })

  it('a limit on kicks holds up no role write', async () => {
    const { sandbox, kick, remove, enforcer } = await openStage()
    sandbox.faults.storm429(1, { route: 'DELETE /guilds/{guild_id}/members/{user_id}', retryAfter: 50 })
    const kicked = kick(0)
    await expect.poll(() => sandbox.requests.answered(429), SOON).toBe(1)
    expect(await remove(1, 'sweep')).toEqual(done)
    enforcer.stop()
    expect(await kicked).toMatchObject({ outcome: 'failed' })
  })

  it('a live act waits for the act in flight on the same member, and for no other', async () => {
    const { sandbox, remove, kick, arrived } = await openStage()
    await remove(0, 'sweep')
    const release = sandbox.faults.stall(REMOVE)
    const sweep = Array.from({ length: 20 }, (_, index) => remove(1 + index, 'sweep'))
    await expect.poll(() => arrived.length, SOON).toBeGreaterThan(1)
    const live = kick(1, 'live')
    release()
    expect(await live).toEqual(done)
    expect(arrived.lastIndexOf(memberId(1))).toBeLessThanOrEqual(4)
    expect(arrived.filter((id) => id === memberId(1))).toHaveLength(2)
    expect(await Promise.all(sweep)).toEqual(sweep.map(() => done))
  })

  it('a live act does not wait for an act on the same member that is itself still waiting', async () => {
    const { guild, sandbox, remove, perform, arrived } = await openStage()
    const release = sandbox.faults.stall(REMOVE)
    const acts = [0, 1, 2, 3].map((member) => remove(member, 'sweep'))
    await expect.poll(() => arrived, SOON).toHaveLength(1)
    const roleId = guild.role('Directors').id
    acts.push(perform({ kind: 'add_role', guildId: guild.id, memberId: memberId(3), roleId }, 'live'))
    release()
    expect(await Promise.all(acts)).toEqual(acts.map(() => done))
    expect(numbers(arrived)).toEqual([0, 3, 1, 2, 3])
  })

  it('two acts on one member are never in flight together, though there is room', async () => {
    const { guild, sandbox, remove, perform, arrived } = await openStage()
    await remove(1)
    const release = sandbox.faults.stall(REMOVE)
    const roleId = guild.role('Directors').id
    const give = { kind: 'add_role', guildId: guild.id, memberId: memberId(0), roleId } as const
    const acts = [remove(0, 'live'), perform(give, 'live'), remove(2, 'live')]
    await expect.poll(() => arrived, SOON).toHaveLength(3)
    expect(numbers(arrived)).not.toEqual([1, 0, 0])
    release()
    expect(await Promise.all(acts)).toEqual(acts.map(() => done))
    expect(numbers(arrived).toSorted()).toEqual([0, 0, 1, 2])
  })

  it('a live act behind a full sweep waits no longer than two requests take by the limit', async () => {
    const { remove } = await openStage({ sandbox: { rateScale: 0.2 }, members: 60 })
    const share = 200
    const sweep = Array.from({ length: 10 }, (_, index) => remove(index, 'sweep'))
    const waits: number[] = []
    for (let act = 0; act < 3; act++) {
      await sweep[act * 2 + 1]
      const from = performance.now()
      expect(await remove(40 + act, 'live')).toEqual(done)
      waits.push(performance.now() - from)
    }
    expect(Math.max(...waits)).toBeLessThan(2 * share)
    expect(await Promise.all(sweep)).toEqual(sweep.map(() => done))
  })

  it('nothing is lost between windows, though everybody is asked after first and that takes a while', async () => {
    const { sandbox, remove, asked } = await openStage({ stillWanted: () => after(150, true) })
    const from = performance.now()
    await Promise.all(Array.from({ length: 40 }, (_, index) => remove(index)))
    const least = 3 * 500 + 9 * 50
    expect(performance.now() - from).toBeLessThan(1.12 * least + 150)
    expect(asked()).toBeLessThan(45)
    expect(sandbox.requests.answered(429)).toBe(0)
  })

  it('whoever was asked after is asked again where another act on the same member overtook it', async () => {
    const answers: ((wanted: boolean) => void)[] = []
    const stillWanted = () => new Promise<boolean>((resolve) => void answers.push(resolve))
    const { sandbox, remove, arrived } = await openStage({ stillWanted })
    const release = sandbox.faults.stall(REMOVE)
    const [first, sweep] = [remove(0, 'live'), remove(1, 'sweep')]
    await expect.poll(() => arrived, SOON).toHaveLength(1)
    release()
    await expect.poll(() => answers, SOON).toHaveLength(1)
    expect(await remove(1, 'live')).toEqual(done)
    answers[0]?.(true)
    await expect.poll(() => answers, SOON).toHaveLength(2)
    answers[1]?.(false)
    expect(await first).toEqual(done)
    expect(await sweep).toMatchObject({ outcome: 'changed' })
    expect(numbers(arrived)).toEqual([0, 1])
  })
})

describe('what is in flight at once', () => {
  it('is one request where nothing is known of the limit, and then as many as the answer tells are left', async () => {
    const { sandbox, remove, arrived } = await openStage({ sandbox: { rateScale: 0.1 } })
    const first = sandbox.faults.stall(REMOVE)
    const acts = Array.from({ length: 14 }, (_, index) => remove(index, 'live'))
    await expect.poll(() => arrived, SOON).toHaveLength(1)
    const others = sandbox.faults.stall(REMOVE)
    first()
    await expect.poll(() => arrived, SOON).toHaveLength(10)
    others()
    expect(await Promise.all(acts)).toEqual(acts.map(() => done))
    expect(arrived).toHaveLength(14)
    expect(sandbox.requests.answered(429)).toBe(0)
  })

  it('is as much as may be where a server tells of no limits', async () => {
    const { sandbox, remove, arrived, pauses } = await openStage({ sandbox: { limits: false } })
    await remove(0)
    const release = sandbox.faults.stall(REMOVE)
    const acts = Array.from({ length: 30 }, (_, index) => remove(1 + index))
    await expect.poll(() => arrived, SOON).toHaveLength(11)
    release()
    expect(await Promise.all(acts)).toEqual(acts.map(() => done))
    expect(pauses).toEqual([])
  })

  it('is nothing at all while Discord asks everything to wait, in whichever server', async () => {
    const { sandbox, remove, perform, arrived, lines } = await openStage()
    const other = sandbox.addGuild({ name: 'Other', roles: ['Pilots'], members: [{ id: memberId(0), username: 'p' }] })
    sandbox.faults.storm429(1, { route: REMOVE, retryAfter: 0.2, scope: 'global' })
    const here = remove(0)
    await expect.poll(() => lines.join(''), SOON).toContain('Waiting for a rate limit')
    const from = performance.now()
    const roleId = other.role('Pilots').id
    expect(await perform({ kind: 'add_role', guildId: other.id, memberId: memberId(0), roleId }, 'live')).toEqual(done)
    expect(performance.now() - from).toBeGreaterThan(100)
    expect(await here).toEqual(done)
    expect(arrived).toHaveLength(3)
  })

  it('leaves a part of what the bot may send in a second to live acts', async () => {
    const { remove, arrived } = await openStage({ sandbox: { limits: false }, enforcer: { perSecond: 8 } })
    await remove(0)
    const sweep = Array.from({ length: 8 }, (_, index) => remove(1 + index))
    await expect.poll(() => arrived, SOON).toHaveLength(6)
    const live = [20, 21].map((member) => remove(member, 'live'))
    expect(await Promise.all(live)).toEqual([done, done])
    expect(arrived).toHaveLength(8)
    expect(await Promise.all(sweep)).toEqual(sweep.map(() => done))
  })
})

describe('the pace', () => {
  it('is the known one before the first answer, and then what the limits allow that Discord told', async () => {
    const { enforcer, guild, remove } = await openStage()
    const paces = () =>
      (['remove_role', 'add_role', 'remove_roles', 'kick'] as const).map((kind) => enforcer.pace(guild.id, kind))
    expect(paces()).toEqual([1, 1, 1, 5])
    await remove(0)
    const [taking = 0, giving = 0, ...others] = paces()
    expect(taking).toBeCloseTo(20, 0)
    expect(giving).toBe(taking)
    expect(others).toEqual([1, 5])
    expect(enforcer.pace('100000000000000009', 'remove_role')).toBe(1)
  })
})
