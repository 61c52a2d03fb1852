import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, it } from 'vitest'
import { readConfig } from '#src/config.ts'

const root = join(import.meta.dirname, '../..')
const example = readFileSync(join(root, '.env.example'), 'utf8')
const names = Object.keys(parseEnv(example))

it('the example names exactly the settings that the bot reads', () => {
  const sources = ['src/config.ts', 'src/config/sink-settings.ts'].map((path) => readFileSync(join(root, path), 'utf8'))
  const read = [...sources.join('\n').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map((match) => match[1])
  expect([...names].sort()).toEqual([...read].sort())
})

it('the example as it is changes nothing', () => {
  expect(readConfig(parseEnv(example))).toEqual(readConfig({}))
})

it('every setting stands under a sentence and holds no value', () => {
  const blocks = example.split('\n\n').slice(1)
  for (const block of blocks) expect(block.trim()).toMatch(/^# [A-Z].{20,}(?:\n# .+)*(?:\n[A-Z_]+=)+$/)
  expect(blocks.join('\n').match(/^[A-Z_]+=$/gm)).toHaveLength(names.length)
})
