import { expect, it } from 'vitest'
import { lineTo } from '#src/console/lines.ts'
import { paper } from './paper.ts'

const SENTENCE = '    settings.json, line 2: policy.unknown_guest: must be "report", "strip" or "strip_kick".'
const ADDRESS = `https://discord.com/oauth2/authorize?client_id=81384788765712384&permissions=268455040`

function written(line: string, columns?: number): string {
  const made = paper(columns === undefined ? undefined : { columns })
  lineTo(made)(line)
  return made.text()
}

it('a line is broken between words where a terminal is narrower, further in than it began', () => {
  expect(written(SENTENCE, 40)).toBe(
    '    settings.json, line 2:\n      policy.unknown_guest: must be\n      "report", "strip" or "strip_kick".\n',
  )
  expect(written(`${'\u{1f98a}'.repeat(10)} fox`, 22)).toBe(`${'\u{1f98a}'.repeat(10)}\n  fox\n`)
})

it('a line that fits, one for a pipe and one that has line breaks of its own stay as they are', () => {
  for (const [line, columns] of [
    [SENTENCE, 120],
    [SENTENCE, undefined],
    ['{\n  "a": "b c d e f g h i j k"\n}', 12],
  ] as const)
    expect(written(line, columns)).toBe(`${line}\n`)
})

it('an address is never broken, so that it can be copied', () => {
  expect(written(ADDRESS, 40)).toBe(`${ADDRESS}\n`)
  expect(written(`Open ${ADDRESS} now`, 40)).toBe(`Open\n  ${ADDRESS}\n  now\n`)
})
