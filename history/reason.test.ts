import { expect, test } from 'vitest'
import { readableReason } from './reason.ts'

test.each([
  ['upstream {"load":"failed"}', 'load failed'],
  [
    'upstream {"a":"success","b":"upstream_failed","c":"upstream_failed","d":"failed"}',
    'b, c could not run; d failed',
  ],
  ['upstream {"a":"skipped"}', 'a skipped'],
  ['nothing new today', 'nothing new today'],
  ['upstream {broken', 'upstream {broken'],
  ['upstream {broken}', 'upstream {broken}'],
])('%s', (reason, words) => {
  expect(readableReason(reason)).toBe(words)
})
