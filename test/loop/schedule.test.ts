import { expect, test } from 'vitest'
import type { ScheduleArrangement } from '#src/core/arrangements.ts'
import { dueOf, type Slot } from '#src/core/schedule.ts'
import { Schedule } from '#src/loop/schedule.ts'
import { settled } from './passing.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const HOURLY: ScheduleArrangement = { expression: '0 * * * *', timeZone: 'UTC', action: 'strip' }
const DAILY: ScheduleArrangement = { ...HOURLY, expression: '0 0 * * *' }
const EVERY_MINUTE: ScheduleArrangement = { ...HOURLY, expression: '* * * * *' }
const NEVER: ScheduleArrangement = { ...HOURLY, expression: '0 0 30 2 *' }

const STEPS: ReadonlyMap<string, number> = new Map([
  [HOURLY.expression, HOUR],
  [DAILY.expression, 24 * HOUR],
  [EVERY_MINUTE.expression, MINUTE],
])

/** One guild's timetable, kept in memory; looks end when they are told to. */
function timetable(arranged: ScheduleArrangement | null, random = 0) {
  const state = {
    now: 10 * HOUR + 1,
    random,
    arranged,
    ready: true,
    slot: null as Slot | null,
    startedAt: [] as number[],
    notices: [] as string[],
  }
  const ends: PromiseWithResolvers<void>[] = []
  const book = {
    arrangements: async () => ({ schedule: state.arranged, channelId: null }),
    slot: async () => state.slot,
    setSlot: async (_guildId: string, { expression, nextAt }: Pick<Slot, 'expression' | 'nextAt'>) => {
      state.slot = { expression, nextAt, lastStartedAt: state.slot?.lastStartedAt ?? null }
    },
    clearSlot: async () => {
      state.slot = null
    },
    startSlot: async (_guildId: string, expected: number, to: { nextAt: number; startedAt: number }) => {
      if (state.slot?.nextAt !== expected) return false
      state.slot = { ...state.slot, nextAt: to.nextAt, lastStartedAt: to.startedAt }
      return true
    },
  }
  const makeSchedule = () =>
    new Schedule({
      guildIds: () => ['1000'],
      book,
      nextAfter: ({ expression }) => {
        const step = STEPS.get(expression)
        return step === undefined ? null : Math.floor(state.now / step) * step + step
      },
      random: () => state.random,
      isReady: () => state.ready,
      start: (guildId, schedule) => {
        expect([guildId, schedule]).toEqual(['1000', state.arranged])
        state.startedAt.push(state.now)
        const end = Promise.withResolvers<void>()
        ends.push(end)
        return end.promise
      },
      notice: (message) => void state.notices.push(message),
    })
  let schedule = makeSchedule()
  const tick = async () => {
    await schedule.tick(state.now)
    await settled()
  }
  return {
    state,
    book,
    tick,
    /** Ticks twice a minute until then. */
    async pass(ms: number) {
      for (const until = state.now + ms; state.now < until; ) {
        state.now += Math.min(MINUTE / 2, until - state.now)
        await tick()
      }
    },
    async end(error?: Error) {
      for (const end of ends.splice(0)) error ? end.reject(error) : end.resolve()
      await settled()
    },
    restart() {
      schedule = makeSchedule()
    },
    another: makeSchedule,
  }
}

test('a guild is looked at when its slot comes, and not before', async () => {
  const { state, tick, pass } = timetable(HOURLY)
  await tick()
  await pass(HOUR - MINUTE)
  expect(state.startedAt).toEqual([])
  await pass(MINUTE)
  expect(state.startedAt).toHaveLength(1)
})

test('nothing that is arranged begins nothing, and what is no longer arranged is forgotten', async () => {
  const { state, tick, pass } = timetable(null)
  await pass(3 * HOUR)
  expect(state).toMatchObject({ startedAt: [], slot: null })
  state.arranged = HOURLY
  await tick()
  expect(state.slot).not.toBeNull()
  state.arranged = null
  await tick()
  expect(state.slot).toBeNull()
})

test('an expression that never comes begins nothing', async () => {
  const { state, pass } = timetable(NEVER)
  await pass(3 * HOUR)
  expect(state).toMatchObject({ startedAt: [], slot: null, notices: [] })
})

test('a look begins up to a minute after its slot, so that many guilds do not begin at once', async () => {
  const { state, tick, pass, end } = timetable(HOURLY, 0.9)
  await tick()
  expect(state.slot?.nextAt).toBe(11 * HOUR + 54_000)
  await pass(HOUR + 20_000)
  expect(state.startedAt).toEqual([])
  state.random = 0
  await pass(MINUTE)
  expect(state.startedAt).toHaveLength(1)
  await end()
  await pass(HOUR)
  expect(state.startedAt).toHaveLength(2)
})

test('between two looks there are ten minutes at least', async () => {
  const { state, tick, pass, end } = timetable(EVERY_MINUTE)
  await tick()
  await pass(MINUTE)
  await end()
  await pass(9 * MINUTE)
  expect(state.startedAt).toHaveLength(1)
  await pass(2 * MINUTE)
  expect(state.startedAt).toHaveLength(2)
})

test('the floor of ten minutes holds across a new expression', async () => {
  const { state, tick, pass, end } = timetable(HOURLY)
  await tick()
  await pass(HOUR)
  await end()
  state.arranged = EVERY_MINUTE
  await pass(9 * MINUTE)
  expect(state.startedAt).toHaveLength(1)
  await pass(2 * MINUTE)
  expect(state.startedAt).toHaveLength(2)
})

test('a slot that comes while the last look goes on is let pass', async () => {
  const { state, tick, pass, end } = timetable(HOURLY)
  await tick()
  await pass(HOUR)
  await pass(2 * HOUR)
  expect(state.startedAt).toHaveLength(1)
  await end()
  await pass(MINUTE)
  expect(state.startedAt).toHaveLength(1)
  await pass(HOUR)
  expect(state.startedAt).toHaveLength(2)
})

test('slots that were missed while the bot was down are made up for once', async () => {
  const { state, tick, pass, end, restart } = timetable(HOURLY)
  await tick()
  state.now += 7 * HOUR
  restart()
  await tick()
  await end()
  await pass(30 * MINUTE)
  expect(state.startedAt).toHaveLength(1)
})

test('a slot that is due waits until a look can be made', async () => {
  const { state, tick, pass } = timetable(HOURLY)
  await tick()
  state.ready = false
  await pass(HOUR + 5 * MINUTE)
  expect(state.startedAt).toEqual([])
  state.ready = true
  await tick()
  expect(state.startedAt).toHaveLength(1)
})

test.each([
  ['expression', DAILY],
  ['time zone', { ...HOURLY, timeZone: 'Europe/Oslo' }],
] as const)('another %s is reckoned with from then on', async (_name, changed) => {
  const { state, tick } = timetable(HOURLY)
  await tick()
  const before = state.slot
  state.arranged = changed
  state.now = 10 * HOUR + 59 * MINUTE
  await tick()
  expect(state.slot?.expression).not.toBe(before?.expression)
  expect(state.slot?.expression).toContain(changed.timeZone)
  state.now = 11 * HOUR + 1
  await tick()
  expect(state.startedAt).toHaveLength(changed === DAILY ? 0 : 1)
})

test('of two bots that find a slot due one begins', async () => {
  const { state, tick, another } = timetable(HOURLY)
  await tick()
  state.now += HOUR
  await Promise.all([another().tick(state.now), another().tick(state.now)])
  await settled()
  expect(state.startedAt).toHaveLength(1)
})

test('a look that cannot be made is noticed, and the next slot comes', async () => {
  const { state, tick, pass, end } = timetable(HOURLY)
  await tick()
  await pass(HOUR)
  await end(new Error('A run is under way.'))
  expect(state.notices).toEqual(['a scheduled look could not be made'])
  await pass(HOUR)
  expect(state.startedAt).toHaveLength(2)
})

test('a database that is away is noticed, and the tick after works again', async () => {
  const { state, book, tick } = timetable(HOURLY)
  const { arrangements } = book
  book.arrangements = async () => {
    throw new Error('the database went away')
  }
  await tick()
  expect(state.notices).toEqual(['a schedule could not be looked at'])
  book.arrangements = arrangements
  await tick()
  expect(state.slot).not.toBeNull()
})

test('a clock that jumps back an hour does not put off what is due for longer than its expression says', async () => {
  const { state, tick, pass, end } = timetable(HOURLY)
  await tick()
  await pass(HOUR)
  await end()
  state.now -= 5 * HOUR
  await tick()
  expect(state.slot!.nextAt - state.now).toBeLessThanOrEqual(HOUR)
  await pass(HOUR)
  expect(state.startedAt).toHaveLength(2)
})

test('a clock that jumps ahead begins what is due then, once', async () => {
  const { state, tick, pass } = timetable(HOURLY)
  await tick()
  state.now += 26 * HOUR
  await tick()
  await pass(5 * MINUTE)
  expect(state.startedAt).toHaveLength(1)
})

test('a guild that was never looked at waits for its first slot', () => {
  const due = dueOf({ arranged: HOURLY, slot: null, now: 0, next: HOUR, underWay: false })
  expect(due).toEqual({ kind: 'set', expression: 'CRON_TZ=UTC 0 * * * *', nextAt: HOUR })
})
