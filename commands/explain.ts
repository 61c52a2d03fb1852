import type { Explanation } from '#src/core/explain.ts'
import { plainText } from '#src/core/text.ts'
import { type Asked, byOf, type Command, type CommandWorld, type Explained, type Reply } from '#src/discord/command.ts'
import { changeSentence, verdictSentence } from './explain-sentences.ts'
import { mustBeId } from './given.ts'
import { ageWords, CATEGORY_WORDS, GATE_WORDS, memberMention, roleList } from './wording.ts'

/** `/explain`: what holds for one member, by which rule, and what would change it. The same `decide` as the audit's. */
export const explain: Command = {
  name: 'explain',
  description: 'Why a member is in order or not, rule by rule',
  needs: 'read',
  changes: 'nothing',
  options: [{ name: 'member', description: 'Whom to explain', type: 'user', required: true }],
  memberMenu: 'Explain access',
  answer,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  return explainReply(await world.explain(asked.guildId, mustBeId(asked, 'member'), byOf(asked).mayStrip))
}

/** Renders an explanation: one sentence first, the proof below it. */
export function explainReply(explained: Explained): Reply {
  const { explanation } = explained
  return {
    tone: explanation.verdict.kind === 'quiet' ? 'good' : 'warn',
    title: titleOf(explanation),
    text: [`${memberMention(explanation.memberId)}: ${verdictSentence(explanation)}`, identityLine(explained)].join(
      '\n\n',
    ),
    fields: [
      { name: 'Roles', value: roleLines(explanation) },
      { name: 'Rules, in order', value: ruleLines(explanation) },
      ...(explanation.layers.length > 0 ? [{ name: 'What the policy wants', value: layerLines(explanation) }] : []),
      { name: 'Gates', value: gateLines(explanation) },
      { name: 'What would change it', value: changeSentence(explanation) },
    ],
    footer: `Member list ${explained.roster.state}, verified ${ageWords(explained.roster.age)} · identity read ${ageWords(explained.identityAge)}`,
  }
}

function titleOf({ verdict }: Explanation): string {
  if (verdict.kind === 'finding') return `Out of order: ${CATEGORY_WORDS[verdict.finding.category]}`
  return verdict.category === 'in_order' ? 'In order' : `In order (${CATEGORY_WORDS[verdict.category]})`
}

function identityLine({ identityNames }: Explained): string {
  if (identityNames.length === 0) return 'No identity claims this account.'
  const names = identityNames.map(({ username, main }) => {
    const alias = main !== null && main !== username ? ` (main: ${plainText(main)})` : ''
    return `${plainText(username)}${alias}`
  })
  return `Claimed by: ${names.join('; ')}`
}

/** Roles named one by one; past it they are counted, since a field holds 1,024 characters. */
const MAX_ROLE_LINES = 12

function roleLines({ roles }: Explanation): string {
  const governed = roles.filter((role) => role.governed)
  const others = roles.filter((role) => !role.governed && role.held).map((role) => role.roleId)
  const lines = governed.slice(0, MAX_ROLE_LINES).map(roleLine)
  if (governed.length > MAX_ROLE_LINES) lines.push(`and ${governed.length - MAX_ROLE_LINES} more`)
  if (others.length > 0) lines.push(`Not governed, left alone: ${roleList(others)}`)
  return lines.join('\n') || 'Holds no role, and has earned none.'
}

function roleLine({ roleId, held, entitled, earnedBy, reachable }: Explanation['roles'][number]): string {
  const has = held ? 'has it' : 'lacks it'
  const should = entitled ? `earned by ${earnedBy.map(plainText).join(', ')}` : 'not earned'
  return `<@&${roleId}> ${has}; ${should}${reachable ? '' : '; **out of the bot’s reach**'}`
}

function ruleLines({ rules }: Explanation): string {
  return rules
    .map(({ category, holds, deciding, because }) => {
      const line = `${category}: ${holds ? 'holds' : 'no'}, ${plainText(because)}`
      return deciding ? `**▸ ${line}**` : line
    })
    .join('\n')
}

function layerLines({ layers }: Explanation): string {
  return layers
    .map(({ layer, says, deciding, because }) => {
      const line = `${layer}: ${says ?? 'silent'}, ${plainText(because)}`
      return deciding ? `**▸ ${line}**` : line
    })
    .join('\n')
}

function gateLines({ gates }: Explanation): string {
  const asked = gates.filter(({ state }) => state !== 'not_asked')
  if (asked.length === 0) return 'Nothing is wanted of this member, so no gate is asked.'
  const closed = asked
    .filter(({ state }) => state === 'closed')
    .map(({ gate }) => `**closed** \`${gate}\`: ${GATE_WORDS[gate]}`)
  const open = asked.filter(({ state }) => state === 'open').map(({ gate }) => `\`${gate}\``)
  return [...closed, open.length > 0 ? `open: ${open.join(', ')}` : null].filter((line) => line !== null).join('\n')
}
