import { expect, test, vi } from 'vitest'
import type { Run } from '#src/core/run.ts'
import { withServer } from '../../database.ts'
import { openProxy, type Severable } from '../../severed.ts'
import { changesMade, openActs } from '../account.ts'
import { type Hosted, hosted, restart, strip, TIDIES } from '../hosted.ts'
import {
  actsOf,
  beginStrip,
  closeLater,
  foldTheLease,
  GUILD,
  holdToAccount,
  lastRun,
  linesOf,
  MEMBER,
  type NightPlan,
  OUT_OF_ORDER,
  REMOVAL,
  removalsAsked,
  stripped,
  untilRecorded,
} from '../night.ts'
import { idOf, type Line, MODERATOR, OWNER, type Shown, say, shownBy } from '../town.ts'

// The database goes away at every step of a run and of a live act. What cannot be written down is not done, and nothing is said that was not seen.

holdToAccount()
vi.setConfig({ testTimeout: 60_000 })

interface Cut {
  readonly town: Hosted
  readonly way: Severable
}

/** A bot whose way to the database can be cut; whoever holds it to account has another. */
async function cuttable(plan: NightPlan = {}): Promise<Cut> {
  let way: Severable | null = null
  const town = await hosted(plan, async ({ url, dataDir }) => {
    const proxy = await openProxy(url!)
    closeLater(() => proxy.close())
    way = proxy
    return { url: proxy.url, dataDir }
  })
  // Else nothing could be closed after a test that failed.
  closeLater(() => way!.restore())
  return { town, way: way! }
}

/** Once, just before Discord is asked for this. */
const before = ({ sandbox }: Hosted, route: string, happens: () => void): void =>
  sandbox.faults.before(
    ({ method, route: asked, params }) => `${method} ${asked}` === route && params.user_id !== sandbox.botUserId,
    happens,
  )

/** Once, when Discord has answered that there were too many requests; those who wait for it to pass have written down what they mean to do. */
function onceLimited({ sandbox }: Hosted, retryAfter: number, happens: () => void): void {
  sandbox.faults.storm429(1, { route: REMOVAL, retryAfter })
  const end = sandbox.onExchange(({ status }) => {
    if (status !== 429) return
    end()
    happens()
  })
}

const outcomes = async (town: Hosted, runId: string) =>
  (await actsOf(town, runId)).map((act) => act.split(' ')[1]!).toSorted()

/** The run goes on to the end of its plan, and nothing is done twice. */
async function expectTheRest(town: Hosted): Promise<void> {
  const { id } = await lastRun(town)
  const shown = shownBy(await say(town.guild, MODERATOR, 'audit resume', { run: id }))
  expect(shown.title, shown.text).toBe('8 members out of order, 8 role changes made')
  expect(await lastRun(town)).toMatchObject({ id, state: 'completed', outcomes: { done: 8 } })
  expect([stripped(town), changesMade(town.sandbox)]).toEqual([OUT_OF_ORDER, expect.objectContaining({ length: 8 })])
  // An intent that was about to be written when the way was cut may stand there though its bot never heard of it.
  await restart(town)
  expect(openActs(await linesOf(town))).toEqual([])
}

/** What whoever asked reads while nothing can be written down. */
function expectNothingClaimed({ title, text }: Shown): void {
  expect(title).toBe('It went wrong')
  expect(text).toContain('Nothing was changed, unless a run lists it')
}

withServer('the database', () => {
  test('gone before anything is asked: nothing is done, and it is done when it is asked again', async () => {
    const { town, way } = await cuttable()
    way.sever()
    expectNothingClaimed(await strip(town))
    expect([stripped(town), removalsAsked(town)]).toEqual([[], 0])
    await way.restore()
    expect((await strip(town)).title).toBe('8 members out of order, 8 role changes made')
  })

  test('gone before the plan: nothing is done, and the run that was begun locks nobody out', async () => {
    const { town, way } = await cuttable()
    before(town, GUILD, () => way.sever())
    expectNothingClaimed(await strip(town))
    const { id } = await lastRun(town)
    await way.restore()
    expect((await strip(town)).title).toBe('8 members out of order, 8 role changes made')
    const ended = (await linesOf(town)).filter(
      ({ type, run }) => run === id && /^run\.(?:failed|interrupted)$/.test(type),
    )
    expect(ended).toHaveLength(1)
    expect(removalsAsked(town)).toBe(8)
  })

  test('gone between the plan and the first intent: nothing is done, and the run goes on when it is back', async () => {
    const { town, way } = await cuttable()
    before(town, MEMBER, () => way.sever())
    expectNothingClaimed(await strip(town))
    expect([stripped(town), removalsAsked(town)]).toEqual([[], 0])
    await way.restore()
    await untilInterrupted(town)
    await expectTheRest(town)
    expect(removalsAsked(town)).toBe(8)
  })

  test('gone between intent and act: nothing is done of what was written down, and that is known when it is back', async () => {
    const { town, way } = await cuttable()
    onceLimited(town, 0.2, () => way.sever())
    expectNothingClaimed(await strip(town))
    expect([stripped(town), removalsAsked(town)]).toEqual([[], 1])
    await way.restore()
    const { id, outcomes: counted } = await untilInterrupted(town)
    const acts = await outcomes(town, id)
    expect(acts).toContain('failed')
    expect(acts.filter((outcome) => outcome !== 'failed' && outcome !== 'open')).toEqual([])
    expect(counted.done).toBeUndefined()
    await expectTheRest(town)
  })

  test('gone between act and settling: what was done stays open until it is back, and is settled then', async () => {
    const { town, way } = await cuttable()
    before(town, REMOVAL, () => way.sever())
    expectNothingClaimed(await strip(town))
    const [done] = changesMade(town.sandbox)
    expect(openActs(await linesOf(town)).map(({ subject }) => subject)).toContain(`member:${done!.memberId}`)
    expect(changesMade(town.sandbox)).toHaveLength(1)
    await way.restore()
    const { id } = await untilInterrupted(town)
    await untilRecorded(town, (lines) => isDone(lines, `member:${done!.memberId}`))
    expect((await outcomes(town, id)).filter((outcome) => outcome === 'done')).toHaveLength(1)
    expect((await lastRun(town)).outcomes.done).toBe(1)
    await expectTheRest(town)
  })

  test('gone between act and settling until the bot ends: the next one sees by looking what was done', async () => {
    const { town, way } = await cuttable()
    before(town, REMOVAL, () => way.sever())
    expectNothingClaimed(await strip(town))
    await town.bot.stop()
    await way.restore()
    const { id } = await lastRun(town)
    expect(await outcomes(town, id)).toContain('open')
    await foldTheLease(town)
    await restart(town)
    const acts = await outcomes(town, id)
    expect(acts.filter((outcome) => outcome === 'done')).toHaveLength(1)
    expect(acts).not.toContain('open')
    await expectTheRest(town)
  })

  test('gone while the bot acts live: what was done is known when it is back, and live acts go on', async () => {
    const { town, way } = await cuttable({ drifters: [] })
    await say(town.guild, OWNER, 'arm realtime')
    before(town, REMOVAL, () => way.sever())
    town.guild.give(idOf('other1'), 'Directors', { by: idOf(MODERATOR) })
    await town.sandbox.until(() => !town.guild.holds(idOf('other1'), 'Directors'))
    await way.restore()
    await untilRecorded(town, (lines) => isDone(lines, `member:${idOf('other1')}`))
    town.guild.give(idOf('other2'), 'Directors', { by: idOf(MODERATOR) })
    await untilRecorded(town, (lines) => isDone(lines, `member:${idOf('other2')}`))
    expect(removalsAsked(town)).toBe(2)
  })

  test('gone when a role is given by hand: it stays, since nothing can be written down, and goes when the database is back', async () => {
    const { town, way } = await cuttable({ drifters: [] })
    await say(town.guild, OWNER, 'arm realtime')
    way.sever()
    town.guild.give(idOf('other1'), 'Directors', { by: idOf(MODERATOR) })
    await town.clock.round(TIDIES)
    expect([town.guild.holds(idOf('other1'), 'Directors'), removalsAsked(town)]).toEqual([true, 0])
    await way.restore()
    await town.sandbox.until(() => !town.guild.holds(idOf('other1'), 'Directors'), 'the role to go', 20_000)
    await untilRecorded(town, (lines) => isDone(lines, `member:${idOf('other1')}`))
  })

  test('hanging, so that no answer comes: nothing is done meanwhile, and all of it when it answers again', async () => {
    const { town, way } = await cuttable()
    const hung = Promise.withResolvers<void>()
    onceLimited(town, 0.2, () => {
      way.hang()
      hung.resolve()
    })
    const asked = await beginStrip(town)
    await hung.promise
    const looks = town.sandbox.requests.count(MEMBER)
    // Whoever waited for the limit is looked at anew, once at Discord and once in the database.
    await town.sandbox.until(() => town.sandbox.requests.count(MEMBER) > looks)
    expect([stripped(town), removalsAsked(town)]).toEqual([[], 1])
    await way.restore()
    await asked.until((one) => one.current()?.embeds[0]?.title === '8 members out of order, 8 role changes made')
    expect(await lastRun(town)).toMatchObject({ state: 'completed', outcomes: { done: 8 } })
    expect(removalsAsked(town)).toBe(9)
  })

  for (const how of ['sever', 'hang'] as const)
    test(`${how === 'sever' ? 'gone' : 'hanging'} when the bot is asked to end: it ends all the same, in a bounded time`, async () => {
      const { town, way } = await cuttable()
      const cut = Promise.withResolvers<void>()
      onceLimited(town, 30, () => {
        way[how]()
        cut.resolve()
      })
      await beginStrip(town)
      await cut.promise
      const from = performance.now()
      await town.bot.stop()
      expect(performance.now() - from).toBeLessThan(25_000)
      await way.restore()
      expect([stripped(town), removalsAsked(town)]).toEqual([[], 1])
      await foldTheLease(town)
      await restart(town)
      await expectTheRest(town)
    })
})

const isDone = (lines: readonly Line[], of: string): boolean =>
  lines.some(({ type, subject, data }) => type === 'action.settled' && subject === of && data.outcome === 'done')

/** The bot has written down how the run stands that it lost the database over. */
async function untilInterrupted(town: Hosted): Promise<Run> {
  await untilRecorded(town, (lines) => lines.some(({ type }) => type === 'run.interrupted'))
  return lastRun(town)
}
