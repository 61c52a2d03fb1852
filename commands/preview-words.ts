import type { PolicyPreview, Reply } from '#src/discord/command.ts'
import { COUNTED_WORDS, memberList } from './wording.ts'

// What an edit would come to, said in numbers: how many more, and how many instead of how many.

type Change = PolicyPreview['wouldStrip']

/** Whether anything is taken from anybody beyond what a run would take now. */
export const takesMore = ({ wouldStrip, wouldKick, harsher }: PolicyPreview): boolean =>
  wouldStrip.then > wouldStrip.now || wouldKick.then > wouldKick.now || harsher.total > 0

/** `This edit strips 14 more (32 instead of 18).` and what it does besides. */
export function previewText({ wouldStrip, wouldKick, wouldGive }: PolicyPreview): string {
  const others = [
    wouldKick.now + wouldKick.then > 0 ? `kicks ${changeWords(wouldKick)}` : null,
    wouldGive.now + wouldGive.then > 0 ? `gives roles to ${changeWords(wouldGive)}` : null,
  ].filter((part) => part !== null)
  const more = others.length > 0 ? ` It ${others.join(' and ')}.` : ''
  return `This edit strips ${changeWords(wouldStrip)}.${more} Members are counted, as a run that may do all this would find them now.`
}

function changeWords({ now, then }: Change): string {
  const difference = Math.abs(then - now).toLocaleString('en')
  const instead = `(${then.toLocaleString('en')} instead of ${now.toLocaleString('en')})`
  if (then === now) return `as many as now (${now.toLocaleString('en')})`
  return `${difference} ${then > now ? 'more' : 'fewer'} ${instead}`
}

const concerned = ({ memberIds, total }: PolicyPreview['harsher']): string => memberList(memberIds, total)

/** Who is concerned, as far as they are named, and what changes in what members are. */
export function previewFields({ counts, harsher, milder }: PolicyPreview): NonNullable<Reply['fields']> {
  const changed = (Object.keys(COUNTED_WORDS) as (keyof typeof COUNTED_WORDS)[])
    .filter((category) => counts.now[category] !== counts.then[category])
    .map((category) => `**${counts.now[category]} → ${counts.then[category]}** ${COUNTED_WORDS[category]}`)
  return [
    { name: 'More is done with', value: concerned(harsher) },
    { name: 'Less is done with', value: concerned(milder) },
    { name: 'Now → then', value: changed.join('\n') },
  ].filter(({ value }) => value !== '')
}
