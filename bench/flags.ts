/** A million members of discord.js need more than Node's own bound on its heap; a machine with 24 GiB can spare this much twice. */
const HEAP_MIB = 6144

/** With these every process of the benchmark is started. */
export const CHILD_FLAGS = [
  '--expose-gc',
  `--max-old-space-size=${HEAP_MIB}`,
  // As `npm start` does.
  `--import=${new URL('../src/bot/quick-load.ts', import.meta.url).href}`,
]
