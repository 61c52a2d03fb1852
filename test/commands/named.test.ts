import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { COMMANDS } from '#commands/index.ts'

/** `/audit runs` as sentences name it; what follows is an option or no word of the command. Addresses and paths go on with a slash or an underscore. */
const NAMED = /\\?`\/([a-z]+)(?![a-z0-9/_-])(?: ([a-z-]+)(?![a-z:-]))?/g
/** Addresses of the health door, which are called like this too. */
const DOORS = ['healthz', 'readyz', 'metrics', 'v']

const exists = (name: string, subcommand: string | undefined): boolean => {
  const command = COMMANDS.find((one) => one.name === name)
  if (!command?.subcommands || subcommand === undefined) return command !== undefined
  return command.subcommands.some((sub) => sub.name === subcommand)
}

it('every command that a sentence tells somebody to give exists', async () => {
  const unknown: string[] = []
  let named = 0
  for await (const file of glob(['src/**/*.ts', 'commands/*.ts', 'README.md', 'docs/*.md']))
    for (const [, name = '', subcommand] of readFileSync(file, 'utf8').matchAll(NAMED)) {
      if (DOORS.includes(name)) continue
      named += 1
      if (!exists(name, subcommand)) unknown.push(`${file}: /${[name, subcommand].filter(Boolean).join(' ')}`)
    }
  expect(named).toBeGreaterThan(100)
  expect(unknown).toEqual([])
})
