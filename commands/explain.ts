import { isAtStake } from '#src/core/at-stake.ts'
import type { Explanation } from '#src/core/explain.ts'
import type { Gate } from '#src/core/model.ts'
import { plainText } from '#src/core/text.ts'
import {
  type Asked,
  byOf,
  type Command,
  type CommandWorld,
  type Explained,
  type PlacedOverride,
  type Reply,
} from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { changeSentence, verdictSentence } from './explain-sentences.ts'
import { mustBeId } from './given.ts'
import { overrideDetail } from './override-words.ts'
import { ageWords, CATEGORY_WORDS, gateWords, memberMention, roleList } from './wording.ts'

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
  const { guildId } = asked
  const memberId = mustBeId(asked, 'member')
  const explained = await world.explain(guildId, memberId, byOf(asked).mayStrip)
  const placed = (await world.placedOverrides(guildId, [memberId])).get(memberId) ?? null
  return explainReply(explained, placed)
}

/** Renders an explanation: one sentence first, the proof below it. `placed` is the member's override, run out or not. */
export function explainReply(explained: Explained, placed: PlacedOverride | null): Reply {
  const { explanation } = explained
  const sentence = `${memberMention(explanation.memberId)}: ${verdictSentence(explanation, placed)}`
  return {
    tone: isOutOfOrder(explanation) ? 'warn' : 'good',
    title: titleOf(explanation),
    text: [sentence, identityLine(explained)].join('\n\n'),
    fields: [
      { name: 'Roles', value: roleLines(explanation) },
      { name: 'Rules, in order', value: ruleLines(explanation) },
      { name: 'What is wanted: the first that speaks decides', value: layerLines(explanation, placed) },
      { name: 'What holds it back', value: gateLines(explanation) },
      ...leftAloneField(explained),
      { name: 'What would change it', value: changeSentence(explanation) },
    ],
    footer: `Member list ${explained.roster.state}, verified ${ageWords(explained.roster.age)} · identity read ${ageWords(explained.identityAge)}`,
  }
}

/** As the runs count it: a guest who holds nothing is none. */
const isOutOfOrder = ({ verdict }: Explanation): boolean => verdict.kind === 'finding' && isAtStake(verdict.finding)

function titleOf(explanation: Explanation): string {
  const { verdict } = explanation
  const category = verdict.kind === 'finding' ? verdict.finding.category : verdict.category
  if (isOutOfOrder(explanation)) return `Out of order: ${CATEGORY_WORDS[category]}`
  return category === 'in_order' ? 'In order' : `In order (${CATEGORY_WORDS[category]})`
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

/** Layers with nothing to say are named together: why each is silent helps nobody. */
function layerLines({ verdict, layers }: Explanation, placed: PlacedOverride | null): string {
  if (verdict.kind === 'quiet') return 'Nothing is out of order, so nobody is asked.'
  const speaking = layers.filter(({ says }) => says !== null)
  const silent = layers.filter(({ says }) => says === null).map(({ layer }) => layer)
  const lines = speaking.map(({ layer, says, deciding, because }) => {
    const why = layer === 'override' && placed !== null ? overrideDetail(placed) : plainText(because)
    return deciding ? `**▸ ${layer}: ${says}, ${why}**` : `${layer}: ${says}, ${why}`
  })
  return [...lines, ...(silent.length > 0 ? [`Nothing to say: ${silent.join(', ')}`] : [])].join('\n')
}

/** Those that are asked of whole runs, or of runs that nobody asked for, have no place here. */
const GATE_NAMES: Readonly<Partial<Record<Gate, string>>> = {
  identity_conflict: 'whose account it is',
  protected_member: 'protection',
  guild_owner: 'who owns the server',
  out_of_reach: 'the bot’s rank',
  action_ceiling: 'how far the run may go',
  actor_not_permitted: 'your permissions',
  first_run_lock: 'the first-run lock',
  identity_suspect: 'the health of the identity source',
}

/** As a strip run by the asker would meet them. */
function gateLines({ verdict, gates }: Explanation): string {
  const closed = gates.filter(({ state }) => state === 'closed')
  const open = gates.flatMap(({ gate, state }) => (state === 'open' ? (GATE_NAMES[gate] ?? []) : []))
  const asked = gates.some(({ gate, state }) => gate !== 'identity_conflict' && state !== 'not_asked')
  if (closed.length === 0 && (verdict.kind === 'quiet' || !asked))
    return 'Nothing is to be done, so there is nothing to hold back.'
  if (closed.length === 0) return `Nothing. Looked at: ${open.join(', ')}.`
  const lines = closed.map(({ gate, because }) => `**\`${gate}\`**: ${closedWords(gate, because)}`)
  return [...lines, ...(asked && open.length > 0 ? [`Nothing else. Looked at: ${open.join(', ')}.`] : [])].join('\n')
}

/** Roles that are left alone, each with why; a field holds no more. */
const MAX_LEFT_ALONE = 3

function leftAloneField({ leftAlone }: Explained): NonNullable<Reply['fields']> {
  if (leftAlone.length === 0) return []
  const lines = leftAlone.map(({ roleId, why }) => `${roleList([roleId])}: ${why}`)
  return [{ name: 'What is left alone all the same', value: fewOf(lines, MAX_LEFT_ALONE) }]
}

/** Which role protects somebody, or is out of reach, is known here and nowhere else. */
function closedWords(gate: Gate, because: string): string {
  if (gate === 'protected_member') return plainText(because)
  return gate === 'out_of_reach' ? `${plainText(because)}; move the bot’s role up` : gateWords(gate, 'strip')
}
