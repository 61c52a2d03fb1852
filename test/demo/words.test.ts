import { describe, expect, it } from 'vitest'
import { completions } from '#src/demo/completion.ts'
import { underWay } from '#src/demo/talk.ts'
import { readTyped, type Typing } from '#src/demo/typed.ts'

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

const typing: Typing = {
  command: (name) => {
    const options = COMMANDS[name as keyof typeof COMMANDS]
    return options && ({ name, options } as never)
  },
  memberId: (name) => `id of ${name}`,
  roleId: (name) => `id of ${name}`,
  channelId: (name) => `id of ${name}`,
}

describe('a command that is typed', () => {
  it.each([
    ['/audit run', { command: 'audit run', options: {} }],
    ['/audit run action:strip', { command: 'audit run', options: { action: 'strip' } }],
    [
      '/audit run reason: spring clean: all of it action:strip',
      { command: 'audit run', options: { reason: 'spring clean: all of it', action: 'strip' } },
    ],
    ['/audit findings run:last', { command: 'audit findings', options: { run: 'last' } }],
    ['/explain member:@pim', { command: 'explain', options: { member: 'id of @pim' } }],
  ])('%j is read by its definition', (text, typed) => expect(readTyped(text, typing)).toEqual(typed))

  it.each([
    ['/nonsense', 'There is no command /nonsense'],
    ['/audit', 'wants one of: run, findings'],
    ['/audit frobnicate', 'wants one of: run, findings'],
    ['/explain pim', '"pim" is not understood here. It takes member:…'],
  ])('%j is answered with what to type instead', (text, words) => expect(() => readTyped(text, typing)).toThrow(words))
})

describe('what is shown while an answer is awaited', () => {
  it.each([
    ['▰▰▰▰▰▰▰▰▰▱▱▱ 82%\nCarrying out the plan: 18 of 22 changes.', '82% · Carrying out the plan: 18 of 22 changes'],
    ['Reading the identity source and every member.', 'Reading the identity source and every member'],
  ])('of %j is one line: %j', (text, line) => expect(underWay(text)).toBe(line))
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
