import type { Reply, SourceAccepted } from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { typedText } from './wording.ts'

/** Groups and states shown with their numbers; of more the rest is counted. */
const MAX_SHOWN = 8

export type Numbers = Pick<SourceAccepted, 'before' | 'now' | 'truth'>

/** What the source says beside what was accepted last. */
export function sourceFields({ before, now, truth }: Numbers): NonNullable<Reply['fields']> {
  const lines = [
    `Linked accounts: ${change(before?.linked, now.linked)}`,
    `With access: ${change(before?.withAccess, now.withAccess)}`,
    `People: **${now.identities.toLocaleString('en')}**`,
  ]
  const fallen = [
    ...fallenLines('group', truth.why, before?.perGroup, now.perGroup),
    ...fallenLines('state', truth.why, before?.perState, now.perState),
  ]
  return [
    { name: before === null ? 'Now (nothing was accepted before)' : 'Before → now', value: lines.join('\n') },
    ...(fallen.length > 0 ? [{ name: 'Groups and states that fell', value: fewOf(fallen, MAX_SHOWN) }] : []),
  ]
}

type Counted = ReadonlyMap<string, number>

function fallenLines(kind: 'group' | 'state', why: readonly string[], before: Counted | undefined, now: Counted) {
  const prefix = `dropped:${kind}:`
  const names = why.filter((reason) => reason.startsWith(prefix)).map((reason) => reason.slice(prefix.length))
  return names.map((name) => `${kind} ${typedText(name)}: ${change(before?.get(name), now.get(name) ?? 0)}`)
}

const change = (before: number | undefined, now: number): string =>
  before === undefined
    ? `**${now.toLocaleString('en')}**`
    : `${before.toLocaleString('en')} → **${now.toLocaleString('en')}**`
