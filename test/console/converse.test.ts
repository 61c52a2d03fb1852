import { describe, expect, it } from 'vitest'
import { converse } from '#src/console/converse.ts'
import type { Ending, Errand } from '#src/console/road.ts'
import type { Typed } from '#src/console/slash.ts'
import type { Reply } from '#src/discord/command.ts'

const typed = (more: Partial<Typed> = {}): Typed => ({
  command: 'audit',
  subcommand: 'run',
  options: {},
  changes: 'nothing',
  yes: false,
  guild: undefined,
  ...more,
})
const reply = (more: Partial<Reply> = {}): Reply => ({ tone: 'good', title: 'Done', text: 'So it is.', ...more })
const answered = (more: Partial<Reply> = {}, refused = false): Ending => ({
  kind: 'answered',
  reply: reply(more),
  refused,
})
const left: Ending = { kind: 'left', sentence: 'The bot goes on.', code: 130 }

/** Gives a command to a bot that answers with these, one after the other; what it was asked, and what stood on the screen. */
async function talk(command: Typed, ...endings: readonly Ending[]) {
  const asked: Errand[] = []
  const seen: string[] = []
  const code = await converse(
    command,
    async (errand) => {
      asked.push(errand)
      return endings[Math.min(asked.length, endings.length) - 1]!
    },
    {
      answer: ({ title }) => seen.push(title),
      page: ({ text }) => seen.push(text),
      refusal: ({ text }) => seen.push(text),
      say: (sentence) => seen.push(sentence),
      complain: (sentence) => seen.push(sentence),
    },
  )
  return { code, asked, seen }
}

describe('the exit code', () => {
  it.each([
    ['what was done', answered(), 0],
    ['what has a caveat', answered({ tone: 'warn' }), 0],
    ['what failed', answered({ tone: 'bad' }), 1],
    ['what was refused', answered({ tone: 'warn' }, true), 2],
    ['a fault of the bot', answered({ tone: 'bad' }, true), 1],
    ['what a gate held, or waits for a human', answered({ tone: 'warn', held: true }), 3],
    ['an answer that nobody waited for', left, 130],
  ] satisfies [string, Ending, number][])('of %s', async (_, ending, code) =>
    expect((await talk(typed(), ending)).code).toBe(code),
  )
})

describe('without --yes', () => {
  it('a run that may act is asked for a report only, and says so', async () => {
    const run = typed({ changes: 'by action', options: { action: 'strip', reason: 'tidy' } })
    const { asked, seen, code } = await talk(run, answered())
    expect(asked).toEqual([{ command: 'audit', subcommand: 'run', options: { action: 'report', reason: 'tidy' } }])
    expect(seen).toEqual(['Done', expect.stringMatching(/^Without --yes this only reports.*up to strip/)])
    expect(code).toBe(0)
  })

  it('a report is a report, and nothing is said of it', async () => {
    for (const options of [{}, { action: 'report' }]) {
      const { asked, seen } = await talk(typed({ changes: 'by action', options }), answered())
      expect(asked[0]?.options).toEqual(options)
      expect(seen).toEqual(['Done'])
    }
  })

  it('what would be confirmed is shown, and no button is pressed', async () => {
    const { asked, seen } = await talk(typed({ changes: 'on confirm' }), answered({ confirm: 'policy:set:x' }))
    expect(asked).toHaveLength(1)
    expect(seen).toEqual(['Done', 'Nothing was changed. To carry this out, run it again with --yes.'])
  })
})

describe('with --yes', () => {
  it('a run acts as far as it was told to', async () => {
    const run = typed({ changes: 'by action', yes: true, options: { action: 'strip_kick' } })
    const { asked, seen } = await talk(run, answered())
    expect(asked[0]?.options).toEqual({ action: 'strip_kick' })
    expect(seen).toEqual(['Done'])
  })

  it('the button that carries out what was shown is pressed, once', async () => {
    const shown = answered({ confirm: 'policy:set:a:b', title: 'This strips 14 more' })
    const set = typed({ command: 'policy', subcommand: 'set', changes: 'on confirm', yes: true })
    const { asked, seen, code } = await talk(set, shown, answered({ held: true }))
    expect(asked[1]).toEqual({ command: 'policy', subcommand: null, options: { button: 'set:a:b' } })
    expect(asked).toHaveLength(2)
    expect(seen).toEqual(['This strips 14 more', 'Done'])
    expect(code).toBe(3)
  })

  it('what comes to more by then than was shown is not carried out', async () => {
    const [shown, anew] = [
      answered({ confirm: 'policy:yes:1' }),
      answered({ confirm: 'policy:yes:2', title: 'Really?' }),
    ]
    const { asked, seen, code } = await talk(typed({ changes: 'on confirm', yes: true }), shown, anew)
    expect(asked).toHaveLength(2)
    expect(seen).toEqual(['Done', 'Really?', expect.stringMatching(/^It was not carried out/)])
    expect(code).toBe(3)
  })

  it('a refusal at the last moment is a refusal', async () => {
    const { seen, code } = await talk(
      typed({ changes: 'on confirm', yes: true }),
      answered({ confirm: 'policy:set:x' }),
      answered({ tone: 'warn', text: 'It has changed since.' }, true),
    )
    expect(seen).toEqual(['Done', 'It has changed since.'])
    expect(code).toBe(2)
  })

  it('nothing is pressed where the first answer was a refusal', async () => {
    const refused = answered({ tone: 'warn', confirm: 'policy:set:x' }, true)
    expect((await talk(typed({ changes: 'on confirm', yes: true }), refused)).asked).toHaveLength(1)
  })
})

describe('a list of several pages', () => {
  const page = (text: string, next: { readonly disabled?: boolean } = {}): Ending =>
    answered({
      text,
      buttons: [
        { id: 'audit:page:back', label: 'Back' },
        { id: `audit:page:after:${text}`, label: 'Next', next: true, ...next },
      ],
    })

  it('is shown to its end, page after page', async () => {
    const { asked, seen } = await talk(typed(), page('1'), page('2'), page('3', { disabled: true }))
    expect(asked.slice(1).map(({ options }) => options.button)).toEqual(['page:after:1', 'page:after:2'])
    expect(seen).toEqual(['Done', '2', '3'])
  })

  it('is cut where it would never end, and says so', async () => {
    const { asked, seen } = await talk(typed(), page('1'))
    expect(asked).toHaveLength(25)
    expect(seen.at(-1)).toMatch(/^There is more than these 25 pages/)
  })

  it('ends where the bot goes on without whoever asked', async () => {
    const { seen, code } = await talk(typed(), page('1'), left)
    expect(seen).toEqual(['Done', 'The bot goes on.'])
    expect(code).toBe(130)
  })
})
