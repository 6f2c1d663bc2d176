import { defineConfig } from 'vitest/config'

/** Long end-to-end runs, which `.ci/run` makes beside the suite. */
export default defineConfig({
  test: {
    include: ['test/**/*.soak.test.ts', '**/*.pipeline.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
