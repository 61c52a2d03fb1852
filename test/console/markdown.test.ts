import { describe, expect, it } from 'vitest'
import { type Line, type Names, readMarkdown, wrap } from '#src/console/markdown.ts'

const NOW = 1_800_000_000_000
const names: Names = { member: () => 'pim', role: () => 'Pilots', channel: () => 'staff', now: () => NOW }
const textOf = (line: Line): string => line.map(({ text }) => text).join('')
const read = (text: string): string => textOf(readMarkdown(text, names))

describe('an answer on a terminal', () => {
  it.each([
    ['<@1420070400000000001> lacks <@&1420070400000000002>', '@pim lacks @Pilots'],
    ['**<@1420070400000000001>** too many', '@pim too many'],
    ['held: `guild_owner`', 'held: `guild_owner`'],
    ['a \\*star\\* \\[and\\] amber\\-drift', 'a *star* [and] amber-drift'],
    [`lifted <t:${NOW / 1_000 - 60}:R>`, 'lifted 60 seconds ago'],
    [`free <t:${NOW / 1_000 + 7_200}:R>`, 'free in 2 hours'],
    [`at <t:${Date.UTC(2026, 10, 22, 12, 5) / 1_000}:f>`, 'at 2026-11-22 12:05 UTC'],
    ['posted in <#7>', 'posted in #staff'],
    ['a lone ** and a lone ` stay', 'a lone ** and a lone ` stay'],
    ['a name with \x1b[2J in it', 'a name with [2J in it'],
    ['a name that \u202eturns and\u2066 hides\u200b', 'a name that turns and hides'],
  ])('reads %j as %j', (markdown, seen) => expect(read(markdown)).toBe(seen))

  it('shows what is bold as bold, with the mention in it as a mention', () => {
    expect(readMarkdown('**3** of <@1420070400000000001>', names)).toEqual([
      { text: '3', look: 'bold' },
      { text: ' of ', look: 'plain' },
      { text: '@pim', look: 'mention' },
    ])
  })

  it('breaks lines between words, keeps the look of each, and loses nothing but the blank', () => {
    const lines = wrap(readMarkdown('one **two three** four', names), 9)
    expect(lines.map(textOf).map((text) => text.trimEnd())).toEqual(['one two', 'three', 'four'])
    expect(lines[1]!.some(({ text, look }) => text === 'three' && look === 'bold')).toBe(true)
  })

  it('cuts only a word that no line could hold', () => {
    expect(wrap(readMarkdown('an abcdefghijkl', names), 5).map((line) => textOf(line).trimEnd())).toEqual([
      'an',
      'abcde',
      'fghij',
      'kl',
    ])
  })

  it('counts columns and not characters, since some are drawn twice as wide', () => {
    expect(wrap(readMarkdown('漢字漢字漢字 ab', names), 8).map((line) => textOf(line).trimEnd())).toEqual([
      '漢字漢字',
      '漢字 ab',
    ])
  })
})
