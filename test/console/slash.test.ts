import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '#commands/index.ts'
import { addSlashCommands, type Typed } from '#src/console/slash.ts'
import type { Option, Command as SlashCommand } from '#src/discord/command.ts'
import { typeTo } from './parser.ts'

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
        {
          name: 'action',
          description: 'What (default: report)',
          type: 'string',
          choices: [
            { name: 'only say so', value: 'report' },
            { name: 'strip: take it', value: 'strip' },
          ],
        },
        {
          name: 'kind',
          description: 'Which',
          type: 'string',
          choices: ['group', 'state'].map((word) => ({ name: word, value: word })),
        },
        { name: 'role', description: 'Which role', type: 'role' },
        { name: 'channel', description: 'Where', type: 'channel' },
        { name: 'run', description: 'Which run', type: 'string', autocomplete: true, maxLength: 40 },
      ],
    },
  ],
  answer,
}
const PLAIN: SlashCommand = { name: 'halt', description: 'Halts', needs: 'stop', changes: 'to safety', answer }

const ID = '81384788765712384'
const RUN = '0198c0de-0000-7000-8000-000000000000'

/** What is given to the bot of what was typed, or what is said of it. */
const type = (...words: readonly string[]): Promise<Typed | string> => typeTo([EXAMPLE, PLAIN], words)

describe('a slash command at the console', () => {
  it('takes each option by its name, as the command has it', async () => {
    const words = `--member ${ID} --max-drop -3 --quiet false --reason tidy --action report --run last --guild ${ID} --yes`
    expect(await type('example', 'try', ...words.split(' '))).toEqual({
      command: 'example',
      subcommand: 'try',
      options: { member: ID, max_drop: -3, quiet: false, reason: 'tidy', action: 'report', run: 'last' },
      changes: 'by action',
      yes: true,
      guild: ID,
    })
  })

  it('leaves out what was not typed', async () => {
    expect(await type('example', 'try', '--member', ID)).toMatchObject({ options: { member: ID }, yes: false })
  })

  it('without subcommands is one word, and takes --yes though it needs none', async () => {
    const halt = { command: 'halt', subcommand: null, options: {}, changes: 'to safety', guild: undefined }
    expect(await type('halt')).toEqual({ ...halt, yes: false })
    expect(await type('halt', '--yes')).toEqual({ ...halt, yes: true })
  })

  it.each([
    ['', "required option '--member <member-id>' not specified"],
    ['', '(rolecall example try --help shows what it takes)'],
    ['--member @pim', '--member @pim is not the id of a member'],
    ['--member 0123', '--member 0123 is not the id of a member'],
    ['--member 12', '--member 12 is not the id of a member'],
    ['--member 123456789012345678901234567890', '--member 123456789012345678901234567890 is not the id of a member'],
    ['--member 9223372036854775808', '--member 9223372036854775808 is not the id of a member'],
    [`--member <@&${ID}>`, 'is not the id of a member'],
    [`--member ${ID} --role @here`, '--role @here is not the id of a role'],
    [`--member ${ID} --channel #general`, '--channel #general is not the id of a channel'],
    [`--member ${ID} --guild 9`, '--guild 9 is not the id of a server'],
    [`--member ${ID} --run nonsense`, '--run nonsense is not the id of a run'],
    [`--member ${ID} --max-drop many`, '--max-drop many is not a whole number.'],
    [`--member ${ID} --quiet maybe`, '--quiet maybe is neither true nor false.'],
    [`--member ${ID} --reason lengthy`, '--reason may have at most 5 characters, and what you typed has 7.'],
    [`--member ${ID} --action kick`, '--action kick is none of: report, strip.'],
    [`--member ${ID} --colour red`, "unknown option '--colour'"],
    [`--member ${ID} more`, 'too many arguments'],
  ])('%j is refused before the bot is asked', async (words, sentence) =>
    expect(await type('example', 'try', ...words.split(' ').filter((word) => word !== ''))).toContain(sentence),
  )

  it.each([
    ['--member', `<@${ID}>`],
    ['--member', `<@!${ID}>`],
    ['--member', `@${ID}`],
    ['--role', `<@&${ID}>`],
    ['--role', `@&${ID}`],
    ['--channel', `<#${ID}>`],
    ['--channel', `#${ID}`],
    ['--channel', ` ${ID} `],
  ])('takes an id for %s as %s, as Discord and the answers write it', async (flag, written) =>
    expect(await type('example', 'try', '--member', ID, flag, written)).toMatchObject({
      options: { [flag.slice(2)]: ID },
    }),
  )

  it.each([
    [RUN, RUN],
    [`\`${RUN.toUpperCase()}\``, RUN],
    ['LAST', 'last'],
  ])('takes a run as %s', async (typed, run) =>
    expect(await type('example', 'try', '--member', ID, '--run', typed)).toMatchObject({ options: { run } }),
  )

  it.each([
    ['true', true],
    ['True', true],
    ['FALSE', false],
  ])('takes %s, as Discord writes it or as it is typed', async (typed, quiet) =>
    expect(await type('example', 'try', '--member', ID, '--quiet', typed)).toMatchObject({ options: { quiet } }),
  )

  it('says in its help what each word means, what the exit codes mean, and where ids are copied', async () => {
    const help = await type('example', 'try', '--help')
    expect(help).toMatch(/--action <word> +what \(default: report\)\n +report: only say so\n +strip: take it\n/)
    expect(help).toMatch(/^Usage: rolecall example try --member <member-id> \[options\]\n/)
    expect(help).toMatch(/--kind <group\|state> +which\n/)
    expect(help).toMatch(/--run <run-id\|last> +which run\n/)
    expect(help).toMatch(/--yes +act; without this it only reports\n/)
    expect(help).toMatch(/Exit codes: 0 done; 1 it failed, or what was named is not there; 2 [\s\S]*; 3 a gate held it/)
    expect(help).toMatch(/An id is a number of 17 to 19 digits[\s\S]*Developer Mode/)
    expect(help).toMatch(/last[\s\S]*newest run/)
  })

  it('says nothing of ids where nothing takes one', async () => {
    const help = await type('halt', '--help')
    expect(help).toMatch(/--guild <server-id> +the server, where the bot is in several/)
    expect(help).not.toMatch(/members, roles/i)
  })

  it.each([40, 80, 120])('has a help that fits a terminal of %i columns, each line whole', async (width) => {
    for (const words of [['example', 'try'], ['halt']]) {
      const help = String(await typeTo([EXAMPLE, PLAIN], [...words, '--help'], width))
      const lines = help.split('\n').map((line) => line.trimEnd())
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.min(width, 80))
      expect(help.replaceAll(/\s+/g, ' ')).toContain('Exit codes: 0 done;')
    }
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

  it.each([40, 80, 120])('have a help that fits a terminal of %i columns', async (width) => {
    for (const { name } of all) {
      const help = String(await typeTo(COMMANDS, [...name.split(' '), '--help'], width))
      expect([name, help.split('\n').filter((line) => line.trimEnd().length > Math.min(width, 80))]).toEqual([name, []])
    }
  })

  const taking = (kinds: readonly Option['type'][]) =>
    all
      .filter(({ isGroup }) => !isGroup)
      .flatMap(({ name, options }) =>
        options.filter(({ type: kind }) => kinds.includes(kind)).map((option) => ({ name, option })),
      )
  const flagged = ({ name }: Option, value: string) => `--${name.replaceAll('_', '-')}=${value}`
  const WRONG = [
    '',
    ' ',
    'pim',
    '@pim',
    '12',
    '-5',
    '0',
    '1e17',
    `${ID}1234567890123`,
    `"${ID}"`,
    '\u{1f98a}',
    '\u001b[2J',
    '٣'.repeat(18),
  ]

  it('refuse in one sentence whatever is no id, wherever a member, a role or a channel is asked for', async () => {
    const asked = taking(['user', 'role', 'channel'])
    expect(asked.length).toBeGreaterThan(20)
    for (const { name, option } of asked)
      for (const value of WRONG) {
        const said = await typeTo(COMMANDS, [...name.split(' '), flagged(option, value)])
        expect([name, value, said]).toEqual([
          name,
          value,
          expect.stringMatching(
            /^--[a-z0-9-]+ .+ is not the id of a (?:member|role|channel)\. An id is a number[^\n]+\.$/u,
          ),
        ])
      }
  })

  it('refuse in one sentence whatever is no run, wherever one is asked for', async () => {
    const asked = taking(['string']).filter(({ option }) => option.name === 'run')
    expect(asked.length).toBeGreaterThan(5)
    for (const { name, option } of asked)
      for (const value of [...WRONG, ID, RUN.slice(1), 'latest']) {
        const said = await typeTo(COMMANDS, [...name.split(' '), flagged(option, value)])
        expect([name, value, said]).toEqual([
          name,
          value,
          expect.stringMatching(/^--run .+ is not the id of a run\.[^\n]+\.$/u),
        ])
      }
  })
})
