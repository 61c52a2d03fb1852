import type { FindingCategory, Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Button, CommandWorld, Reply } from '#src/discord/command.ts'
import { CATEGORY_WORDS, findingLines, many } from './wording.ts'

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
  if (!(await world.run(guildId, runId))) {
    throw new Refusal(`This server has no run \`${runId}\`. \`/audit status\` lists the last runs.`)
  }
  const { total, findings } = await world.findings(guildId, runId, {
    category,
    atStake: category === null,
    offset,
    limit: PAGE,
  })
  return {
    tone: 'plain',
    title: category ? `Findings: ${CATEGORY_WORDS[category]}` : 'Findings',
    text:
      findings.length > 0 ? findings.map(findingLines).join('\n\n') : 'Nobody here holds a role too many or too few.',
    footer: `${rangeOf(offset, findings.length, total)} · run ${runId}`,
    buttons: total > PAGE ? buttonsOf(runId, category, offset, total) : [],
  }
}

function rangeOf(offset: number, shown: number, total: number): string {
  return shown === 0 ? many(total, 'finding') : `${offset + 1}–${offset + shown} of ${many(total, 'finding')}`
}

function buttonsOf(runId: string, category: FindingCategory | null, offset: number, total: number): readonly Button[] {
  const before = Math.max(0, offset - PAGE)
  const after = offset + PAGE
  return [
    { id: pageButtonId(runId, category, before), label: 'Back', disabled: offset === 0 },
    { id: pageButtonId(runId, category, after), label: 'Next', disabled: after >= total },
  ]
}
