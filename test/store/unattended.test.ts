import { expect, it } from 'vitest'
import type { Blast } from '#src/core/model.ts'
import type { Act, NewRun, Outcome, Run } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import type { Book } from '#src/store/book.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, HOUR, newGuild } from './book.ts'
import { contextOf, FINDING, gives, kicks, planOf, runningRun, takes, takesAll } from './making-runs.ts'

const LIVE = { purpose: 'live', trigger: 'realtime', actor: 'system:realtime' } as const
const SCHEDULED = { purpose: 'group', trigger: 'schedule', actor: 'system:schedule' } as const

withDatabases('what was taken', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  /** `outcome` null leaves it open. */
  const did = async (run: Run, act: Act, outcome: Outcome | 'changed' | null = 'done', at = AT, actor?: Actor) => {
    const intent = await book().intend(act, contextOf(run, { at, ...(actor && { actor }) }))
    if (outcome) await book().settle(intent, outcome, null, at)
  }
  const taken = (guildId: string, inHand: readonly string[] = []) => book().unattendedSince(guildId, AT, null, inHand)

  it('without anybody asking counts each member once a run, and kicks by themselves', async () => {
    const guildId = newGuild()
    const [live, scheduled] = [await runningRun(book(), guildId, LIVE), await runningRun(book(), guildId, SCHEDULED)]
    await did(live, takes(guildId, '1'))
    await did(live, takes(guildId, '1', '1002'), 'unknown')
    await did(live, takes(guildId, '2'), null)
    await did(scheduled, takes(guildId, '1'))
    await did(scheduled, kicks(guildId, '1'))
    await did(scheduled, kicks(guildId, '3'), 'unknown')
    await did(scheduled, takesAll(guildId, '4'))
    expect(await book().unattendedSince(guildId, AT, null)).toEqual({ affected: 5, kicks: 2 })
    expect(await book().unattendedSince(guildId, AT, scheduled.id)).toEqual({ affected: 2, kicks: 0 })
    expect(await book().unattendedSince(guildId, AT, live.id)).toEqual({ affected: 3, kicks: 2 })
    expect(await book().unattendedSince(newGuild(), AT, null)).toEqual({ affected: 0, kicks: 0 })
  })

  it('without anybody asking leaves out what was given, asked for, not done, or done before', async () => {
    const guildId = newGuild()
    const run = await runningRun(book(), guildId, SCHEDULED)
    await did(run, gives(guildId, '1'))
    await did(run, takes(guildId, '2'), 'done', AT, 'discord:7')
    for (const outcome of ['gone', 'refused', 'failed', 'changed', 'rehearsed'] as const)
      await did(run, takes(guildId, '3'), outcome)
    await did(run, kicks(guildId, '4'), 'refused')
    await did(run, takes(guildId, '5'), 'done', AT - 1)
    expect(await book().unattendedSince(guildId, AT, null)).toEqual({ affected: 0, kicks: 0 })
    expect(await book().unattendedSince(guildId, AT - 1, null)).toEqual({ affected: 1, kicks: 0 })
  })

  it('live counts each member once however many runs it was, what is still open too', async () => {
    const guildId = newGuild()
    const first = await runningRun(book(), guildId, LIVE)
    await did(first, takes(guildId, '1'))
    await did(first, takes(guildId, '2'), 'refused')
    await did(first, gives(guildId, '3'))
    await book().closeLiveRuns(AT + 1, AT + HOUR)
    const second = await runningRun(book(), guildId, LIVE)
    await did(second, takes(guildId, '1'))
    await did(second, takes(guildId, '4'), null)
    await did(await runningRun(book(), guildId, SCHEDULED), takes(guildId, '5'))
    expect(await book().liveAffectedSince(guildId, AT, [])).toBe(2)
    expect(await book().liveAffectedSince(guildId, AT, ['4', '9'])).toBe(1)
    expect(await book().liveAffectedSince(guildId, AT + 1, [])).toBe(0)
    expect(await book().liveAffectedSince(newGuild(), AT, [])).toBe(0)
  })

  /** A run that carries out a plan by which so many lose something. */
  const planned = async (guildId: string, blast: Partial<Blast>, more: Partial<NewRun> = {}, digest = 'sha256:bb') => {
    const run = await runningRun(book(), guildId, { ...SCHEDULED, ...more })
    const plan = planOf(run, [FINDING])
    await book().storePlan({ ...plan, planDigest: digest, blast: { ...plan.blast, over: false, ...blast } })
    return run
  }

  it('without anybody asking counts what a run at work still means to do, the larger of that and what it has done', async () => {
    const guildId = newGuild()
    const run = await planned(guildId, { affected: 3, kicks: 1 })
    expect(await taken(guildId)).toEqual({ affected: 3, kicks: 1 })
    expect(await book().unattendedSince(guildId, AT, run.id)).toEqual({ affected: 0, kicks: 0 })
    for (const id of ['1', '2']) await did(run, kicks(guildId, id))
    expect(await taken(guildId)).toEqual({ affected: 3, kicks: 2 })
    await planned(guildId, { affected: 5, kicks: 0 }, { trigger: 'realtime', actor: 'system:realtime' })
    expect(await taken(guildId)).toEqual({ affected: 8, kicks: 2 })
    await book().completeRun(guildId, run.id, { done: 2 }, AT)
    expect(await taken(guildId)).toEqual({ affected: 7, kicks: 2 })
  })

  it('without anybody asking does not count the plan of a run that a person asked for, or that has ended', async () => {
    const guildId = newGuild()
    await planned(guildId, { affected: 3 }, { trigger: 'slash', actor: 'discord:7' })
    const run = await planned(guildId, { affected: 3 })
    await book().moveRun(guildId, run.id, 'interrupted', AT)
    expect(await taken(guildId)).toEqual({ affected: 0, kicks: 0 })
  })

  it('without anybody asking does not count a plan that is about to be held, or that a person lets go on', async () => {
    const guildId = newGuild()
    const run = await planned(guildId, { affected: 9, over: true })
    expect(await taken(guildId)).toEqual({ affected: 0, kicks: 0 })
    await book().moveRun(guildId, run.id, 'awaiting_approval', AT)
    const by = { actor: 'discord:7', cause: 'interaction:7', reason: null, at: AT, expiresAt: AT + HOUR } as const
    await book().approve(guildId, { runId: run.id, digest: 'sha256:bb', ...by })
    await book().moveRun(guildId, run.id, 'running', AT)
    expect(await taken(guildId)).toEqual({ affected: 0, kicks: 0 })
    await planned(guildId, { affected: 9, over: true })
    expect(await taken(guildId)).toEqual({ affected: 9, kicks: 0 })
    await planned(guildId, { affected: 2 }, {}, 'sha256:cc')
    expect(await taken(guildId)).toEqual({ affected: 11, kicks: 0 })
  })

  it('without anybody asking leaves out those in hand of the live run of the moment, and of no other', async () => {
    const guildId = newGuild()
    const before = await runningRun(book(), guildId, LIVE)
    await did(before, takes(guildId, '1'))
    await book().closeLiveRuns(AT + 1, AT + HOUR)
    const live = await runningRun(book(), guildId, LIVE)
    for (const id of ['1', '2', '3']) await did(live, takes(guildId, id), null)
    await did(await runningRun(book(), guildId, SCHEDULED), takes(guildId, '2'))
    expect(await taken(guildId)).toEqual({ affected: 5, kicks: 0 })
    expect(await taken(guildId, ['1', '2'])).toEqual({ affected: 3, kicks: 0 })
  })
})
