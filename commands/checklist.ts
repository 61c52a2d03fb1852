import type { Reply } from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { many } from './wording.ts'

/** One thing that was looked at, with what to do where it is amiss. */
export interface Line {
  readonly is: 'good' | 'warn' | 'bad'
  readonly text: string
}

export const good = (text: string): Line => ({ is: 'good', text })
export const warn = (text: string): Line => ({ is: 'warn', text })
export const bad = (text: string): Line => ({ is: 'bad', text })

const MARKS = { good: '✓', warn: '!', bad: '✗' } as const
const ORDER = ['bad', 'warn', 'good'] as const

/** What is worst stands first: a phone shows little. */
export function checklist(lines: readonly Line[]): Reply {
  const sorted = ORDER.flatMap((kind) => lines.filter(({ is }) => is === kind))
  const amiss = (kind: Line['is']) => lines.filter(({ is }) => is === kind).length
  const [wrong, doubtful] = [amiss('bad'), amiss('warn')]
  return {
    tone: wrong > 0 ? 'bad' : doubtful > 0 ? 'warn' : 'good',
    title:
      wrong > 0
        ? `${many(wrong, 'thing')} to mend`
        : doubtful > 0
          ? `${many(doubtful, 'thing')} to look at`
          : 'All is well',
    text: fewOf(
      sorted.map(({ is, text }) => `${MARKS[is]} ${text}`),
      MOST_LINES,
      '\n',
      MOST_LETTERS,
    ),
    ...(wrong > 0 && { held: true as const }),
  }
}

const MOST_LINES = 30
/** Discord takes 4,096 characters of text. */
const MOST_LETTERS = 3_900
