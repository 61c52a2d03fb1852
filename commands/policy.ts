import type { Id } from '#src/core/model.ts'
import type { Asked, Command, CommandWorld, Offer, Option, Reply, Typing } from '#src/discord/command.ts'
import { mustBeOffset, noSuchCommand } from './given.ts'
import { nameOption, namesOffered } from './known-names.ts'
import { POLICY_CATEGORIES, readEdit } from './policy-edit.ts'
import { policyPage } from './policy-show.ts'
import { previewFields, previewText } from './preview-words.ts'
import { reasonOption } from './reason-option.ts'
import { answerTo, weigh } from './weigh.ts'
import { CATEGORY_WORDS, paragraphs } from './wording.ts'

/** One rule at a time, so that what an edit comes to can be told in one number. */
const RULE_OPTIONS: readonly Option[] = [
  {
    name: 'category',
    description: 'What the members are that the rule is about',
    type: 'string',
    required: true,
    choices: POLICY_CATEGORIES.map((value) => ({ name: CATEGORY_WORDS[value], value })),
  },
  {
    name: 'action',
    description: 'What shall be done with them',
    type: 'string',
    required: true,
    choices: [
      { name: 'report: only say what is out of order', value: 'report' },
      { name: 'strip: take away roles that were not earned', value: 'strip' },
      { name: 'strip_kick: the same, then kick', value: 'strip_kick' },
      { name: 'grant: give roles that were earned (missing_roles only)', value: 'grant' },
      { name: 'inherit: say nothing of this group or state any more', value: 'inherit' },
    ],
  },
  nameOption('group', 'Only members of this group'),
  nameOption('state', 'Only members in this state'),
]

/** `/policy`: what is done with whom. Each edit is tried on the live server before it is set. */
export const policy: Command = {
  name: 'policy',
  description: 'What the bot does with members who are out of order',
  needs: 'policy',
  subcommands: [
    { name: 'show', description: 'The policy as it is', changes: 'nothing', options: [] },
    {
      name: 'preview',
      description: 'What an edit would come to on this server now; changes nothing',
      changes: 'nothing',
      options: RULE_OPTIONS,
    },
    {
      name: 'set',
      description: 'Change one rule; asks back where more would be taken than now',
      changes: 'on confirm',
      options: [...RULE_OPTIONS, reasonOption],
    },
  ],
  answer,
  press: (asked, rest, world) => press(asked, rest, world),
  complete,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  switch (asked.subcommand) {
    case 'show':
      return show(asked.guildId, 0, world)
    case 'preview':
      return preview(asked, world)
    case 'set':
      return weigh(asked, await readEdit(asked, world), world)
    default:
      throw noSuchCommand()
  }
}

const show = async (guildId: Id, offset: number, world: CommandWorld): Promise<Reply> =>
  policyPage(await world.settings(guildId), offset)

async function press(asked: Asked, rest: string, world: CommandWorld): Promise<Reply> {
  const [what, offset] = rest.split(':')
  return what === 'show' ? show(asked.guildId, mustBeOffset(offset), world) : answerTo(asked, rest, world)
}

async function preview(asked: Asked, world: CommandWorld): Promise<Reply> {
  const { says, notes, change } = await readEdit(asked, world)
  const found = await world.previewPolicy(asked.guildId, change)
  return {
    tone: 'plain',
    title: 'What this edit comes to',
    text: paragraphs([says, previewText(found), ...notes, 'Nothing was changed. `/policy set` sets it.']),
    fields: previewFields(found),
  }
}

/** Names that the source knows, and those that the policy speaks of though the source no longer does. */
async function complete(typing: Typing, world: CommandWorld): Promise<readonly Offer[]> {
  const { option, guildId } = typing
  if (option !== 'group' && option !== 'state') return []
  const { linked_no_perm, role_drift } = (await world.settings(guildId)).policy
  const layers = [linked_no_perm, role_drift].map((rule) => (option === 'group' ? rule.byGroup : rule.byState))
  return namesOffered(
    typing,
    option,
    layers.flatMap((layer) => [...layer.keys()]),
    world,
  )
}
