import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mappedProject, type MappedProject } from './testing/mapped-project.ts'

/** Repeated steps from the command line to the processes: what comes after them reads what each instance did. */

let project: MappedProject
let stop: () => Promise<void>
const reports = mkdtempSync(join(tmpdir(), 'dag-reports-'))

beforeAll(async () => {
  project = await mappedProject()
  stop = await project.emulator('--clock', 'virtual')
})
afterAll(async () => {
  await stop()
  project.remove()
  rmSync(reports, { recursive: true, force: true })
})

const simulate = (dag: string, date: string) =>
  project.dag('simulate', dag, '--date', date, '--report', join(reports, 'run.html'))
const idOf = (date: string) => `manual__${date}t00-00-00z`

const failed = (index: number) => ({
  index,
  state: 'failed',
  output: null,
  error: { code: 'no_price', message: 'no price yet' },
})
const done = (index: number, output: unknown) => ({ index, state: 'success', output, error: null })
const not = (index: number, state: 'skipped' | 'upstream_failed') => ({
  index,
  state,
  output: null,
  error: null,
})

/** What an instance of each order gives; the third order has no lines. */
const prices = [{ no: 0, cents: 100 }, { no: 1, cents: 200 }, null, { no: 3, cents: 100 }]
const labels = [
  { label: '0: tea for 100' },
  { label: '1: rice and salt for 200' },
  null,
  { label: '3: figs for 100' },
]
const without = (list: readonly unknown[], ...indexes: readonly number[]) =>
  list.map((each, index) => (indexes.includes(index) ? null : each))

/** As every instance ended well, but for the one that skips itself and those that are given. */
function outcomes(list: readonly unknown[], ...others: readonly { readonly index: number }[]) {
  return list.map(
    (each, index) =>
      others.find((other) => other.index === index) ??
      (each === null ? not(index, 'skipped') : done(index, each)),
  )
}

/** Every instance that has a process of its own when nothing fails. */
const everything =
  'after_none/0 bill/0 close/0 list/0 pack/0 pack/1 pack/3 price/0 price/1 price/2 price/3 ship/0'
    .split(' ')
    .concat('weigh/0', 'weigh/1', 'weigh/2', 'weigh/3')
const butFor = (...instances: readonly string[]) => everything.filter((each) => !instances.includes(each))

describe('an instance that fails, where one may', () => {
  const run = idOf('2026-03-09')

  test('is null at its place, and its error is among the outcomes', async () => {
    project.fail('price/1')
    const { code, note } = await simulate('shop', '2026-03-09')
    expect(code, note).toBe(0)
    expect(project.started()).toEqual(everything)
    const seen = { outputs: without(prices, 1), outcomes: outcomes(prices, failed(1)) }
    expect(await project.seen('shop', run, 'bill')).toEqual(seen)
    expect(await project.seen('shop', run, 'close')).toEqual(seen)
  })

  test('leaves what each other instance of a group passes on', async () => {
    expect(await project.seen('shop', run, 'ship')).toEqual({
      labels,
      ends: outcomes(labels),
      weights: outcomes(prices),
    })
  })

  test('an empty list has no outputs and no outcomes', async () => {
    expect(await project.seen('shop', run, 'after_none')).toEqual({ outputs: [], outcomes: [] })
  })

  test('is all that runs again once its cause is gone, with what was asked for', async () => {
    project.mend('price/1')
    const { code, note } = await project.dag('rerun', run, '--from', 'bill', '--wait')
    expect(code, note).toBe(0)
    expect(project.started()).toEqual(['bill/0', 'price/1'])
    expect(await project.seen('shop', run, 'bill')).toEqual({ outputs: prices, outcomes: outcomes(prices) })
  })
})

describe('more failed instances than may be', () => {
  const run = idOf('2026-03-10')

  test('fail the run; what comes after them in any case sees them', async () => {
    for (const instance of ['price/0', 'price/3', 'weigh/3']) project.fail(instance)
    const { code, note } = await simulate('shop', '2026-03-10')
    expect(code, note).toBe(2)
    expect(project.started()).toEqual(butFor('close/0', 'pack/3'))
    expect(await project.seen('shop', run, 'bill')).toEqual({
      outputs: without(prices, 0, 3),
      outcomes: outcomes(prices, failed(0), failed(3)),
    })
    expect(await project.seen('shop', run, 'ship')).toEqual({
      labels: without(labels, 3),
      ends: outcomes(labels, not(3, 'upstream_failed')),
      weights: outcomes(prices, failed(3)),
    })
  })

  test('alone run again once their causes are gone, and what they held up sees all outputs', async () => {
    for (const instance of ['price/0', 'price/3', 'weigh/3']) project.mend(instance)
    const { code, note } = await project.dag('rerun', run, '--wait')
    expect(code, note).toBe(0)
    expect(project.started()).toEqual(['close/0', 'pack/3', 'price/0', 'price/3', 'weigh/3'])
    expect(await project.seen('shop', run, 'close')).toEqual({ outputs: prices, outcomes: outcomes(prices) })
    const again = await project.dag('rerun', run, '--from', 'ship', '--wait')
    expect(again.code, again.note).toBe(0)
    expect(project.started()).toEqual(['ship/0'])
    expect(await project.seen('shop', run, 'ship')).toEqual({
      labels,
      ends: outcomes(labels),
      weights: outcomes(prices),
    })
  })
})

describe('a run that is executed as a whole again', () => {
  const run = idOf('2026-03-11')

  test('has nothing of an instance that succeeded before and fails now', async () => {
    expect((await simulate('shop', '2026-03-11')).code).toBe(0)
    expect(project.started()).toEqual(everything)
    expect(await project.seen('shop', run, 'bill')).toEqual({ outputs: prices, outcomes: outcomes(prices) })
    for (const instance of ['price/0', 'weigh/1']) project.fail(instance)
    const { code, note } = await simulate('shop', '2026-03-11')
    expect(code, note).toBe(0)
    expect(project.started()).toEqual(butFor('pack/1'))
    expect(await project.seen('shop', run, 'bill')).toEqual({
      outputs: without(prices, 0),
      outcomes: outcomes(prices, failed(0)),
    })
    expect(await project.seen('shop', run, 'ship')).toEqual({
      labels: without(labels, 1),
      ends: outcomes(labels, not(1, 'upstream_failed')),
      weights: outcomes(prices, failed(1)),
    })
  })

  test('is executed from there, not from what the first time left', async () => {
    for (const instance of ['price/0', 'weigh/1']) project.mend(instance)
    const { code, note } = await project.dag('rerun', run, '--from', 'bill', '--from', 'ship', '--wait')
    expect(code, note).toBe(0)
    expect(project.started()).toEqual(['bill/0', 'pack/1', 'price/0', 'ship/0', 'weigh/1'])
    expect(await project.seen('shop', run, 'bill')).toEqual({ outputs: prices, outcomes: outcomes(prices) })
    expect(await project.seen('shop', run, 'ship')).toMatchObject({ labels })
  })
})

/** The most processes of a DAG that were there together, by what they noted themselves. */
function crowdOf(dag: string): number {
  let now = 0
  return Math.max(...project.crowd(dag).map(({ what }) => (now += what === 'start' ? 1 : -1)))
}

/** The most of its executions that were there together, by the service's account. */
async function executionsAtOnce(dag: string): Promise<number> {
  const spans = await project.executions(dag, 'square')
  return Math.max(
    ...spans.map(({ from: at }) => spans.filter(({ from, to }) => from <= at && at < to).length),
  )
}

test('no more processes than may be are there together', async () => {
  const { code, note } = await simulate('three', '2026-03-09')
  expect(code, note).toBe(0)
  expect(crowdOf('three')).toBe(3)
  expect(await executionsAtOnce('three')).toBe(3)
})

test('two hundred instances run ten at a time, each once', { timeout: 120_000 }, async () => {
  const { code, note } = await simulate('many', '2026-03-09')
  expect(code, note).toBe(0)
  const numbers = Array.from({ length: 200 }, (_, number) => number)
  for (const end of ['start', 'end']) {
    const own = project.crowd('many').filter(({ what }) => what === end)
    expect(own.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(numbers)
  }
  // The machine may let fewer run than the service has been asked for.
  expect(crowdOf('many')).toBeLessThanOrEqual(10)
  expect(await executionsAtOnce('many')).toBe(10)
  const squares = numbers.map((number) => (number === 17 || number === 150 ? null : { square: number ** 2 }))
  const error = { code: 'odd_one', message: 'cannot' }
  expect(await project.seen('many', idOf('2026-03-09'), 'tell')).toEqual({
    outputs: squares,
    outcomes: squares.map((each, index) => (each === null ? { ...failed(index), error } : done(index, each))),
  })
})
