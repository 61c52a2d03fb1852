import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Bot } from '#src/demo/bot.ts'
import { prompt } from '#src/demo/prompt.ts'
import { awaitBot } from '#src/demo/setting.ts'
import { openStage, type Stage } from '#src/demo/stage.ts'
import { Talk } from '#src/demo/talk.ts'
import { Terminal } from '#src/demo/terminal.ts'
import { makeBase, processesOf } from './showing.ts'

// The prompt with the bot behind it, in a server whose people were never imported: what it answers is the bot's, and true of that.

const PATIENCE = 240_000
const halt = new AbortController()
const base = makeBase()
let stage: Stage
let bot: Bot

beforeAll(async () => {
  stage = await openStage(base.path)
  bot = new Bot(stage.place(base.path))
  await awaitBot(bot, new Terminal(screen(), halt.signal), halt.signal)
}, PATIENCE)
afterAll(async () => {
  await bot?.stop()
  await stage?.close()
  base.remove()
}, PATIENCE)

/** A terminal of 40 columns without colours, that remembers what was written on it. */
function screen(): NodeJS.WriteStream & { text(): string } {
  let written = ''
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => {
    written += chunk.toString()
  })
  const ofTerminal = { isTTY: true, columns: 40, hasColors: () => false, text: () => written }
  return Object.assign(stream, ofTerminal) as unknown as NodeJS.WriteStream & { text(): string }
}

/** Types the lines, each when the last was answered, and returns what stood on the screen. */
async function type(...lines: readonly string[]): Promise<string> {
  const output = screen()
  const input = new PassThrough()
  const talk = new Talk(stage, new Terminal(output, halt.signal), bot, halt.signal)
  const over = prompt(talk, { input: input as unknown as NodeJS.ReadStream, output }, halt.signal)
  let asked = 0
  for (const line of lines) {
    asked += 1
    while (output.text().split('rolecall demo> ').length <= asked) await once(output, 'data')
    input.write(`${line}\n`)
  }
  await over
  return output.text()
}

describe('the prompt', { timeout: PATIENCE }, () => {
  it('sends slash commands as the owner, and knows the last run', async () => {
    const seen = await type('/audit run', '/audit findings run:last', '/audit status', 'exit')
    expect(seen).toContain('500 members looked at.')
    expect(seen).toContain('▌ Findings')
    expect(seen).toContain('1 of 5 in the last 24 hours')
  })

  it('takes the newest run that a command can be given for, and says where there is none', async () => {
    const seen = await type('/audit run', '/undo run:last', 'exit')
    expect(seen.replaceAll(/\s+/g, ' ')).toContain('There is no run for which this could be given.')
  })

  it('presses buttons by their number', async () => {
    const seen = await type(
      '/audit run',
      '/audit findings run:last category:unknown_guest',
      'press 2',
      'press 7',
      'exit',
    )
    expect(seen).toContain('▌ [1 Back]  [2 Next]')
    expect(seen).toContain('▌ 1–8 of 499 findings')
    expect(seen).toContain('▌ 9–16 of 499 findings')
    expect(seen).toContain('The buttons are 1 to 2.')
  })

  it('lets one type as somebody else, who may do what Discord lets them', async () => {
    const seen = await type('as pim', '/audit status', 'give mira Capitals', 'as mira', 'give pim Capitals', 'exit')
    expect(seen.replaceAll(/\s+/g, ' ')).toContain('Discord does not offer /audit to the member pim')
    expect(seen.replaceAll(/\s+/g, ' ')).toContain('Discord does not let pim hand out @Capitals.')
    expect(seen).toContain('@pim now holds @Capitals.')
    expect(stage.guild.holds(stage.memberId('pim'), 'Capitals')).toBe(true)
    await type('take pim Capitals', 'exit')
    expect(stage.guild.holds(stage.memberId('pim'), 'Capitals')).toBe(false)
  })

  it.each([
    ['frobnicate', '"frobnicate" is not understood.'],
    ['/frobnicate', 'There is no command /frobnicate.'],
    ['/explain member:@nobody', 'Nobody here is called nobody.'],
    ['/explain', 'The option member is required.'],
    ['as', 'Say who: as mira'],
    ['give pim', 'Say who and what: give pim Capitals'],
    ['press', 'The last answer has no buttons.'],
    ['help', 'as NAME type as somebody else: mira'],
  ])('answers %j in a sentence, and goes on', async (line, sentence) => {
    expect((await type(line, 'exit')).replaceAll(/\s+/g, ' ')).toContain(sentence)
  })

  it('has a help that fits a narrow terminal, what can be typed above what it does', async () => {
    const [, help = ''] = (await type('help', 'exit')).split('rolecall demo> ')
    const lines = help.split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40)
    expect(help).toContain('  give NAME ROLE\n    hand somebody a role, as in\n    Discord’s member list\n')
  })

  it('ends by itself at the end of input, and the bot at its stop', async () => {
    const output = screen()
    const input = new PassThrough()
    const talk = new Talk(stage, new Terminal(output, halt.signal), bot, halt.signal)
    input.end()
    await prompt(talk, { input: input as unknown as NodeJS.ReadStream, output }, halt.signal)
    await bot.stop()
    expect(processesOf(base.path)).toEqual([])
  })
})
