import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import type { Counts, Finding } from '#src/core/model.ts'
import type { Book } from '#src/store/book.ts'
import { intents } from '#src/store/schema/runs.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, linesOf, newGuild, newId, typesOf } from './book.ts'

const FINDING: Finding = {
  memberId: '42',
  identityId: '7',
  category: 'role_drift',
  policyAction: 'strip',
  decidedBy: 'default',
  gates: [],
  effectiveAction: 'strip',
  kick: false,
  removeRoles: ['1001', '1002'],
  addRoles: [],
  excessRoles: ['1001', '1002', '1003'],
  missingRoles: [],
  unreachableRoles: ['1003'],
}

const COUNTS: Counts = {
  members: 9,
  bot_filtered: 1,
  identity_conflict: 0,
  unknown_guest: 0,
  linked_no_perm: 0,
  role_drift: 3,
  missing_roles: 0,
  in_order: 5,
}

const planOf = (
  guildId: string,
  runId: string,
  findings: readonly Finding[],
  planned: readonly Finding[] | null = null,
) => ({
  runId,
  guildId,
  at: AT,
  policyDigest: 'sha256:aa',
  planDigest: 'sha256:bb',
  rosterState: 'live' as const,
  truth: { suspect: true, why: ['dropped:linked'] },
  counts: COUNTS,
  blast: { population: 8, affected: 3, limit: 1, dayLimit: 2, kicks: 0, kickLimit: 1, over: true },
  ages: { roster: 1_000, identity: 20 },
  findings,
  planned,
})

const actIn = (guildId: string, memberId = '42') =>
  ({ kind: 'remove_role', guildId, memberId, roleId: '1001' }) as const

const ALL = { category: null, offset: 0, limit: 100 }

withDatabases('a plan', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  const running = async (guildId = newGuild()) => {
    const { run } = await book().openRun({
      id: newId(),
      guildId,
      trigger: 'cli',
      action: 'strip',
      actor: 'cli:ann',
      mayDestroy: true,
      reason: null,
      idempotencyKey: randomUUID(),
      at: AT,
    })
    await book().moveRun(guildId, run.id, 'running', AT)
    return run
  }

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
    const plan = planOf(guildId, id, [FINDING, odd])
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
    await book().storePlan(planOf(guildId, id, findings))
    const page = await book().findingsPage(guildId, id, { category: null, offset: 1, limit: 3 })
    expect([page.total, page.findings.map(({ memberId }) => memberId)]).toEqual([5, ['20', '100', '1000']])
    const missing = await book().findingsPage(guildId, id, { ...ALL, category: 'missing_roles' })
    expect([missing.total, missing.findings.map(({ memberId }) => memberId)]).toEqual([2, ['9', '20']])
  })

  it('shows what is left after the blast radius, and keeps what was planned beside it', async () => {
    const { guildId, id } = await running()
    const held: Finding = { ...FINDING, effectiveAction: 'report', gates: ['blast_radius'], removeRoles: [] }
    await book().storePlan(planOf(guildId, id, [held], [FINDING]))
    expect((await book().findingsPage(guildId, id, ALL)).findings).toEqual([{ ...held, outcome: null }])
    expect(await book().gateTally(guildId, id)).toEqual({ blast_radius: 1 })
  })

  it('counts what each gate holds', async () => {
    const { guildId, id } = await running()
    const gated = (memberId: string, gates: Finding['gates']): Finding => ({ ...FINDING, memberId, gates })
    const findings = [gated('1', ['first_run_lock']), gated('2', ['out_of_reach', 'first_run_lock']), gated('3', [])]
    await book().storePlan(planOf(guildId, id, findings))
    expect(await book().gateTally(guildId, id)).toEqual({ first_run_lock: 2, out_of_reach: 1 })
  })

  it('of ten thousand findings is stored whole, and one of none as well', async () => {
    const { guildId, id } = await running()
    const findings = Array.from({ length: 10_000 }, (_, nth): Finding => ({ ...FINDING, memberId: String(nth + 1) }))
    await book().storePlan(planOf(guildId, id, findings))
    expect((await book().findingsPage(guildId, id, { ...ALL, offset: 9_999 })).findings).toHaveLength(1)
    const empty = await running()
    await book().storePlan(planOf(empty.guildId, empty.id, []))
    expect((await book().findingsPage(empty.guildId, empty.id, ALL)).total).toBe(0)
  })

  it('is all or nothing: one finding that cannot be stored leaves the run without a plan', async () => {
    const { guildId, id } = await running()
    await expect(book().storePlan(planOf(guildId, id, [FINDING, FINDING]))).rejects.toMatchObject({
      name: 'StoreFault',
    })
    expect((await book().run(guildId, id))?.planDigest).toBeNull()
    expect(await typesOf(database.opened.db, guildId)).toEqual(['run.opened', 'run.started'])
  })

  it('is taken by a run that is running, and by no other', async () => {
    const { guildId, id } = await running()
    await book().moveRun(guildId, id, 'failed', AT)
    await expect(book().storePlan(planOf(guildId, id, [FINDING]))).rejects.toThrow('takes no plan')
  })

  it('ends completed with what came of each member, naming those who had changed', async () => {
    const { guildId, id } = await running()
    const other = await running()
    for (const run of [{ guildId, id }, other])
      await book().storePlan(planOf(run.guildId, run.id, [FINDING, { ...FINDING, memberId: '43' }]))
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

  it('is acted on by intents that are written first and settled once', async () => {
    const { guildId, id: runId } = await running()
    const act = { kind: 'remove_role', guildId, memberId: '42', roleId: '1001' } as const
    const context = { runId, actor: 'cli:ann', finding: FINDING, heldBefore: ['1001', '5'], at: AT } as const
    const intent = await book().intend(act, context)
    const open = await database.opened.db.select().from(intents).where(eq(intents.guildId, guildId))
    expect(open).toMatchObject([{ id: intent.id, settledAt: null, outcome: null, roleId: '1001', term: 0 }])
    await book().settle(intent, 'refused', 'Discord says: Missing Permissions.', AT + 5)
    await book().settle(intent, 'refused', 'Discord says: Missing Permissions.', AT + 7)
    await expect(book().settle(intent, 'done', null, AT + 6)).rejects.toThrow('no open intent')
    const [intended, settled, ...more] = (await linesOf(database.opened.db, guildId)).slice(2)
    expect(more).toEqual([])
    expect(intended).toMatchObject({
      id: intent.id,
      type: 'action.intended',
      subject: 'member:42',
      run: runId,
      data: { act: 'remove_role', role: '1001', before: ['1001', '5'], after: ['5'] },
    })
    expect(settled).toMatchObject({
      type: 'action.settled',
      cause: intent.id,
      at: AT + 5,
      data: { outcome: 'refused', detail: 'Discord says: Missing Permissions.' },
    })
  })
  it('is acted on no further once somebody ended its run, and nothing is written', async () => {
    const { guildId, id: runId } = await running()
    const context = { runId, actor: 'cli:ann', finding: FINDING, heldBefore: [], at: AT } as const
    const act = actIn(guildId)
    await book().moveRun(guildId, runId, 'interrupted', AT)
    const lines = await typesOf(database.opened.db, guildId)
    await expect(book().intend(act, context)).rejects.toMatchObject({
      name: 'Refusal',
      message: expect.stringContaining(`${runId} is interrupted`),
    })
    await expect(book().intend(act, { ...context, runId: newId() })).rejects.toMatchObject({ name: 'Refusal' })
    expect(await typesOf(database.opened.db, guildId)).toEqual(lines)
    expect(await database.opened.db.$count(intents, eq(intents.guildId, guildId))).toBe(0)
    await book().intend(act, { ...context, runId: null })
  })

  it('that a killed process left counts what was done, and what may have been', async () => {
    const { guildId, id: runId } = await running()
    const context = { runId, actor: 'cli:ann', finding: FINDING, heldBefore: [], at: AT } as const
    const outcomes = ['done', 'done', 'changed', null] as const
    for (const [nth, outcome] of outcomes.entries()) {
      const intent = await book().intend(actIn(guildId, String(nth + 1)), context)
      if (outcome) await book().settle(intent, outcome, null, AT)
    }
    await book().intend(actIn(guildId), { ...context, runId: null })
    await book().interruptStale(AT + 1)
    const counted = { done: 2, changed: 1, unknown: 1 }
    expect(await book().run(guildId, runId)).toMatchObject({ state: 'interrupted', outcomes: counted })
    expect((await linesOf(database.opened.db, guildId)).at(-1)).toMatchObject({
      type: 'run.interrupted',
      data: { outcomes: counted },
    })
  })

  it('leaves its open intents to be found, the oldest first', async () => {
    for (const intent of await book().openIntents(1_000)) await book().settle(intent, 'unknown', null, AT)
    const context = { runId: null, actor: 'system:live', finding: FINDING, heldBefore: [] } as const
    const made = []
    for (const minute of [3, 1, 2]) made.push(await book().intend(actIn(newGuild()), { ...context, at: AT + minute }))
    const [third, first, second] = made
    expect(await book().openIntents(2)).toEqual([first, second])
    await book().settle(first!, 'gone', null, AT)
    expect(await book().openIntents(9)).toEqual([second, third])
  })
})
