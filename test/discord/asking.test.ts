import { describe, expect, it } from 'vitest'
import { isAnswerable, readOptions, toRequest } from '#src/discord/asking.ts'
import { PERMISSIONS, readBits, toPermissions } from '#src/discord/permissions.ts'
import { Stage, tryCommands } from './asking-world.ts'

const [EASY, TRY] = tryCommands(new Stage())
const given = (options: Record<string, unknown>) => new Map(Object.entries(options))

describe('the options of a command', () => {
  it('are read as declared, and nothing that is not declared', () => {
    expect(readOptions(EASY!, null, given({ word: 'abc', other: 'x' }))).toEqual({
      word: 'abc',
      colour: undefined,
      member: undefined,
    })
  })

  it.each([
    [{ colour: 'green' }, 'must be one of: red, blue'],
    [{ word: 'too long' }, 'at most 5 characters'],
    [{ word: 7 }, 'reload Discord'],
    [{ member: 'ann' }, 'reload Discord'],
  ])('are refused rather than guessed at: %j', (options, says) => {
    expect(() => readOptions(EASY!, null, given(options))).toThrow(says)
  })

  it('count characters as people do', () => {
    expect(readOptions(EASY!, null, given({ word: '🙂🙂🙂🙂🙂' }))).toMatchObject({ word: '🙂🙂🙂🙂🙂' })
  })

  it('of a subcommand that is no more are refused', () => {
    expect(() => readOptions(TRY!, 'vanished', given({}))).toThrow('This command has changed')
    expect(() => readOptions(TRY!, null, given({}))).toThrow('This command has changed')
  })
})

describe('what Discord sends', () => {
  const press = { type: 3, data: { component_type: 2, custom_id: 'audit:page:2:x' } }

  it('is answered where it is a slash command or a button, and nothing else', () => {
    expect(isAnswerable({ type: 2, data: { type: 1 } } as never)).toBe(true)
    expect(isAnswerable(press as never)).toBe(true)
    expect(isAnswerable({ type: 2, data: { type: 2, target_id: '1' } } as never)).toBe(true)
    for (const other of [
      { type: 1 },
      { type: 2, data: { type: 3 } },
      { type: 3, data: { component_type: 3 } },
      { type: 4 },
      { type: 5 },
    ])
      expect(isAnswerable(other as never)).toBe(false)
  })

  it('comes back to the command whose button it was', () => {
    expect(toRequest(press as never)).toEqual({ kind: 'press', name: 'audit', rest: 'page:2:x' })
  })

  it('names permissions as a number in a text; anything else is none', () => {
    expect(readBits(String(1n << 28n))).toBe(1n << 28n)
    for (const odd of [undefined, null, 8, 'x', '-1']) expect(readBits(odd)).toBe(0n)
  })
})

describe('permissions', () => {
  it('are those that commands ask for, and an Administrator has them all', () => {
    expect([...toPermissions((1n << 28n) | (1n << 11n))]).toEqual(['ManageRoles'])
    expect([...toPermissions(8n)]).toEqual(Object.keys(PERMISSIONS))
  })
})
