import { defineConfig } from 'vitest/config'

/** What `npm test` runs. Browser tests and fuzzing have configurations of their own. */
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '.dag/**', '**/*.browser.test.ts', '**/*.fuzz.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
