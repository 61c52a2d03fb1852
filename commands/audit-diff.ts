import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { StoredFinding } from '#src/core/run.ts'
import type { CommandWorld, Reply, RunDiff } from '#src/discord/command.ts'
import { fateWords, type Ground, roleFacts } from './finding-words.ts'
import { overridesBehind } from './override-words.ts'
import { pageButtons, pageOf, rangeWords } from './paging.ts'
import { noSuchRun } from './run-id.ts'
import { withoutFindings } from './run-line.ts'
import {
  CATEGORY_WORDS,
  COUNTED_WORDS,
  isWhole,
  memberMention,
  narrowedWords,
  outcomeWords,
  paragraphs,
  roleList,
  timeMention,
} from './wording.ts'

/** Differences on one page: each takes three to five short lines. */
const PAGE = 8

/** One page of what is different now from what a run found. Each page is a look of its own, so that it is never older than it says. */
export async function diffPage(guildId: Id, runId: string, offset: number, world: CommandWorld): Promise<Reply> {
  const run = await world.run(guildId, runId)
  if (!run) throw noSuchRun(runId)
  if (!run.counts) throw new Refusal(`There is nothing to compare with. ${withoutFindings(run)}`)
  const diff = await world.diff(guildId, runId)
  const page = pageOf(differences(diff), offset, PAGE)
  const placed = await overridesBehind(guildId, page.items.flatMap(findingsOf), world)
  const now = world.now()
  const grounds = { before: { run, at: run.startedAt, now, placed }, after: { run, at: now, now, placed } }
  return {
    tone: 'plain',
    title: 'Then and now',
    text: paragraphs([headline(diff), ...page.items.map((one) => lineOf(one, grounds))]),
    fields: page.offset === 0 && isWhole(run) ? countsFields(diff) : [],
    footer: `${rangeWords(page, 'difference')}${cutWords(diff, page.total)} · run ${runId}`,
    buttons: pageButtons((at) => `audit:diff:${runId}:${at}`, page, PAGE),
  }
}

function headline({ run, totals }: RunDiff): string {
  const numbers = `**${totals.appeared}** out of order now and not then, **${totals.vanished}** no longer, **${totals.changed}** otherwise than then, **${totals.same}** the same.`
  const looked = isWhole(run) ? '' : ` ${narrowedWords(run)}, then and now.`
  return `Run \`${run.id}\` looked ${timeMention(run.startedAt)}.${looked} ${numbers} Nothing was changed by this look.`
}

type Difference =
  | { readonly kind: 'new' | 'no longer'; readonly finding: StoredFinding }
  | { readonly kind: 'changed'; readonly then: StoredFinding; readonly now: StoredFinding }

const differences = ({ appeared, vanished, changed }: RunDiff): readonly Difference[] => [
  ...appeared.map((finding) => ({ kind: 'new', finding }) as const),
  ...changed.map(({ then, now }) => ({ kind: 'changed', then, now }) as const),
  ...vanished.map((finding) => ({ kind: 'no longer', finding }) as const),
]

const findingsOf = (one: Difference): readonly StoredFinding[] =>
  one.kind === 'changed' ? [one.then, one.now] : [one.finding]

interface Grounds {
  readonly before: Ground
  readonly after: Ground
}

function lineOf(one: Difference, grounds: Grounds): string {
  if (one.kind === 'changed') return changedLines(one.then, one.now, grounds)
  const { finding } = one
  const facts = `**${one.kind}** ${memberMention(finding.memberId)} ${factsOf(finding, grounds.after)}`
  if (one.kind === 'new') return `${facts}\n→ ${fateWords(finding, grounds.after)}`
  return finding.outcome ? `${facts}\nthat run: ${outcomeWords(finding.outcome)}` : facts
}

/** What is so, and below it what is different: what was so then, and what was wanted or held back then and is now. */
function changedLines(then: StoredFinding, now: StoredFinding, grounds: Grounds): string {
  const facts = [factsOf(then, grounds.before), factsOf(now, grounds.after)] as const
  const fates = [fateOf(then, grounds.before), fateOf(now, grounds.after)] as const
  const lines = [
    `**changed** ${memberMention(now.memberId)} ${facts[1]}`,
    facts[0] === facts[1] ? null : `then: ${facts[0]}`,
    fates[0] === fates[1] ? null : `→ then: ${fates[0]}\n→ now: ${fates[1]}`,
    then.identityId === now.identityId ? null : 'another identity claims the account than did then',
  ]
  return lines.filter((line) => line !== null).join('\n')
}

function factsOf(finding: StoredFinding, ground: Ground): string {
  const { category, unreachableRoles } = finding
  const beyond = unreachableRoles.length > 0 ? [`out of the bot’s reach: ${roleList(unreachableRoles)}`] : []
  return [CATEGORY_WORDS[category], ...roleFacts(finding, ground), ...beyond].join('; ')
}

/** By the plan, with the roles: the same word may be about others. */
function fateOf(finding: StoredFinding, ground: Ground): string {
  const roleIds = [...finding.removeRoles, ...finding.addRoles]
  return `${fateWords(finding, ground)}${roleIds.length > 0 ? ` (${roleList(roleIds)})` : ''}`
}

/** Of each kind a bounded number is told; what is left out is said. */
function cutWords({ totals }: RunDiff, told: number): string {
  const left = totals.appeared + totals.vanished + totals.changed - told
  return left > 0 ? ` (${left.toLocaleString('en')} more are only counted)` : ''
}

/** Of the whole server; what is as many as then says nothing of a difference. */
function countsFields({ counts: { then, now } }: RunDiff): NonNullable<Reply['fields']> {
  const lines = (Object.keys(COUNTED_WORDS) as (keyof typeof COUNTED_WORDS)[])
    .filter((category) => then[category] !== now[category])
    .map((category) => `**${then[category]} → ${now[category]}** ${COUNTED_WORDS[category]}`)
  return lines.length > 0 ? [{ name: 'Then → now, of all members', value: lines.join('\n') }] : []
}
