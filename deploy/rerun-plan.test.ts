import { expect, test } from 'vitest'
import type { LedgerEntry } from './ledger.ts'
import { planRerun, planTeardown, type RerunTask } from './rerun-plan.ts'

/** `a > b, c` as tasks: each line a task with what stands above it; `*` mapped, `t(s)` a teardown of `s`. */
function graph(...lines: readonly string[]): RerunTask[] {
  return lines.map((line) => {
    const [, id = '', star, setup, above = ''] = /^(\w+)(\*)?(?:\((\w+)\))?(?: < (.*))?$/.exec(line) ?? []
    return {
      id,
      upstream: above === '' ? [] : above.split(' '),
      ...(star !== undefined && { mapped: true as const }),
      ...(setup !== undefined && { teardownOf: [setup] }),
    }
  })
}

/** `a b/2 c-`: finished tasks, an instance, one that skipped by itself. */
function ledger(text: string): LedgerEntry[] {
  return text.split(' ').flatMap((part) => {
    const [, task = '', index = '0', skip] = /^(\w+)(?:\/(\d+))?(-)?$/.exec(part) ?? []
    if (task === '') return []
    return [
      {
        task,
        index: Number(index),
        state: skip === undefined ? 'success' : 'skipped',
        generation: '1',
      } as const,
    ]
  })
}

const states = (given: Record<string, string> = {}) => new Map(Object.entries(given))
const chain = graph('a', 'b < a', 'c < b', 'd < a')
const cleaned = graph('open', 'work < open', 'close(open) < open work', 'tell < work')

test.each([
  ['the failed task and what waits for it', chain, 'a d', {}, [], 'a/0 d/0', 'b c'],
  ['a task and everything below it', chain, 'a b c d', {}, ['b'], 'a/0 d/0', 'b c'],
  ['two tasks', chain, 'a b c d', {}, ['c', 'd'], 'a/0 b/0', 'c d'],
  ['what succeeded below a failure stays', graph('a', 'b < a', 'c < b'), 'a c', {}, [], 'a/0 c/0', 'b'],
  ['what skipped below a failure does not', graph('a', 'b < a', 'c < b'), 'a c-', {}, [], 'a/0', 'b c'],
  ['what skipped beside one stays', graph('a', 'b < a', 'c < a'), 'a c-', {}, [], 'a/0 c/0', 'b'],
  ['unfinished instances only', graph('m*', 'z < m'), 'm/0 m/2', { m: 'failed' }, [], 'm/0 m/2', 'm z'],
  ['no instance of a finished map', graph('m*', 'z < m'), 'm/0 m/1', { m: 'success' }, [], 'm/0 m/1', 'z'],
  ['all instances from the map on', graph('m*', 'z < m'), 'm/0 m/1 z', { m: 'success' }, ['m'], '', 'm z'],
  [
    'setup and teardown of what runs again',
    cleaned,
    'open close',
    { work: 'failed' },
    [],
    '',
    'open work close tell',
  ],
  ['nothing else of a setup beside it', cleaned, 'open work close', {}, [], 'open/0 work/0 close/0', 'tell'],
  [
    'a setup that still stands',
    cleaned,
    'open',
    { close: 'upstream_failed' },
    [],
    'open/0',
    'work close tell',
  ],
  ['a setup whose teardown got stuck', cleaned, 'open', { close: 'failed' }, [], '', 'open work close tell'],
] as const)('runs again: %s', (_, tasks, finished, ended, from, known, again) => {
  const plan = planRerun({ tasks, ledger: ledger(finished), states: states(ended), from })
  expect(Object.keys(plan.known).join(' ')).toBe(known)
  expect(plan.again.join(' ')).toBe(again)
})

test('says how what stays ended', () => {
  const plan = planRerun({ tasks: chain, ledger: ledger('a d-'), states: states(), from: ['b'] })
  expect(plan.known).toEqual({ 'a/0': 'success', 'd/0': 'skipped' })
})

test('cleans up with teardowns alone', () => {
  const tasks = [...cleaned, ...graph('m* < open', 'n* < open')]
  const finished = ledger('open m/0 n/0 n/1')
  expect(planTeardown({ tasks, ledger: finished, states: states({ n: 'success' }) })).toEqual({
    'open/0': 'success',
    'work/0': 'cancelled',
    'tell/0': 'cancelled',
    'm/0': 'success',
    m: 'cancelled',
    'n/0': 'success',
    'n/1': 'success',
  })
})
