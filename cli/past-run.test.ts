import { expect, test } from 'vitest'
import { rerunText } from './past-run.ts'

const tasks = ['plan', 'price', 'load'].map((id) => ({ id }))

/** `plan/0 price/1`: instances that are known, or how the last execution left them. */
const known = (names: string) =>
  Object.fromEntries(names.split(' ').map((name) => [name, 'success'] as const))
const left = (ends: Readonly<Record<string, string>>) => new Map(Object.entries(ends))

const cases: [string, string, string[], Record<string, string>, string][] = [
  ['tasks', 'plan/0', ['price', 'load'], {}, 'kept: plan; again: price, load'],
  ['nothing that is kept', 'other/0', ['plan', 'price', 'load'], {}, 'again: plan, price, load'],
  [
    'a map of which some instances failed',
    'plan/0 price/0 price/2',
    ['price', 'load'],
    { 'price/0': 'success', 'price/1': 'failed', 'price/2': 'success' },
    'kept: plan; again: price (but for 2 of its instances), load',
  ],
  [
    'a map that succeeded, though one instance failed',
    'plan/0 price/0 price/2',
    ['load'],
    { 'price/0': 'success', 'price/1': 'failed', 'price/2': 'success' },
    'kept: plan; again: price (1 of its instances), load',
  ],
  [
    'a map that succeeded, though its last instances failed',
    'plan/0 price/0',
    ['load'],
    { 'price/0': 'success', 'price/1': 'failed', 'price/2': 'failed' },
    'kept: plan; again: price (2 of its instances), load',
  ],
  [
    'a map of whose instances the history does not tell',
    'plan/0 price/0 price/3',
    ['load'],
    {},
    'kept: plan; again: price (2 of its instances), load',
  ],
  [
    'a map that stays as it is',
    'plan/0 price/0 price/1',
    ['load'],
    { 'price/0': 'success', 'price/1': 'success' },
    'kept: plan, price; again: load',
  ],
]

test.each(cases)('a rerun tells of %s', (_, names, again, ends, text) => {
  expect(rerunText(tasks, { known: known(names), again }, left(ends))).toBe(text)
})
