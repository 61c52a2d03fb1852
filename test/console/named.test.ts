import { expect, test, vi } from 'vitest'
import { holdToAccount, killLater, type Night, night } from '../bot/night.ts'
import { withServer } from '../database.ts'
import { Typed } from './counter.ts'

// What is named at the console and is not there, or is named by `last`: real command lines, with a bot at work.

holdToAccount()
/** Each command is a program of its own, and the machine may be busy with other tests. */
vi.setConfig({ testTimeout: 300_000 })

/** Nobody's and nothing's, though Discord could have given it. */
const ABSENT = '199999999999999999'
const NO_RUN = '0198c0de-0000-7000-8000-000000000000'

function type({ environment, guild }: Night, words: string): Typed {
  const typed = new Typed(
    [...words.split(' '), ...(words.includes('--guild') ? [] : ['--guild', guild.id])],
    environment,
  )
  killLater(typed.child)
  return typed
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
const runIn = ({ out }: Typed): string => /run ([0-9a-f-]{36})/.exec(out)?.[1] ?? 'no run'

withServer('the console, where a bot works', () => {
  test('ends with 1 and one sentence where what was named is not there', async () => {
    const town = await night()
    const bot = town.program()
    await bot.connected()
    const rows: readonly (readonly [words: string, sentence: string])[] = [
      [`explain --member ${ABSENT}`, `Nobody with the id ${ABSENT} is a member of this server.`],
      [`audit run --role ${ABSENT}`, `This server has no role ${ABSENT}`],
      [`audit findings --run ${NO_RUN}`, `This server has no run \`${NO_RUN}\``],
      ['audit resume --run last --yes', 'There is no run that this could be given for.'],
      [
        `snapshot nothing.json --guild ${ABSENT}`,
        `The bot is not in a server with the id ${ABSENT}, so nothing was written.`,
      ],
      [`notices channel --channel ${ABSENT} --yes`, 'The channel that the notices go to no longer exists'],
      [`audit status --guild ${ABSENT}`, `The bot is not in a server with the id ${ABSENT}.`],
    ]
    for (const [words, sentence] of rows) {
      const typed = type(town, words)
      expect([words, await typed.ended, typed.out]).toEqual([words, 1, ''])
      expect(oneLine(typed.err)).toContain(sentence)
      expect(typed.err).not.toMatch(/Fault|50035|list that Discord offers|^ {4}at /m)
    }
  })

  test('takes `last` for the newest run that the command can be given for, and says which it was', async () => {
    const town = await night()
    const bot = town.program()
    await bot.connected()
    const report = type(town, 'audit run')
    expect(await report.ended, report.err).toBe(0)
    const lifted = type(town, 'acknowledge first-run --run last --yes')
    expect(await lifted.ended, lifted.err).toBe(0)
    expect(oneLine(lifted.out)).toContain(`You named run \`${runIn(report)}\``)
    const strip = type(town, 'audit run --action strip --yes')
    expect(await strip.ended, strip.err).toBe(0)
    const again = type(town, 'audit run')
    expect(await again.ended, again.err).toBe(0)
    const findings = type(town, 'audit findings --run last')
    expect(await findings.ended, findings.err).toBe(0)
    expect(findings.out).toContain(`run ${runIn(again)}`)
    // The report in between took nothing, so that it is not the one to be undone.
    const undone = type(town, 'undo --run last --yes')
    expect(await undone.ended, undone.err).toBe(0)
    expect(oneLine(undone.out)).toMatch(new RegExp(`\`last\` is run \`${runIn(strip)}\`.*8 roles given back`))
  })
})
