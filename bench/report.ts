import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import type { Figure, Goal, Measured, Row } from './row.ts'

/** One result as machines read it. All figures are null where the row failed. */
export interface Result {
  readonly name: string
  readonly unit: string
  readonly ours: number | null
  readonly baseline: number | null
  /** Ours divided by the baseline. */
  readonly ratio: number | null
  readonly goal: number
  readonly met: boolean
}

export function toResults(row: Row, measured: Measured | null): readonly Result[] {
  return row.goals.map((goal) => toResult(goal, measured?.figures[goal.name]))
}

function toResult(
  { name, unit, goal, bound, enough = Number.NEGATIVE_INFINITY }: Goal,
  figure: Figure | undefined,
): Result {
  if (figure === undefined) return { name, unit, ours: null, baseline: null, ratio: null, goal, met: false }
  const { ours, baseline } = figure
  const ratio = baseline === null ? null : ours / baseline
  const judged = ratio ?? ours
  const met = ours <= enough || (bound === 'at most' ? judged <= goal : judged >= goal)
  return {
    name,
    unit,
    ours: rounded(ours),
    baseline: baseline && rounded(baseline),
    ratio: ratio && rounded(ratio),
    goal,
    met,
  }
}

/** More digits would claim more than was measured. */
const DIGITS = 4

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS))
}

export function toReport(results: readonly Result[]) {
  return { commit: commit(), node: process.version, cpu: cpu(), results }
}

/** With `-dirty` where the files are not those of the commit; `unknown` outside a repository. */
function commit(): string {
  const question = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*']
  try {
    return execFileSync('git', question, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return 'unknown'
  }
}

function cpu(): string {
  const all = cpus()
  return `${all[0]?.model.trim() ?? 'unknown'}, ${all.length} cores`
}

export function toTable(results: readonly Result[]): string {
  const head = ['name', 'ours', 'baseline', 'ratio', 'goal', 'met']
  const lines = [head, ...results.map(toCells)]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines
    .map((line) =>
      line
        .map((cell, at) => padded(cell, widths[at]!, at))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Figures are read from the right, words from the left. */
function padded(cell: string, width: number, column: number): string {
  return column >= 1 && column <= 4 ? cell.padStart(width) : cell.padEnd(width)
}

function toCells({ name, unit, ours, baseline, ratio, goal, met }: Result): readonly string[] {
  const compared = ratio !== null || goal !== null
  return [
    name,
    ours === null ? 'failed' : `${amount(ours)} ${unit}`,
    baseline === null ? '-' : `${amount(baseline)} ${unit}`,
    ratio === null ? '-' : times(ratio),
    ours !== null && baseline === null && compared ? `${amount(goal)} ${unit}` : times(goal),
    met ? 'yes' : 'NO',
  ]
}

/** A share is read more easily as 1/17 than as 0.0588. */
function times(ratio: number): string {
  return ratio < 1 ? `1/${amount(1 / ratio)}` : `${amount(ratio)} x`
}

function amount(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 })
}
