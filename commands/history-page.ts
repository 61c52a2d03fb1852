import type { Id } from '#src/core/model.ts'
import type { Asked, CommandWorld, Option, Reply } from '#src/discord/command.ts'
import { idIn, oldButton, textIn } from './given.ts'
import { momentOption, readMoment } from './moment-option.ts'
import { actorWords, memberMention, momentMention, nameText } from './wording.ts'

// What the pages of every history have in common: by whom, in which stretch of time, and how one leafs through them.

/** Times in ms since the epoch, both ends included. */
export interface Stretch {
  readonly memberId?: Id
  readonly since?: number
  readonly until?: number
}

export const stretchOptions = (whose: string): readonly Option[] => [
  { name: 'member', description: whose, type: 'user' },
  momentOption('since', 'From when on: 2026-01-31, 2026-01-31 18:00 (UTC), or 7d'),
  momentOption('until', 'Up to when'),
]

export function stretchOf(asked: Asked, now: number): Stretch {
  const moment = (name: string): number | null => {
    const typed = textIn(asked, name)
    return typed === null ? null : readMoment(typed, name, now)
  }
  const [memberId, since, until] = [idIn(asked, 'member'), moment('since'), moment('until')]
  return {
    ...(memberId !== null && { memberId }),
    ...(since !== null && { since }),
    ...(until !== null && { until }),
  }
}

/** As short as it gets: a button's id has room for 100 characters. */
export const writeStretch = ({ memberId, since, until }: Stretch): string =>
  [
    memberId === undefined ? '' : BigInt(memberId).toString(36),
    since?.toString(36) ?? '',
    until?.toString(36) ?? '',
  ].join(':')

const SHORT = /^[0-9a-z]{0,13}$/

export function readStretch(written: readonly string[]): Stretch {
  const [member = '', since = '', until = ''] = written
  if (![member, since, until].every((part) => SHORT.test(part))) throw oldButton()
  return {
    ...(member !== '' && { memberId: longId(member) }),
    ...(since !== '' && { since: Number.parseInt(since, 36) }),
    ...(until !== '' && { until: Number.parseInt(until, 36) }),
  }
}

/** The opposite of what a button's id holds of one. */
export const longId = (text: string): Id =>
  String([...text].reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n))

export const stretchWords = ({ memberId, since, until }: Stretch): readonly string[] =>
  [
    memberId === undefined ? null : `by ${memberMention(memberId)}`,
    since === undefined ? null : `since ${momentMention(since)}`,
    until === undefined ? null : `until ${momentMention(until)}`,
  ].filter((part) => part !== null)

/** As elsewhere, but no longer than a name: several stand on one page. */
export const whoWords = (actor: string): string =>
  actor.startsWith('cli:') ? `${nameText(actor.slice('cli:'.length))} (console)` : actorWords(actor)

/** Those who have left have a history too, but an id of nobody is more often a slip. */
export async function nobodyNotes(
  guildId: Id,
  memberId: Id | undefined,
  world: CommandWorld,
): Promise<readonly string[]> {
  if (memberId === undefined || (await world.isMember(guildId, memberId)) !== false) return []
  return [`At this moment no member of this server has the id \`${memberId}\`.`]
}

export interface Page {
  readonly title: string
  /** What it is narrowed to, in words; nothing where it is everything. */
  readonly narrowed: readonly string[]
  readonly lines: readonly string[]
  /** What stands where there is no line. */
  readonly empty: () => Promise<string>
  readonly offset: number
  readonly size: number
  readonly more: boolean
  readonly idOf: (offset: number) => string
}

/** Nobody counts how many there are in all: of a million lines that would take longer than to find the page. */
export async function historyPage({ title, narrowed, lines, empty, offset, size, more, idOf }: Page): Promise<Reply> {
  const head = narrowed.length === 0 ? [] : [`Only ${narrowed.join(', ')}:`]
  const range = lines.length === 0 ? 'none' : `${offset + 1}–${offset + lines.length}`
  const isAll = offset === 0 && !more
  return {
    tone: 'plain',
    title,
    text: [...head, ...(lines.length === 0 ? [await empty()] : lines)].join('\n'),
    footer: `${range}, the newest first`,
    ...(!isAll && {
      buttons: [
        { id: idOf(Math.max(0, offset - size)), label: 'Back', disabled: offset === 0 },
        { id: idOf(offset + size), label: 'Next', disabled: !more, ...(more && { next: true as const }) },
      ],
    }),
  }
}
