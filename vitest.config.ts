import { defineConfig } from 'vitest/config'

/** What `npm test` runs. Browser tests, soaks and whole pipelines have configurations of their own. */
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      'dist/**',
      '.dag/**',
      '**/*.browser.test.ts',
      '**/*.soak.test.ts',
      '**/*.pipeline.test.ts',
    ],
    // By default one core is left idle, which on two cores means one test file at a time.
    maxWorkers: '100%',
    // Files of a worker share their modules, which take longer to load than most tests to run.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
