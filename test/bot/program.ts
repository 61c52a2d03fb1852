import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'

const MAIN = join(import.meta.dirname, '../../src/main.ts')
/** The machine may be busy with other tests. */
const PATIENCE_MS = 30_000

/** `node src/main.ts`, as an operator starts it: in a folder of its own, with these variables and no others. */
export class Program {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  readonly #folder = mkdtempSync(join(tmpdir(), 'rolecall-program-'))
  #said = ''

  constructor(environment: Readonly<Record<string, string>>) {
    const env = { PATH: process.env.PATH, HOME: this.#folder, DATA_DIR: join(this.#folder, 'data'), ...environment }
    this.child = spawn(process.execPath, [MAIN], { cwd: this.#folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#said += text))
    this.ended = new Promise((resolve) => this.child.once('close', resolve))
  }

  /** On both of its streams, until now. */
  get said(): string {
    return this.#said
  }

  async says(words: string): Promise<void> {
    const heard = () => this.#said.includes(words)
    await vi.waitUntil(() => heard() || this.child.exitCode !== null, { timeout: PATIENCE_MS, interval: 10 })
    if (!heard()) throw new Error(`It ended with ${this.child.exitCode} and never said “${words}”, but: ${this.#said}`)
  }

  connected(): Promise<void> {
    return this.says('connected to Discord')
  }

  /** Sends the signal and waits for the end. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null> {
    this.child.kill(signal)
    return await this.ended
  }

  /** For the end of a test: nothing of it is left. */
  async clear(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
