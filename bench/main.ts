import { writeFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { type BenchOptions, readOptions } from './options.ts'
import { type Result, toReport, toResults, toTable } from './report.ts'
import { runRow } from './run-row.ts'

// `npm run bench`. Exit codes: 0 every row was measured, whether or not its goal was met; 1 one failed; 2 the command line was wrong.

process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = readOptions(argv)
    return options === null ? 0 : await bench(options)
  } catch (error) {
    // Its sentence has been printed.
    if (error instanceof CommanderError) return 2
    throw error
  }
}

async function bench(options: BenchOptions): Promise<number> {
  if (options.json !== null && !writes(options.json, '')) return 2
  const results: Result[] = []
  const remarks: string[] = []
  let failures = 0
  for (const row of options.rows) {
    const outcome = await runRow(row, options, (words) => say(`${row.name}: ${words}`))
    if ('failed' in outcome) failures++
    remarks.push(...remarksOf(row.name, outcome))
    results.push(...toResults(row, 'failed' in outcome ? null : outcome))
  }
  process.stdout.write(`\n${toTable(results)}\n${remarks.map((remark) => `\n${remark}`).join('')}\n`)
  const report = `${JSON.stringify(toReport(results), null, 2)}\n`
  if (options.json !== null && !writes(options.json, report)) return 2
  return failures > 0 ? 1 : 0
}

function remarksOf(name: string, outcome: Awaited<ReturnType<typeof runRow>>): readonly string[] {
  if ('failed' in outcome) return [`${name} FAILED: ${outcome.failed}`]
  return outcome.notes.map((note) => `${name}: ${note}`)
}

/** Tried before anything is measured too: six minutes are long to wait for a file that cannot be written. */
function writes(path: string, text: string): boolean {
  try {
    writeFileSync(path, text)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    say(`--json: ${path} cannot be written (${code ?? error}). Name a file in a folder that is there.`)
    return false
  }
}

function say(words: string): void {
  process.stderr.write(`${words}\n`)
}
