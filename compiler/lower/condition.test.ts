import { expect, it } from 'vitest'
import type { Condition } from '../../dsl/condition.ts'
import type { InputValue } from '../../dsl/index.ts'
import { valuesOf } from '../../dsl/condition.ts'
import { virtualClock } from '../../simulator/clock.ts'
import { compileWorkflow, parseJson, writeJson } from '../../simulator/engine/index.ts'
import { measure } from '../check/measure.ts'
import { operandsOf, testSteps } from './condition.ts'
import { compare } from './helpers/values.ts'
import { document, expr, returns, step, subworkflow } from './language.ts'

/** Every condition, however long, means what its parts say: the first part that decides ends the test. */

type Scalar = null | boolean | number | string

const values: Readonly<Record<string, Scalar | readonly number[]>> = {
  none: null,
  yes: true,
  no: false,
  two: 2,
  half: 0.5,
  word: 'b',
  list: [1],
}

const refs = Object.keys(values).map((name): InputValue => {
  return { kind: 'ref', ref: { source: { kind: 'task', task: 'plan' }, path: [name] } }
})

const literals = [null, true, 2, 7.25, -1, 'a', 'b', 'a "quoted" ${text}', 'x'.repeat(200)].map(
  (value): InputValue => ({ kind: 'literal', value }),
)

type Random = () => number

/** A small generator: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function pick<T>(list: readonly T[], random: Random): T {
  const item = list[Math.floor(random() * list.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

function randomCondition(random: Random, depth: number): Condition {
  const kind = random()
  if (depth > 0 && kind < 0.5) {
    const conditions = Array.from({ length: 1 + Math.floor(random() * 9) }, () =>
      randomCondition(random, depth - 1),
    )
    return { kind: pick(['all', 'any'] as const, random), conditions }
  }
  if (depth > 0 && kind < 0.6) return { kind: 'not', condition: randomCondition(random, depth - 1) }
  if (kind < 0.7) return { kind: 'truth', value: pick(refs, random) }
  const comparison = pick(['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] as const, random)
  return {
    kind: 'compare',
    comparison,
    left: pick(refs, random),
    right: pick([...refs, ...literals], random),
  }
}

function valueOf(value: InputValue): unknown {
  if (value.kind === 'ref') return values[String(value.ref.path[0])]
  return value.kind === 'literal' ? value.value : undefined
}

class Incomparable extends Error {}

function holds(condition: Condition): boolean {
  switch (condition.kind) {
    case 'truth':
      return valueOf(condition.value) === true
    case 'not':
      return !holds(condition.condition)
    case 'all':
      return condition.conditions.every(holds)
    case 'any':
      return condition.conditions.some(holds)
    case 'compare':
      return compares(condition.comparison, valueOf(condition.left), valueOf(condition.right))
  }
}

function compares(comparison: string, left: unknown, right: unknown): boolean {
  const isEquality = comparison === 'eq' || comparison === 'ne'
  if (isEquality && (left === null || right === null)) return (left === right) === (comparison === 'eq')
  if (typeof left !== typeof right || left === null || typeof left === 'object') throw new Incomparable()
  if (isEquality) return (left === right) === (comparison === 'eq')
  if (typeof left !== 'number' || typeof right !== 'number') throw new Incomparable()
  const order = Math.sign(left - right)
  return { gt: [1], gte: [0, 1], lt: [-1], lte: [-1, 0] }[comparison]?.includes(order) ?? false
}

function expected(condition: Condition): unknown {
  try {
    return holds(condition)
  } catch (error) {
    if (error instanceof Incomparable) return 'incomparable'
    throw error
  }
}

async function evaluated(condition: Condition, readings: object): Promise<unknown> {
  const operands = operandsOf(valuesOf(condition))
  const workflow = document([
    subworkflow(
      'main',
      ['input'],
      [...testSteps('test', [['holds', condition]], operands), step('end', returns(expr('holds')))],
    ),
    compare,
  ])
  expect(measure(workflow).expressionLength.value).toBeLessThanOrEqual(400)
  expect(measure(workflow).assignments.value).toBeLessThanOrEqual(50)
  const given = Object.fromEntries(operands.entries.map(([name, value]) => [name, valueOf(value)]))
  const execution = compileWorkflow(workflow).execute({
    host: {
      clock: virtualClock(0),
      connector: () => null,
      http: () => Promise.reject(new Error('no call was expected')),
      environment: () => null,
      log: () => undefined,
    },
    argument: parseJson(JSON.stringify(given)),
    readings,
    history: { started: () => undefined, ended: () => undefined },
  })
  const outcome = await execution.outcome
  if (outcome.state === 'SUCCEEDED') return JSON.parse(writeJson(outcome.result))
  return (JSON.parse(outcome.error.payload) as { code?: string }).code ?? outcome.error
}

const readings = [{}, { mixedEquality: 'error' }, { stringOrder: 'error' }]

it('means what its parts say, however long it is', async () => {
  const ends = new Map<unknown, number>()
  let longest = 0
  for (let seed = 1; seed <= 300; seed++) {
    const condition = randomCondition(randomFrom(seed), 3)
    const wanted = expected(condition)
    longest = Math.max(longest, valuesOf(condition).length)
    ends.set(wanted, (ends.get(wanted) ?? 0) + 1)
    expect(await evaluated(condition, readings[seed % 3] ?? {}), `seed ${seed}`).toBe(wanted)
  }
  expect(longest).toBeGreaterThan(100)
  for (const end of [true, false, 'incomparable']) expect(ends.get(end), String(end)).toBeGreaterThan(25)
})

it('names values after where they come from, once each', () => {
  const mode: InputValue = { kind: 'ref', ref: { source: { kind: 'task', task: 'plan' }, path: ['mode'] } }
  const first: InputValue = { kind: 'ref', ref: { source: { kind: 'params' }, path: ['list', 0] } }
  const odd: InputValue = { kind: 'ref', ref: { source: { kind: 'task', task: 'plan' }, path: ['mode!'] } }
  const { entries, textOf } = operandsOf([mode, first, mode, odd])
  expect(entries.map(([name]) => name)).toEqual(['plan_mode', 'params_list_0', 'plan_mode_2'])
  expect([mode, first, odd].map(textOf)).toEqual([
    'input.plan_mode',
    'input.params_list_0',
    'input.plan_mode_2',
  ])
})
