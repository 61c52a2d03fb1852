import type { SourceStanding } from '#src/discord/command.ts'
import { spanWords } from './wording.ts'

/** How it comes to be known that somebody has changed in the identity source, and what would have it known sooner. Null where the source is silent. */
export function noticingWords({ source, noticing }: Pick<SourceStanding, 'source' | 'noticing'>): string | null {
  switch (noticing?.kind) {
    case 'told':
      return `Changes there are told by the database itself and heard at once; every ${spanWords(noticing.askedMs)} it is asked all the same.`
    case 'asked':
      return `Changes there are noticed by asking, every ${spanWords(noticing.everyMs)}.${soonerWords(source, noticing)}`
    case 'never':
      return 'Changes there are not noticed: it was read once, when the bot started. To have it read anew, start the bot again.'
    default:
      return null
  }
}

function soonerWords(
  source: string,
  { listens, tells }: Extract<SourceStanding['noticing'], { readonly kind: 'asked' }>,
): string {
  if (tells)
    return ' The database tells them by itself, but at this moment the bot cannot listen there; it tries again by itself.'
  if (!listens) return ''
  return source === 'alliance-auth'
    ? ' `rolecall identity install-triggers`, given on the machine of the bot, has the database tell them at once.'
    : ' What the database itself tells on the channel `rolecall_identity` is heard at once.'
}
