import { expect, test } from 'vitest'
import { readableReason } from './reason.ts'

const kinds: Readonly<Record<string, string>> = { choose: 'branch', gate: 'short_circuit' }
const kindOf = (task: string) => kinds[task]

test.each([
  ['a=success, b=failed', undefined, 'b failed'],
  ['a=failed, b=upstream_failed, c=failed', undefined, 'a, c failed; b could not run'],
  ['a=skipped', undefined, 'a skipped'],
  ['m=success, m=failed', undefined, 'm failed'],
  ['a=success, choose=excluded', undefined, 'not chosen by choose'],
  ['choose=excluded, gate:excluded', undefined, 'not chosen by choose; stopped by gate'],
  ['a=success; gate:excluded', 'all_done', 'stopped by gate'],
  ['a=success; open:failed', 'all_done', 'open failed'],
  ['open:failed', undefined, 'open failed'],
  ['a=success, open:skipped', undefined, 'open skipped'],
  ['a=success, b=skipped, gate:open', 'one_failed', 'by its rule one_failed: a succeeded; b skipped'],
  ['a=cancelled', undefined, 'a was cancelled'],
  ['no new rows since a=1', undefined, 'no new rows since a=1'],
  ['nothing to do', 'one_failed', 'nothing to do'],
])('%s (%s): %s', (reason, rule, text) => {
  expect(readableReason(reason, { kindOf, rule })).toBe(text)
})
