import type { Identity } from '#src/core/model.ts'
import type { FieldChange, ListChange, MovedLink, PersonChange } from './difference.ts'
import { changesNothing, type ImportDiff, type Tally } from './plan.ts'

// How an import's difference reads in a terminal: bounded lists, lines of 80 columns, and nothing in a name that could steer the terminal.

/** Columns of the narrowest terminal in common use. */
const LINE_WIDTH = 80
/** People, groups or links shown of each kind; the rest is counted. */
const SHOWN = 10
/** Names shown within one line's list. */
const SHOWN_IN_LINE = 4
/** Columns given to one name: Discord's and Alliance Auth's are shorter, an odd one is cut. */
const NAME_WIDTH = 32

export function importLines(diff: ImportDiff): string[] {
  if (changesNothing(diff)) return [`Nothing would change: ${count(diff.before.people, 'person', 'people')} as stored.`]
  return [
    ...tallyLines(diff.before, diff.after),
    ...namesLines('Groups', diff.groups),
    ...namesLines('States', diff.states),
    ...namesLines('Reserved role names', diff.reservedNames),
    ...section('Added', 'person', 'people', diff.added, (person) => [personLine(person)]),
    ...section('Changed', 'person', 'people', diff.changed, changeLines),
    ...section('Dropped', 'person', 'people', diff.dropped, (person) => [personLine(person)]),
    ...section('Changing hands', 'Discord id', 'Discord ids', diff.moved, (link) => [movedLine(link)]),
  ].map((line) => cutTo(line, LINE_WIDTH))
}

/** Text from people as a terminal may show it: control, format and bidirectional characters appear as their code points. */
export function shown(text: string, width = NAME_WIDTH): string {
  const escaped = text.replace(/(?!\u200d)[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`)
  return cutTo(/^\s|\s$|^$/u.test(escaped) ? `"${escaped}"` : escaped, width)
}

/** Cut by code points to so many terminal columns, with an ellipsis in the last. */
export function cutTo(text: string, width: number): string {
  let used = 0
  let kept = ''
  let short = ''
  for (const point of text) {
    used += columns(point)
    if (used > width) return `${short}…`
    kept += point
    if (used < width) short = kept
  }
  return text
}

export function count(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`
}

/** Columns of a terminal that a character takes: two for what is drawn wide, none for what is drawn onto its neighbour. */
export function columns(point: string): number {
  if (/\p{M}|\u200d/u.test(point)) return 0
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
    point,
  )
    ? 2
    : 1
}

function tallyLines(before: Tally, after: Tally): string[] {
  const row = (label: string, a: string, b: string) => `${label.padEnd(20)}${a.padStart(10)}${b.padStart(10)}`
  const figures = (label: string, key: keyof Tally) =>
    row(label, before[key].toLocaleString('en-US'), after[key].toLocaleString('en-US'))
  return [
    row('', 'now', 'after'),
    figures('People', 'people'),
    figures('  with access', 'withAccess'),
    figures('Linked Discord ids', 'linked'),
    figures('Linked accounts', 'accounts'),
  ]
}

function namesLines(title: string, { added, removed }: ListChange): string[] {
  if (added.length + removed.length === 0) return []
  const signed = [...added.map((name) => `+ ${shown(name)}`), ...removed.map((name) => `- ${shown(name)}`)]
  return ['', `${title}: ${added.length} added, ${removed.length} removed`, ...bounded(signed, (line) => [`  ${line}`])]
}

function section<T>(
  title: string,
  one: string,
  many: string,
  list: readonly T[],
  lines: (item: T) => string[],
): string[] {
  if (list.length === 0) return []
  return ['', `${title}: ${count(list.length, one, many)}`, ...bounded(list, lines)]
}

function bounded<T>(list: readonly T[], lines: (item: T) => string[]): string[] {
  const rest = list.length - SHOWN
  return [...list.slice(0, SHOWN).flatMap(lines), ...(rest > 0 ? [`  and ${rest.toLocaleString('en-US')} more`] : [])]
}

function personLine({ id, username, state, groups, discordIds }: Identity): string {
  const links = count(discordIds.length, 'Discord id', 'Discord ids')
  const place = [state === null ? 'no state' : shown(state), listed(groups) || 'no groups', links]
  return `  ${shown(username)} (${shown(id, 20)}): ${place.join('; ')}`
}

function changeLines({ id, username, fields }: PersonChange): string[] {
  return [`  ${shown(username)} (${shown(id, 20)})`, ...fields.map((field) => `    ${fieldLine(field)}`)]
}

const FIELD_WORDS: Readonly<Record<FieldChange['field'], string>> = {
  username: 'name',
  state: 'state',
  active: 'active',
  superuser: 'superuser',
  access: 'access',
  groups: 'groups',
  discordIds: 'Discord ids',
  accounts: 'accounts',
}

function fieldLine(change: FieldChange): string {
  const word = FIELD_WORDS[change.field]
  if ('before' in change) return `${word}: ${value(change.before)} -> ${value(change.after)}`
  const altered = 'altered' in change ? change.altered : []
  const parts = [
    change.added.length > 0 ? `+ ${listed(change.added)}` : '',
    change.removed.length > 0 ? `- ${listed(change.removed)}` : '',
    altered.length > 0 ? `changed ${listed(altered)}` : '',
  ]
  return `${word}: ${parts.filter((part) => part !== '').join('  ')}`
}

function movedLine({ discordId, from, to }: MovedLink): string {
  return `  ${discordId}: from ${listed(from)} to ${listed(to)}`
}

function value(of: string | boolean | null): string {
  if (typeof of === 'boolean') return of ? 'yes' : 'no'
  return of === null ? 'none' : shown(of)
}

function listed(names: readonly string[]): string {
  const first = names.slice(0, SHOWN_IN_LINE).map((name) => shown(name, 20))
  const rest = names.length - first.length
  return first.join(', ') + (rest > 0 ? ` and ${rest.toLocaleString('en-US')} more` : '')
}
