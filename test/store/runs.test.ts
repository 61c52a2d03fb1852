import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { RUN_STATES, type RunState } from '#src/core/run.ts'
import type { Book } from '#src/store/book.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, linesOf, newGuild, newId, typesOf } from './book.ts'

const order = (guildId: string, idempotencyKey: string = randomUUID()) =>
  ({
    id: newId(),
    guildId,
    trigger: 'slash',
    action: 'strip',
    actor: 'discord:7',
    mayDestroy: true,
    reason: 'weekly look',
    idempotencyKey,
    at: AT,
  }) as const

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
  const runIn = async (state: RunState) => {
    const guildId = newGuild()
    const { run } = await book().openRun(order(guildId))
    for (const step of ROADS[state]) await book().moveRun(guildId, run.id, step, AT + 1)
    return run
  }

  it('is opened once for a request that comes twice', async () => {
    const guildId = newGuild()
    const wanted = order(guildId, 'interaction:1')
    const first = await book().openRun(wanted)
    expect(first).toEqual({
      repeated: false,
      run: {
        id: wanted.id,
        guildId,
        state: 'pending',
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
    const again = await book().openRun({ ...order(guildId, 'interaction:1'), at: AT + 5 })
    expect(again).toEqual({ repeated: true, run: first.run })
    const [line, ...more] = await linesOf(database.opened.db, guildId)
    expect(more).toEqual([])
    expect(line).toMatchObject({ type: 'run.opened', actor: 'discord:7', subject: `run:${wanted.id}`, run: wanted.id })
    expect(line).toMatchObject({
      cause: 'interaction:1',
      data: { action: 'strip', trigger: 'slash', mayDestroy: true },
    })
    expect(JSON.stringify(line)).not.toContain('weekly look')
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
    const tries = await Promise.all(Array.from({ length: 10 }, () => book().openRun(order(guildId, 'same'))))
    expect(new Set(tries.map(({ run }) => run.id)).size).toBe(1)
    expect(tries.filter(({ repeated }) => !repeated)).toHaveLength(1)
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
      const { run } = await book().openRun({ ...order(guildId), at: AT + minute })
      await book().moveRun(guildId, run.id, 'failed', AT + minute)
    }
    expect((await book().lastRuns(guildId, 2)).map(({ startedAt }) => startedAt - AT)).toEqual([3, 2])
  })
})
