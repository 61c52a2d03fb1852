import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// docs/safety.md promises that each row of its tables is a test.

const page = readFileSync(join(import.meta.dirname, '../../../docs/safety.md'), 'utf8')

const rows = page
  .slice(page.indexOf('## Fault by fault'))
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|(?: fault |-)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))

test('each row of the tables of faults names a test that there is', () => {
  const wrong = rows.filter(([, , , named = '']) => {
    const [, file, name] = /^`((?:\.\.\/sources\/)?[a-z-]+\.test\.ts)`: (.+)$/.exec(named) ?? []
    const path = join(import.meta.dirname, file ?? '')
    return !name || !existsSync(path) || !readFileSync(path, 'utf8').includes(name)
  })
  expect(rows.length).toBeGreaterThan(40)
  expect(wrong).toEqual([])
})
