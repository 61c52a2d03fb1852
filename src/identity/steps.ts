import { setImmediate as letOthers } from 'node:timers/promises'

/** Work that halts between steps, with a turn for everybody else after each. */
export async function inSteps<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    await letOthers()
  }
}
