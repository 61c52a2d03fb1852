import { Command, CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '#commands/index.ts'
import { addSlashCommands, type Typed } from '#src/console/slash.ts'
import type { Command as SlashCommand } from '#src/discord/command.ts'

const answer = () => Promise.reject(new Error('the console never answers by itself'))

const EXAMPLE: SlashCommand = {
  name: 'example',
  description: 'An example',
  needs: 'read',
  subcommands: [
    {
      name: 'try',
      description: 'Everything that can be typed',
      changes: 'by action',
      options: [
        { name: 'member', description: 'Who', type: 'user', required: true },
        { name: 'max_drop', description: 'How many', type: 'integer' },
        { name: 'quiet', description: 'Whether', type: 'boolean' },
        { name: 'reason', description: 'Why', type: 'string', maxLength: 5 },
        { name: 'action', description: 'What', type: 'string', choices: [{ name: 'Only say so', value: 'report' }] },
      ],
    },
  ],
  answer,
}
const PLAIN: SlashCommand = { name: 'halt', description: 'Halts', needs: 'stop', changes: 'to safety', answer }

/** What is given to the bot of what was typed, or what is said of it. */
async function type(...words: readonly string[]): Promise<Typed | string> {
  let typed: Typed | null = null
  let said = ''
  const rolecall = new Command('rolecall').exitOverride().configureOutput({
    writeOut: (text) => {
      said += text
    },
    writeErr: (text) => {
      said += text
    },
  })
  addSlashCommands(rolecall, [EXAMPLE, PLAIN], async (given) => {
    typed = given
  })
  try {
    await rolecall.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
  }
  return typed ?? said
}

describe('a slash command at the console', () => {
  it('takes each option by its name, as the command has it', async () => {
    const words = '--member 7 --max-drop -3 --quiet false --reason tidy --action report --guild 9 --yes'
    expect(await type('example', 'try', ...words.split(' '))).toEqual({
      command: 'example',
      subcommand: 'try',
      options: { member: '7', max_drop: -3, quiet: false, reason: 'tidy', action: 'report' },
      changes: 'by action',
      yes: true,
      guild: '9',
    })
  })

  it('leaves out what was not typed', async () => {
    expect(await type('example', 'try', '--member', '7')).toMatchObject({ options: { member: '7' }, yes: false })
  })

  it('without subcommands is one word, and takes --yes though it needs none', async () => {
    const halt = { command: 'halt', subcommand: null, options: {}, changes: 'to safety', guild: undefined }
    expect(await type('halt')).toEqual({ ...halt, yes: false })
    expect(await type('halt', '--yes')).toEqual({ ...halt, yes: true })
  })

  it.each([
    ['', "required option '--member <member-id>' not specified"],
    ['--member @pim', 'It must be an id'],
    ['--member 0123', 'It must be an id'],
    ['--member 7 --max-drop many', 'It must be a whole number'],
    ['--member 7 --quiet maybe', 'It must be true or false'],
    ['--member 7 --reason lengthy', 'It may have at most 5 characters'],
    ['--member 7 --action strip', 'Allowed choices are report'],
    ['--member 7 --colour red', "unknown option '--colour'"],
    ['--member 7 more', 'too many arguments'],
  ])('%j is refused before the bot is asked', async (words, sentence) =>
    expect(await type('example', 'try', ...words.split(' ').filter((word) => word !== ''))).toContain(sentence),
  )

  it('says in its help what the exit codes mean and that people are named by ids', async () => {
    const help = await type('example', 'try', '--help')
    expect(help).toMatch(/Exit codes: 0 done; 1 it failed; 2 refused[\s\S]*3 a gate held it/)
    expect(help).toContain('are named by their ids')
    expect(help).toMatch(/--yes +act; without this it only reports/)
    for (const line of String(help).split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})

describe('the commands of this bot', () => {
  const all = COMMANDS.flatMap(({ name, options = [], subcommands = [], changes }) => [
    { name, options, changes, isGroup: subcommands.length > 0 },
    ...subcommands.map((sub) => ({ ...sub, name: `${name} ${sub.name}`, isGroup: false })),
  ])

  it('are all at the console, and none takes an option for what the console says by itself', () => {
    const rolecall = new Command('rolecall')
    addSlashCommands(rolecall, COMMANDS, async () => {})
    expect(rolecall.commands.map((command) => command.name())).toEqual(COMMANDS.map(({ name }) => name))
    const taken = ['yes', 'guild', 'help', 'button']
    for (const { name, options } of all)
      expect([name, options.filter((option) => taken.includes(option.name))]).toEqual([name, []])
  })

  it('act by an option `action` only where there is one that can be told to report', () => {
    for (const { name, options } of all.filter(({ changes }) => changes === 'by action')) {
      const action = options.find((option) => option.name === 'action')
      expect([name, action?.choices?.map(({ value }) => value)]).toEqual([name, expect.arrayContaining(['report'])])
    }
  })
})
