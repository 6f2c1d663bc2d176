import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseExpression } from './parse.ts'
import { printExpression } from './print.ts'
import { ExpressionSyntaxError } from './syntax-error.ts'
import type { BinaryOperator, Expression } from './syntax.ts'

const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20261120)
const numRuns = Number(process.env['FAST_CHECK_RUNS'] ?? 500)

/** Parentheses around every operation, to see what binds to what. */
function grouped(expression: Expression): string {
  if (expression.kind === 'binary')
    return `(${grouped(expression.left)} ${expression.operator} ${grouped(expression.right)})`
  if (expression.kind === 'unary') return `(${expression.operator} ${grouped(expression.operand)})`
  return printExpression(expression)
}

function withoutOffsets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOffsets)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => key !== 'offset')
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutOffsets(item)]))
}

describe('precedence', () => {
  test.each([
    ['a + b * c', '(a + (b * c))'],
    ['a - b - c', '((a - b) - c)'],
    ['a or b and c', '(a or (b and c))'],
    ['not "x" in m', '((not "x") in m)'],
    ['not a == b', '((not a) == b)'],
    ['-not a', '(- (not a))'],
    ['a < b == c in d', '(((a < b) == c) in d)'],
    ['-a * b', '((- a) * b)'],
    ['a // b / c % d', '(((a // b) / c) % d)'],
    ['a AND NOT b OR c', '((a and (not b)) or c)'],
    ['not not a', '(not (not a))'],
    ['-a[0].b', '(- a[0].b)'],
    ['-text.len(a) + 1', '((- text.len(a)) + 1)'],
  ])('%s', (source, tree) => {
    expect(grouped(parseExpression(source))).toBe(tree)
  })
})

describe('literals', () => {
  test.each<[string, unknown]>([
    ['12', 12n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['1.0', 1],
    ['-0.0', -0],
    ['2.5e3', 2500],
    ['true', true],
    ['FALSE', false],
    ['True', true],
    ['null', null],
    [`'it is "x"'`, 'it is "x"'],
    [String.raw`"a\"\\\n\t\u00e9\/"`, 'a"\\\n\té/'],
    ['"${a}"', '${a}'],
  ])('%s', (source, value) => {
    const literal = parseExpression(source)
    expect(literal).toMatchObject({ kind: 'literal', offset: 0 })
    expect(literal.kind === 'literal' && Object.is(literal.value, value)).toBe(true)
  })
})

test('offsets are those of the first character of a node', () => {
  expect(parseExpression(' a +  b.c')).toMatchObject({
    offset: 1,
    left: { offset: 1 },
    right: { kind: 'member', offset: 6, target: { offset: 6 } },
  })
})

describe('refused', () => {
  test.each([
    ['', 'unexpected end of expression', 0],
    ['a +', 'unexpected end of expression', 3],
    ['a b', 'unexpected "b"', 2],
    ['a And b', 'unexpected "And"', 2],
    ['a not in b', 'unexpected "not"', 2],
    ['not -5', 'unexpected "-"', 4],
    ['{"a": 1}', 'unexpected character "{"', 0],
    ['a ? b : c', 'unexpected character "?"', 2],
    ['a ** b', 'unexpected "*"', 3],
    ['"abc', 'string is not closed', 0],
    [String.raw`"\d"`, 'unknown escape in string', 1],
    [String.raw`"\u12"`, 'malformed \\u escape', 1],
    ['9223372036854775808', 'integer is out of the 64-bit range', 0],
    ['1 + 99999999999999999999999999', 'integer is out of the 64-bit range', 4],
    ['1e999', 'number is out of range', 0],
    ['12ab', 'malformed number', 0],
    ['f(1,)', 'unexpected ")"', 4],
    ['[1', 'expected "]", got end of expression', 2],
    ['(a]', 'expected ")", got "]"', 2],
    ['a.1', 'expected a name after "."', 2],
    ['"f"(1)', 'only a function can be called', 3],
    ['in', 'unexpected "in"', 0],
    ['('.repeat(5000), 'expression is too long', 1000],
    ['1+'.repeat(5000), 'expression is too long', 1000],
  ])('%s', (source, message, offset) => {
    let error: unknown
    try {
      parseExpression(source)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ExpressionSyntaxError)
    expect(error).toMatchObject({ message, offset })
  })
})

describe('print', () => {
  test.each([
    '(a + b) * c',
    'a - (b - c)',
    'not ("x" in m)',
    '-(a + b)',
    '(a or b) and c',
    'm["key"].b[i + 1]',
    'text.to_upper(s) + "x"',
    '[1, 2.0, -3, null, true]',
    '(1).x',
    '-(5)',
    '(-5)[0]',
    'not (-5)',
    'a.in.null',
  ])('%s', (source) => {
    expect(printExpression(parseExpression(source))).toBe(source)
  })

  test('a member that is no name is printed as an index', () => {
    const target: Expression = { kind: 'name', name: 'a', offset: 0 }
    expect(printExpression({ kind: 'member', target, name: 'b-c', offset: 0 })).toBe('a["b-c"]')
  })
})

const operators: readonly BinaryOperator[] = [
  ...(['or', 'and', '<=', '>=', '<', '>', '==', '!=', 'in'] as const),
  ...(['+', '-', '*', '/', '//', '%'] as const),
]
const identifier = fc.constantFrom('a', 'b_1', '_x', 'list', 'text', 'android', 'inner')
const literal = fc.oneof(
  fc.constantFrom(null, true, false),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'binary' }),
)
const functionName: fc.Arbitrary<Expression> = fc
  .array(identifier, { minLength: 1, maxLength: 3 })
  .map((names) =>
    names.slice(1).reduce<Expression>((target, name) => ({ kind: 'member', target, name, offset: 0 }), {
      kind: 'name',
      name: names[0] ?? 'a',
      offset: 0,
    }),
  )
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    literal.map((value): Expression => ({ kind: 'literal', value, offset: 0 })),
    identifier.map((name): Expression => ({ kind: 'name', name, offset: 0 })),
    fc
      .array(tie('expression'), { maxLength: 3 })
      .map((items): Expression => ({ kind: 'list', items, offset: 0 })),
    fc
      .record({ target: tie('expression'), name: identifier })
      .map((parts): Expression => ({ kind: 'member', target: parts.target, name: parts.name, offset: 0 })),
    fc
      .record({ target: tie('expression'), index: tie('expression') })
      .map((parts): Expression => ({ kind: 'index', target: parts.target, index: parts.index, offset: 0 })),
    fc
      .record({ callee: functionName, args: fc.array(tie('expression'), { maxLength: 3 }) })
      .map((parts): Expression => ({ kind: 'call', callee: parts.callee, args: parts.args, offset: 0 })),
    fc
      .record({ operator: fc.constantFrom('-' as const, 'not' as const), operand: tie('expression') })
      .map((parts): Expression => ({
        kind: 'unary',
        operator: parts.operator,
        operand: parts.operand,
        offset: 0,
      })),
    fc
      .record({ operator: fc.constantFrom(...operators), left: tie('expression'), right: tie('expression') })
      .map((parts): Expression => ({
        kind: 'binary',
        operator: parts.operator,
        left: parts.left,
        right: parts.right,
        offset: 0,
      })),
  ),
}))

test(`printed expressions parse to the same tree (seed ${seed})`, () => {
  fc.assert(
    fc.property(expression, (tree) => {
      const text = printExpression(tree)
      expect(withoutOffsets(parseExpression(text))).toEqual(withoutOffsets(tree))
      expect(printExpression(parseExpression(text))).toBe(text)
    }),
    { seed, numRuns },
  )
})

test(`no parentheses can be left out (seed ${seed})`, () => {
  fc.assert(
    fc.property(expression, (tree) => {
      const text = printExpression(tree)
      const opens = [...text.matchAll(/(?<![A-Za-z0-9_])\(/g)].map((found) => found.index)
      for (const open of opens) {
        const close = matching(text, open)
        if (close === undefined || isNumberText(text.slice(open + 1, close))) continue
        const without = `${text.slice(0, open)} ${text.slice(open + 1, close)} ${text.slice(close + 1)}`
        let same = false
        try {
          same = printExpression(parseExpression(without)) === text
        } catch {
          same = false
        }
        expect(same, `${text} versus ${without}`).toBe(false)
      }
    }),
    { seed, numRuns: Math.min(numRuns, 200) },
  )
})

/** The closing parenthesis of the one at `open`, when no string literal makes counting unsafe. */
function matching(text: string, open: number): number | undefined {
  if (text.includes('"')) return undefined
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return at
  }
  return undefined
}

/** `(1).x` and `-(-1)` keep their parentheses for readers. */
function isNumberText(text: string): boolean {
  return /^[0-9.e+-]+$/.test(text)
}

test(`any text parses or is refused with an offset (seed ${seed})`, () => {
  const alphabet = [...Array.from('ab.[]()"\'\\+-*/%<>=!, 019e${}\n'), ' and ', ' not ', ' in ', 'null']
  const noise = fc.array(fc.constantFrom(...alphabet), { maxLength: 40 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(noise, fc.string({ unit: 'binary' })), (source) => {
      expect(offsetOfProblem(source)).toSatisfy((offset: number) => offset >= 0 && offset <= source.length)
    }),
    { seed, numRuns: numRuns * 4 },
  )
})

/** Where the text stops being an expression; 0 when it is one. */
function offsetOfProblem(source: string): number {
  try {
    parseExpression(source)
    return 0
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error
    return error.offset
  }
}
