import { hasAccess } from '#src/core/access.ts'
import type { Explanation } from '#src/core/explain.ts'
import { Refusal } from '#src/core/refusal.ts'
import { type Asked, byOf, type CommandWorld, type Reply, type Subcommand } from '#src/discord/command.ts'
import { verdictSentence } from './explain-sentences.ts'
import { mustBeId, textIn } from './given.ts'
import { reasonOption } from './reason-option.ts'
import { memberNote } from './there-words.ts'
import { memberMention, nameText, paragraphs, roleList, typedText } from './wording.ts'

// A person says whose an account is, where the identity source says nothing of it.

/** Longer ids are those of no source that is known. */
const LONGEST_ID = 100

export const LINK: Subcommand = {
  name: 'link',
  description: 'Say whose account this is, where the identity database does not',
  needs: 'link',
  options: [
    { name: 'member', description: 'Whose account', type: 'user', required: true },
    {
      name: 'identity',
      description: 'The id that they have in the identity database',
      type: 'string',
      required: true,
      maxLength: LONGEST_ID,
    },
    { ...reasonOption, required: true },
  ],
}

export const UNLINK: Subcommand = {
  name: 'unlink',
  description: 'Take back a link that was made by hand',
  needs: 'link',
  options: [{ name: 'member', description: 'Whose account', type: 'user', required: true }, reasonOption],
}

export async function link(asked: Asked, world: CommandWorld): Promise<Reply> {
  const by = byOf(asked)
  const { reason } = by
  if (reason === null)
    throw new Refusal(
      'A link needs a reason, so that whoever finds it later knows why it is there. Nothing was changed.',
    )
  const memberId = mustBeId(asked, 'member')
  const identityId = textIn(asked, 'identity')
  if (identityId === null) throw new Refusal('The option `identity` is missing. Give the command again and fill it in.')
  const wanted = { guildId: asked.guildId, memberId, identityId, by: { ...by, reason } }
  const { identity, explanation } = await world.linkByHand(wanted)
  const note = await memberNote(asked.guildId, memberId, '/identity unlink', world)
  return {
    tone: note === null ? 'good' : 'warn',
    title: 'Linked by hand',
    text: paragraphs([
      `${memberMention(memberId)} is judged as ${nameText(identity.username)} (${typedText(identity.id)}) from now on.`,
      hasAccess(identity) ? earnedWords(explanation) : 'That identity has no access, so by it they earn nothing.',
      note ?? followWords(explanation),
      'Should the identity database itself name somebody else for this account one day, that is a conflict, and nothing is touched until it is settled.',
    ]),
  }
}

export async function unlink(asked: Asked, world: CommandWorld): Promise<Reply> {
  const memberId = mustBeId(asked, 'member')
  const taken = await world.unlinkByHand(asked.guildId, memberId, byOf(asked))
  if (taken === null)
    return {
      tone: 'warn',
      title: 'There was none',
      text: `The account of ${memberMention(memberId)} is not linked by hand. Nothing was changed. What the identity database links is mended there.`,
    }
  return {
    tone: 'good',
    title: 'The link is taken back',
    text: paragraphs([
      `${memberMention(memberId)} is no longer judged as the identity ${typedText(taken.link.identityId)} by a link by hand.`,
      followWords(taken.explanation),
    ]),
  }
}

/** What the identity database gives them, whether they hold it or not. */
function earnedWords(explanation: Explanation | null): string | null {
  if (explanation === null) return null
  const earned = explanation.roles.filter(({ governed, entitled }) => governed && entitled).map(({ roleId }) => roleId)
  return earned.length === 0 ? 'By that they earn no role.' : `By that they earn ${roleList(earned)}.`
}

const followWords = (explanation: Explanation | null): string =>
  explanation === null
    ? 'What follows for them could not be found out just now; `/explain` says it.'
    : verdictSentence(explanation, null)
