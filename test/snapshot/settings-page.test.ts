import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readingFile } from '#src/snapshot/in-file.ts'
import { parseJson } from '#src/snapshot/json.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/settings.md'), 'utf8')
const example = /^```json\n(.*?)^```$/ms.exec(page)?.[1] ?? ''

it('the page about settings shows a file that can be applied, with every key that one may have', () => {
  const written = writeSettings(readSettings(parseJson(example)))
  expect(Object.keys(JSON.parse(example)).sort()).toEqual(
    Object.keys(written)
      .filter((key) => key !== 'acknowledged' && key !== 'armed')
      .sort(),
  )
})

it('and explains each of them, and each rule of the policy, with the defaults that hold', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \|.*\| (.+) \|$/gm)].map(([, key, last]) => [key, last] as const)
  const { policy, acknowledged: _, armed: __, ...rest } = writeSettings(readSettings({}))
  const keys = ['policy', ...Object.keys(rest), ...Object.keys(policy as object)]
  expect(rows.map(([key]) => key).sort()).toEqual(keys.sort())
  const defaults = new Map(rows)
  expect(defaults.get('blast')).toBe(Object.values(rest.blast as object).join(', '))
  expect(defaults.get('truth')).toBe(Object.values(rest.truth as object).join(', '))
})

it('and its sentences about faults are those that are really said', () => {
  const said = (text: string) => {
    try {
      readingFile('settings.json', text, (read) => readSettings(parseJson(read)))
    } catch (error) {
      return (error as Error).message
    }
    return 'nothing'
  }
  expect(page).toContain(`\n${said(example.replace('unknown_guest', 'unknown_gest'))}\n`)
  expect(page).toContain(
    `\n${said(example.replace('"role_drift": { "default": "strip", "by_group": { "Directors": "report" } },', '"role_drift": "strip"'))}\n`,
  )
})
