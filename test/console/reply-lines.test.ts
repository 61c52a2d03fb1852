import { describe, expect, it } from 'vitest'
import { bodyLines, byId, titleLine } from '#src/console/reply-lines.ts'
import { Screen } from '#src/console/screen.ts'
import { plainText } from '#src/core/text.ts'
import type { Reply } from '#src/discord/command.ts'
import { paper } from './paper.ts'

const NOW = Date.UTC(2026, 10, 22)
const names = byId(() => NOW)

const REPLY: Reply = {
  tone: 'warn',
  title: '2 members out of order',
  text: `34 members looked at. **This was a report:** nothing was changed.\n\nReason given: ${plainText('spring *clean* \x1b[2J\u202eof it')}`,
  fields: [
    { name: 'Found', value: '**<@200000000000000003>** holds <@&300000000000000001>\nposted in <#400000000000000001>' },
    { name: 'Held back', value: 'lift it with `/acknowledge first-run run:0198c0de`, then `/audit run action:strip`' },
  ],
  footer: 'run 0198c0de',
  buttons: [{ id: 'audit:page:x', label: 'Show the findings' }],
}

/** As it stands on a terminal of so many columns, or in a pipe. */
function drawn(reply: Reply, terminal?: { readonly columns: number; readonly colours?: boolean }): string {
  const made = paper(terminal)
  const screen = new Screen(made)
  screen.beside(reply.tone, [titleLine(reply.title, names)])
  for (const line of bodyLines(reply, names)) screen.say(line)
  return made.text()
}

describe('an answer at the console', () => {
  it('names members, roles and channels by id, and commands as they are typed here', () => {
    const text = drawn(REPLY).replaceAll('\n', ' ')
    expect(text).toContain('@200000000000000003 holds @&300000000000000001')
    expect(text).toContain('posted in #400000000000000001')
    expect(text).toContain('`rolecall acknowledge first-run --run 0198c0de`, then `rolecall audit run --action strip`')
  })

  it.each([40, 80])('fits %i columns, and loses no word', (columns) => {
    const text = drawn(REPLY, { columns })
    expect(Math.max(...text.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(columns)
    const words = text.replaceAll('▌', '').split(/\s+/).join(' ')
    expect(words).toContain('34 members looked at. This was a report: nothing was changed.')
    expect(words).toContain('Reason given: spring *clean* [2Jof it')
    expect(words).toContain('Held back lift it with')
    expect(words.trim().endsWith('run 0198c0de')).toBe(true)
  })

  it('has no colours where the terminal has none, and none in a pipe', () => {
    expect(drawn(REPLY, { columns: 80 })).not.toContain('\x1b')
    expect(drawn(REPLY)).not.toContain('\x1b')
    expect(drawn(REPLY, { columns: 80, colours: true })).toContain('\x1b[33m▌')
  })

  it('keeps a command that fits a line on one line, so that it can be copied', () => {
    const text =
      'A plan that is as large as this one waits: give `/audit findings run:0198c0de category:role_drift` first.'
    const lines = drawn({ ...REPLY, text, fields: [] }, { columns: 80 }).split('\n')
    expect(lines).toContain('`rolecall audit findings --run 0198c0de --category role_drift` first.')
  })

  it('says an option alone as it is typed here too, and takes a digest for none', () => {
    const digest = '`sha256:00ff`'
    const text = `Say \`none:True\`, or set it with \`/roles map none:True\`. Digest: ${digest}`
    const said = drawn({ ...REPLY, text, fields: [] })
    expect(said).toContain('Say `--none true`, or set it with `rolecall roles map --none true`.')
    expect(said).toContain(digest)
  })

  it('has no buttons: what they do has a command of its own', () => {
    expect(drawn(REPLY)).not.toContain('Show the findings')
  })
})
