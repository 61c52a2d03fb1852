import type { Action, Policy, Rule, Settings } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Asked, CommandWorld } from '#src/discord/command.ts'
import { mustBeWord, textIn } from './given.ts'
import { type Kind, nameNote } from './known-names.ts'
import type { Edit } from './weigh.ts'
import { ACTION_WORDS, ruleName, typedText } from './wording.ts'

// One rule of the policy, as it is asked to be.

/** The categories that the policy speaks of. */
export const POLICY_CATEGORIES = ['unknown_guest', 'linked_no_perm', 'role_drift', 'missing_roles'] as const
type Ruled = Exclude<(typeof POLICY_CATEGORIES)[number], 'missing_roles'>

/** `inherit`: no entry of its own, so that what is said of everybody holds. */
const POLICY_WORDS = ['report', 'strip', 'strip_kick', 'grant', 'inherit'] as const

/** Entries of one rule; more than this is another policy. */
const MOST_ENTRIES = 500

/** Whom a rule is about: everybody, or those in one group or state. */
interface Named {
  readonly kind: Kind
  readonly name: string
}

/** Reads the options of `/policy set` and `/policy preview`. Throws `Refusal` for what no policy can say. */
export async function readEdit(asked: Asked, world: CommandWorld): Promise<Edit> {
  const category = mustBeWord(asked, 'category', POLICY_CATEGORIES)
  const word = mustBeWord(asked, 'action', POLICY_WORDS)
  const named = namedIn(asked)
  if (category === 'missing_roles') return missingRolesEdit(word, named)
  if (word === 'grant')
    throw new Refusal('`grant` gives roles that were earned, so it is for `missing_roles` alone. Nothing was changed.')
  const note = named === null ? null : await nameNote(asked.guildId, named.kind, named.name, world)
  return word === 'inherit' ? inheritEdit(category, named) : ruleEdit(category, word, named, note)
}

function namedIn(asked: Asked): Named | null {
  const group = textIn(asked, 'group')
  const state = textIn(asked, 'state')
  if (group !== null && state !== null)
    throw new Refusal('One rule at a time: name a group or a state, not both. Nothing was changed.')
  if (group !== null) return { kind: 'group', name: group }
  return state === null ? null : { kind: 'state', name: state }
}

function missingRolesEdit(word: (typeof POLICY_WORDS)[number], named: Named | null): Edit {
  if (named !== null)
    throw new Refusal('`missing_roles` has one rule for everybody; leave out group and state. Nothing was changed.')
  if (word !== 'report' && word !== 'grant')
    throw new Refusal(
      '`missing_roles` can be `report` or `grant`: nothing is taken for a role that lacks. Nothing was changed.',
    )
  return {
    command: 'policy',
    says: `${ruleName('missing_roles')}: **${word}**, ${ACTION_WORDS[word]}.`,
    notes: [],
    change: ({ policy }) => (policy.missing_roles === word ? {} : { policy: { ...policy, missing_roles: word } }),
  }
}

function inheritEdit(category: Ruled, named: Named | null): Edit {
  if (named === null)
    throw new Refusal('`inherit` takes out what is said of one group or state: name which. Nothing was changed.')
  return {
    command: 'policy',
    says: `${ruleName(category)}: nothing is said of ${whoWords(named)} any more, so the next layer decides.`,
    notes: [],
    change: ({ policy }) => replaced(policy, category, (rule) => without(rule, named)),
  }
}

function ruleEdit(category: Ruled, action: Action, named: Named | null, note: string | null): Edit {
  if (category === 'role_drift' && action === 'strip_kick')
    throw new Refusal(
      'Role drift never kicks: these people have every right to be in the server. Choose `report` or `strip`. Nothing was changed.',
    )
  if (category === 'unknown_guest' && named !== null)
    throw new Refusal(
      'Guests have no identity, so no group or state can speak of them. Leave it out to set what is done with all guests. Nothing was changed.',
    )
  return {
    command: 'policy',
    says: `${ruleName(category)}${named === null ? '' : `, of ${whoWords(named)}`}: **${action}**, ${ACTION_WORDS[action]}.`,
    notes: note === null ? [] : [note],
    change: ({ policy }) => replaced(policy, category, (rule) => withAction(rule, action, named)),
  }
}

const whoWords = ({ kind, name }: Named): string => `${kind} ${typedText(name)}`

/** The policy with one rule in place of another; empty where the rule is as it was. */
function replaced(policy: Policy, category: Ruled, change: (rule: Rule) => Rule | null): Partial<Settings> {
  const rule = change(policy[category])
  // Drift never holds a rule that kicks: that was refused before.
  return rule === null ? {} : { policy: { ...policy, [category]: rule } as Policy }
}

const layerOf = (rule: Rule, { kind }: Named): ReadonlyMap<string, Action> =>
  kind === 'group' ? rule.byGroup : rule.byState

const withLayer = (rule: Rule, { kind }: Named, layer: ReadonlyMap<string, Action>): Rule =>
  kind === 'group' ? { ...rule, byGroup: layer } : { ...rule, byState: layer }

function withAction(rule: Rule, action: Action, named: Named | null): Rule | null {
  if (named === null) return rule.default === action ? null : { ...rule, default: action }
  const layer = layerOf(rule, named)
  if (layer.get(named.name) === action) return null
  if (layer.size >= MOST_ENTRIES && !layer.has(named.name))
    throw new Refusal(
      `This rule speaks of ${MOST_ENTRIES} names already, which is the most. Take some out with \`action:inherit\`. Nothing was changed.`,
    )
  return withLayer(rule, named, new Map([...layer, [named.name, action]]))
}

function without(rule: Rule, named: Named): Rule | null {
  const layer = layerOf(rule, named)
  if (!layer.has(named.name)) return null
  return withLayer(rule, named, new Map([...layer].filter(([name]) => name !== named.name)))
}
