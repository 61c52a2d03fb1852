import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '#commands/index.ts'
import { bodyLines, byId } from '#src/console/reply-lines.ts'
import { typeTo } from './parser.ts'

// What an answer says to give next, as the console tells it, is typed at the console as it stands there.

const ROOMS = ['commands', 'src/core', 'src/loop', 'src/bot', 'src/store']
const root = join(import.meta.dirname, '../..')
const sourceOf = (file: string): string => readFileSync(file, 'utf8')
const TEXTS = ROOMS.flatMap((room) =>
  readdirSync(join(root, room))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => sourceOf(join(root, room, name))),
)

/** A slash command in backticks, as it stands in a text of the bot's; what is filled in while it runs is a run. */
const NAMED = /\\?`(\/(?:[a-z][^`\\\n]*))\\?`/g
const FILLED_IN = /\$\{[^}]*\}/g

/** By the first word of each, so that an address or a path is none. */
const isCommand = (text: string): boolean => COMMANDS.some(({ name }) => text.slice(1).split(' ')[0] === name)

const NAMED_COMMANDS = [...new Set(TEXTS.flatMap((text) => [...text.matchAll(NAMED)].map(([, named]) => named!)))]
  .filter(isCommand)
  .filter((named) => !/^\/[a-z]+ \$\{|\|/.test(named))
  .map((named) => named.replaceAll(FILLED_IN, 'last'))

const atConsole = (named: string): string =>
  bodyLines(
    { tone: 'plain', title: '', text: `\`${named}\`` },
    byId(() => 0),
  )
    .flatMap((line) => line.map(({ text }) => text))
    .join('')

describe('what an answer says to give next', () => {
  it('is read from the texts of the bot', () => expect(NAMED_COMMANDS.length).toBeGreaterThan(30))

  it.each(NAMED_COMMANDS)('`%s` is taken by the console as the console tells it', async (named) => {
    const told = atConsole(named)
    expect(told).toMatch(/^`rolecall [^/|]+`$/)
    const words = told.slice(1, -1).split(' ').slice(1)
    const said = await typeTo(COMMANDS, words)
    // What is left out is for whoever types it to fill in; a group of commands answers with its own help.
    if (typeof said === 'string') expect(said).toMatch(/^error: required option|^Usage: rolecall [a-z]+ <command>/)
  })
})
