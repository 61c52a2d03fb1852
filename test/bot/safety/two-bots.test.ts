import { expect, test, vi } from 'vitest'
import { withServer } from '../../database.ts'
import { openProxy } from '../../severed.ts'
import { changesMade, openActs } from '../account.ts'
import { freePort } from '../free-port.ts'
import {
  type Armed,
  actsOf,
  armed,
  beginStrip,
  closeLater,
  holdToAccount,
  IN_HAND,
  lastRun,
  linesOf,
  type Night,
  OUT_OF_ORDER,
  REMOVAL,
  removalsAsked,
  shut,
  stripped,
  untilRecorded,
} from '../night.ts'
import type { Program } from '../program.ts'
import { MODERATOR, OWNER, say, shownBy, untilLive, withBook } from '../town.ts'

// Two programs on one database: one acts, the other stands by. Whatever becomes of the first, there are never two that act.

holdToAccount()
vi.setConfig({ testTimeout: 90_000 })

const ENDS = 'Another rolecall has taken over this database'

/** A second program, once it stands by. */
async function secondOf(town: Night, more: Readonly<Record<string, string>> = {}): Promise<Program> {
  const second = town.program(more)
  await second.says('stands by')
  return second
}

/** Milliseconds until the second acts, connected to Discord, in place of the first, to whom something happens now. */
async function takeoverBy(second: Program, what: string, happens: () => unknown): Promise<number> {
  const from = performance.now()
  await happens()
  await second.says('This bot acts on this database from now on.')
  await second.connected()
  const took = performance.now() - from
  console.log(`${what}: the second acts after ${(took / 1_000).toFixed(1)} s`)
  return took
}

/** Four acts of a run are written down and wait for a rate limit; nothing has been done yet. */
async function actsThatWait(town: Armed, seconds = 3): Promise<void> {
  town.sandbox.faults.storm429(1, { route: REMOVAL, retryAfter: seconds })
  await beginStrip(town)
  await untilRecorded(town, (lines) => lines.filter(({ type }) => type === 'action.intended').length === IN_HAND)
}

/** Another one acts from now on, and the bot has not heard of it. */
const takePlaceOf = async ({ place }: Night): Promise<void> => {
  const take = `update leadership set term = term + 1, holder = gen_random_uuid(), beat_at = now()`
  await withBook(place, ({ sql }) => sql.unsafe(take))
}

/** The second goes on with what the first left, and nothing is done twice. */
async function expectTheRest(town: Night): Promise<void> {
  await untilLive(town.guild)
  const { id } = await lastRun(town)
  const shown = shownBy(await say(town.guild, MODERATOR, 'audit resume', { run: id }))
  expect(shown.title, shown.text).toBe('8 members out of order, 8 role changes made')
  expect(await lastRun(town)).toMatchObject({ id, state: 'completed', outcomes: { done: 8 } })
  expect(stripped(town)).toEqual(OUT_OF_ORDER)
  expect(changesMade(town.sandbox)).toHaveLength(8)
  expect(openActs(await linesOf(town))).toEqual([])
}

const readiness = async (port: string) => {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
  return { status: answer.status, text: await answer.text() }
}

withServer('two bots on one database', () => {
  test('the second stands by: it says so in its log and at its door, and answers nobody', async () => {
    const town = await armed()
    const port = await freePort()
    const second = await secondOf(town, { HEALTH_PORT: port })
    expect(await readiness(port)).toEqual({
      status: 503,
      text: expect.stringContaining('another bot acts on this database, and this one stands by'),
    })
    expect(shownBy(await say(town.guild, MODERATOR, 'audit run')).title).toBe('8 members out of order')
    expect(town.sandbox.gateway.count('identified')).toBe(1)
    expect(second.said).not.toContain('connected to Discord')
    expect(second.said).not.toContain(town.place.url)
    expect(await second.end('SIGTERM')).toBe(0)
  })

  test('the first is killed in the middle of a run: the second acts within 15 s, and the run goes on', async () => {
    const town = await armed()
    const port = await freePort()
    const second = await secondOf(town, { HEALTH_PORT: port })
    const door = shut(town, REMOVAL, { after: 2, count: IN_HAND })
    await beginStrip(town)
    await door.reached
    expect(await takeoverBy(second, 'kill -9', () => town.bot.end('SIGKILL'))).toBeLessThan(15_000)
    expect(await lastRun(town)).toMatchObject({ state: 'interrupted', outcomes: { done: 2, failed: 4 } })
    await expectTheRest(town)
    expect(await readiness(port)).toMatchObject({ status: 200 })
  })

  test('the first is asked to end: the second acts at once', async () => {
    const town = await armed({ drifters: [] })
    const second = await secondOf(town)
    const took = await takeoverBy(second, 'SIGTERM', () => town.bot.end('SIGTERM'))
    expect(await town.bot.ended).toBe(0)
    expect(took).toBeLessThan(5_000)
    await untilLive(town.guild)
    expect(shownBy(await say(town.guild, OWNER, 'audit run', { action: 'strip' })).title).toContain(
      '2 role changes made',
    )
  })

  test('the first stands still for longer than its lease and goes on: it does nothing of what it had meant to do, and ends', async () => {
    const town = await armed()
    const second = await secondOf(town)
    await actsThatWait(town)
    const took = await takeoverBy(second, 'SIGSTOP', () => town.bot.child.kill('SIGSTOP'))
    expect(took).toBeLessThan(15_000)
    const run = await lastRun(town)
    expect(run).toMatchObject({ state: 'interrupted', outcomes: { failed: 4 } })
    const asked = removalsAsked(town)
    town.bot.child.kill('SIGCONT')
    expect(await town.bot.ended).toBe(2)
    expect(town.bot.said).toContain(ENDS)
    expect([stripped(town), removalsAsked(town)]).toEqual([[], asked])
    expect(await actsOf(town, run.id)).toHaveLength(IN_HAND)
    await expectTheRest(town)
  })

  test('what is asked while the first stands still is answered by the second, and by the first no more', async () => {
    const town = await armed()
    const second = await secondOf(town)
    await takeoverBy(second, 'SIGSTOP', () => town.bot.child.kill('SIGSTOP'))
    await untilLive(town.guild)
    const shown = shownBy(await say(town.guild, MODERATOR, 'audit run', { action: 'strip' }))
    expect(shown.title).toBe('8 members out of order, 8 role changes made')
    // The first has heard of it all, and reads it now.
    town.bot.child.kill('SIGCONT')
    expect(await town.bot.ended).toBe(2)
    expect([removalsAsked(town), changesMade(town.sandbox).length]).toEqual([8, 8])
    const runs = (await linesOf(town)).filter(({ type }) => type === 'run.opened')
    expect(runs).toHaveLength(2)
  })

  for (const how of ['sever', 'hang'] as const) {
    const fault = how === 'sever' ? 'loses its way to the database' : 'is answered no more by the database'
    test(`the first ${fault}: it does nothing more, the second acts within 15 s, and the first ends`, async () => {
      const proxies: Awaited<ReturnType<typeof openProxy>>[] = []
      const port = await freePort()
      const town = await armed({}, async (place) => {
        proxies.push(await openProxy(place.url!))
        closeLater(() => proxies[0]!.close())
        return { DATABASE_URL: proxies[0]!.url, HEALTH_PORT: port }
      })
      const second = await secondOf(town)
      await actsThatWait(town)
      const took = await takeoverBy(second, how, () => proxies[0]![how]())
      expect(took).toBeLessThan(15_000)
      expect(await lastRun(town)).toMatchObject({ state: 'interrupted', outcomes: { failed: 4 } })
      expect(await readiness(port)).toMatchObject({ status: 503 })
      await proxies[0]!.restore()
      expect(await town.bot.ended, town.bot.said).toBe(2)
      expect(town.bot.said).toContain(ENDS)
      expect([stripped(town), removalsAsked(town)]).toEqual([[], 1])
      await expectTheRest(town)
    })
  }

  test('the database itself refuses what a bot means to do whose place was taken before it knows', async () => {
    const town = await armed()
    town.sandbox.faults.before(REMOVAL, () => takePlaceOf(town))
    await beginStrip(town)
    expect(await town.bot.ended).toBe(2)
    expect(town.bot.said).toContain(ENDS)
    expect(town.bot.said).not.toMatch(/^ {4}at /m)
    const lines = await linesOf(town)
    const intended = lines.filter(({ type }) => type === 'action.intended')
    expect(intended.length).toBeLessThanOrEqual(IN_HAND)
    expect(stripped(town).length).toBeLessThanOrEqual(intended.length)
  })

  test('what waits at Discord’s door is not sent by a bot whose place was taken meanwhile, though by its own clock it may act', async () => {
    const town = await armed()
    await actsThatWait(town, 5)
    await takePlaceOf(town)
    expect(await town.bot.ended).toBe(2)
    expect([stripped(town), changesMade(town.sandbox)]).toEqual([[], []])
    // It may have had the time to write down that it did not send them; else whoever acts in its place settles them by looking.
    const { id } = await lastRun(town)
    const acts = await actsOf(town, id)
    expect(acts).toHaveLength(IN_HAND)
    expect(acts.filter((act) => !/ (?:open|failed)$/.test(act))).toEqual([])
  })
})
