import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const CLI = join(import.meta.dirname, '../../src/cli.ts')

/** A demo as a person starts it, in surroundings that would lead it astray if it looked at them. */
export class Showing {
  output = ''
  readonly child: ChildProcess
  readonly ended: Promise<number | string | null>
  readonly #heard = new Set<() => void>()

  /** `temporary` is where it is told to keep temporary files. */
  constructor(base: string, temporary = base) {
    const folder = join(base, 'working')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, '.env'), 'DISCORD_TOKEN=somebody-elses\nLOG_LEVEL=loud\n')
    this.child = spawn(process.execPath, [CLI, 'demo'], {
      cwd: folder,
      env: {
        TMPDIR: temporary,
        DISCORD_TOKEN: 'somebody-elses',
        DISCORD_API_URL: 'http://127.0.0.1:1/api',
        DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
        IDENTITY_SOURCE: 'snapshot',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
        for (const heard of this.#heard) heard()
      })
    }
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        resolve(code ?? signal)
        for (const heard of this.#heard) heard()
      })
    })
  }

  /** Resolves once this is in the output; rejects with the output where the demo ends first. */
  said(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.output.includes(text)) resolve()
        else if (this.child.exitCode !== null) reject(new Error(`It ended without "${text}":\n${this.output}`))
      }
      this.#heard.add(look)
      look()
    })
  }
}

/** A folder for temporary files that only one test uses; `remove` when done. */
export function makeBase(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'demo-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export const demoFolders = (base: string): readonly string[] =>
  readdirSync(base).filter((name) => name.startsWith('rolecall-demo-'))

/** The processes that were told to keep their temporary files below `base`, by what they run; empty where the system has no /proc. */
export function processesOf(base: string): readonly string[] {
  return numbersIn('/proc').flatMap((pid) => {
    const environment = readProc(pid, 'environ').split('\0')
    return environment.some((entry) => entry.startsWith(`TMPDIR=${base}`)) ? [`${pid} ${readProc(pid, 'cmdline')}`] : []
  })
}

function numbersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // It has just ended, or is another user's.
    return ''
  }
}
