import type { Rule, Settings } from '#src/core/model.ts'
import type { Reply } from '#src/discord/command.ts'
import { pageButtons, pageOf, rangeWords } from './paging.ts'
import { ACTION_WORDS, nameText, ruleName } from './wording.ts'

/** Lines on one page: a rule, or what it says of one group or state. */
const PAGE = 20

/** The answer to `/policy show`: every rule in the order in which its layers speak, and how much may be done at once. */
export function policyPage({ policy, blast, truth, armed, acknowledged }: Settings, offset: number): Reply {
  const lines = [
    ...ruleLines('unknown_guest', policy.unknown_guest),
    ...ruleLines('linked_no_perm', policy.linked_no_perm),
    ...ruleLines('role_drift', policy.role_drift),
    `${ruleName('missing_roles')}: **${policy.missing_roles}**, ${ACTION_WORDS[policy.missing_roles]}`,
  ]
  const page = pageOf(lines, offset, PAGE)
  return {
    tone: 'plain',
    title: 'The policy',
    text: page.items.join('\n'),
    fields: [
      {
        name: 'At most at once',
        value: `${shareWords(blast.run)} of the members in a run, ${shareWords(blast.day)} a day without anybody asking, ${shareWords(blast.kicks)} kicked`,
      },
      {
        name: 'The identity source is not believed',
        value: `where more than ${shareWords(truth.maxDrop)} of its people fell, or ${shareWords(truth.maxGroupDrop)} of one group or state`,
      },
      { name: 'Acting', value: actingWords(armed, acknowledged) },
    ],
    footer: `${rangeWords(page, 'line')} · of several groups the least harmful word counts`,
    buttons: pageButtons((at) => `policy:show:${at}`, page, PAGE),
  }
}

function ruleLines(category: 'unknown_guest' | 'linked_no_perm' | 'role_drift', rule: Rule): readonly string[] {
  const entry =
    (kind: string) =>
    ([name, action]: readonly [string, Rule['default']]) =>
      `• ${kind} ${nameText(name)}: **${action}**`
  return [
    `${ruleName(category)}: **${rule.default}**, ${ACTION_WORDS[rule.default]}`,
    ...[...rule.byGroup].map(entry('group')),
    ...[...rule.byState].map(entry('state')),
  ]
}

/** Rounded for reading; the settings file has the exact share. */
const shareWords = (share: number): string => `${Number((share * 100).toFixed(1))}%`

function actingWords({ schedule, realtime }: Settings['armed'], acknowledged: boolean): string {
  if (!acknowledged) return 'The first-run lock holds: whatever the rules say, nothing is taken from anybody.'
  const armed = [schedule ? 'schedule' : null, realtime ? 'realtime' : null].filter((name) => name !== null)
  return armed.length > 0
    ? `Armed: ${armed.join(' and ')}; \`/audit status\` says what that does. Everything else is done only in runs that somebody asks for.`
    : 'Nothing is armed: the bot acts only in runs that somebody asks for.'
}
