import postgres from 'postgres'
import { expect, test, vi } from 'vitest'
import { withServer } from '../../database.ts'
import { changesMade } from '../account.ts'
import {
  ADDING,
  type Armed,
  actsOf,
  armed,
  beginStrip,
  closeLater,
  type Door,
  foldTheLease,
  follower,
  GUILD,
  holdToAccount,
  IN_HAND,
  lastRun,
  liftTheLock,
  linesOf,
  MEMBER,
  type Night,
  night,
  OUT_OF_ORDER,
  REMOVAL,
  removalsAsked,
  shut,
  stripped,
  untilRecorded,
} from '../night.ts'
import {
  configOf,
  idOf,
  type Line,
  MODERATOR,
  OWNER,
  type Place,
  say,
  shownBy,
  start,
  untilLive,
  withBook,
} from '../town.ts'

// The program is killed, or asked to end, at every step of a run. Whoever starts next sees by looking what became of the acts in hand.

holdToAccount()
vi.setConfig({ testTimeout: 60_000 })

/** Somebody else holds what was written down, so that it cannot be written what became of it. */
async function lockIntents({ url }: Place): Promise<() => Promise<void>> {
  const sql = postgres(url!, { max: 1, onnotice: () => {} })
  closeLater(() => sql.end({ timeout: 0 }))
  const held = await sql.reserve()
  await held.unsafe('begin; select * from intents for update')
  return async () => {
    await held.unsafe('rollback')
    held.release()
  }
}

const outcomeOf = (act: string): string => act.split(' ')[1]!

/** A run that strips is under way, and the program is killed as soon as these stand before the door, and so much is done and written down. */
async function killedAt(town: Armed, door: Door, { acts = 0, done = 0 } = {}) {
  const asked = await beginStrip(town)
  await door.reached
  await untilIntended(town, acts)
  await town.sandbox.until(() => stripped(town).length === done)
  await town.bot.end('SIGKILL')
  await follower(town)
  const run = await lastRun(town)
  return { run, asked, acts: await actsOf(town, run.id) }
}

const untilIntended = (town: Night, acts: number) =>
  untilRecorded(town, (lines) => lines.filter(({ type }) => type === 'action.intended').length >= acts)

const resume = async ({ guild }: Night, run: string) => shownBy(await say(guild, MODERATOR, 'audit resume', { run }))

/** It goes on to the end of its plan, and does nothing twice. */
async function expectTheRest(town: Night, runId: string): Promise<void> {
  const shown = await resume(town, runId)
  expect(shown.title, shown.text).toBe('8 members out of order, 8 role changes made')
  expect(await lastRun(town)).toMatchObject({ id: runId, state: 'completed', outcomes: { done: 8 } })
  expect(stripped(town)).toEqual(OUT_OF_ORDER)
  expect(changesMade(town.sandbox)).toHaveLength(8)
}

withServer('a bot on a server', () => {
  test('killed while it reads, it leaves a run without a plan, which is not gone on with', async () => {
    const town = await armed()
    const { run, acts } = await killedAt(town, shut(town, GUILD))
    expect(run).toMatchObject({ state: 'interrupted', planDigest: null, outcomes: {} })
    expect((await resume(town, run.id)).text).toContain('It has no plan to go on with')
    expect([acts, stripped(town), removalsAsked(town)]).toEqual([[], [], 0])
  })

  test('killed with a plan of which nothing is begun, it goes on with all of it', async () => {
    const town = await armed()
    const { run, acts } = await killedAt(town, shut(town, MEMBER, { count: IN_HAND }))
    expect(run).toMatchObject({ state: 'interrupted', outcomes: {} })
    expect([acts, stripped(town), removalsAsked(town)]).toEqual([[], [], 0])
    await expectTheRest(town, run.id)
    expect(removalsAsked(town)).toBe(8)
  })

  test('killed before what it had written down was done, the next one sees that it was not, and does it', async () => {
    const town = await armed()
    const { run, acts } = await killedAt(town, shut(town, REMOVAL), { acts: IN_HAND })
    expect([acts.map(outcomeOf), stripped(town)]).toEqual([['failed', 'failed', 'failed', 'failed'], []])
    expect(run).toMatchObject({ state: 'interrupted', outcomes: { failed: 4 } })
    await expectTheRest(town, run.id)
  })

  test('killed after it was done and before that was written down, the next one sees that it was, and does the rest', async () => {
    const town = await armed()
    const door = shut(town, REMOVAL, { after: 1, count: IN_HAND, done: true })
    const { run, acts } = await killedAt(town, door, { done: 1 + IN_HAND })
    expect(acts).toEqual(stripped(town).map((name) => `${name} done`))
    expect(run).toMatchObject({ state: 'interrupted', outcomes: { done: 5 } })
    await expectTheRest(town, run.id)
    expect(removalsAsked(town)).toBe(1 + 3)
  })

  test('killed between two members, it goes on with exactly those that are left', async () => {
    const town = await armed()
    const door = shut(town, REMOVAL, { after: 2, count: IN_HAND })
    const { run, acts } = await killedAt(town, door, { done: 2 })
    const done = stripped(town).map((name) => `${name} done`)
    expect(acts.filter((act) => act.endsWith('done'))).toEqual(done)
    expect(acts.filter((act) => !act.endsWith('done')).map(outcomeOf)).toEqual(['failed', 'failed', 'failed', 'failed'])
    expect(run).toMatchObject({ state: 'interrupted', outcomes: { done: 2, failed: 4 } })
    await expectTheRest(town, run.id)
    expect(removalsAsked(town)).toBe(8)
  })

  test('killed while it acts live, the next one sees what was done, and does what was not', async () => {
    const town = await armed({ drifters: [] })
    await say(town.guild, OWNER, 'arm realtime')
    const { reached } = shut(town, REMOVAL)
    const member = idOf('other9')
    town.guild.give(member, 'Directors', { by: idOf(MODERATOR) })
    await reached
    await town.bot.end('SIGKILL')
    expect(town.guild.holds(member, 'Directors')).toBe(true)
    await follower(town)
    await town.sandbox.until(() => !town.guild.holds(member, 'Directors'))
    const outcomes = (lines: readonly Line[]) =>
      lines
        .filter(({ type, subject }) => type === 'action.settled' && subject === `member:${member}`)
        .map(({ data }) => data.outcome)
    await untilRecorded(town, (lines) => outcomes(lines).length === 2)
    expect(outcomes(await linesOf(town))).toEqual(['failed', 'done'])
  })

  test('the next one does nothing before it is settled what became of that, however long that takes', async () => {
    const town = await armed()
    await say(town.guild, OWNER, 'arm realtime')
    const { reached } = shut(town, REMOVAL)
    await beginStrip(town)
    await reached
    await untilIntended(town, IN_HAND)
    await town.bot.end('SIGKILL')
    const { id: run } = await lastRun(town)
    const before = (await linesOf(town)).length
    const unlock = await lockIntents(town.place)
    await foldTheLease(town)
    const next = town.program()
    // By itself it looks at everybody as soon as it knows them; and whoever asks for a report has one.
    await untilRecorded(town, (lines) => lines.slice(before).some(({ type }) => type === 'run.planned'))
    expect(shownBy(await say(town.guild, MODERATOR, 'audit run')).title).toBe('8 members out of order')
    const intended = (lines: readonly Line[]) => lines.filter(({ type }) => type === 'action.intended')
    expect([intended(await linesOf(town)).length, stripped(town)]).toEqual([IN_HAND, []])
    await unlock()
    await next.connected()
    await town.sandbox.until(() => stripped(town).length === OUT_OF_ORDER.length)
    expect((await actsOf(town, run)).map(outcomeOf)).toEqual(['failed', 'failed', 'failed', 'failed'])
  })

  test('a run that was cut off can be given up: nothing more is done, and it does not go on', async () => {
    const town = await armed()
    const { run } = await killedAt(town, shut(town, REMOVAL, { after: 2, count: IN_HAND }), { done: 2 })
    const taken = stripped(town)
    const shown = shownBy(await say(town.guild, MODERATOR, 'audit abandon', { run: run.id }))
    expect(shown.title).toBe('The run is given up')
    expect(shown.text).toContain('2 role changes had been made before and stay made')
    expect(await lastRun(town)).toMatchObject({ state: 'abandoned', outcomes: { done: 2 } })
    expect((await resume(town, run.id)).text).toContain('was given up')
    expect([stripped(town), removalsAsked(town)]).toEqual([taken, 2])
  })

  test('a run that is done does not go on', async () => {
    const town = await armed({ drifters: [] })
    const { runId } = shownBy(await say(town.guild, MODERATOR, 'audit run', { action: 'strip' }))
    const shown = await resume(town, runId!)
    expect([shown.title, shown.text]).toEqual(['Not done', expect.stringContaining('is completed')])
    expect(removalsAsked(town)).toBe(2)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} lets the acts in hand be finished, and the run go on later`, async () => {
      const town = await armed()
      const door = shut(town, REMOVAL, { after: 1, count: IN_HAND })
      await beginStrip(town)
      await door.reached
      town.bot.child.kill(signal)
      await town.bot.says('stopping')
      door.open()
      expect(await town.bot.ended).toBe(0)
      const run = await lastRun(town)
      expect(run).toMatchObject({ state: 'interrupted', outcomes: { done: 5 } })
      expect(await actsOf(town, run.id)).toEqual(stripped(town).map((name) => `${name} done`))
      await follower(town)
      await expectTheRest(town, run.id)
      expect(removalsAsked(town)).toBe(8)
    })
  }

  test('asked to end while acts wait for a rate limit it waits no longer, and the run goes on later with all of them', async () => {
    const town = await armed()
    const limited = Promise.withResolvers<void>()
    town.sandbox.faults.storm429(1, { route: REMOVAL, retryAfter: 30 })
    town.sandbox.onExchange(({ status }) => status === 429 && limited.resolve())
    await beginStrip(town)
    await limited.promise
    await untilIntended(town, IN_HAND)
    expect(await town.bot.end('SIGTERM')).toBe(0)
    const run = await lastRun(town)
    expect(run).toMatchObject({ state: 'interrupted', outcomes: { failed: 4 } })
    expect([(await actsOf(town, run.id)).map(outcomeOf), stripped(town)]).toEqual([Array(4).fill('failed'), []])
    await follower(town)
    await expectTheRest(town, run.id)
  })

  test('a run past its deadline is cut off, and goes on later with all that was left', async () => {
    const town = await night()
    const config = { ...configOf(town.sandbox, town.place), deadlineMinutes: 0.4 / 60 }
    let bot = await start(config)
    closeLater(() => bot.stop())
    await liftTheLock(town)
    town.sandbox.faults.storm429(1, { route: REMOVAL, retryAfter: 0.6 })
    const shown = shownBy(await say(town.guild, MODERATOR, 'audit run', { action: 'strip' }))
    expect(shown.title).toBe('The audit was cut short')
    expect(shown.text).toContain('was not done within')
    const run = await lastRun(town)
    expect([run.state, stripped(town)]).toEqual(['interrupted', []])
    await bot.stop()
    bot = await start({ ...config, deadlineMinutes: 60 })
    await untilLive(town.guild)
    await expectTheRest(town, run.id)
  })

  test('a run that stands as under way though nobody is at work on it is cut off, and locks nobody out', async () => {
    const town = await night({ drifters: [] })
    const bot = await start(configOf(town.sandbox, town.place))
    closeLater(() => bot.stop())
    await untilLive(town.guild)
    const { runId } = shownBy(await say(town.guild, OWNER, 'audit run'))
    const stick = () =>
      withBook(
        town.place,
        ({ sql }) => sql`
          update runs set state = 'running', ended_at = null, deadline_at = now() - interval '10 minutes' where id = ${runId!}`,
      )
    await stick()
    await untilRecorded(town, (lines) => lines.some(({ type, run }) => type === 'run.interrupted' && run === runId))
    await stick()
    expect(shownBy(await say(town.guild, OWNER, 'audit run')).title).toBe('2 members out of order')
    const ends = (await linesOf(town)).filter(({ type, run }) => type === 'run.interrupted' && run === runId)
    expect(ends.map(({ actor }) => actor)).toEqual(['system:runs', 'system:runs'])
  })

  test('what was asked before it was killed is not done again where Discord asks it once more', async () => {
    const town = await armed()
    const { run, asked } = await killedAt(town, shut(town, REMOVAL, { after: 2, count: IN_HAND }), { done: 2 })
    const taken = stripped(town)
    town.sandbox.gateway.announce({ t: 'INTERACTION_CREATE', guildId: town.guild.id, d: asked.terms.payload })
    // Asked after it, on the same connection.
    await say(town.guild, OWNER, 'audit status')
    expect(await lastRun(town)).toMatchObject({ id: run.id, state: 'interrupted' })
    expect(stripped(town)).toEqual(taken)
  })

  test('after a crash an undo gives back exactly what was taken, and no more', async () => {
    const town = await armed()
    const door = shut(town, REMOVAL, { after: 1, count: IN_HAND, done: true })
    const { run } = await killedAt(town, door, { done: 1 + IN_HAND })
    const taken = stripped(town)
    const shown = shownBy(await say(town.guild, OWNER, 'undo', { run: run.id }))
    expect(shown.title).toBe('5 roles given back')
    expect(stripped(town)).toEqual([])
    const given = changesMade(town.sandbox).filter(({ what }) => what === 'add_role')
    expect(given.map(({ memberId }) => memberId).toSorted()).toEqual(taken.map(idOf).toSorted())
  })

  test('killed in the middle of an undo, it gives back the rest when it is asked again', async () => {
    const town = await armed()
    const { runId } = shownBy(await say(town.guild, MODERATOR, 'audit run', { action: 'strip' }))
    const { reached } = shut(town, ADDING, { after: 3 })
    await town.guild.command({ as: idOf(OWNER), command: 'undo', options: { run: runId! } })
    await reached
    await town.bot.end('SIGKILL')
    expect(stripped(town)).toHaveLength(5)
    await follower(town)
    const shown = shownBy(await say(town.guild, OWNER, 'undo', { run: runId! }))
    expect(shown.title).toBe('5 roles given back')
    expect(shown.text).toContain('3 roles were held already')
    expect(stripped(town)).toEqual([])
  })
})
