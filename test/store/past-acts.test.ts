import { expect, it } from 'vitest'
import type { Act, Outcome, Run } from '#src/core/run.ts'
import type { Book } from '#src/store/book.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, newGuild } from './book.ts'
import { contextOf, kicks, runningRun, takes, takesAll } from './making-runs.ts'

withDatabases('what was done before', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  /** `outcome` null leaves it open. */
  const did = async (run: Run, act: Act, outcome: Outcome | 'changed' | null = 'done', at = AT) => {
    const intent = await book().intend(act, contextOf(run, { at }))
    if (outcome) await book().settle(intent, outcome, null, at)
    return intent
  }

  it('in a run is what was done or may have been, in the order in which it was written, though the clock was set back', async () => {
    const run = await runningRun(book())
    const { guildId } = run
    const first = await did(run, takes(guildId, '1'), 'done', AT + 9)
    const all = await did(run, takesAll(guildId, '2'), 'unknown', AT + 3)
    const open = await did(run, kicks(guildId, '3'), null, AT + 5)
    for (const outcome of ['gone', 'refused', 'failed', 'changed', 'rehearsed'] as const)
      await did(run, takes(guildId, '4'), outcome)
    await did(await runningRun(book(), guildId, { purpose: 'group' }), takes(guildId, '5'))
    expect(await book().pastActs(guildId, run.id, null, null, 99)).toEqual([
      { intentId: first.id, act: first.act, outcome: 'done', at: AT + 9 },
      { intentId: all.id, act: all.act, outcome: 'unknown', at: AT + 3 },
      { intentId: open.id, act: open.act, outcome: 'unknown', at: AT + 5 },
    ])
    expect(await book().pastActs(guildId, run.id, '3', null, 99)).toMatchObject([{ intentId: open.id }])
    expect(await book().pastActs(newGuild(), run.id, null, null, 99)).toEqual([])
  })

  it('in a run is read page by page, whatever the clock said, none twice and none left out', async () => {
    const run = await runningRun(book())
    const made = []
    for (let nth = 0; nth < 7; nth++)
      made.push((await did(run, takes(run.guildId, String(nth)), 'done', AT + (nth < 2 ? 9 : 1))).id)
    const pages: string[][] = []
    const read = async (after: string | null) =>
      (await book().pastActs(run.guildId, run.id, null, after, 3)).map(({ intentId }) => intentId)
    for (let page = await read(null); page.length > 0; page = await read(page.at(-1)!)) pages.push(page)
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1])
    expect(pages.flat()).toEqual(made)
  })

  it('to one member names on whose behalf the last kick of a run was', async () => {
    const run = await runningRun(book())
    const { guildId } = run
    await did({ ...run, actor: 'discord:1' }, kicks(guildId, '42'), 'failed', AT + 9)
    await did({ ...run, actor: 'discord:2' }, kicks(guildId, '42'), 'failed')
    await did({ ...run, actor: 'discord:3' }, takes(guildId, '42'))
    await did({ ...run, actor: 'discord:4' }, kicks(guildId, '43'))
    expect(await book().whoWantedKick(guildId, run.id, '42')).toBe('discord:2')
    expect(await book().whoWantedKick(guildId, run.id, '44')).toBeNull()
    expect(await book().whoWantedKick(newGuild(), run.id, '42')).toBeNull()
  })
})
