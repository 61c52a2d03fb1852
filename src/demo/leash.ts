import { isMainThread } from 'node:worker_threads'

// Loaded into each program that the demo starts: when the demo is gone, however it went, the program ends as if asked to.

/** How long a program may take to end by itself. */
const LAST_MS = 5_000

if (isMainThread) {
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), LAST_MS).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  // Listening alone would keep a program alive whose work is done.
  process.channel?.unref()
}
