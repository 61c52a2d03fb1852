import { expect, test, vi } from 'vitest'
import { makeLog } from '#src/telemetry/log.ts'
import { withServer } from '../database.ts'
import { type Hosted, hosted, MINUTE, untilPosted } from './hosted.ts'
import { closeLater, holdToAccount, type Night, untilRecorded } from './night.ts'
import { configOf, idOf, type Line, MODERATOR, OWNER, say, start, trailOf, untilLive } from './town.ts'

// One id leads through the log, the record and Discord's audit log, from what set something off to what came of it.

holdToAccount()
vi.setConfig({ testTimeout: 60_000 })

type LogLine = Readonly<Record<string, unknown>>

/** The town's bot again, with a log that is kept. */
async function logged(town: Hosted): Promise<readonly LogLine[]> {
  const lines: LogLine[] = []
  const config = configOf(town.sandbox, town.way)
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
  await town.bot.stop()
  town.bot = await start(
    config,
    { clock: town.clock },
    makeLog({ level: 'debug', secrets: config.secrets, destination }),
  )
  closeLater(() => town.bot.stop())
  await untilLive(town.guild)
  return lines
}

const correlated = (lines: readonly Line[], correlation: unknown): readonly string[] =>
  lines.filter(({ data }) => data.correlation === correlation).map(({ type }) => type)

/** The reasons that Discord was given for what was changed. */
const reasonsIn = ({ sandbox }: Night): readonly string[] =>
  sandbox.requests.all.flatMap(({ method, path, reason }) =>
    method === 'DELETE' && path.includes('/roles/') && reason !== undefined ? [reason] : [],
  )

withServer('what set something off', () => {
  test('is named by everything that a command leads to', async () => {
    const town = await hosted()
    const asked = await say(town.guild, MODERATOR, 'audit run', { action: 'strip' })
    const correlation = `interaction:${asked.id}`
    const types = new Set(correlated(await trailOf(town.place, town.guild.id), correlation))
    const wanted = ['run.opened', 'run.started', 'run.planned', 'action.intended', 'action.settled', 'run.completed']
    expect(wanted.filter((type) => !types.has(type))).toEqual([])
    const reasons = reasonsIn(town)
    expect(reasons).toHaveLength(8)
    expect(reasons.filter((reason) => !reason.includes(` · ${correlation} [`))).toEqual([])
  })

  test('is named by a live act, one for each cause, in the log too', async () => {
    const town = await hosted({ drifters: [] })
    await say(town.guild, OWNER, 'arm realtime')
    const log = await logged(town)
    for (const name of ['other1', 'other2']) town.guild.give(idOf(name), 'Directors', { by: idOf(MODERATOR) })
    const isDone = (lines: readonly Line[]) => lines.filter(({ type }) => type === 'action.settled').length === 2
    await untilRecorded(town, isDone)
    const lines = await trailOf(town.place, town.guild.id)
    const causes = ['other1', 'other2'].map((name) => {
      const own = lines.filter(({ type, subject }) => /^action\./.test(type) && subject === `member:${idOf(name)}`)
      return new Set(own.map(({ data }) => data.correlation))
    })
    expect(causes.map(({ size }) => size)).toEqual([1, 1])
    const [[first], [second]] = causes.map((one) => [...one]) as [[string], [string]]
    expect([first, second]).toEqual([expect.stringMatching(/^live:/), expect.stringMatching(/^live:/)])
    expect(first).not.toBe(second)
    for (const cause of [first, second])
      expect(reasonsIn(town).filter((reason) => reason.includes(cause))).toHaveLength(1)
    expect(log.filter(({ correlation }) => correlation === first).length).toBeGreaterThan(0)
  })

  test('is named by a look that the clock set off', async () => {
    const town = await hosted()
    town.clock.stand()
    await say(town.guild, OWNER, 'schedule set', { expression: '*/5 * * * * *', action: 'strip' })
    await say(town.guild, OWNER, 'arm schedule')
    await town.clock.round(10_000)
    town.clock.jump(2 * MINUTE)
    await untilPosted(town, '8 role changes made')
    const lines = await trailOf(town.place, town.guild.id)
    const acts = lines.filter(({ type }) => /^(?:action|run)\./.test(type) && type !== 'run.opened')
    const ofSchedule = acts.filter(({ data }) => String(data.correlation).startsWith('schedule:'))
    expect(new Set(ofSchedule.map(({ data }) => data.correlation)).size).toBe(1)
    expect(ofSchedule.filter(({ type }) => type === 'action.settled')).toHaveLength(8)
  })
})
