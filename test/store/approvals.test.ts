import { expect, it } from 'vitest'
import type { RunState } from '#src/core/run.ts'
import type { Book } from '#src/store/book.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, HOUR, linesOf, newGuild, newId, typesOf } from './book.ts'
import { planOf, runningRun } from './making-runs.ts'

const DIGEST = 'sha256:bb'

withDatabases('the approval of a plan', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  const waiting = async (state: RunState = 'awaiting_approval', guildId = newGuild()) => {
    const run = await runningRun(book(), guildId)
    await book().storePlan(planOf(run, []))
    await book().moveRun(run.guildId, run.id, state, AT)
    return run
  }
  const approval = (runId: string, digest = DIGEST, at = AT) =>
    ({
      runId,
      digest,
      actor: 'discord:9',
      cause: 'interaction:5',
      reason: null,
      at,
      expiresAt: at + 24 * HOUR,
    }) as const

  it('is kept for as long as it lasts, and recorded', async () => {
    const { guildId, id } = await waiting()
    await book().approve(guildId, approval(id))
    const kept = { digest: DIGEST, runId: id, by: 'discord:9', at: AT, expiresAt: AT + 24 * HOUR }
    expect(await book().approval(guildId, DIGEST, AT + 24 * HOUR - 1)).toEqual(kept)
    expect(await book().approval(guildId, DIGEST, AT + 24 * HOUR)).toBeNull()
    expect(await book().approval(guildId, 'sha256:cc', AT)).toBeNull()
    expect(await book().approval(newGuild(), DIGEST, AT)).toBeNull()
    expect((await linesOf(database.opened.db, guildId)).at(-1)).toMatchObject({
      ...{ type: 'plan.approved', actor: 'discord:9', subject: `run:${id}`, run: id, cause: 'interaction:5' },
      data: { planDigest: DIGEST, expiresAt: AT + 24 * HOUR },
    })
  })

  it('is replaced by a newer one of the same plan, for another run too', async () => {
    const { guildId, id } = await waiting()
    await book().approve(guildId, approval(id))
    const other = await waiting('awaiting_approval', guildId)
    await book().approve(guildId, approval(other.id, DIGEST, AT + HOUR))
    expect(await book().approval(guildId, DIGEST, AT)).toMatchObject({ runId: other.id, at: AT + HOUR })
  })

  it.each(['completed', 'interrupted', 'failed'] as const)('is refused where the run is %s', async (state) => {
    const { guildId, id } = await waiting(state)
    const lines = await typesOf(database.opened.db, guildId)
    await expect(book().approve(guildId, approval(id))).rejects.toMatchObject({
      name: 'Refusal',
      message: expect.stringContaining(`${id} is ${state}`),
    })
    expect(await book().approval(guildId, DIGEST, AT)).toBeNull()
    expect(await typesOf(database.opened.db, guildId)).toEqual(lines)
  })

  it('is refused for another plan than the one that waits, which is named', async () => {
    const { guildId, id } = await waiting()
    await expect(book().approve(guildId, approval(id, 'sha256:cc'))).rejects.toMatchObject({
      name: 'Refusal',
      message: expect.stringContaining(DIGEST),
    })
    expect(await book().approval(guildId, 'sha256:cc', AT)).toBeNull()
  })

  it('is refused for a run that is not there, and for one of another guild', async () => {
    const { id } = await waiting()
    for (const runId of [newId(), id])
      await expect(book().approve(newGuild(), approval(runId))).rejects.toMatchObject({ name: 'Refusal' })
  })
})
