import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import type { Act } from '#src/core/run.ts'
import type { Book } from '#src/store/book.ts'
import { intents } from '#src/store/schema/runs.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, linesOf, newGuild, newId, typesOf } from './book.ts'
import { contextOf, gives, kicks, runningRun, takes, takesAll } from './making-runs.ts'

withDatabases('an act', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  const rowsOf = (guildId: string) => database.opened.db.select().from(intents).where(eq(intents.guildId, guildId))
  const newLines = async (guildId: string) => (await linesOf(database.opened.db, guildId)).slice(2)

  it('is written before it is tried, and what came of it once', async () => {
    const run = await runningRun(book())
    const { guildId } = run
    const intent = await book().intend(takes(guildId), contextOf(run))
    expect(await rowsOf(guildId)).toMatchObject([
      { id: intent.id, settledAt: null, outcome: null, roleId: '1001', term: 0, destroys: true, unattended: false },
    ])
    await book().settle(intent, 'refused', 'Discord says: Missing Permissions.', AT + 5)
    await book().settle(intent, 'refused', 'Discord says: Missing Permissions.', AT + 7)
    await expect(book().settle(intent, 'done', null, AT + 6)).rejects.toThrow('no open intent')
    const [intended, settled, ...more] = await newLines(guildId)
    expect(more).toEqual([])
    expect(intended).toMatchObject({
      id: intent.id,
      type: 'action.intended',
      subject: 'member:42',
      run: run.id,
      data: {
        ...{ act: 'remove_role', role: '1001', before: ['1001', '5'], after: ['5'] },
        ...{ identity: '7', rule: { category: 'role_drift', policyAction: 'strip', decidedBy: 'default' } },
      },
    })
    expect(settled).toMatchObject({
      type: 'action.settled',
      cause: intent.id,
      at: AT + 5,
      data: { act: 'remove_role', role: '1001', outcome: 'refused', detail: 'Discord says: Missing Permissions.' },
    })
  })

  it('goes on only as long as its run does', async () => {
    const run = await runningRun(book())
    await book().mustGoOn(run.guildId, run.id)
    await book().moveRun(run.guildId, run.id, 'interrupted', AT)
    await expect(book().mustGoOn(run.guildId, run.id)).rejects.toThrow('is interrupted, so it changes nothing more')
    expect(await typesOf(database.opened.db, run.guildId)).toEqual(['run.opened', 'run.started', 'run.interrupted'])
  })

  it.each([
    ['one role taken', takes('0'), { roleId: '1001', roleIds: [], destroys: true }, { role: '1001', after: ['5'] }],
    [
      'one role given',
      gives('0', '42', '9'),
      { roleId: '9', destroys: false },
      { role: '9', after: ['1001', '5', '9'] },
    ],
    [
      'several roles taken in one write',
      takesAll('0', '42', ['1001', '5']),
      { roleId: '1001', roleIds: ['1001', '5'], destroys: true },
      { roles: ['1001', '5'], after: [] },
    ],
    ['a kick', kicks('0'), { roleId: null, roleIds: [], destroys: true }, { after: null }],
  ] as const)('is told by the roles held before and after it: %s', async (_, kind, columns, data) => {
    const run = await runningRun(book())
    const act: Act = { ...kind, guildId: run.guildId }
    const intent = await book().intend(act, contextOf(run))
    expect(intent.act).toEqual(act)
    expect(await rowsOf(run.guildId)).toMatchObject([{ kind: act.kind, memberId: '42', ...columns }])
    expect((await newLines(run.guildId))[0]).toMatchObject({ data: { act: act.kind, before: ['1001', '5'], ...data } })
    expect(await book().openIntents(1_000)).toContainEqual(intent)
    await book().settle(intent, 'done', null, AT)
    expect((await newLines(run.guildId))[1]?.data).toEqual({
      ...{ act: act.kind, outcome: 'done', detail: null },
      ...('role' in data && { role: data.role }),
      ...('roles' in data && { roles: data.roles }),
    })
  })

  it('that undoes another says of which run, and names no rule', async () => {
    const run = await runningRun(book(), newGuild(), { purpose: 'undo' })
    const undone = newId()
    await book().intend(
      gives(run.guildId),
      contextOf(run, { ground: { undoes: { runId: undone } }, heldBefore: ['5'] }),
    )
    expect((await newLines(run.guildId))[0]?.data).toEqual({
      ...{ act: 'add_role', role: '1001', before: ['5'], after: ['5', '1001'] },
      undoes: undone,
    })
  })

  it('counts as unattended where nobody asked: by schedule and by live events', async () => {
    const run = await runningRun(book())
    const actors = ['system:schedule', 'system:realtime', 'discord:7', 'cli:ann'] as const
    for (const actor of actors) await book().intend(takes(run.guildId), contextOf(run, { actor }))
    const unattended = new Map((await rowsOf(run.guildId)).map((row) => [row.actor, row.unattended]))
    expect(actors.map((actor) => unattended.get(actor))).toEqual([true, true, false, false])
  })

  it('is not made once somebody ended its run, and nothing is written', async () => {
    const run = await runningRun(book())
    await book().moveRun(run.guildId, run.id, 'interrupted', AT)
    const lines = await typesOf(database.opened.db, run.guildId)
    await expect(book().intend(takes(run.guildId), contextOf(run))).rejects.toMatchObject({
      name: 'Refusal',
      message: expect.stringContaining(`${run.id} is interrupted`),
    })
    const unknown = book().intend(takes(run.guildId), contextOf(run, { runId: newId() }))
    await expect(unknown).rejects.toMatchObject({ name: 'Refusal', message: expect.stringContaining('not on record') })
    expect(await typesOf(database.opened.db, run.guildId)).toEqual(lines)
    expect(await rowsOf(run.guildId)).toEqual([])
  })

  it('that a killed process left counts as done where it was, and where it may have been', async () => {
    const run = await runningRun(book())
    const outcomes = ['done', 'done', 'changed'] as const
    for (const [nth, outcome] of outcomes.entries()) {
      const intent = await book().intend(takes(run.guildId, String(nth + 1)), contextOf(run))
      await book().settle(intent, outcome, null, AT)
    }
    await book().intend(takes(run.guildId, '4'), contextOf(run))
    const counted = { done: 2, changed: 1, unknown: 1 }
    expect(await book().outcomesOf(run.guildId, run.id)).toEqual(counted)
    await book().interruptStale(AT + 1)
    expect(await book().run(run.guildId, run.id)).toMatchObject({ state: 'interrupted', outcomes: counted })
    expect((await linesOf(database.opened.db, run.guildId)).at(-1)).toMatchObject({
      type: 'run.interrupted',
      data: { outcomes: counted },
    })
  })

  it('that comes out after its run has ended is counted there as what it came to', async () => {
    const run = await runningRun(book())
    const open = ['done', 'failed', 'unknown', 'done'] as const
    const made = await Promise.all(
      open.map((_, nth) => book().intend(takes(run.guildId, String(nth + 1)), contextOf(run))),
    )
    const counted = async () => (await book().run(run.guildId, run.id))?.outcomes
    await book().settle(made[0]!, 'done', null, AT)
    expect(await counted()).toEqual({})
    await book().interruptStale(AT + 1)
    expect(await counted()).toEqual({ done: 1, unknown: 3 })
    for (const [nth, outcome] of open.entries()) await book().settle(made[nth]!, outcome, null, AT + 2)
    expect(await counted()).toEqual({ done: 2, failed: 1, unknown: 1 })
  })

  it('that was left open is found again, the oldest first', async () => {
    for (const intent of await book().openIntents(1_000)) await book().settle(intent, 'unknown', null, AT)
    const made = []
    for (const minute of [3, 1, 2]) {
      const run = await runningRun(book())
      made.push(await book().intend(takes(run.guildId), contextOf(run, { at: AT + minute })))
    }
    const [third, first, second] = made
    expect(await book().openIntents(2)).toEqual([first, second])
    await book().settle(first!, 'gone', null, AT)
    expect(await book().openIntents(9)).toEqual([second, third])
  })
})
