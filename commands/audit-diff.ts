import type { Id } from '#src/core/model.ts'
import type { StoredFinding } from '#src/core/run.ts'
import type { CommandWorld, Reply, RunDiff } from '#src/discord/command.ts'
import { pageButtons, pageOf, rangeWords } from './paging.ts'
import { noSuchRun } from './run-id.ts'
import { CATEGORY_WORDS, COUNTED_WORDS, memberMention, roleList, timeMention } from './wording.ts'

/** Differences on one page: each takes two or three short lines. */
const PAGE = 8

/** One page of what is different now from what a run found. Each page is a look of its own, so that it is never older than it says. */
export async function diffPage(guildId: Id, runId: string, offset: number, world: CommandWorld): Promise<Reply> {
  if (!(await world.run(guildId, runId))) throw noSuchRun(runId)
  const diff = await world.diff(guildId, runId)
  const page = pageOf(linesOf(diff), offset, PAGE)
  return {
    tone: 'plain',
    title: 'Then and now',
    text: [headline(diff), ...page.items].join('\n\n'),
    fields: page.offset === 0 ? [countsField(diff)] : [],
    footer: `${rangeWords(page, 'difference')}${cutWords(diff, page.total)} · run ${runId}`,
    buttons: pageButtons((at) => `audit:diff:${runId}:${at}`, page, PAGE),
  }
}

function headline({ run, totals }: RunDiff): string {
  const numbers = `**${totals.appeared}** out of order now and not then, **${totals.vanished}** no longer, **${totals.changed}** otherwise than then, **${totals.same}** the same.`
  return `Run \`${run.id}\` looked ${timeMention(run.startedAt)}. ${numbers} Nothing was changed by this look.`
}

function linesOf({ appeared, vanished, changed }: RunDiff): readonly string[] {
  return [
    ...appeared.map((finding) => `**new** ${lineOf(finding)}`),
    ...changed.map(({ then, now }) => `**changed** ${lineOf(now)}\nthen: ${factsOf(then)}`),
    ...vanished.map((finding) => `**no longer** ${lineOf(finding)}`),
  ]
}

const lineOf = (finding: StoredFinding): string => `${memberMention(finding.memberId)} ${factsOf(finding)}`

function factsOf({ category, excessRoles, missingRoles }: StoredFinding): string {
  const facts = [
    CATEGORY_WORDS[category],
    excessRoles.length > 0 ? `too many: ${roleList(excessRoles)}` : null,
    missingRoles.length > 0 ? `missing: ${roleList(missingRoles)}` : null,
  ]
  return facts.filter((fact) => fact !== null).join('; ')
}

/** Of each kind a bounded number is told; what is left out is said. */
function cutWords({ totals }: RunDiff, told: number): string {
  const left = totals.appeared + totals.vanished + totals.changed - told
  return left > 0 ? ` (${left.toLocaleString('en')} more are only counted)` : ''
}

function countsField({ counts: { then, now } }: RunDiff): NonNullable<Reply['fields']>[number] {
  const lines = (Object.keys(COUNTED_WORDS) as (keyof typeof COUNTED_WORDS)[])
    .filter((category) => then[category] > 0 || now[category] > 0)
    .map((category) => `**${then[category]} → ${now[category]}** ${COUNTED_WORDS[category]}`)
  return { name: 'Then → now', value: lines.join('\n') || 'No members, then or now.' }
}
