import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { singleRow } from '../row.ts'

const CONSOLE = join(import.meta.dirname, '../../src/cli.ts')
const DEADLINE_MS = 120_000
/** The end of what it said is enough to see why it failed. */
const KEPT = 500

/** The whole demo, as `npm run demo` without a terminal, in an empty folder: the database is made too. */
export const demoTour = singleRow({
  name: 'demo.tour',
  unit: 's',
  goal: 60,
  bound: 'at most',
  deadlineMs: DEADLINE_MS + 10_000,
  measure: async (_, progress) => {
    progress('the whole demo without a terminal')
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-bench-'))
    try {
      const began = performance.now()
      await tour(folder)
      return { ours: (performance.now() - began) / 1000, baseline: null, notes: [] }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
})

async function tour(folder: string): Promise<void> {
  const child = spawn(process.execPath, [CONSOLE, 'demo'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const killed = () => child.kill('SIGKILL')
  process.once('exit', killed)
  const timer = setTimeout(() => child.kill(), DEADLINE_MS)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT)
    })
  }
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  process.off('exit', killed)
  if (code !== 0) throw new Error(`the demo ended with ${signal ?? `exit code ${code}`}; it said last: ${said.trim()}`)
}
