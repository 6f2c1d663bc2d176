import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson, writeJson } from './json.ts'
import { sizeOf } from './size.ts'
import { runSource } from './testing/host.ts'
import type { RuntimeValue } from './value.ts'

/** One assignment: of a variable's part or a new value, to a variable's part. */
interface Assignment {
  readonly target: string
  readonly source: string
}

const place = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }))
  .map(([variable, path]) => [variable, ...path].join('.'))

const assignment: fc.Arbitrary<Assignment> = fc.record({
  target: place,
  source: fc.oneof(place, fc.constant('fresh'), fc.constant('number')),
})

/** What the language promises, in the plainest way: every assignment takes a deep copy. */
function model(assignments: readonly Assignment[]): unknown {
  const fresh = () => ({ x: { x: 0, y: 0 }, y: { x: 0, y: 0 } })
  const variables: Record<string, unknown> = { a: fresh(), b: fresh(), c: fresh() }
  const read = (at: string) =>
    at
      .split('.')
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], variables)
  assignments.forEach(({ target, source }, index) => {
    const given = source === 'fresh' ? fresh() : source === 'number' ? index : read(source)
    if (typeof given === 'undefined') return
    const path = target.split('.')
    const holder = path.length === 1 ? variables : read(path.slice(0, -1).join('.'))
    if (typeof holder !== 'object') return
    ;(holder as Record<string, unknown>)[path.at(-1)!] = structuredClone(given)
  })
  return variables
}

/** Each assignment in a step of its own, which is skipped where its place does not exist. */
function program(assignments: readonly Assignment[]): string {
  const fresh = '{x: {x: 0, y: 0}, y: {x: 0, y: 0}}'
  const steps = assignments.map(({ target, source }, index) => {
    const value = source === 'fresh' ? fresh : source === 'number' ? String(index) : `'\${${source}}'`
    return `    - s${index}: {try: {assign: [{${target}: ${value}}]}, except: {as: e, steps: [{i${index}: {assign: [{ignored: 1}]}}]}}`
  })
  return ['main:', '  steps:', `    - init: {assign: [{a: ${fresh}}, {b: ${fresh}}, {c: ${fresh}}]}`]
    .concat(steps, '    - give: {return: {a: "${a}", b: "${b}", c: "${c}"}}')
    .join('\n')
}

const listVariable = fc.constantFrom('a', 'b', 'c')

/** `target: list.concat(from, element)`, a plain copy where there is no element, or a write of the first element. */
const listAssignment = fc.record({
  target: listVariable,
  from: fc.oneof(listVariable, fc.constant('first')),
  element: fc.oneof(listVariable, fc.constant('number'), fc.constant(null)),
})

test('collecting in a list cannot be told from copying it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(listAssignment, { minLength: 1, maxLength: 25 }), async (assignments) => {
      const variables: Record<string, unknown[]> = { a: [0], b: [0], c: [0] }
      const items = assignments.map(({ target, from, element }, index) => {
        const added = element === null ? [] : [element === 'number' ? index : variables[element]]
        if (from === 'first') {
          variables[target] = [index, ...variables[target]!.slice(1)]
          return `'${target}[0]': ${index}`
        }
        variables[target] = structuredClone([...variables[from]!, ...added])
        if (element === null) return `${target}: "\${${from}}"`
        return `${target}: "\${list.concat(${from}, ${element === 'number' ? index : element})}"`
      })
      const source = `main:\n  steps:\n    - init: {assign: [{a: [0]}, {b: [0]}, {c: [0]}]}
${items.map((item, index) => `    - s${index}: {assign: [{${item}}]}`).join('\n')}
    - give: {return: {a: "\${a}", b: "\${b}", c: "\${c}"}}`
      const { outcome } = await runSource(source)
      if (outcome.state !== 'SUCCEEDED') throw new Error(outcome.error.payload)
      expect(JSON.parse(writeJson(outcome.result))).toEqual(variables)
      expect(sizeOf(outcome.result)).toBe(sizeOf(rebuilt(outcome.result)))
    }),
    { seed: 20_261_121, numRuns: 200 },
  )
})

test('sharing cannot be told from copying', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(assignment, { minLength: 1, maxLength: 25 }),
      fc.constantFrom('basic' as const, 'detailed' as const),
      async (assignments, historyLevel) => {
        const { outcome } = await runSource(program(assignments), { historyLevel })
        if (outcome.state !== 'SUCCEEDED') throw new Error(outcome.error.payload)
        expect(JSON.parse(writeJson(outcome.result))).toEqual(model(assignments))
        expect(sizeOf(outcome.result)).toBe(sizeOf(rebuilt(outcome.result)))
      },
    ),
    { seed: 20_250_203, numRuns: 150 },
  )
})

/** The same value made anew, so that no size is remembered for it. */
function rebuilt(value: RuntimeValue): RuntimeValue {
  return parseJson(writeJson(value))
}

test('filling a list element by element does not copy it each time', async () => {
  const list = Array.from({ length: 30_000 }, () => 0n)
  const write = `
main:
  params: [l]
  steps:
    - fill:
        for:
          value: i
          range: \${[0, len(l) - 1]}
          steps:
            - w: {assign: [{'l[i]': '\${l[i] + i}'}]}
    - give: {return: '\${l[len(l) - 1]}'}
`
  const began = performance.now()
  const { outcome } = await runSource(write, { argument: list })
  expect(outcome).toEqual({ state: 'SUCCEEDED', result: 29_999n })
  expect(performance.now() - began).toBeLessThan(3_000)
})

test('memory is counted as documented', () => {
  expect(sizeOf(1n)).toBe(8)
  expect(sizeOf('1234567890123456789012345678')).toBe(36)
  expect(sizeOf('é')).toBe(10)
  expect(sizeOf([1n, 'ab'])).toBe(8 + 8 + 10)
  expect(sizeOf(new Map<string, RuntimeValue>([['ab', [true]]]))).toBe(8 + 10 + 16)
  expect(sizeOf(new Uint8Array(5))).toBe(13)
})
