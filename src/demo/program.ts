import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// The bot and the console as an operator starts them: processes of their own, in a folder of their own.

const SOURCES = join(import.meta.dirname, '..')
const LEASH = pathToFileURL(join(import.meta.dirname, 'leash.ts')).href
/** How long a program may take to end before it is ended. */
const PATIENCE_MS = 5_000

/** Where a program runs and what it is told. It sees nothing of the environment that the demo was started in. */
export interface Place {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
}

/** A program of ours that runs. */
export class Program {
  /** Resolves with the exit code, or with the name of the signal that ended it. */
  readonly ended: Promise<number | string>
  readonly #child: ChildProcess

  /** `script` is named from `src`. Each line that the program writes goes to `heard`. */
  constructor(script: string, args: readonly string[], place: Place, heard: (line: string) => void) {
    this.#child = spawn(process.execPath, ['--import', LEASH, join(SOURCES, script), ...args], {
      cwd: place.folder,
      env: { ...place.environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // In a group of its own, a Ctrl-C reaches it only by way of the demo. Windows would open a window for it.
      detached: process.platform !== 'win32',
    })
    listen(this.#child.stdout!, heard)
    listen(this.#child.stderr!, heard)
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message))
      this.#child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
    })
  }

  /** Asks it to end, and ends it where it does not. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS)
    await this.ended
    clearTimeout(timer)
  }
}

/** The longest line that is waited for; what has no line breaks must not fill the memory. */
const MAX_LINE = 64 * 1024

function listen(stream: NodeJS.ReadableStream, heard: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop()!.slice(0, MAX_LINE)
    for (const line of lines) heard(line.trimEnd())
  })
  stream.on('end', () => rest !== '' && heard(rest))
}
