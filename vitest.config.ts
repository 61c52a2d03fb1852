import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: './test/global-setup.ts',
    reporters: ['default', './test/reporter.ts'],
    pool: 'forks',
    // Each file is run by a process of its own, and nearly every one brings in what takes long to load.
    // To compile an embedded engine quickly is worth more here than that it is quick afterwards.
    execArgv: ['--liftoff-only', '--import', new URL('src/bot/quick-load.ts', import.meta.url).href],
    // Each worker may hold an embedded engine of half a gigabyte. On two processors a third worker makes nothing faster.
    maxWorkers: 2,
    testTimeout: 30_000,
    // Where other programs take the machine's time, a wait may last too long once. A wrong answer is never given a second chance.
    retry: { count: 1, condition: /timed out in \d+ms|^Waited \d+ ms in vain/ },
    // The machine may be busy with other tests.
    expect: { poll: { timeout: 20_000, interval: 10 } },
    hookTimeout: 120_000,
  },
})
