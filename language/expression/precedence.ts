import type { BinaryOperator, Expression } from './syntax.ts'

/**
 * Binding strength, loose to tight. Comparisons and `in` share one level, and `not` binds tighter than
 * unary minus and than all of them: `not "x" in m` is `(not "x") in m`.
 *
 * https://cloud.google.com/workflows/docs/reference/syntax/datatypes
 */
export const level = {
  or: 1,
  and: 2,
  comparison: 3,
  sum: 4,
  product: 5,
  minus: 6,
  not: 7,
  postfix: 8,
} as const

const levels: Readonly<Record<BinaryOperator, number>> = {
  or: level.or,
  and: level.and,
  '<=': level.comparison,
  '>=': level.comparison,
  '<': level.comparison,
  '>': level.comparison,
  '==': level.comparison,
  '!=': level.comparison,
  in: level.comparison,
  '+': level.sum,
  '-': level.sum,
  '*': level.product,
  '/': level.product,
  '//': level.product,
  '%': level.product,
}

export function binaryLevel(operator: BinaryOperator): number {
  return levels[operator]
}

export function isBinaryOperator(text: string): text is BinaryOperator {
  return Object.hasOwn(levels, text)
}

export function expressionLevel(expression: Expression): number {
  switch (expression.kind) {
    case 'binary':
      return binaryLevel(expression.operator)
    case 'unary':
      return expression.operator === 'not' ? level.not : level.minus
    case 'literal':
      return isNegativeNumber(expression.value) ? level.minus : level.postfix
    default:
      return level.postfix
  }
}

function isNegativeNumber(value: unknown): boolean {
  if (typeof value === 'bigint') return value < 0n
  return typeof value === 'number' && (value < 0 || Object.is(value, -0))
}

const words = new Set(['and', 'or', 'not', 'in', 'true', 'false', 'null'])

/** Word operators and literals are all lower or all upper case; `True` and `False` exist too. */
export function keyword(text: string): string | undefined {
  if (words.has(text)) return text
  if (text === 'True' || text === 'False') return text.toLowerCase()
  const lower = text.toLowerCase()
  return words.has(lower) && text === text.toUpperCase() ? lower : undefined
}

/** True for text that can name a variable: a letter or underscore, then letters, digits, underscores; no keyword. */
export function isVariableName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && keyword(text) === undefined
}
