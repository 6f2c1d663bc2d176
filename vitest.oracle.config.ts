import { defineConfig } from 'vitest/config'

/** Compiled DAGs against the oracle, 2,000 of them, and an error at every single step, which `.ci/run` makes beside the suite. */
export default defineConfig({
  test: {
    include: ['test/oracle/**/*.test.ts'],
    isolate: false,
    testTimeout: 600_000,
    env: {
      ORACLE_RUNS: process.env['ORACLE_RUNS'] ?? '2000',
      ORACLE_FAULTS: process.env['ORACLE_FAULTS'] ?? 'all',
    },
  },
})
