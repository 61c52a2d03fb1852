import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { planOf } from '#src/console/replay.ts'
import { CATEGORIES, GATES } from '#src/core/model.ts'
import { readIdentityFile } from '#src/snapshot/identity-file.ts'
import { readSnapshot } from '#src/snapshot/read.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/semantics.md'), 'utf8')

function block(name: string): string {
  const text = new RegExp(`^\`\`\`json ${name}\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1]
  if (text === undefined) throw new Error(`The page shows no ${name}.`)
  return text
}

describe('the page that says how a verdict comes about', () => {
  it('shows a snapshot and just the plan that follows from it', () => {
    const { snapshot, warnings } = readSnapshot(block('snapshot'))
    expect(warnings).toEqual([])
    expect({ format: 'rolecall-plan/1', ...planOf(snapshot) }).toEqual(JSON.parse(block('plan')))
  })

  it('shows an identity file that can be imported', () => {
    expect(readIdentityFile(block('identity')).accounts.get('2')).toHaveLength(1)
  })

  it('names every category and every gate in order', () => {
    const rows = [...page.matchAll(/^\|(?: \d \|)? `(\w+)` \|/gm)].map(([, name]) => name!)
    const of = (names: readonly string[]) => rows.filter((row) => names.includes(row))
    expect(of(CATEGORIES).slice(0, CATEGORIES.length)).toEqual(CATEGORIES)
    expect(rows.slice(rows.indexOf('protected_member') - 1).slice(0, GATES.length)).toEqual(GATES)
  })
})
