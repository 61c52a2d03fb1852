import type { FindingCategory, Id } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import type { CommandWorld, Reply } from '#src/discord/command.ts'
import { findingLines } from './finding-words.ts'
import { overridesBehind } from './override-words.ts'
import { pageButtons, rangeWords } from './paging.ts'
import { noSuchRun } from './run-id.ts'
import { withoutFindings } from './run-line.ts'
import { CATEGORY_WORDS, isWhole, narrowedWords, paragraphs } from './wording.ts'

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
  const run = await world.run(guildId, runId)
  if (!run) throw noSuchRun(runId)
  if (!run.counts) return { tone: 'plain', title: 'No findings', text: withoutFindings(run), footer: `run ${runId}` }
  const { total, findings } = await world.findings(guildId, runId, {
    category,
    atStake: category === null,
    offset,
    limit: PAGE,
  })
  const stretch = { offset, shown: findings.length, total }
  const placed = await overridesBehind(guildId, findings, world)
  const ground = { run, at: run.startedAt, now: world.now(), placed }
  return {
    tone: 'plain',
    title: category ? `Findings: ${CATEGORY_WORDS[category]}` : 'Findings',
    text: paragraphs([
      isWhole(run) ? null : `${narrowedWords(run)}.`,
      ...findings.map((finding) => findingLines(finding, ground)),
      findings.length === 0 ? nothingFound(run, category) : null,
    ]),
    footer: `${rangeWords(stretch, 'finding')} · run ${runId}`,
    buttons: pageButtons((at) => pageButtonId(runId, category, at), stretch, PAGE),
  }
}

function nothingFound(run: Run, category: FindingCategory | null): string {
  if (category !== null) return 'This run found nobody of this kind.'
  return isWhole(run) ? 'Nobody here holds a role too many or too few.' : 'Nothing there is out of order.'
}
