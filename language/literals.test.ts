import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { essence } from '../test/cases/language/essence.ts'
import * as b from './build.ts'
import { parseWorkflow } from './parse.ts'
import { printWorkflow } from './print.ts'
import { validateWorkflow } from './validate.ts'

/*
 * Whatever text stands where a literal, a key or an expression may stand: a source that is accepted is accepted again
 * after printing, as the same tree.
 */

const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20261121)
const numRuns = Number(process.env['FAST_CHECK_RUNS'] ?? 60)

const pieces = [
  '${',
  '}',
  '${x}',
  '${x} and ${x',
  '$',
  '{',
  'x',
  ' + ',
  ' and ',
  '"a"',
  '"',
  "'",
  '\\',
  '\\n',
  '\\u2028',
  '\\"',
]
const spaces = [
  ' ',
  '\n',
  '\n\n',
  '\t',
  '\r',
  '\r\n',
  '\u2028',
  '\u0085',
  '\u00a0',
  '\ufeff',
  ': ',
  ' #',
  '- ',
  ', ',
  '[',
  ']',
]
const fragment = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...pieces) },
  { weight: 2, arbitrary: fc.constantFrom(...spaces) },
  fc.string({ unit: 'binary', maxLength: 2 }),
)
const free = fc.array(fragment, { maxLength: 6 }).map((parts) => parts.join(''))
/** Half of all texts are expressions, most of them well-formed. */
const operand = fc.constantFrom(
  'x',
  '1',
  '"a"',
  "'b'",
  '"${x}"',
  `'"'`,
  '"\\u2028"',
  '"\u2028"',
  '"a\nb"',
  '"}"',
  '"\\\\"',
)
const gap = fc.constantFrom('', '', ' ', '\n', '\t', '\n  ')
const sum = fc
  .array(fc.tuple(gap, operand, gap), { minLength: 1, maxLength: 3 })
  .map((operands) => `\${${operands.map((parts) => parts.join('')).join('+')}}`)
const text = fc.oneof(
  free,
  sum,
  fc.tuple(sum, free).map((parts) => parts.join('')),
)

type Texts = (index: number) => string

/** Every place of a source where text may stand; `at` gives the text. */
const places: readonly ((at: Texts) => unknown)[] = [
  (at) => ({
    main: { steps: [{ s: { return: 1 } }] },
    sub: { params: [{ a: at(0) }, { b: [at(1), { [at(2)]: at(3) }] }], steps: [{ s: { return: 1 } }] },
  }),
  (at) => [
    {
      s: {
        assign: [{ x: 1 }, { x: at(0) }, { y: [at(1), [at(2)]] }, { z: { [at(3)]: at(4), [at(5)]: at(6) } }],
      },
    },
  ],
  (at) => [{ a: { assign: [{ x: 1 }] } }, { s: { return: { [at(0)]: at(1), [at(2)]: [at(3)] } } }],
  (at) => [{ a: { assign: [{ x: 1 }] } }, { s: { raise: at(0) } }],
  (at) => [
    { a: { assign: [{ x: 1 }] } },
    { s: { call: 'sys.log', args: { text: at(0), severity: at(1) }, result: 'r' } },
  ],
  (at) => [{ a: { assign: [{ x: 1 }] } }, { s: { call: 'sys.log', args: [at(0), at(1)] } }],
  (at) => [{ a: { assign: [{ x: {} }] } }, { s: { switch: [{ condition: at(0), assign: [{ y: at(1) }] }] } }],
  (at) => [
    { a: { assign: [{ x: [] }] } },
    { s: { for: { value: 'v', in: at(0), steps: [{ b: { return: at(1) } }] } } },
  ],
  (at) => [
    { a: { assign: [{ x: [] }] } },
    { s: { for: { value: 'v', in: [at(0), at(1)], steps: [{ b: { return: at(2) } }] } } },
  ],
  (at) => [
    { a: { assign: [{ x: [] }] } },
    { s: { for: { value: 'v', range: [at(0), at(1)], steps: [{ b: { return: 1 } }] } } },
  ],
  (at) => [
    { a: { assign: [{ x: 1 }] } },
    {
      s: {
        parallel: {
          concurrency_limit: at(0),
          for: { value: 'v', in: at(1), steps: [{ [at(2)]: { return: 1 } }] },
        },
      },
    },
  ],
  (at) => [
    { a: { assign: [{ x: 1 }] } },
    {
      s: {
        parallel: {
          branches: [
            { [at(0)]: { steps: [{ b: { raise: at(1) } }] } },
            { c: { steps: [{ d: { raise: at(2) } }] } },
          ],
        },
      },
    },
  ],
  (at) => [
    { a: { assign: [{ x: 1 }] } },
    {
      s: {
        try: { call: 'sys.log', args: { text: at(0) } },
        retry: {
          predicate: at(1),
          max_retries: at(2),
          backoff: { initial_delay: at(3), max_delay: at(4), multiplier: at(5) },
        },
      },
    },
  ],
  (at) => [{ [at(0)]: { assign: [{ x: 1 }], next: at(0) } }],
  (at) => [{ [at(0)]: { assign: [{ x: 1 }, { [`x[${JSON.stringify(at(1))}]`]: 1 }], next: 'end' } }],
]

test.each(places.map((place, index) => [index, place] as const))(
  `text in place %i is read back (seed ${seed})`,
  { timeout: 30_000 + 30 * numRuns },
  (_index, place) => {
    let accepted = 0
    fc.assert(
      fc.property(fc.array(text, { minLength: 7, maxLength: 7 }), fc.boolean(), (texts, half) => {
        const source = JSON.stringify(place((index) => (half && index > 0 ? '${x}' : texts[index]!)))
        const { document } = parseWorkflow(source)
        if (document === null) return
        accepted += 1
        const printed = printWorkflow(document)
        const again = parseWorkflow(printed)
        expect({ printed, problems: again.problems, tree: essence(again.document) }).toEqual({
          printed,
          problems: [],
          tree: essence(document),
        })
        expect(again.document && printWorkflow(again.document)).toBe(printed)
        const codes = (of: typeof document) => validateWorkflow(of, 0).map(({ code }) => code)
        expect(again.document && codes(again.document)).toEqual(codes(document))
      }),
      { seed, numRuns },
    )
    expect(accepted).toBeGreaterThan(0)
  },
)

const nested = (depth: number, inner: string) => `${'['.repeat(depth)}${inner}${']'.repeat(depth)}`
const mapped = (depth: number, inner: string) => `${'{a: '.repeat(depth)}${inner}${'}'.repeat(depth)}`
const many = Array.from({ length: 20_000 }, () => '1').join(',')

test.each([
  ['a long key', `{"${'k'.repeat(3000)}": 1}`],
  ['a long key of many lines', `{"${String.raw`k\n`.repeat(3000)}": [1, {a: 2}]}`],
  ['many values', `[${many}]`],
  ['many values deep in lists', nested(380, many)],
  ['many values deep in maps', mapped(380, `[${many}]`)],
  [
    'what needs quotes, deep in both',
    nested(20, mapped(3, '["a: b", "a\\nb", "${x + [1]}", "${x", "", " "]')),
  ],
  ['text that is escaped', `"${'\u0085'.repeat(60_000)}"`],
  ['text by aliases', `[&a "${'\u0085'.repeat(20_000)}", ${'*a,'.repeat(11)}]`],
])('what a source holds is read back: %s', (_, value) => {
  const { document, problems } = parseWorkflow(`- a:\n    assign: [x: 1]\n- b:\n    return: ${value}`)
  expect(problems).toEqual([])
  const printed = document && printWorkflow(document)
  const again = parseWorkflow(printed ?? '')
  expect(again.problems).toEqual([])
  expect(JSON.stringify(essence(again.document), integers)).toBe(JSON.stringify(essence(document), integers))
})

function integers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}

test('a default with text that was hidden in an expression is a literal', () => {
  const text = 'a ${x} b'
  const value = b.list([b.str(text), b.map([[text, b.map([[b.expr('"k"'), b.str(text)]])]])])
  const { document, problems } = parseWorkflow(
    printWorkflow(
      b.document([
        b.subworkflow('main', [], [b.step('s', b.returns(b.nul))]),
        b.subworkflow('sub', [b.param('p', value)], [b.step('s', b.returns(b.expr('p')))]),
      ]),
    ),
  )
  expect(problems).toEqual([])
  const literal = { kind: 'string', value: text }
  const inner = { kind: 'map', entries: [{ key: 'k', value: literal }] }
  expect(document?.subworkflows[1]?.params[0]?.default).toEqual({
    kind: 'list',
    items: [literal, { kind: 'map', entries: [{ key: text, value: inner }] }],
  })
})

test('a default that no source can hold', () => {
  expect(() => b.param('p', b.str('${x}'))).toThrow('the default of parameter p reads as an expression: ${x}')
  expect(() => b.param('p', b.list([b.map({ ' ${x}\n': b.nul })]))).toThrow('reads as an expression')
  expect(() => b.param('p', b.expr('x + 1'))).toThrow('must be a literal, got the expression x + 1')
  for (const value of ['${x}', '${x} and ${x}']) {
    const param = {
      name: 'p',
      default: { kind: 'map', entries: [{ key: 'a', value: { kind: 'string', value } }] },
    } as const
    const document = b.document([
      b.subworkflow('main', [], [b.step('s', b.returns(b.nul))]),
      b.subworkflow('sub', [param], [b.step('s', b.returns(b.nul))]),
    ])
    expect(validateWorkflow(document, 0).map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "bad-default: failed to build: error in workflow sub: the default of parameter 'p' must be a literal",
    ])
  }
})
