import { describe, expect, test } from 'vitest'
import * as b from './build.ts'
import { limits } from './limits.ts'
import { parseWorkflow } from './parse.ts'
import { printWorkflow } from './print.ts'
import type { BuildReadings } from './readings.ts'
import type { StepBody, Value } from './syntax.ts'
import { validateWorkflow } from './validate.ts'

function messages(body: StepBody, readings: Partial<BuildReadings> = {}, bytes = 0): string[] {
  const document = b.document([b.subworkflow('main', ['args'], [b.step('s', body)])])
  return validateWorkflow(document, bytes, readings).map(({ message }) => message)
}

const times = (count: number) => Array.from({ length: count }, (_, index) => index)
const deepParallel = b.parallel(
  b.loopIn('a', b.list([]), [
    b.step(
      't',
      b.parallel(
        b.loopIn('b', b.list([]), [
          b.step('u', b.parallel(b.loopIn('c', b.list([]), [b.step('v', b.goto('continue'))]))),
        ]),
      ),
    ),
  ]),
)

describe('limits, at their edge', () => {
  test.each<[string, (count: number) => StepBody, number]>([
    ['assignments', (count) => b.assign(times(count).map((index) => [`x${index}`, b.nul])), 50],
    ['conditions', (count) => b.switchOn(times(count).map(() => b.otherwise(b.goto('end')))), 50],
    [
      'branches',
      (count) =>
        b.parallel(times(count).map((index) => b.branch(`b${index}`, [b.step('t', b.call('sys.now'))]))),
      10,
    ],
    ['characters', (count) => b.returns(b.expr(`"${'x'.repeat(count - 2)}"`)), 400],
  ])('%s', (what, make, most) => {
    expect(messages(make(most))).toEqual([])
    expect(messages(make(most + 1))).toEqual([
      expect.stringMatching(new RegExp(`^failed to build: error in step s: .*${what}.*limit of ${most}$`)),
    ])
  })

  test('source size', () => {
    expect(messages(b.returns(b.nul), {}, 131_072)).toEqual([])
    expect(messages(b.returns(b.nul), {}, 131_073)).toEqual([
      'failed to build: source size: 131073 bytes exceed the limit of 131072',
    ])
  })

  test('each has a page of the documentation and a name of its own', () => {
    const all = Object.values(limits)
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    for (const { doc, value } of all) {
      expect(doc).toMatch(/^https:\/\/cloud\.google\.com\/workflows\//)
      expect(value).toBeGreaterThan(0)
    }
  })
})

describe('readings', () => {
  test('nesting of parallel steps', () => {
    expect(messages(deepParallel)).toEqual([])
    expect(messages(deepParallel, { parallelNesting: 'refused' })).toEqual([
      'failed to build: error in step u: parallel steps are nested deeper than 2 levels',
    ])
  })

  test('return in a branch', () => {
    const body = b.parallel(b.loopIn('a', b.list([]), [b.step('t', b.returns(b.nul))]))
    expect(messages(body)).toHaveLength(1)
    expect(messages(body, { branchExit: 'error' })).toEqual([])
  })

  test('two steps of one name', () => {
    const body = b.steps([b.step('t', b.call('sys.now')), b.step('t', b.call('sys.now'))])
    expect(messages(body)).toEqual([])
    expect(messages(body, { duplicateSteps: 'refused' })).toEqual([
      "failed to build: error in workflow main: step name 't' is used twice",
    ])
  })
})

test('trees that no parser makes', () => {
  const empty = b.document([b.subworkflow('sub', [], []), b.subworkflow('sub', [], [])])
  expect(validateWorkflow(empty, 0).map(({ message }) => message)).toEqual([
    "failed to build: there is no workflow 'main'",
    'failed to build: error in workflow sub: a list of steps must not be empty',
    "failed to build: workflow 'sub' is defined twice",
    'failed to build: error in workflow sub: a list of steps must not be empty',
  ])
  expect(messages(b.assign([]))).toEqual([
    'failed to build: error in step s: assignments per step: there must be at least one',
  ])
})

test('no more than 100 problems', () => {
  const values: Value[] = times(500).map(() => b.expr('nowhere'))
  expect(messages(b.returns(b.list(values)))).toHaveLength(100)
})

test('a source of 100 KB is parsed, validated and printed in reasonable time', () => {
  const steps = times(720).map((index) =>
    b.step(
      `step_${index}`,
      b.call('googleapis.storage.v1.objects.get', {
        args: { bucket: b.expr('args.bucket'), object: b.expr(`text.url_encode("a" + ${index})`) },
        result: `r${index}`,
      }),
    ),
  )
  const source = printWorkflow(b.document([b.subworkflow('main', ['args'], steps)]))
  expect(source.length).toBeGreaterThan(100_000)
  const start = performance.now()
  const { document } = parseWorkflow(source)
  expect(document && validateWorkflow(document, source.length)).toEqual([])
  // Some 60 ms when warm; the bound only catches what grows with the square of the source.
  expect(performance.now() - start).toBeLessThan(3000)
})
