import type { FindingCategory, Id } from '#src/core/model.ts'
import type { CommandWorld, Reply } from '#src/discord/command.ts'
import { pageButtons, rangeWords } from './paging.ts'
import { noSuchRun } from './run-id.ts'
import { CATEGORY_WORDS, findingLines } from './wording.ts'

/** Findings on one page: eight of three lines fill a phone's screen and stay far under Discord's 4,096 characters. */
const PAGE = 8

/** The id of the button that shows a page; read back by `/audit`'s `press`. */
export const pageButtonId = (runId: string, category: FindingCategory | null, offset: number): string =>
  `audit:page:${runId}:${category ?? 'all'}:${offset}`

/** One page of what a run found. Throws `Refusal` where this server has no such run. */
export async function findingsPage(
  guildId: Id,
  runId: string,
  category: FindingCategory | null,
  offset: number,
  world: CommandWorld,
): Promise<Reply> {
  if (!(await world.run(guildId, runId))) throw noSuchRun(runId)
  const { total, findings } = await world.findings(guildId, runId, {
    category,
    atStake: category === null,
    offset,
    limit: PAGE,
  })
  const stretch = { offset, shown: findings.length, total }
  return {
    tone: 'plain',
    title: category ? `Findings: ${CATEGORY_WORDS[category]}` : 'Findings',
    text:
      findings.length > 0 ? findings.map(findingLines).join('\n\n') : 'Nobody here holds a role too many or too few.',
    footer: `${rangeWords(stretch, 'finding')} · run ${runId}`,
    buttons: pageButtons((at) => pageButtonId(runId, category, at), stretch, PAGE),
  }
}
