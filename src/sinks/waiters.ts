// Those who wait until a sink has certain lines behind it.

interface Waiter {
  readonly chain: string
  readonly seq: number
  readonly arrived: () => void
}

export class Waiters {
  readonly #waiting = new Set<Waiter>()

  /** Resolves when `look` finds that it is so, and at the latest when the signal says that nobody waits any more. */
  wait(chain: string, seq: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(waiter)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const waiter = { chain, seq, arrived: done }
      this.#waiting.add(waiter)
      signal.addEventListener('abort', done, { once: true })
      if (signal.aborted) done()
    })
  }

  look(isSo: (chain: string, seq: number) => boolean): void {
    for (const { chain, seq, arrived } of [...this.#waiting]) if (isSo(chain, seq)) arrived()
  }
}
