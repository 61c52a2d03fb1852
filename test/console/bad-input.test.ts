import { expect, test, vi } from 'vitest'
import { COMMANDS } from '#commands/index.ts'
import { converse } from '#src/console/converse.ts'
import type { Line } from '#src/console/markdown.ts'
import { bodyLines, byId } from '#src/console/reply-lines.ts'
import type { Ask } from '#src/console/road.ts'
import { flagOf, isRun, kindOf } from '#src/console/switches.ts'
import type { Option } from '#src/discord/command.ts'
import { type Hosted, hosted } from '../bot/hosted.ts'
import { holdToAccount, lastRun, linesOf } from '../bot/night.ts'
import { idOf } from '../bot/town.ts'
import { withServer } from '../database.ts'
import { typeTo } from './parser.ts'

// Every command of the console with everything that can be wrong about what is typed: made from the definitions that make the commands.

holdToAccount()
vi.setConfig({ testTimeout: 60_000 })

interface Asking {
  readonly name: string
  readonly options: readonly Option[]
}

const ALL: readonly Asking[] = COMMANDS.flatMap(({ name, options = [], subcommands }) =>
  subcommands ? subcommands.map((sub) => ({ name: `${name} ${sub.name}`, options: sub.options })) : [{ name, options }],
)

/** Nobody's and nothing's, though Discord could have given it; each row has one of its own. */
const ABSENT = 199_999_999_999_000_000n
const NO_RUN = '0198c0de-0000-7000-8000-000000000000'
const LONG = 'x'.repeat(5_000)
const CONTROL = '\u001b[2J\u202e\u0007@everyone <@&1>\n\u0000'

/** Where no choice, no id and no number says what is right. */
const NOT_ONE: Readonly<Record<string, readonly string[]>> = {
  digest: ['nonsense', `sha256:${'0'.repeat(63)}`, CONTROL],
  expression: ['nonsense', '* * * * * * *', '61 25 * * *', '2026-13-45', CONTROL],
  timezone: ['Nowhere/Land', '-3', CONTROL],
  for: ['yesterday', '2026-13-45', '-3d', '0d', '9999w', '99999999999d', CONTROL],
}

/** What is wrong for this option, whatever else is typed. */
function wrongFor(option: Option): readonly string[] {
  if (kindOf(option)) return ['@pim', '12', '-1', '', ' ', '9'.repeat(30), CONTROL, LONG]
  if (isRun(option)) return ['nonsense', '', NO_RUN.slice(1), CONTROL, LONG, NO_RUN]
  if (option.choices) return ['nonsense', '', 'REPORT', CONTROL, LONG]
  if (option.type === 'integer')
    return ['many', '', '1.5', '1e3', '-5', '0', '999999999999999', '9'.repeat(30), CONTROL]
  if (option.type === 'boolean') return ['maybe', '', '1', CONTROL]
  const blank = option.required ? ['', '   '] : []
  return [LONG, ...blank, ...(NOT_ONE[option.name] ?? [])]
}

/** What is right for an option, so that another one alone is wrong. */
async function rightValues(town: Hosted): Promise<(option: Option) => string> {
  const { id: runId } = await lastRun(town)
  const named: Readonly<Record<string, string>> = {
    ...{
      run: runId,
      digest: `sha256:${'0'.repeat(64)}`,
      expression: '0 3 * * *',
      name: 'Pilots',
      reason: 'spring cleaning',
    },
    ...{ category: 'role_drift', action: 'report', kind: 'group', what: 'both', capability: 'read' },
  }
  const ids = {
    member: idOf('bob'),
    role: town.guild.role('Directors').id,
    channel: town.guild.channel('staff').id,
    server: '',
  }
  return (option) => {
    const kind = kindOf(option)
    return kind ? ids[kind] : named[option.name]!
  }
}

type Row = readonly string[]

/** The command with all that it must be given but this option, each right. */
function begunWithout({ name, options }: Asking, left: Option | null, right: (option: Option) => string): Row {
  const required = options.filter((option) => option.required && option !== left)
  return [...name.split(' '), ...required.map((option) => `${flagOf(option)}=${right(option)}`)]
}

/** The command lines of one command, each wrong in one way. */
function rowsOf(asking: Asking, right: (option: Option) => string): readonly Row[] {
  const begun = (left: Option | null) => begunWithout(asking, left, right)
  const { options } = asking
  return [
    [...begun(null), '--colour', 'red'],
    [...begun(null), 'more'],
    [...begun(null), '--guild', '12'],
    ...options.filter(({ required }) => required).map(begun),
    ...options.flatMap((option) => wrongFor(option).map((value) => [...begun(option), `${flagOf(option)}=${value}`])),
  ].map((words) => [...words, '--yes'])
}

const textOf = (lines: readonly Line[]): string => lines.map((line) => line.map(({ text }) => text).join('')).join('\n')

/** What a console with this bot says to the line, and what it ends with. */
async function typeAt({ bot, guild }: Hosted, words: Row): Promise<{ readonly code: number; readonly said: string }> {
  const typed = await typeTo(COMMANDS, words)
  if (typeof typed === 'string') return { code: 2, said: typed.trim() }
  const ask: Ask = async (errand) => {
    const order = { ...errand, guildId: guild.id, actor: 'cli:ann', requestId: crypto.randomUUID() } as const
    return { kind: 'answered', ...(await bot.ask(order, () => {})) }
  }
  const said: string[] = []
  const names = byId(() => 0)
  const code = await converse(typed, ask, {
    answer: (reply) => void said.push(`${reply.title}\n${textOf(bodyLines(reply, names))}`),
    page: () => {},
    refusal: (reply) => void said.push(textOf(bodyLines(reply, names))),
    say: (sentence) => void said.push(sentence),
    complain: (sentence) => void said.push(sentence),
  })
  return { code, said: said.join('\n') }
}

interface Said {
  readonly words: string
  readonly code: number
  readonly said: string
}

async function typeAll(town: Hosted, rows: readonly Row[]): Promise<readonly Said[]> {
  const all: Said[] = []
  for (const row of rows)
    all.push({ words: row.map((word) => word.slice(0, 40)).join(' '), ...(await typeAt(town, row)) })
  return all
}

/** One sentence or a few, without a stack and without what steers a terminal; a line on where the help is may follow. */
const isSentence = ({ said }: Said): boolean =>
  /[.)]$/.test(said) && said.length < 700 && !/^ {4}at /m.test(said) && !STEERING.some((mark) => said.includes(mark))

const STEERING = ['\u001b', '\u202e', '\u0007', '\u0000']

/** What says that an id is nobody's, where it is taken all the same: settings may name those who left and may come back. */
const SAID_OF_NOBODY =
  /has no role with the id|no member of this server has the id|took nothing from|was not |has no override|is not linked by hand/i

withServer('a console at which something wrong is typed', () => {
  test('ends with another code than 0 and says in a sentence what to do, and nothing has changed', async () => {
    const town = await hosted()
    const right = await rightValues(town)
    const before = await linesOf(town)
    const rows = ALL.flatMap((asking) => rowsOf(asking, right))
    const all = await typeAll(town, rows)
    expect(rows.length).toBeGreaterThan(500)
    expect(all.filter((one) => one.code === 0 || !isSentence(one))).toEqual([])
    expect((await linesOf(town)).slice(before.length)).toEqual([])
  })

  test('takes an id that is nobody’s only where it may be meant, and never in silence', async () => {
    const town = await hosted()
    const right = await rightValues(town)
    let last = ABSENT
    const rows = ALL.flatMap((asking) =>
      asking.options
        .filter((option) => kindOf(option) !== null)
        .map((option) => [...begunWithout(asking, option, right), `${flagOf(option)}=${++last}`, '--yes']),
    )
    const all = await typeAll(town, rows)
    expect(rows.length).toBeGreaterThan(20)
    expect(all.filter(({ code, said }) => code === 0 && !SAID_OF_NOBODY.test(said))).toEqual([])
    expect(all.filter((one) => one.code !== 0 && !isSentence(one))).toEqual([])
  })
})
