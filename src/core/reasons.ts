import type { Fall, Truth } from './model.ts'
import { plainText, shorten } from './text.ts'

/** Reasons named; a source from which hundreds of groups fell names the first. */
const MAX_REASONS = 5
const LONGEST_NAME = 60

interface Reasons extends Pick<Truth, 'why'> {
  readonly fell?: Truth['fell'] | undefined
}

/**
 * Why an identity source is not believed, as people read it, with the numbers where it fell. Groups and states may be called anything, and stand in it as
 * plain text.
 */
export function reasonList({ why, fell = {} }: Reasons): string {
  const more = why.length - MAX_REASONS
  return [
    ...why.slice(0, MAX_REASONS).map((reason) => `${wordsOf(reason)}${fallWords(fell[reason])}`),
    ...(more > 0 ? [`and ${more.toLocaleString('en')} more`] : []),
  ].join(', ')
}

const fallWords = (fall: Fall | undefined): string =>
  fall ? ` from ${fall.from.toLocaleString('en')} to ${fall.to.toLocaleString('en')}` : ''

/** Numbers fell, so that people may really have left. */
export const hasFallen = ({ why }: Pick<Truth, 'why'>): boolean => why.some((reason) => reason.startsWith('dropped:'))

/** Where a source fell there is somebody to look for; a sentence with a blank before it. */
export const closerWords = (truth: Pick<Truth, 'why'>): string =>
  hasFallen(truth) ? ' `/identity diff` says who is missing.' : ''

const WORDS: Readonly<Record<string, string>> = {
  incomplete: 'it could not be read to its end',
  no_permission: 'the access permission does not exist in it',
  no_identities: 'it holds nobody',
  no_groups: 'it holds neither groups nor states',
  no_access: 'nobody in it has access',
  'dropped:linked': 'linked accounts fell',
  'dropped:access': 'people with access fell',
}

function wordsOf(reason: string): string {
  const [, kind, name] = /^dropped:(group|state):(.*)$/su.exec(reason) ?? []
  return name === undefined ? (WORDS[reason] ?? nameText(reason)) : `${kind} ${nameText(name)} fell`
}

const nameText = (name: string): string => plainText(shorten(name, LONGEST_NAME))
