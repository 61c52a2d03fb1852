import type { Id } from '#src/core/model.ts'
import type { CommandWorld, Reply } from '#src/discord/command.ts'
import { pageButtons, rangeWords } from './paging.ts'
import { runLine } from './run-line.ts'

/** Runs on one page; each takes two or three lines on a phone. */
const PAGE = 6

/** The answer to `/audit runs`: what was looked at and done here, newest first. */
export async function runsPage(guildId: Id, offset: number, world: CommandWorld): Promise<Reply> {
  const { total, runs } = await world.runs(guildId, { offset, limit: PAGE })
  const stretch = { offset, shown: runs.length, total }
  const now = world.now()
  return {
    tone: 'plain',
    title: 'Runs',
    text: runs.map((run) => runLine(run, now)).join('\n\n') || 'None here. Begin with `/audit run`.',
    footer: rangeWords(stretch, 'run'),
    buttons: pageButtons((at) => `audit:runs:${at}`, stretch, PAGE),
  }
}
