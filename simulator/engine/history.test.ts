import { expect, test } from 'vitest'
import { runSource } from './testing/host.ts'
import type { StepEntry } from './index.ts'

const SOURCE = `
main:
  params: [args]
  steps:
    - init: {assign: [{n: 1}, {m: {a: 1}}]}
    - loop:
        for:
          value: v
          in: [10, 20]
          steps:
            - add: {assign: [{n: '\${n + v}'}, {m.a: '\${v}'}]}
    - both:
        parallel:
          shared: [n]
          branches:
            - one: {steps: [{a: {call: sub, args: {x: '\${n}'}, result: got}}]}
            - two: {steps: [{b: {call: sys.sleep, args: {seconds: 5}}}]}
    - guarded:
        try:
          steps: [{fail: {raise: {code: 7}}}]
        except:
          as: e
          steps: [{after: {assign: [{n: '\${e.code}'}]}}]
    - end_it: {return: '\${n}'}
sub:
  params: [x]
  steps:
    - calc: {assign: [{y: '\${x * 2}'}]}
    - give: {return: '\${y}'}
`

function variablesOf(entries: readonly StepEntry[], step: string, index = 0): Record<string, unknown> {
  const entry = entries.filter((other) => other.step === step)[index]!
  return Object.fromEntries(entry.variables!)
}

test('a variable of more than 32 KB is shown by its size, so that a growing one is not copied for each step', async () => {
  const source = `
main:
  steps:
    - a: {assign: [{m: {}}, {n: 0}, {s: 0123456789abcdef}]}
    - f: {for: {value: i, range: [1, 11], steps: [{d: {assign: [{s: '\${s + s}'}]}}]}}
    - b: {assign: [{n: '\${n + 1}'}, {'m["a key of some length, " + n]': null}]}
    - c: {switch: [{condition: '\${n < 10000}', next: b}]}
    - d: {return: '\${n}'}
`
  const { entries, outcome } = await runSource(source, { historyLevel: 'detailed' })
  expect(outcome).toEqual({ state: 'SUCCEEDED', result: 10_000n })
  expect(variablesOf(entries, 'b')).toMatchObject({ n: 1n, s: '(32776 bytes)' })
  const last = Object.fromEntries(entries.at(-1)!.variables!)
  expect(last).toMatchObject({ n: 10_000n, m: expect.stringMatching(/^\(\d{6} bytes\)$/) as unknown })
})

test('entries form a tree whose links agree', async () => {
  const { entries } = await runSource(SOURCE)
  const byId = new Map(entries.map((entry) => [entry.entryId, entry]))
  expect(entries.map(({ entryId }) => entryId)).toEqual(entries.map((_, index) => index + 1))
  for (const entry of entries) {
    expect(entry.state).not.toBe('STATE_IN_PROGRESS')
    expect(entry.updateTime).toBeGreaterThanOrEqual(entry.createTime)
    for (const child of entry.children) expect(byId.get(child)!.parent).toBe(entry.entryId)
    if (entry.parent !== null) {
      const parent = byId.get(entry.parent)!
      expect(parent.children).toContain(entry.entryId)
      expect(parent.createTime).toBeLessThanOrEqual(entry.createTime)
      expect(parent.updateTime).toBeGreaterThanOrEqual(entry.updateTime)
    }
    if (entry.next !== null) expect(byId.get(entry.next)!.previous).toBe(entry.entryId)
    if (entry.previous !== null) {
      const previous = byId.get(entry.previous)!
      expect(previous.next).toBe(entry.entryId)
      expect(previous.parent).toBe(entry.parent)
      expect(previous.updateTime).toBeLessThanOrEqual(entry.createTime)
    }
  }
})

test('branches have threads of their own, and all that they do is on them', async () => {
  const { entries } = await runSource(SOURCE)
  const threadOf = (step: string) => entries.find((entry) => entry.step === step)!.threadId
  expect(threadOf('both')).toBe(threadOf('init'))
  expect(threadOf('one')).not.toBe(threadOf('two'))
  expect(threadOf('calc')).toBe(threadOf('one'))
  expect(threadOf('b')).toBe(threadOf('two'))
})

test('detailed history has the variables in scope when a step ended', async () => {
  const { entries } = await runSource(SOURCE, { historyLevel: 'detailed', argument: 'given' })
  expect(variablesOf(entries, 'init')).toEqual({ args: 'given', n: 1n, m: new Map([['a', 1n]]) })
  expect(variablesOf(entries, 'add', 0)).toMatchObject({ n: 11n, v: 10n, m: new Map([['a', 10n]]) })
  expect(variablesOf(entries, 'add', 1)).toMatchObject({ n: 31n, v: 20n, m: new Map([['a', 20n]]) })
  expect(variablesOf(entries, 'calc')).toEqual({ x: 31n, y: 62n })
  expect(variablesOf(entries, 'a')).toMatchObject({ got: 62n, n: 31n })
  expect(variablesOf(entries, 'both')).not.toHaveProperty('got')
  expect(variablesOf(entries, 'after')).toMatchObject({ n: 7n, e: new Map([['code', 7n]]) })
  expect(variablesOf(entries, 'end_it')).not.toHaveProperty('e')
})

test('basic history has none', async () => {
  const { entries } = await runSource(SOURCE)
  expect(entries.every(({ variables }) => variables === undefined)).toBe(true)
})

test('what was raised stands on every entry that it left', async () => {
  const { entries } = await runSource(SOURCE)
  const failed = entries.filter(({ state }) => state === 'STATE_FAILED')
  expect(failed.map(({ step, stepType }) => `${step} ${stepType}`)).toEqual([
    'guarded STEP_TRY',
    'fail STEP_RAISE',
  ])
  for (const { exception } of failed) expect(exception).toEqual(new Map([['code', 7n]]))
})
