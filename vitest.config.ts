import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: './test/global-setup.ts',
    reporters: ['default', './test/reporter.ts'],
    pool: 'forks',
    // Each worker may hold an embedded engine of half a gigabyte. On two processors a third worker makes nothing faster.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
})
