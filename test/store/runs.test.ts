import { tmpdir } from 'node:os'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type NewRun, RUN_STATES, type RunState } from '#src/core/run.ts'
import type { Book } from '#src/store/book.ts'
import { type Database, openDatabase } from '#src/store/database.ts'
import { idempotencyKeys } from '#src/store/schema/runs.ts'
import { withDatabases, withServer } from '../database.ts'
import { AT, bookOf, HOUR, linesOf, MINUTE, newGuild, newId, typesOf } from './book.ts'
import { contextOf, order, planOf, runningRun, takes } from './making-runs.ts'

const DAY = 24 * HOUR

/** How a run gets to each state. */
const ROADS: Readonly<Record<RunState, readonly RunState[]>> = {
  pending: [],
  running: ['running'],
  completed: ['running', 'completed'],
  failed: ['running', 'failed'],
  interrupted: ['running', 'interrupted'],
  awaiting_approval: ['running', 'awaiting_approval'],
  abandoned: ['running', 'awaiting_approval', 'abandoned'],
}

const ALLOWED = new Set([
  'pending → running',
  'pending → failed',
  'pending → interrupted',
  'running → completed',
  'running → failed',
  'running → interrupted',
  'running → awaiting_approval',
  'awaiting_approval → running',
  'awaiting_approval → abandoned',
  'interrupted → running',
  'interrupted → abandoned',
])

withDatabases('a run', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  const runIn = async (state: RunState, more: Partial<NewRun> = {}) => {
    const guildId = newGuild()
    const { run } = await book().openRun(order(guildId, more))
    for (const step of ROADS[state]) await book().moveRun(guildId, run.id, step, AT + 1)
    return run
  }

  it('is opened once for a request that comes twice', async () => {
    const guildId = newGuild()
    const wanted = order(guildId, {
      idempotencyKey: 'interaction:1',
      reason: 'weekly look',
      only: { memberId: '42', roleId: null },
      deadlineAt: AT + HOUR,
    })
    const first = await book().openRun(wanted)
    expect(first).toEqual({
      repeated: false,
      run: {
        id: wanted.id,
        guildId,
        state: 'pending',
        purpose: 'audit',
        cause: null,
        only: { memberId: '42', roleId: null },
        deadlineAt: AT + HOUR,
        trigger: 'slash',
        action: 'strip',
        actor: 'discord:7',
        mayDestroy: true,
        startedAt: AT,
        endedAt: null,
        problem: null,
        rosterState: null,
        truth: null,
        policyDigest: null,
        planDigest: null,
        counts: null,
        blast: null,
        outcomes: {},
        ages: null,
      },
    })
    const again = await book().openRun(order(guildId, { idempotencyKey: 'interaction:1', at: AT + 5 }))
    expect(again).toEqual({ repeated: true, run: first.run })
    const [line, ...more] = await linesOf(database.opened.db, guildId)
    expect(more).toEqual([])
    expect(line).toMatchObject({ type: 'run.opened', actor: 'discord:7', subject: `run:${wanted.id}`, run: wanted.id })
    expect(line).toMatchObject({
      cause: 'interaction:1',
      data: { purpose: 'audit', action: 'strip', trigger: 'slash', mayDestroy: true, only: { memberId: '42' } },
    })
    expect(JSON.stringify(line)).not.toContain('weekly look')
  })

  it('says what it is for, what set it off and which role it is narrowed to', async () => {
    const facts = { purpose: 'group', cause: 'role:9', only: { memberId: null, roleId: '9' } } as const
    const { guildId, id } = await runIn('pending', facts)
    expect(await book().run(guildId, id)).toMatchObject({ ...facts, deadlineAt: null })
    expect((await book().lastRuns(guildId, 1))[0]).toMatchObject(facts)
    expect((await linesOf(database.opened.db, guildId))[0]).toMatchObject({ data: facts })
  })

  it('is known again by its request for a week, though it ended long ago, and not after that', async () => {
    const guildId = newGuild()
    const asked = (at: number) => book().openRun(order(guildId, { idempotencyKey: 'same', at }))
    const { run } = await asked(AT)
    await book().moveRun(guildId, run.id, 'failed', AT)
    expect(await asked(AT + 7 * DAY - 1)).toMatchObject({ repeated: true, run: { id: run.id, state: 'failed' } })
    const next = await asked(AT + 7 * DAY)
    expect(next.repeated).toBe(false)
    expect(await asked(AT + 8 * DAY)).toMatchObject({ repeated: true, run: { id: next.run.id } })
  })

  it('that is refused leaves its request free to be tried again', async () => {
    const guildId = newGuild()
    const { run } = await book().openRun(order(guildId))
    const wanted = order(guildId, { idempotencyKey: 'again' })
    await expect(book().openRun(wanted)).rejects.toMatchObject({ name: 'Refusal' })
    await book().moveRun(guildId, run.id, 'failed', AT)
    expect(await book().openRun(wanted)).toMatchObject({ repeated: false, run: { id: wanted.id } })
  })

  it('forgets the requests of weeks ago a few at a time', async () => {
    const guildId = newGuild()
    const kept = () => database.opened.db.$count(idempotencyKeys, eq(idempotencyKeys.guildId, guildId))
    const old = Array.from({ length: 60 }, (_, nth) => ({
      ...{ guildId, key: `old:${nth}`, runId: newId() },
      ...{ at: AT - 9 * DAY, expiresAt: AT - 2 * DAY },
    }))
    await database.opened.db.insert(idempotencyKeys).values(old)
    const opened = () => book().openRun(order(guildId, { purpose: 'group' }))
    await opened()
    expect(await kept()).toBe(11)
    await opened()
    expect(await kept()).toBe(2)
  })

  it('is the only one under way in its guild, and a second is refused with what to do', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    const { run } = await book().openRun(order(guildId))
    await expect(book().openRun(order(guildId))).rejects.toMatchObject({
      name: 'Refusal',
      message: expect.stringContaining(run.id),
    })
    expect((await book().openRun(order(other))).repeated).toBe(false)
    await book().moveRun(guildId, run.id, 'failed', AT, { problem: 'The source was silent.' })
    expect((await book().openRun(order(guildId))).repeated).toBe(false)
  })

  it('is the only one under way though ten are asked for at once', async () => {
    const guildId = newGuild()
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => book().openRun(order(guildId))))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const failed of tries.filter((one) => one.status === 'rejected')) expect(failed.reason.name).toBe('Refusal')
    expect(await typesOf(database.opened.db, guildId)).toEqual(['run.opened'])
  })

  it('is one run though the same request comes ten times at once', async () => {
    const guildId = newGuild()
    const tries = await Promise.all(
      Array.from({ length: 10 }, () => book().openRun(order(guildId, { idempotencyKey: 'same' }))),
    )
    expect(new Set(tries.map(({ run }) => run.id)).size).toBe(1)
    expect(tries.filter(({ repeated }) => !repeated)).toHaveLength(1)
  })

  it('by which live acts are counted, and those that a role edit sets off, do not wait for an audit', async () => {
    const guildId = newGuild()
    await book().openRun(order(guildId))
    const purposes = ['live', 'group', 'group', 'retry', 'retry'] as const
    for (const purpose of purposes)
      expect((await book().openRun(order(guildId, { purpose }))).run).toMatchObject({ purpose, state: 'pending' })
    for (const purpose of ['audit', 'undo', 'live'] as const)
      await expect(book().openRun(order(guildId, { purpose }))).rejects.toMatchObject({ name: 'Refusal' })
  })

  it('is refused with the name of the one that is in its way, not of another', async () => {
    const guildId = newGuild()
    const live = await book().openRun(order(guildId, { purpose: 'live' }))
    const undo = await book().openRun(order(guildId, { purpose: 'undo' }))
    const refusal = await book()
      .openRun(order(guildId))
      .catch((error: Error) => error.message)
    expect(refusal).toContain(undo.run.id)
    expect(refusal).not.toContain(live.run.id)
  })

  it.each(RUN_STATES)('that is %s goes on only where the table says so', async (from) => {
    const run = await runIn(from)
    const lines = await typesOf(database.opened.db, run.guildId)
    for (const to of RUN_STATES.filter((state) => !ALLOWED.has(`${from} → ${state}`)))
      await expect(book().moveRun(run.guildId, run.id, to, AT)).rejects.toThrow(
        `A run that is ${from} does not become ${to}`,
      )
    expect((await book().run(run.guildId, run.id))?.state).toBe(from)
    expect(await typesOf(database.opened.db, run.guildId)).toEqual(lines)
    for (const to of RUN_STATES.filter((state) => ALLOWED.has(`${from} → ${state}`))) {
      const { guildId, id } = await runIn(from)
      await book().moveRun(guildId, id, to, AT)
      expect((await book().run(guildId, id))?.state).toBe(to)
      expect(await typesOf(database.opened.db, guildId)).toHaveLength(lines.length + 1)
    }
  })

  it('tells when it ended and why, and forgets both when it goes on', async () => {
    const run = await runIn('running')
    await book().moveRun(run.guildId, run.id, 'interrupted', AT + 3, { problem: 'Stopped.' })
    expect(await book().run(run.guildId, run.id)).toMatchObject({ endedAt: AT + 3, problem: 'Stopped.' })
    await book().moveRun(run.guildId, run.id, 'running', AT + 4)
    expect(await book().run(run.guildId, run.id)).toMatchObject({ endedAt: null, problem: null })
    expect(await typesOf(database.opened.db, run.guildId)).toEqual([
      'run.opened',
      'run.started',
      'run.interrupted',
      'run.resumed',
    ])
  })

  it('that goes on keeps its plan, has a new deadline, and tells who let it go on', async () => {
    const run = await runningRun(book(), newGuild(), { deadlineAt: AT + HOUR })
    await book().storePlan(planOf(run, []))
    await book().moveRun(run.guildId, run.id, 'interrupted', AT + 3, { problem: 'Stopped.' })
    const by = { actor: 'discord:9', cause: 'interaction:77' } as const
    await book().moveRun(run.guildId, run.id, 'running', AT + 4, { ...by, deadlineAt: AT + 2 * HOUR })
    expect(await book().run(run.guildId, run.id)).toMatchObject({
      ...{ state: 'running', endedAt: null, problem: null, planDigest: 'sha256:bb' },
      deadlineAt: AT + 2 * HOUR,
      actor: 'discord:7',
    })
    const lines = await linesOf(database.opened.db, run.guildId)
    expect(lines.at(-1)).toMatchObject({ type: 'run.resumed', ...by, data: { deadlineAt: AT + 2 * HOUR } })
    expect(lines.at(-2)).toMatchObject({ type: 'run.interrupted', actor: 'discord:7', cause: null })
  })

  it('that is abandoned names who wanted no more of it, and still tells why it had stopped', async () => {
    const run = await runningRun(book())
    await book().moveRun(run.guildId, run.id, 'interrupted', AT + 3, { problem: 'Stopped.' })
    await book().moveRun(run.guildId, run.id, 'abandoned', AT + 9, { actor: 'discord:9', cause: 'interaction:78' })
    expect(await book().run(run.guildId, run.id)).toMatchObject({
      ...{ state: 'abandoned', endedAt: AT + 9, problem: 'Stopped.' },
    })
    const last = (await linesOf(database.opened.db, run.guildId)).at(-1)
    expect(last).toMatchObject({ type: 'run.abandoned', actor: 'discord:9', cause: 'interaction:78', data: {} })
  })

  it('that waits does not go on while another is under way', async () => {
    const run = await runIn('awaiting_approval')
    await book().openRun(order(run.guildId))
    await expect(book().moveRun(run.guildId, run.id, 'running', AT)).rejects.toMatchObject({ name: 'Refusal' })
  })

  it('that a killed process left under way is interrupted at the next start, in every guild', async () => {
    const [pending, running, waiting] = [
      await runIn('pending'),
      await runIn('running'),
      await runIn('awaiting_approval'),
    ]
    const interrupted = await book().interruptStale(AT + 7)
    const ids = interrupted.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining([pending.id, running.id]))
    expect(ids).not.toContain(waiting.id)
    for (const { guildId, id } of [pending, running]) {
      expect(await book().run(guildId, id)).toMatchObject({ state: 'interrupted', endedAt: AT + 7 })
      expect((await linesOf(database.opened.db, guildId)).at(-1)).toMatchObject({
        type: 'run.interrupted',
        actor: 'system:start',
      })
    }
    expect(await book().interruptStale(AT + 8)).toEqual([])
  })

  it('that a killed process left under way says how the rest comes about, where there is a plan and where there is none', async () => {
    const [read, planned, undo] = [
      await runIn('running'),
      await runIn('running'),
      await runIn('running', { purpose: 'undo' }),
    ]
    await book().storePlan(planOf(planned, []))
    await book().interruptStale(AT + 8)
    const problemOf = async ({ guildId, id }: typeof read) => (await book().run(guildId, id))?.problem
    expect(await problemOf(read)).toMatch(/It had no plan yet: make a new one with `\/audit run`\.$/)
    expect(await problemOf(planned)).toMatch(/`\/audit resume` goes on with it, or a new run does the rest\.$/)
    expect(await problemOf(undo)).toMatch(/`\/undo` of the same run again gives back the rest\.$/)
  })

  it('tells what was done until it was cut short, in its row and in its line', async () => {
    const run = await runIn('running')
    const more = { problem: 'Stopped.', outcomes: { done: 2, refused: 1 } }
    await book().moveRun(run.guildId, run.id, 'interrupted', AT + 3, more)
    expect(await book().run(run.guildId, run.id)).toMatchObject(more)
    expect((await linesOf(database.opened.db, run.guildId)).at(-1)).toMatchObject({
      type: 'run.interrupted',
      data: more,
    })
    await book().moveRun(run.guildId, run.id, 'running', AT + 4)
    expect(await book().run(run.guildId, run.id)).toMatchObject({ problem: null, outcomes: more.outcomes })
  })

  it('that was left as running is interrupted when the next one opens, where nobody is at work on it', async () => {
    const [left, elsewhere] = [await runIn('running'), await runIn('running')]
    const wanted = order(left.guildId)
    expect((await book().openRun(wanted, new Set([elsewhere.id]))).run.id).toBe(wanted.id)
    expect(await book().run(left.guildId, left.id)).toMatchObject({ state: 'interrupted', endedAt: AT })
    expect((await book().run(elsewhere.guildId, elsewhere.id))?.state).toBe('running')
    expect((await linesOf(database.opened.db, left.guildId)).slice(2)).toMatchObject([
      { type: 'run.interrupted', actor: 'system:runs', run: left.id },
      { type: 'run.opened', run: wanted.id },
    ])
  })

  it('that is alive is left alone when another is asked for, and the other is refused', async () => {
    const run = await runIn('running')
    await expect(book().openRun(order(run.guildId), new Set([run.id]))).rejects.toMatchObject({ name: 'Refusal' })
    expect((await book().run(run.guildId, run.id))?.state).toBe('running')
  })

  it('of any purpose is left alone while somebody is at work on it', async () => {
    const guildId = newGuild()
    const runs = []
    for (const purpose of ['live', 'group', 'retry'] as const) runs.push(await runningRun(book(), guildId, { purpose }))
    const [live, group, retry] = runs
    await book().openRun(order(guildId), new Set([live!.id, group!.id]))
    const states = await Promise.all(runs.map(async ({ id }) => (await book().run(guildId, id))?.state))
    expect(states).toEqual(['running', 'running', 'interrupted'])
    expect((await linesOf(database.opened.db, guildId)).at(-2)).toMatchObject({ run: retry!.id })
  })

  it('that was only just opened is not taken for one that was left', async () => {
    const guildId = newGuild()
    const one = book()
    const alive = new Set<string>()
    const asked = async () => {
      const { run } = await one.openRun(order(guildId), alive)
      alive.add(run.id)
    }
    const tries = await Promise.allSettled(Array.from({ length: 10 }, asked))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await typesOf(database.opened.db, guildId)).toEqual(['run.opened'])
  })

  it('whose deadline passed is interrupted where nobody is at work on it, in every guild', async () => {
    const due = (deadlineAt: number | null) => runningRun(book(), newGuild(), { deadlineAt })
    const [late, lateToo, alive, inGrace, endless] = [
      await due(AT),
      await runIn('pending', { deadlineAt: AT }),
      await due(AT),
      await due(AT + MINUTE),
      await due(null),
    ]
    const intent = await book().intend(takes(late.guildId), contextOf(late))
    await book().settle(intent, 'done', null, AT)
    const now = AT + 2 * MINUTE
    const interrupted = await book().interruptOverdue(new Set([alive.id]), now, MINUTE)
    const ids = interrupted.map(({ id }) => id)
    expect(ids.toSorted()).toEqual([late.id, lateToo.id].toSorted())
    expect(interrupted.find(({ id }) => id === late.id)).toMatchObject({
      ...{ state: 'interrupted', endedAt: now, outcomes: { done: 1 } },
      problem: expect.stringContaining('deadline'),
    })
    expect((await linesOf(database.opened.db, late.guildId)).at(-1)).toMatchObject({
      ...{ type: 'run.interrupted', actor: 'system:runs', data: { outcomes: { done: 1 } } },
    })
    for (const { guildId, id } of [alive, inGrace, endless])
      expect((await book().run(guildId, id))?.state).toBe('running')
    expect(await book().interruptOverdue(new Set([alive.id]), now, MINUTE)).toEqual([])
    expect((await book().interruptOverdue(new Set(), now, MINUTE)).map(({ id }) => id)).toEqual([alive.id])
  })

  it('of live acts ends when its hour is over, with what was done in it; other runs do not', async () => {
    await book().closeLiveRuns(AT + 1, AT)
    const live = { purpose: 'live', trigger: 'realtime', actor: 'system:realtime' } as const
    const [over, young] = [await runningRun(book(), newGuild(), live), await runIn('running', { ...live, at: AT + 1 })]
    const [stuck, audit] = [await runIn('pending', live), await runningRun(book())]
    const intent = await book().intend(takes(over.guildId), contextOf(over))
    await book().settle(intent, 'done', null, AT)
    const closed = await book().closeLiveRuns(AT + 1, AT + HOUR)
    expect(closed.map(({ id, state, outcomes }) => ({ id, state, outcomes }))).toEqual([
      { id: over.id, state: 'completed', outcomes: { done: 1 } },
      { id: stuck.id, state: 'completed', outcomes: {} },
    ])
    expect((await book().run(over.guildId, over.id))?.endedAt).toBe(AT + HOUR)
    expect((await linesOf(database.opened.db, over.guildId)).at(-1)).toMatchObject({
      ...{ type: 'run.completed', data: { outcomes: { done: 1 } } },
    })
    for (const { guildId, id } of [young, audit]) expect((await book().run(guildId, id))?.state).toBe('running')
    expect(await book().closeLiveRuns(AT + 1, AT + HOUR)).toEqual([])
    await book().openRun(order(over.guildId, live))
  })

  it('is not seen from another guild', async () => {
    const run = await runIn('running')
    const other = newGuild()
    expect(await book().run(other, run.id)).toBeNull()
    await expect(book().moveRun(other, run.id, 'completed', AT)).rejects.toThrow('There is no run')
    expect(await book().lastRuns(other, 5)).toEqual([])
  })

  it('is listed newest first, as many as are asked for', async () => {
    const guildId = newGuild()
    for (const minute of [1, 3, 2]) {
      const { run } = await book().openRun(order(guildId, { at: AT + minute }))
      await book().moveRun(guildId, run.id, 'failed', AT + minute)
    }
    expect((await book().lastRuns(guildId, 2)).map(({ startedAt }) => startedAt - AT)).toEqual([3, 2])
  })
})

withServer('a run that two programs are asked for at once', (url) => {
  const programs: Database[] = []
  beforeAll(async () => {
    for (let nth = 0; nth < 2; nth++)
      programs.push(await openDatabase({ url: url(), dataDir: tmpdir(), log: () => {} }))
  })
  afterAll(() => Promise.all(programs.map((program) => program.close())))
  const ask = (guildId: string, idempotencyKey?: string) =>
    Promise.allSettled(
      Array.from({ length: 10 }, (_, nth) =>
        bookOf(programs[nth % 2]!.db).openRun(order(guildId, idempotencyKey === undefined ? {} : { idempotencyKey })),
      ),
    )

  it('by the same request is one run', async () => {
    const guildId = newGuild()
    const tries = await ask(guildId, 'same')
    const runs = tries.map((one) => (one.status === 'fulfilled' ? one.value.run.id : String(one.reason)))
    expect(new Set(runs).size).toBe(1)
    expect(await typesOf(programs[0]!.db, guildId)).toEqual(['run.opened'])
  })

  it('by different requests is one run, and the others are refused', async () => {
    const guildId = newGuild()
    const tries = await ask(guildId)
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const one of tries) if (one.status === 'rejected') expect(one.reason.name).toBe('Refusal')
    expect(await typesOf(programs[0]!.db, guildId)).toEqual(['run.opened'])
  })
})
