import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { CHILD_FLAGS } from './flags.ts'

// Further processes of a row: a gateway, a client. One asks, the other answers, one question at a time.

/** A line to another process of this row. It ends with this one. */
export class Peer<Question extends object> {
  readonly #child: ChildProcess

  constructor(entry: URL, args: readonly string[] = []) {
    this.#child = fork(entry, [...args], { execArgv: CHILD_FLAGS, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    // Its process ends when the line is cut; an error on the line is told by `ask`.
    this.#child.on('error', () => {})
  }

  /** Rejects where the answer is a fault, or the process ends instead of answering. */
  async ask<Answer>(question: Question): Promise<Answer> {
    const over = new AbortController()
    const { signal } = over
    try {
      const answered = once(this.#child, 'message', { signal })
      const ended = once(this.#child, 'exit', { signal }).then(([code]) => {
        throw new Error(`a process of the benchmark ended before it answered (exit code ${code})`)
      })
      ended.catch(() => {})
      this.#child.send(question)
      const [reply] = (await Promise.race([answered, ended])) as [Reply]
      if ('fault' in reply) throw new Error(reply.fault)
      return reply.answer as Answer
    } finally {
      over.abort()
    }
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }
}

type Reply = { readonly answer: unknown } | { readonly fault: string }

/** Answers whoever started this process, until they are gone. */
export function answer<Question>(reply: (question: Question) => Promise<unknown>): void {
  process.on('disconnect', () => process.exit())
  process.on('message', async (question: Question) => {
    try {
      process.send?.({ answer: await reply(question) } satisfies Reply)
    } catch (error) {
      process.send?.({ fault: toFaultWords(error) } satisfies Reply)
    }
  })
}

export function toFaultWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
