import type { HeldThen } from '#src/core/history.ts'
import type { FindingCategory, Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Asked, CommandWorld, Reply } from '#src/discord/command.ts'
import { mustBeId, textIn } from './given.ts'
import { byWords } from './history-roles.ts'
import { readMoment } from './moment-option.ts'
import { CATEGORY_WORDS, memberMention, momentMention, paragraphs, roleList, timeMention } from './wording.ts'

/** Roles told one by one; of more they are named in a row. */
const MOST_TOLD = 10

/** The answer to `/audit as-of`: what somebody held at a moment, and by what verdict. */
export async function asOfReply(asked: Asked, world: CommandWorld): Promise<Reply> {
  const memberId = mustBeId(asked, 'member')
  const typed = textIn(asked, 'at')
  if (typed === null) throw new Refusal('The option `at` is missing: say when, as `2026-01-31 18:00` (UTC) or `7d`.')
  const at = readMoment(typed, 'at', world.now())
  const then = await world.heldThen(asked.guildId, memberId, at)
  return {
    tone: 'plain',
    title: 'What somebody held',
    text: paragraphs([
      `${memberMention(memberId)} at ${momentMention(at)} (${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC)`,
      heldWords(then),
      unknownWords(then, at),
      verdictWords(then),
      saidWords(then),
    ]),
    footer: '/history member shows each change',
  }
}

function heldWords({ roles }: HeldThen): string {
  const held = roles.filter((role) => role.held === 'held')
  if (held.length === 0) return '**Held** no governed role, as far as is known.'
  const told = held.slice(0, MOST_TOLD).map(({ roleId, since }) => {
    const how = since === null ? '' : `, since ${timeMention(since.at)} ${byWords(since.actor, since.why)}`
    return `${roleList([roleId])}${how}`
  })
  const rest = held.slice(MOST_TOLD).map(({ roleId }) => roleId)
  return ['**Held**', ...told, ...(rest.length > 0 ? [roleList(rest)] : [])].join('\n')
}

function unknownWords({ roles, recordedSince }: HeldThen, at: number): string | null {
  const unknown: readonly Id[] = roles.filter(({ held }) => held === 'unknown').map(({ roleId }) => roleId)
  const early =
    recordedSince === null
      ? 'Changes of roles are not on record here yet.'
      : at < recordedSince
        ? `Changes of roles are on record since ${momentMention(recordedSince)}; before that it is reckoned back.`
        : null
  if (unknown.length === 0) return early
  return paragraphs([early, `**Not known** of ${roleList(unknown)}: nobody watched around that time.`])
}

function verdictWords({ run }: HeldThen): string {
  if (run === null) return '**Verdict** none: nobody had looked at the whole server by then.'
  const { finding } = run
  const word = finding
    ? `\`${finding.category}\` (${CATEGORY_WORDS[finding.category]}); wanted: \`${finding.policyAction}\`, by ${finding.decidedBy}`
    : 'nothing was found of them'
  return `**Verdict** of the last look at everybody, ${timeMention(run.at)}: ${word} · run \`${run.id}\``
}

const SAID_WORDS: Readonly<Record<string, string>> = {
  'finding.seen': 'found out of order',
  'finding.cleared': 'found in order again',
  'action.intended': 'the bot was about to change',
  'action.settled': 'the bot was done with',
}

function saidWords({ said }: HeldThen): string | null {
  if (said.length === 0) return null
  const lines = said.map(({ at, type, category, roles }) => {
    const what =
      category !== null && category in CATEGORY_WORDS ? `: ${CATEGORY_WORDS[category as FindingCategory]}` : ''
    return `${timeMention(at)} ${SAID_WORDS[type] ?? type}${what}${roles.length > 0 ? ` · ${roleList(roles)}` : ''}`
  })
  return ['**On record before that**', ...lines].join('\n')
}
