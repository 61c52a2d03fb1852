import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { heldBack } from '#src/core/blast.ts'
import type { Finding } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import type { Book } from '#src/store/book.ts'
import { findings, runs } from '#src/store/schema/runs.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, linesOf, typesOf } from './book.ts'
import { FINDING, planOf, runningRun } from './making-runs.ts'

const ALL = { category: null, offset: 0, limit: 100 }

withDatabases('a plan', (database) => {
  const book = (): Book => bookOf(database.opened.db, database.opened.kind === 'server')
  const running = () => runningRun(book())

  it('is kept with everything it stood on, and its findings exactly as they were', async () => {
    const { guildId, id } = await running()
    const odd: Finding = {
      ...FINDING,
      memberId: '9',
      identityId: null,
      category: 'unknown_guest',
      gates: ['out_of_reach', 'first_run_lock'],
      removeRoles: [],
    }
    const plan = planOf({ guildId, id }, [FINDING, odd])
    await book().storePlan(plan)
    const { policyDigest, planDigest, rosterState, truth, counts, blast, ages } = plan
    expect(await book().run(guildId, id)).toMatchObject({
      ...{ policyDigest, planDigest, rosterState, truth, counts, blast, ages },
      state: 'running',
    })
    const page = await book().findingsPage(guildId, id, ALL)
    expect(page).toEqual({ total: 2, findings: [odd, FINDING].map((one) => ({ ...one, outcome: null })) })
    expect((await linesOf(database.opened.db, guildId)).at(-1)).toMatchObject({
      type: 'run.planned',
      data: { planDigest, findings: 2 },
    })
  })

  it('is paged in the order of member ids as numbers, and by category', async () => {
    const { guildId, id } = await running()
    const ids = ['100', '9', '18446744073709551615', '20', '1000']
    const findings = ids.map(
      (memberId, nth): Finding => ({
        ...FINDING,
        memberId,
        category: nth % 2 === 0 ? 'role_drift' : 'missing_roles',
      }),
    )
    await book().storePlan(planOf({ guildId, id }, findings))
    const page = await book().findingsPage(guildId, id, { category: null, offset: 1, limit: 3 })
    expect([page.total, page.findings.map(({ memberId }) => memberId)]).toEqual([5, ['20', '100', '1000']])
    const missing = await book().findingsPage(guildId, id, { ...ALL, category: 'missing_roles' })
    expect([missing.total, missing.findings.map(({ memberId }) => memberId)]).toEqual([2, ['9', '20']])
  })

  it('shows what is left after the blast radius, and keeps what was planned beside it', async () => {
    const { guildId, id } = await running()
    const held: Finding = { ...FINDING, effectiveAction: 'report', gates: ['blast_radius'], removeRoles: [] }
    await book().storePlan(planOf({ guildId, id }, [held], [FINDING]))
    expect((await book().findingsPage(guildId, id, ALL)).findings).toEqual([{ ...held, outcome: null }])
  })

  it('of ten thousand findings is stored whole, and one of none as well', async () => {
    const { guildId, id } = await running()
    const findings = Array.from({ length: 10_000 }, (_, nth): Finding => ({ ...FINDING, memberId: String(nth + 1) }))
    await book().storePlan(planOf({ guildId, id }, findings))
    expect((await book().findingsPage(guildId, id, { ...ALL, offset: 9_999 })).findings).toHaveLength(1)
    const empty = await running()
    await book().storePlan(planOf(empty, []))
    expect((await book().findingsPage(empty.guildId, empty.id, ALL)).total).toBe(0)
  })

  it('keeps ids of identities as they are, whatever stands in them', async () => {
    const { guildId, id } = await running()
    const ids = ['a\\b', 'tab\there', 'line\nbreak', 'back\r', '\\N', '\\.', '"quoted", {braced}', 'ünïcödé 🛰', '']
    const findings = ids.map((identityId, nth): Finding => ({ ...FINDING, memberId: String(nth + 1), identityId }))
    await book().storePlan(planOf({ guildId, id }, findings))
    const page = await book().findingsPage(guildId, id, ALL)
    expect(page.findings.map(({ identityId }) => identityId)).toEqual(ids)
  })

  it('of which the last of many findings cannot be stored leaves nothing behind, and the database goes on', async () => {
    const { guildId, id } = await running()
    const findings = Array.from({ length: 5_000 }, (_, nth): Finding => ({ ...FINDING, memberId: String(nth + 1) }))
    await expect(book().storePlan(planOf({ guildId, id }, [...findings, findings[0]!]))).rejects.toMatchObject({
      name: 'StoreFault',
    })
    expect((await book().findingsPage(guildId, id, ALL)).total).toBe(0)
    await book().storePlan(planOf({ guildId, id }, findings))
    expect((await book().findingsPage(guildId, id, ALL)).total).toBe(5_000)
  })

  it('is all or nothing: one finding that cannot be stored leaves the run without a plan', async () => {
    const { guildId, id } = await running()
    await expect(book().storePlan(planOf({ guildId, id }, [FINDING, FINDING]))).rejects.toMatchObject({
      name: 'StoreFault',
    })
    expect((await book().run(guildId, id))?.planDigest).toBeNull()
    expect(await typesOf(database.opened.db, guildId)).toEqual(['run.opened', 'run.started'])
  })

  it('goes with its run, and those of other runs stay', async () => {
    const [gone, kept] = [await running(), await running()]
    for (const run of [gone, kept]) await book().storePlan(planOf(run, [FINDING], [FINDING]))
    await database.opened.db.delete(runs).where(eq(runs.id, gone.id))
    expect(await database.opened.db.$count(findings, eq(findings.runId, gone.id))).toBe(0)
    expect(await database.opened.db.$count(findings, eq(findings.runId, kept.id))).toBe(2)
  })

  it('is taken by a run that is running, and by no other', async () => {
    const { guildId, id } = await running()
    await book().moveRun(guildId, id, 'failed', AT)
    await expect(book().storePlan(planOf({ guildId, id }, [FINDING]))).rejects.toThrow('takes no plan')
  })

  it('ends completed with what came of each member, naming those who had changed', async () => {
    const { guildId, id } = await running()
    const other = await running()
    for (const run of [{ guildId, id }, other])
      await book().storePlan(planOf(run, [FINDING, { ...FINDING, memberId: '43' }]))
    await book().noteOutcome(guildId, id, '42', 'done')
    await book().noteOutcome(guildId, id, '43', 'changed')
    const completed = await book().completeRun(guildId, id, { done: 2, changed: 1 }, AT + 60)
    expect(completed).toMatchObject({ state: 'completed', endedAt: AT + 60, outcomes: { done: 2, changed: 1 } })
    const outcomes = async (run: { guildId: string; id: string }) =>
      (await book().findingsPage(run.guildId, run.id, ALL)).findings.map(({ outcome }) => outcome)
    expect(await outcomes({ guildId, id })).toEqual(['done', 'changed'])
    expect(await outcomes(other)).toEqual([null, null])
    expect((await linesOf(database.opened.db, guildId)).at(-1)).toMatchObject({
      type: 'run.completed',
      data: { outcomes: { done: 2, changed: 1 }, changed: { count: 1, memberIds: ['43'] } },
    })
  })

  it('whose blast radius closed has what became of each member in both its forms, so that nothing is done twice', async () => {
    const { guildId, id } = await running()
    const held: Finding = { ...FINDING, effectiveAction: 'report', gates: ['blast_radius'], removeRoles: [] }
    const others = [held, { ...held, memberId: '43' }]
    await book().storePlan(planOf({ guildId, id }, others, [FINDING, { ...FINDING, memberId: '43' }]))
    await book().noteOutcome(guildId, id, '42', 'done')
    const page = await book().findingsPage(guildId, id, ALL)
    expect(page.findings.map(({ memberId, outcome }) => [memberId, outcome])).toEqual([
      ['42', 'done'],
      ['43', null],
    ])
    expect(await book().pendingFindings(guildId, id, null, 9)).toEqual([{ ...FINDING, memberId: '43' }])
  })
})

withDatabases('a plan that is held after it was stored', (database) => {
  const book = (): Book => bookOf(database.opened.db, database.opened.kind === 'server')
  const blast = { population: 8, affected: 3, limit: 8, dayLimit: 2, kicks: 0, kickLimit: 1, over: true }
  const report: Finding = { ...FINDING, memberId: '44', policyAction: 'report', effectiveAction: 'report' }
  const shown = async ({ guildId, id }: Pick<Run, 'guildId' | 'id'>) =>
    (await book().findingsPage(guildId, id, ALL)).findings

  it('shows who is held by it, leaves what was done as it was, and keeps what is still to be done', async () => {
    const { guildId, id } = await runningRun(book())
    const protectedOne: Finding = { ...FINDING, memberId: '43', gates: ['out_of_reach'] }
    await book().storePlan(planOf({ guildId, id }, [{ ...FINDING, memberId: '41' }, FINDING, protectedOne, report]))
    await book().noteOutcome(guildId, id, '41', 'done')
    await book().holdRun(guildId, id, blast, AT + 60)
    expect(await book().run(guildId, id)).toMatchObject({ state: 'awaiting_approval', endedAt: AT + 60, blast })
    expect(await shown({ guildId, id })).toEqual([
      { ...FINDING, memberId: '41', outcome: 'done' },
      { ...heldBack(FINDING), outcome: null },
      { ...heldBack(protectedOne), outcome: null },
      { ...report, outcome: null },
    ])
    expect(await book().pendingFindings(guildId, id, null, 9)).toEqual([FINDING, protectedOne])
    expect((await linesOf(database.opened.db, guildId)).at(-1)).toMatchObject({ type: 'run.held', data: { blast } })
  })

  it('is shown the same when it is held once more, or was from the beginning', async () => {
    const { guildId, id } = await runningRun(book())
    await book().storePlan(planOf({ guildId, id }, [heldBack(FINDING)], [FINDING]))
    await book().holdRun(guildId, id, blast, AT)
    await book().moveRun(guildId, id, 'running', AT)
    await book().holdRun(guildId, id, blast, AT)
    expect(await shown({ guildId, id })).toEqual([{ ...heldBack(FINDING), outcome: null }])
    expect(await book().pendingFindings(guildId, id, null, 9)).toEqual([FINDING])
  })

  it('takes nothing of another run with it, and a run that has ended is not held', async () => {
    const run = await runningRun(book())
    const other = await runningRun(book(), run.guildId, { purpose: 'group' })
    for (const one of [run, other]) await book().storePlan(planOf(one, [FINDING]))
    await book().holdRun(run.guildId, run.id, blast, AT)
    expect(await shown(other)).toEqual([{ ...FINDING, outcome: null }])
    await book().moveRun(other.guildId, other.id, 'interrupted', AT)
    await expect(book().holdRun(other.guildId, other.id, blast, AT)).rejects.toThrow('does not become')
    expect(await shown(other)).toEqual([{ ...FINDING, outcome: null }])
  })
})

withDatabases('what a run still has to do', (database) => {
  const book = (): Book => bookOf(database.opened.db, database.opened.kind === 'server')
  const planned = async (findings: readonly Finding[], before: readonly Finding[] | null = null) => {
    const run = await runningRun(book())
    await book().storePlan(planOf(run, findings, before))
    return run
  }
  const of = (memberId: string, more: Partial<Finding> = {}): Finding => ({ ...FINDING, memberId, ...more })
  const pending = async (run: { guildId: string; id: string }, after: string | null = null, limit = 100) =>
    (await book().pendingFindings(run.guildId, run.id, after, limit)).map(({ memberId }) => memberId)

  it('is what its plan wants done and nothing came of yet', async () => {
    const run = await planned([of('1'), of('2', { effectiveAction: 'report' }), of('3'), of('4')])
    await book().noteOutcome(run.guildId, run.id, '3', 'changed')
    expect(await book().pendingFindings(run.guildId, run.id, null, 100)).toEqual([of('1'), of('4')])
    expect(await book().countPending(run.guildId, run.id)).toBe(2)
  })

  it('is read page by page, in the order of member ids as numbers', async () => {
    const run = await planned(['100', '9', '18446744073709551615', '20', '1000'].map((id) => of(id)))
    expect(await pending(run, null, 2)).toEqual(['9', '20'])
    expect(await pending(run, '20', 2)).toEqual(['100', '1000'])
    expect(await pending(run, '1000', 2)).toEqual(['18446744073709551615'])
    expect(await pending(run, '18446744073709551615', 2)).toEqual([])
  })

  it('is the plan as it was before the blast radius, where that closed', async () => {
    const run = await planned([of('1', { effectiveAction: 'report', gates: ['blast_radius'] })], [of('1'), of('2')])
    expect(await pending(run)).toEqual(['1', '2'])
    expect(await book().countPending(run.guildId, run.id)).toBe(2)
  })

  it('goes on where it stopped, once the run goes on', async () => {
    const run = await planned(['1', '2', '3'].map((id) => of(id)))
    await book().noteOutcome(run.guildId, run.id, '1', 'done')
    await book().moveRun(run.guildId, run.id, 'interrupted', AT)
    await book().moveRun(run.guildId, run.id, 'running', AT)
    expect(await pending(run)).toEqual(['2', '3'])
  })

  it('is nothing of another run, and nothing of a run without a plan', async () => {
    const run = await planned([of('1')])
    const other = await runningRun(book(), run.guildId, { purpose: 'group' })
    expect(await pending(other)).toEqual([])
    expect(await pending({ guildId: '1', id: run.id })).toEqual([])
    expect(await book().countPending(other.guildId, other.id)).toBe(0)
  })
})
