import { expect, it } from 'vitest'
import type { Book } from '#src/store/book.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, linesOf, newGuild } from './book.ts'
import { contextOf, order, planOf, runningRun, takes } from './making-runs.ts'

const BY = { actor: 'discord:9', cause: 'interaction:5', reason: null, at: AT + 7 } as const

withDatabases('a stop', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  const armed = async (guildId: string, wanted: { schedule: boolean; realtime: boolean }) => {
    await book().saveSettings(guildId, { armed: wanted }, { actor: 'cli:ann', reason: null, at: AT })
  }
  const lines = async (guildId: string, from = 0) => (await linesOf(database.opened.db, guildId)).slice(from)

  it('disarms everything, and tells what was armed', async () => {
    const guildId = newGuild()
    await armed(guildId, { schedule: false, realtime: true })
    expect(await book().stop(guildId, BY)).toEqual({ runs: [], wasArmed: { schedule: false, realtime: true } })
    expect((await book().settings(guildId)).armed).toEqual({ schedule: false, realtime: false })
    expect(await lines(guildId, 1)).toMatchObject([
      {
        ...{ type: 'setting.changed', actor: 'discord:9', subject: 'setting:armed', cause: 'interaction:5' },
        data: { before: { realtime: true }, after: { schedule: false, realtime: false } },
      },
      { type: 'guild.stopped', subject: `guild:${guildId}`, data: { count: 0, wasArmed: { realtime: true } } },
    ])
  })

  it('interrupts every run that is under way, with what was done until then, and no other', async () => {
    const guildId = newGuild()
    const audit = await runningRun(book(), guildId)
    const live = (await book().openRun(order(guildId, { purpose: 'live' }))).run
    const waiting = await runningRun(book(), guildId, { purpose: 'group' })
    await book().storePlan(planOf(waiting, []))
    await book().moveRun(guildId, waiting.id, 'awaiting_approval', AT)
    const elsewhere = await runningRun(book())
    const intent = await book().intend(takes(guildId), contextOf(audit))
    await book().settle(intent, 'done', null, AT)
    const from = (await lines(guildId)).length
    const { runs } = await book().stop(guildId, BY)
    expect(new Map(runs.map(({ id, outcomes }) => [id, outcomes]))).toEqual(
      new Map([
        [audit.id, { done: 1 }],
        [live.id, {}],
      ]),
    )
    for (const run of runs)
      expect(run).toMatchObject({
        state: 'interrupted',
        problem: expect.stringMatching(/^Stopped by \/stop\. What was done/),
        endedAt: AT + 7,
      })
    expect((await book().run(guildId, waiting.id))?.state).toBe('awaiting_approval')
    expect((await book().run(elsewhere.guildId, elsewhere.id))?.state).toBe('running')
    const written = await lines(guildId, from)
    expect(written.map(({ type }) => type)).toEqual(['run.interrupted', 'run.interrupted', 'guild.stopped'])
    for (const line of written) expect(line).toMatchObject({ actor: 'discord:9', cause: 'interaction:5' })
    expect(written[2]?.data).toMatchObject({ runs: runs.map(({ id }) => id), count: 2 })
  })

  it('forgets the kicks of the guild that were to be tried again, and no others', async () => {
    const [guildId, elsewhere] = [newGuild(), newGuild()]
    const retry = { memberId: '5', runId: 'r', tries: 1, notBefore: AT, detail: null }
    for (const each of [guildId, elsewhere]) await book().scheduleRetry({ guildId: each, ...retry }, AT)
    await book().stop(guildId, BY)
    const left = (await book().dueRetries(AT, 1_000)).map((one) => one.guildId)
    expect(left).toContain(elsewhere)
    expect(left).not.toContain(guildId)
  })

  it('of a guild in which nothing goes on is recorded all the same', async () => {
    const guildId = newGuild()
    expect(await book().stop(guildId, BY)).toEqual({ runs: [], wasArmed: { schedule: false, realtime: false } })
    expect((await lines(guildId)).map(({ type }) => type)).toEqual(['guild.stopped'])
  })

  it('ends a run in the middle of its acts: none is written down after it', { timeout: 60_000 }, async () => {
    const run = await runningRun(book())
    let written = 0
    const begun = Promise.withResolvers<void>()
    const actOn = async (member: number): Promise<string> => {
      for (let nth = 0; nth < 500; nth++) {
        const intended = book().intend(takes(run.guildId, `${member}${nth}`), contextOf(run))
        const refusal = await intended.then(
          () => null,
          (error: Error) => error.name,
        )
        if (refusal !== null) return refusal
        if (++written === 12) begun.resolve()
      }
      return 'never refused'
    }
    const acts = [1, 2, 3, 4].map(actOn)
    await begun.promise
    const stopped = await book().stop(run.guildId, BY)
    expect(await Promise.all(acts)).toEqual(Array(4).fill('Refusal'))
    expect(stopped.runs).toMatchObject([{ id: run.id, outcomes: { unknown: written } }])
    expect((await lines(run.guildId)).slice(-2).map(({ type }) => type)).toEqual(['run.interrupted', 'guild.stopped'])
  })
})
