import { describe, expect, test, vi } from 'vitest'
import { Typed } from '../../console/counter.ts'
import { withServer } from '../../database.ts'
import {
  armed,
  follower,
  holdToAccount,
  IN_HAND,
  killLater,
  lastRun,
  linesOf,
  type Night,
  night,
  OUT_OF_ORDER,
  REMOVAL,
  shut,
  stripped,
  untilRecorded,
} from '../night.ts'
import { MODERATOR, say, shownBy } from '../town.ts'

// An operator at the console and the bot, on one database: one of them acts, whoever it is.

holdToAccount()
vi.setConfig({ testTimeout: 90_000 })

/** `rolecall …`, as it is typed on the machine of the bot. */
function type({ environment, guild }: Night, words: string): Typed {
  const typed = new Typed([...words.split(' '), '--guild', guild.id], environment)
  killLater(typed.child)
  return typed
}

const STRIP = 'audit run --action strip --yes'
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

/** The lock lifted from the console alone, with no bot at work. */
async function liftedAtTheConsole(town: Night): Promise<void> {
  const report = type(town, 'audit run')
  expect(await report.ended, report.err).toBe(0)
  const runId = /run ([0-9a-f-]{36})/.exec(report.out)?.[1]
  const lifted = type(town, `acknowledge first-run --run ${runId} --yes`)
  expect(await lifted.ended, lifted.err).toBe(0)
}

withServer('a console, on a server', () => {
  test('what is typed while a bot acts is carried out by that bot, and stands in the record under the name of who typed it', async () => {
    const town = await armed()
    const typed = type(town, STRIP)
    expect(await typed.ended, typed.err).toBe(0)
    expect(typed.out).toContain('8 members out of order, 8 role changes made')
    expect(stripped(town)).toEqual(OUT_OF_ORDER)
    expect(town.sandbox.gateway.count('identified')).toBe(1)
    const acts = (await linesOf(town)).filter(({ type }) => type === 'action.intended')
    expect(acts.map(({ actor }) => actor)).toEqual(Array(8).fill('cli:ann'))
  })

  test('with no bot at work the console starts one of its own, and stops it after', async () => {
    const town = await night()
    await liftedAtTheConsole(town)
    const typed = type(town, STRIP)
    expect(await typed.ended, typed.err).toBe(0)
    expect(oneLine(typed.err)).toContain('No bot is at work on this database, so one is started for this command.')
    expect(typed.out).toContain('8 members out of order, 8 role changes made')
    expect([stripped(town), town.sandbox.gateway.connected]).toEqual([OUT_OF_ORDER, 0])
    // Its place is free at once.
    const bot = town.program()
    await bot.connected()
    expect(bot.said).not.toContain('stands by')
  })

  test('without --yes it only reports; what a gate holds ends with 3, what is refused with 2', async () => {
    const town = await night({ blast: { run: 0.1, day: 0.25, kicks: 0.02 } })
    const report = type(town, 'audit run --action strip')
    expect([await report.ended, stripped(town)]).toEqual([0, []])
    expect(oneLine(report.out)).toContain('Without --yes this only reports')
    const locked = type(town, STRIP)
    expect([await locked.ended, stripped(town)]).toEqual([3, []])
    await liftedAtTheConsole(town)
    const large = type(town, STRIP)
    expect([await large.ended, stripped(town)]).toEqual([3, []])
    expect(large.out).toContain('The plan is too large and waits')
    const runId = /run ([0-9a-f-]{36})/.exec(report.out)?.[1]
    const resumed = type(town, `audit resume --run ${runId} --yes`)
    expect(await resumed.ended).toBe(2)
    expect([resumed.out, oneLine(resumed.err)]).toEqual(['', expect.stringContaining('is completed; nothing of it')])
  })

  test('Ctrl-C lets the acts in hand be finished and ends with 130, and the run goes on later', async () => {
    const town = await night()
    await liftedAtTheConsole(town)
    const door = shut(town, REMOVAL, { after: 1, count: IN_HAND })
    const typed = type(town, STRIP)
    await door.reached
    typed.child.kill('SIGINT')
    // Nothing new is begun from here on; what stands before the door is let through.
    await untilRecorded(town, (lines) => lines.some(({ type }) => type === 'action.settled'))
    door.open()
    expect(await typed.ended).toBe(130)
    expect(oneLine(typed.err)).toContain('Stopped: the act in hand was finished, and nothing new was begun.')
    const run = await lastRun(town)
    expect(run).toMatchObject({ state: 'interrupted', outcomes: { done: stripped(town).length } })
    await follower(town)
    const shown = shownBy(await say(town.guild, MODERATOR, 'audit resume', { run: run.id }))
    expect(shown.title).toBe('8 members out of order, 8 role changes made')
  })

  test('what is typed while a console has its own bot is carried out by that one', async () => {
    const town = await night({ drifters: [] })
    await liftedAtTheConsole(town)
    const before = town.sandbox.gateway.count('identified')
    const door = shut(town, REMOVAL)
    const first = type(town, STRIP)
    await door.reached
    const second = type(town, 'audit status')
    expect(await second.ended, second.err).toBe(0)
    expect(second.out).toContain('Member list')
    door.open()
    expect(await first.ended, first.err).toBe(0)
    expect(first.out).toContain('2 role changes made')
    expect(town.sandbox.gateway.count('identified')).toBe(before + 1)
  })
})

describe('a console, on the embedded engine', () => {
  test('works where no bot does', async () => {
    const town = await night({ engine: 'embedded' })
    await liftedAtTheConsole(town)
    const typed = type(town, STRIP)
    expect(await typed.ended, typed.err).toBe(0)
    expect(stripped(town)).toEqual(OUT_OF_ORDER)
  })

  test('is refused where a bot works, and says what to do', async () => {
    const town = await armed({ engine: 'embedded', drifters: [] })
    const typed = type(town, STRIP)
    expect(await typed.ended).toBe(2)
    expect(oneLine(typed.err)).toMatch(
      /is in use by another rolecall process.*give this command in Discord, or stop the bot first/,
    )
    expect([typed.out, stripped(town)]).toEqual(['', []])
  })
})
