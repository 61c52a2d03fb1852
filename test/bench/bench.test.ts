import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { toResults, toTable } from '../../bench/report.ts'
import type { Row } from '../../bench/row.ts'

// That the benchmark runs and says what it measured; never how fast anything is.

const MAIN = join(import.meta.dirname, '../../bench/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'rolecall-bench-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function bench(...args: readonly string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--expose-gc', MAIN, ...args])
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as Ended
    return { code, stdout, stderr }
  }
}

describe('npm run bench', () => {
  it('shows a table and writes the same figures for machines, of the rows it was asked for', async () => {
    const file = join(folder, 'figures.json')
    const only = 'roster.bytes_per_member,decide.members_1m_64,dispatch'
    const { code, stdout } = await bench('--quick', '--members', '20000', '--only', only, '--json', file)
    expect(code, stdout).toBe(0)
    const report = JSON.parse(readFileSync(file, 'utf8'))
    expect(Object.keys(report)).toEqual(['commit', 'node', 'cpu', 'results'])
    expect(report).toMatchObject({ commit: expect.any(String), node: process.version, cpu: expect.any(String) })
    expect(report.results.map(({ name }: { name: string }) => name)).toEqual([
      'roster.bytes_per_member',
      'decide.members_1m_64',
      'dispatch.to_handler',
    ])
    for (const result of report.results) {
      expect(Object.keys(result)).toEqual(['name', 'unit', 'ours', 'baseline', 'ratio', 'goal', 'met'])
      expect(result.ratio / (result.ours / result.baseline)).toBeCloseTo(1, 2)
      expect(result.met).toBe(result.goal < 1 ? result.ratio <= result.goal : result.ratio >= result.goal)
      expect(stdout).toContain(result.name)
    }
  }, 120_000)

  it('measures how soon a role is taken, on each engine that there is, and says which', async () => {
    const file = join(folder, 'strips.json')
    const { code, stdout } = await bench('--quick', '--members', '2000', '--only', 'strip.live_p50', '--json', file)
    expect(code, stdout).toBe(0)
    const { results } = JSON.parse(readFileSync(file, 'utf8'))
    const names = results.map(({ name, unit, goal }: Record<string, unknown>) => ({ name, unit, goal }))
    expect(names).toEqual([
      { name: 'strip.live_p50', unit: 'ms', goal: 1 },
      { name: 'strip.live_p99', unit: 'ms', goal: 1 / 3 },
    ])
    for (const { ours, baseline } of results) expect(Math.min(ours, baseline)).toBeGreaterThan(0)
    expect(stdout).toContain('our bot on the embedded engine: half within')
    expect(stdout).toContain('a plain discord.js bot that asks nobody: half within')
  }, 180_000)

  it.each([
    [['--colour'], "unknown option '--colour'"],
    [['--only', 'roster.speed'], "There is no row 'roster.speed'. Rows: roster.bytes_per_member, "],
    [['--members', 'many'], 'A whole number from 1000 to 2000000.'],
    [['--json', join(folder, 'nowhere', 'figures.json')], 'cannot be written (ENOENT)'],
  ])('refuses %j before anything is measured', async (args, words) => {
    const { code, stdout, stderr } = await bench(...args)
    expect(stderr).toContain(words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe('a row', () => {
  const row: Row = {
    name: 'sample',
    goals: [
      { name: 'sample.time', unit: 's', goal: 0.5, bound: 'at most' },
      { name: 'sample.rate', unit: 'a second', goal: 3, bound: 'at least' },
      { name: 'sample.alone', unit: 's', goal: 60, bound: 'at most' },
      { name: 'sample.enough', unit: 'ms', goal: 0.05, bound: 'at most', enough: 50 },
    ],
    deadlineMs: 1,
    measure: () => Promise.reject(new Error('not here')),
  }
  const met = (figures: Record<string, { ours: number; baseline: number | null }>) =>
    toResults(row, { figures, notes: [] }).map((result) => result.met)

  it('has met its goal at the goal, and not beyond it', () => {
    const at = { ours: 1, baseline: 2 }
    const rate = { ours: 6, baseline: 2 }
    const alone = { ours: 60, baseline: null }
    const enough = { ours: 50, baseline: 100 }
    const atGoal = { 'sample.time': at, 'sample.rate': rate, 'sample.alone': alone, 'sample.enough': enough }
    expect(met(atGoal)).toEqual([true, true, true, true])
    const slower = { ours: 1.01, baseline: 2 }
    const less = { ours: 5.9, baseline: 2 }
    const longer = { ours: 60.1, baseline: null }
    const more = { ours: 51, baseline: 100 }
    const beyond = { 'sample.time': slower, 'sample.rate': less, 'sample.alone': longer, 'sample.enough': more }
    expect(met(beyond)).toEqual([false, false, false, false])
  })

  it('that failed has no figures and has met nothing', () => {
    const results = toResults(row, null)
    expect(results.every(({ ours, ratio, met: won }) => ours === null && ratio === null && !won)).toBe(true)
    expect(toTable(results)).toContain('failed')
  })
})
