import { describe, expect, it } from 'vitest'
import { COMMANDS } from '#commands/index.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Option } from '#src/discord/command.ts'
import { askedBy, SmallCommandWorld } from './small-world.ts'

// What Discord takes of a command (docs, "Application Command Object"); it refuses all of them where one is wrong.

const NAME = /^[-_\p{Ll}\p{N}]{1,32}$/u

const uses = COMMANDS.flatMap(({ name, description, options = [], subcommands }) => [
  { name, path: name, description, options },
  ...(subcommands ?? []).map((sub) => ({ ...sub, path: `${name} ${sub.name}` })),
])

const eachOption = uses.flatMap(({ path, options }) =>
  options.map((option) => ({ path: `${path} ${option.name}`, option })),
)

const requiredFirst = (options: readonly Option[]): boolean => {
  const firstOptional = options.findIndex(({ required }) => !required)
  return firstOptional === -1 || options.slice(firstOptional).every(({ required }) => !required)
}

describe('every command fits Discord', () => {
  it.each(uses)('/$path has a name, a description and options that it takes', ({ name, description, options }) => {
    expect(name).toMatch(NAME)
    expect(description.length).toBeGreaterThan(0)
    expect(description.length).toBeLessThanOrEqual(100)
    expect(options.length).toBeLessThanOrEqual(25)
    expect(new Set(options.map((option) => option.name)).size).toBe(options.length)
    expect(requiredFirst(options)).toBe(true)
  })

  it.each(eachOption)('/$path is an option that it takes', ({ option }) => {
    expect(option.name).toMatch(NAME)
    expect(option.description.length).toBeGreaterThan(0)
    expect(option.description.length).toBeLessThanOrEqual(100)
    for (const choice of option.choices ?? []) {
      expect(choice.name.length).toBeLessThanOrEqual(100)
      expect(choice.value.length).toBeLessThanOrEqual(100)
    }
    expect((option.choices ?? []).length).toBeLessThanOrEqual(25)
    expect(option.choices === undefined || !option.autocomplete).toBe(true)
    expect(option.type === 'string' || option.autocomplete === undefined).toBe(true)
  })

  it.each(COMMANDS)(
    '/$name is no longer in all its words than Discord takes',
    ({ name, description, options = [], subcommands = [] }) => {
      const ofOptions = [...options, ...subcommands.flatMap((sub) => sub.options)]
      const words = [
        name,
        description,
        ...subcommands.flatMap((sub) => [sub.name, sub.description]),
        ...ofOptions.flatMap((option) => [option.name, option.description]),
        ...ofOptions.flatMap(({ choices = [] }) => choices.flatMap((choice) => [choice.name, choice.value])),
      ]
      expect(words.join('').length).toBeLessThanOrEqual(8_000)
    },
  )

  it('names its options so that the console can have switches of its own', () => {
    const reserved = new Set(['yes', 'guild', 'help', 'button'])
    expect(eachOption.filter(({ option }) => reserved.has(option.name))).toEqual([])
  })

  it('completes every option that promises it', () => {
    for (const { name, options = [], subcommands, complete } of COMMANDS) {
      const promises = [...options, ...(subcommands ?? []).flatMap((sub) => sub.options)].some((o) => o.autocomplete)
      expect([name, complete !== undefined]).toEqual([name, promises])
    }
  })
})

describe('what an older bot offered is refused', () => {
  const world = new SmallCommandWorld()

  it.each(COMMANDS.filter(({ subcommands }) => subcommands))(
    '/$name with a subcommand that is gone',
    async (command) => {
      await expect(command.answer(askedBy({ subcommand: 'gone' }), world)).rejects.toThrow(Refusal)
      expect(world.deeds).toEqual([])
    },
  )

  const pressed = ['', 'gone:1', 'list:x', 'list:-1', 'list:99999999', 'page:x:all:0', 'yes:', 'show:1e3', 'diff::0']
  const buttons = COMMANDS.filter(({ press }) => press).flatMap((command) => pressed.map((rest) => ({ command, rest })))

  it.each(buttons)('the button $command.name:$rest', async ({ command, rest }) => {
    await expect(command.press!(askedBy(), rest, world)).rejects.toThrow(Refusal)
    expect(world.deeds).toEqual([])
  })
})
