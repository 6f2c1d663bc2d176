import { expect, test } from 'vitest'
import { entriesThatCount } from './last-execution.ts'
import type { LedgerEntry } from './ledger.ts'

/** `a b/2 c-`: entries of tasks, of an instance, of one that skipped by itself. */
function ledger(text: string): LedgerEntry[] {
  return text.split(' ').map((part) => {
    const [, task = '', index = '0', skip] = /^(\w+)(?:\/(\d+))?(-)?$/.exec(part) ?? []
    const state = skip === undefined ? 'success' : 'skipped'
    return { task, index: Number(index), state, generation: '1' }
  })
}

const tasks = [{ id: 'a' }, { id: 'b' }, { id: 'm', mapped: true as const }]

test.each([
  ['what succeeded', 'a b', { a: 'success', b: 'success' }, {}, true, 'a/0 b/0'],
  ['not what failed after it had succeeded before', 'a b', { a: 'success', b: 'failed' }, {}, true, 'a/0'],
  ['not what was not reached because of that', 'a b', { a: 'failed', b: 'upstream_failed' }, {}, true, ''],
  ['what skipped itself', 'a-', { a: 'skipped' }, {}, false, 'a/0'],
  ['not a success of a task that was skipped', 'a', { a: 'skipped' }, {}, true, ''],
  [
    'what a rerun had taken over before it was stopped',
    'a b',
    { a: 'none', b: 'cancelled' },
    {},
    true,
    'a/0 b/0',
  ],
  ['not what a new execution had not reached', 'a b', { a: 'success', b: 'cancelled' }, {}, false, 'a/0'],
  [
    'instances that went well',
    'm/0 m/1 m/2',
    { m: 'failed' },
    { 'm/0': 'success', 'm/1': 'failed' },
    true,
    'm/0 m/2',
  ],
  [
    'those of a new execution alone',
    'm/0 m/1 m/2',
    { m: 'failed' },
    { 'm/0': 'success', 'm/1': 'failed' },
    false,
    'm/0',
  ],
  ['all of a map that went well', 'm/0 m/1', { m: 'success' }, {}, false, 'm/0 m/1'],
])('%s', (_, entries, states, instances, ownLedger, counting) => {
  const last = {
    states: new Map(Object.entries(states)),
    instances: new Map(Object.entries(instances)),
    ownLedger,
  }
  const found = entriesThatCount(ledger(entries), tasks, last)
  expect(found.map(({ task, index }) => `${task}/${index}`).join(' ')).toBe(counting)
})
