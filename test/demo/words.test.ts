import { describe, expect, it } from 'vitest'
import { completions } from '#src/demo/completion.ts'
import { type Line, type Names, readMarkdown, wrap } from '#src/demo/markdown.ts'
import { readTyped, type Typing } from '#src/demo/typed.ts'

const NOW = 1_800_000_000_000
const names: Names = { member: () => 'pim', role: () => 'Pilots', now: () => NOW }
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
    ['a lone ** and a lone ` stay', 'a lone ** and a lone ` stay'],
    ['a name with \x1b[2J in it', 'a name with [2J in it'],
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
})

const COMMANDS = {
  audit: [
    {
      type: 1,
      name: 'run',
      description: '',
      options: [
        { type: 3, name: 'action', description: '' },
        { type: 3, name: 'reason', description: '' },
      ],
    },
    { type: 1, name: 'findings', description: '', options: [{ type: 3, name: 'run', description: '' }] },
  ],
  explain: [{ type: 6, name: 'member', description: '' }],
}

const typing = (lastRun: string | null): Typing => ({
  command: (name) => {
    const options = COMMANDS[name as keyof typeof COMMANDS]
    return options && ({ name, options } as never)
  },
  memberId: (name) => `id of ${name}`,
  roleId: (name) => `id of ${name}`,
  lastRun,
})

describe('a command that is typed', () => {
  it.each([
    ['/audit run', { command: 'audit run', options: {} }],
    ['/audit run action:strip', { command: 'audit run', options: { action: 'strip' } }],
    [
      '/audit run reason: spring clean: all of it action:strip',
      { command: 'audit run', options: { reason: 'spring clean: all of it', action: 'strip' } },
    ],
    ['/audit findings run:last', { command: 'audit findings', options: { run: 'the-run' } }],
    ['/explain member:@pim', { command: 'explain', options: { member: 'id of @pim' } }],
  ])('%j is read by its definition', (text, typed) => expect(readTyped(text, typing('the-run'))).toEqual(typed))

  it.each([
    ['/nonsense', 'There is no command /nonsense'],
    ['/audit', 'wants one of: run, findings'],
    ['/audit frobnicate', 'wants one of: run, findings'],
    ['/explain pim', '"pim" is not understood here. It takes member:…'],
    ['/audit findings run:last', 'There is no last run yet'],
  ])('%j is answered with what to type instead', (text, words) =>
    expect(() => readTyped(text, typing(null))).toThrow(words),
  )
})

describe('Tab', () => {
  const known = { members: ['mira', 'pim', 'pike-foss'], roles: ['Pilots', 'Fleet Command'] }
  it.each([
    ['/aud', ['/audit run', '/audit run action:strip', '/audit status', '/audit findings run:last'], '/aud'],
    ['/explain member:@pi', ['pim', 'pike-foss'], 'pi'],
    ['as mi', ['mira'], 'mi'],
    ['give pim fl', ['Fleet Command'], 'fl'],
  ])('after %j offers %j', (line, offered, part) => expect(completions(line, known)).toEqual([offered, part]))
})
