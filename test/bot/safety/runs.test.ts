import { describe, expect, test, vi } from 'vitest'
import { withServer } from '../../database.ts'
import { openActs } from '../account.ts'
import { HOUR, type Hosted, hosted, LOOKS_DUE, MINUTE, restart, TIDIES, untilPosted } from '../hosted.ts'
import {
  actsOf,
  beginStrip,
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
import { idOf, MODERATOR, OWNER, say, shownBy } from '../town.ts'

// Runs that the clock sets off, runs that somebody stops, and a clock that is set in the middle of them.

holdToAccount()
vi.setConfig({ testTimeout: 60_000 })

const EVERY_FEW_SECONDS = '*/5 * * * * *'
/** A slot and its jitter have passed. */
const SOON = 2 * MINUTE
/** The floor between two scheduled looks of a guild has passed as well. */
const MUCH_LATER = 12 * MINUTE

/** What the owner says of looks by schedule. */
async function scheduled(town: Hosted, { armed = true } = {}): Promise<void> {
  // The first slot is seconds away: it comes when the test puts the clock forward, and never before a door is shut.
  town.clock.stand()
  const options = { expression: EVERY_FEW_SECONDS, action: 'strip' }
  expect(shownBy(await say(town.guild, OWNER, 'schedule set', options)).title).toBe('The schedule is set')
  if (armed) await say(town.guild, OWNER, 'arm schedule')
  // Its slot is kept from the next look at the timetable on.
  await town.clock.round(LOOKS_DUE)
}

const scheduledRuns = async (town: Night): Promise<number> =>
  (await linesOf(town)).filter(({ type, data }) => type === 'run.opened' && data.trigger === 'schedule').length

/** What the bot does by itself, as a moderator reads it. */
async function armedNow({ guild }: Night): Promise<string> {
  const { whole } = shownBy(await say(guild, OWNER, 'audit status'))
  return /"(Armed: [^"\\\\]*|Not armed: [^"\\\\]*)/.exec(whole)?.[1] ?? whole
}

withServer('runs', () => {
  describe('in the middle of which the clock is set', () => {
    for (const [how, jump] of [
      ['two hours forward', 2 * HOUR],
      ['an hour back', -HOUR],
    ] as const)
      test(`${how} go on to their end, which is shown`, async () => {
        const town = await hosted()
        const door = shut(town, REMOVAL, { after: 2, count: IN_HAND })
        const asked = await beginStrip(town)
        await door.reached
        town.clock.jump(jump)
        // By the clock the deadline may have passed; whoever tidies up comes by.
        await town.clock.round(TIDIES)
        door.open()
        await asked.until((one) => one.current()?.embeds[0]?.title === '8 members out of order, 8 role changes made')
        expect(await lastRun(town)).toMatchObject({ state: 'completed', outcomes: { done: 8 } })
        expect([stripped(town), removalsAsked(town)]).toEqual([OUT_OF_ORDER, 8])
      })

    test('leave live acts as they were: a role that was not earned is taken at once, before and after', async () => {
      const town = await hosted({ drifters: [] })
      await say(town.guild, OWNER, 'arm realtime')
      for (const [name, jump] of [
        ['other1', 0],
        ['other2', HOUR],
        ['other3', -2 * HOUR],
      ] as const) {
        town.clock.jump(jump)
        town.guild.give(idOf(name), 'Directors', { by: idOf(MODERATOR) })
        await town.sandbox.until(() => !town.guild.holds(idOf(name), 'Directors'))
      }
      await town.sandbox.until(() => removalsAsked(town) === 3)
    })
  })

  describe('by schedule', () => {
    test('act where that is armed', async () => {
      const town = await hosted()
      await scheduled(town)
      town.clock.jump(SOON)
      const post = await untilPosted(town, 'Scheduled audit: 8 members out of order, 8 role changes made')
      expect(JSON.stringify(post.seen)).toContain('8 role changes made and seen to be made')
      expect(await lastRun(town)).toMatchObject({ actor: 'system:schedule', state: 'completed', outcomes: { done: 8 } })
      expect(stripped(town)).toEqual(OUT_OF_ORDER)
    })

    test('only report where it is not', async () => {
      const town = await hosted()
      await scheduled(town, { armed: false })
      town.clock.jump(SOON)
      const post = await untilPosted(town, 'Scheduled audit: 8 members out of order')
      expect(JSON.stringify(post.seen)).toContain('Nothing was changed')
      expect(await lastRun(town)).toMatchObject({ actor: 'system:schedule', state: 'completed', outcomes: {} })
      expect([stripped(town), removalsAsked(town)]).toEqual([[], 0])
    })

    test('never overlap: a slot that comes while one goes on is let pass', async () => {
      const town = await hosted()
      await scheduled(town)
      const door = shut(town, REMOVAL, { after: 2, count: IN_HAND })
      town.clock.jump(SOON)
      await door.reached
      for (const _slot of [1, 2]) {
        town.clock.jump(MUCH_LATER)
        await town.clock.round(LOOKS_DUE)
      }
      expect(await scheduledRuns(town)).toBe(1)
      // Slots are reckoned by the machine's time: ahead of it one is due always, and would begin as soon as the run has ended.
      town.clock.jump(-SOON - 2 * MUCH_LATER)
      door.open()
      await untilPosted(town, '8 role changes made')
      await town.clock.round(LOOKS_DUE)
      expect([await scheduledRuns(town), removalsAsked(town)]).toEqual([1, 8])
    })

    test('that were missed while the bot was away are made up for once', async () => {
      const town = await hosted()
      await scheduled(town)
      await restart(town, () => town.clock.jump(5 * HOUR))
      await untilPosted(town, 'Scheduled audit: 8 members out of order, 8 role changes made')
      for (const _look of [1, 2, 3]) await town.clock.round(LOOKS_DUE)
      expect(await scheduledRuns(town)).toBe(1)
    })

    test('are cut off where the bot is asked to end, and can be gone on with', async () => {
      const town = await hosted()
      await scheduled(town)
      const door = shut(town, REMOVAL, { after: 2, count: IN_HAND })
      town.clock.jump(SOON)
      await door.reached
      const stopped = town.bot.stop()
      door.open()
      await stopped
      const run = await lastRun(town)
      expect(run).toMatchObject({ state: 'interrupted', outcomes: { done: 6 } })
      expect(await actsOf(town, run.id)).toEqual(stripped(town).map((name) => `${name} done`))
      await restart(town)
      const resumed = shownBy(await say(town.guild, MODERATOR, 'audit resume', { run: run.id }))
      expect(resumed.title, resumed.text).toBe('8 members out of order, 8 role changes made')
    })
  })

  describe('that somebody stops', () => {
    /** A moderator gives `/stop` while four acts stand at Discord's door, which is opened when that is answered. */
    async function stopped(town: Hosted, begin: () => unknown): Promise<void> {
      await say(town.guild, OWNER, 'arm realtime')
      const door = shut(town, REMOVAL, { after: 2, count: IN_HAND })
      await begin()
      await door.reached
      const shown = shownBy(await say(town.guild, MODERATOR, 'stop'))
      expect([shown.title, shown.text]).toEqual(['Stopped', expect.stringContaining('1 run under way was interrupted')])
      door.open()
      await town.sandbox.until(() => removalsAsked(town) === 2 + IN_HAND)
    }

    /** What was in hand is finished, and nothing else; what it came to is known, and it can be gone on with. */
    async function expectItHalted(town: Hosted): Promise<void> {
      await untilRecorded(town, (lines) => openActs(lines).length === 0)
      const run = await lastRun(town)
      expect(run).toMatchObject({ state: 'interrupted', outcomes: { done: 6 } })
      expect(await actsOf(town, run.id)).toEqual(stripped(town).map((name) => `${name} done`))
      const resumed = shownBy(await say(town.guild, MODERATOR, 'audit resume', { run: run.id }))
      expect(resumed.title, resumed.text).toBe('8 members out of order, 8 role changes made')
      expect(removalsAsked(town)).toBe(8)
    }

    test('in the middle end at their next step, and nothing is armed any more', async () => {
      const town = await hosted()
      await stopped(town, () => beginStrip(town))
      expect(await armedNow(town)).toContain('Not armed')
      // Nothing acts by itself now.
      town.guild.give(idOf('other1'), 'Directors', { by: idOf(MODERATOR) })
      await expectItHalted(town)
      expect(town.guild.holds(idOf('other1'), 'Directors')).toBe(true)
    })

    test('by schedule end as well, and do not begin again until an Administrator arms them', async () => {
      const town = await hosted()
      await scheduled(town)
      await stopped(town, () => town.clock.jump(SOON))
      expect(await armedNow(town)).toContain('Not armed')
      town.clock.jump(MUCH_LATER)
      await untilRecorded(town, (lines) => lines.filter(({ type }) => type === 'run.completed').length === 2)
      expect([await scheduledRuns(town), removalsAsked(town)]).toEqual([2, 6])
      const asked = await town.guild.command({ as: idOf(MODERATOR), command: 'arm schedule', force: true })
      await asked.until((one) => one.current()?.embeds.length === 1)
      expect(shownBy(asked).text).toContain('needs the permission "Administrator"')
      expect(await armedNow(town)).toContain('Not armed')
      await say(town.guild, OWNER, 'arm schedule')
      expect(await armedNow(town)).toContain('Armed')
      town.clock.jump(MUCH_LATER)
      await town.sandbox.until(() => stripped(town).length === 8)
    })

    test('while acts wait for a rate limit do nothing of what they had written down', async () => {
      const town = await hosted()
      const limited = Promise.withResolvers<void>()
      town.sandbox.faults.storm429(1, { route: REMOVAL, retryAfter: 1 })
      town.sandbox.onExchange(({ status }) => status === 429 && limited.resolve())
      await beginStrip(town)
      await limited.promise
      await untilRecorded(town, (lines) => openActs(lines).length === IN_HAND)
      await say(town.guild, MODERATOR, 'stop')
      await untilRecorded(town, (lines) => openActs(lines).length === 0)
      expect([stripped(town), removalsAsked(town)]).toEqual([[], 1])
      const { id } = await lastRun(town)
      const resumed = shownBy(await say(town.guild, MODERATOR, 'audit resume', { run: id }))
      expect(resumed.title, resumed.text).toBe('8 members out of order, 8 role changes made')
    })
  })
})
