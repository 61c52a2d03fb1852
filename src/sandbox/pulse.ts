/** How long `until` waits before it says that nothing came, in ms. Generous: the machine may be busy with other tests. */
const DEADLINE = 10_000

/** Tells whoever waits that something happened, so that tests wait for a state and never for a time. */
export class Pulse {
  readonly #listeners = new Set<() => void>()

  beat(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  /** Resolves as soon as `holds` is true, looked at now and after every beat; rejects with `what` when the deadline passes first. */
  until(holds: () => boolean, what: string | (() => string), deadline = DEADLINE): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(new Error(`Waited ${deadline} ms in vain: ${describe(what)}`)), deadline)
      const look = () => {
        if (holds()) end(null)
      }
      const end = (error: Error | null) => {
        clearTimeout(timer)
        this.#listeners.delete(look)
        if (error) reject(error)
        else resolve()
      }
      this.#listeners.add(look)
    })
  }
}

function describe(what: string | (() => string)): string {
  return typeof what === 'string' ? what : what()
}
