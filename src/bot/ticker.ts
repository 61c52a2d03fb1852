import type { Clock } from '#src/roster/clock.ts'
import type { Log } from '#src/telemetry/log.ts'

/** What is done again and again: one turn at a time, and a turn that breaks is logged and followed by the next. Returns what ends it. */
export function every(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  milliseconds: number,
  what: string,
  work: () => Promise<unknown>,
): () => Promise<void> {
  let over = false
  let turn: Promise<void> = Promise.resolve()
  let callOff = () => {}
  const next = () => {
    if (!over) callOff = clock.after(milliseconds, () => void begin())
  }
  const begin = () => {
    turn = work()
      .then(() => {})
      .catch((error: unknown) => log.error({ error, what }, 'Something that is done regularly failed.'))
      .finally(next)
  }
  next()
  return async () => {
    over = true
    callOff()
    await turn
  }
}
