import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DemoFault } from './fault.ts'
import { runConsole, type Setting } from './setting.ts'
import type { Talk } from './talk.ts'

// What the bot did is on record, and a copy of the record in which one byte is another is found out.

const RECORD = 'trail.jsonl'
const FORGED = 'forged.jsonl'
/** As `rolecall trail verify` ends where a record does not hold. */
const BROKEN = 1
/** An act that was done to somebody, up to the last digit of whose it was. */
const TAKEN = /"outcome":"done".*"subject":"member:\d+?(?=\d")/

/** The bot is stopped, as the embedded engine is for one program at a time. */
export async function prove({ bot, stage, terminal }: Talk, setting: Setting): Promise<void> {
  await terminal.step('Who can trust all this? The record is signed, and can be verified without the bot')
  terminal.typed('operator', 'stops the bot (the embedded engine is for one program at a time)')
  await bot.stop()
  await tell(['trail', 'export', RECORD], setting)
  const [key = ''] = await tell(['trail', 'key'], setting)
  await tell(['trail', 'verify', RECORD, '--key', key], setting)
  const { line, from, to } = forge(setting.place.folder)
  terminal.line()
  terminal.say(
    `Somebody changes one byte in a copy, ${FORGED}: by its line ${line} the role was taken from ${stage.member(from) ?? from}, and now from member ${to}.`,
  )
  terminal.line()
  const said = await tell(['trail', 'verify', FORGED, '--key', key], setting, BROKEN)
  if (!said.some((words) => words.includes(`Line ${line} was changed`)))
    throw new DemoFault(`One byte of line ${line} was changed, and that line was not named. Please report it.`)
  terminal.line()
  terminal.check('Found out, and where: nobody rewrites what was done.')
}

async function tell(command: readonly string[], setting: Setting, expected?: number): Promise<readonly string[]> {
  const said = await runConsole(command, [], setting, expected)
  for (const line of said) setting.terminal.say(line.trim(), '  ')
  return said
}

/** Writes the record again with one digit of a member's id changed. `line` counts from 1. */
function forge(folder: string): { readonly line: number; readonly from: string; readonly to: string } {
  const lines = readFileSync(join(folder, RECORD), 'utf8').split('\n')
  const at = lines.findIndex((line) => TAKEN.test(line))
  const written = lines[at]
  const upTo = TAKEN.exec(written ?? '')
  if (written === undefined || upTo === null) throw new DemoFault('The record says of nobody that a role was taken.')
  const place = upTo.index + upTo[0].length
  const other = String((Number(written[place]) + 1) % 10)
  lines[at] = `${written.slice(0, place)}${other}${written.slice(place + 1)}`
  writeFileSync(join(folder, FORGED), lines.join('\n'))
  const member = (line: string) => /"subject":"member:(\d+)"/.exec(line)?.[1] ?? ''
  return { line: at + 1, from: member(written), to: member(lines[at]) }
}
