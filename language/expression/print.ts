import { binaryLevel, expressionLevel, level } from './precedence.ts'
import { quote } from './quote.ts'
import type { Expression, LiteralExpression } from './syntax.ts'

/** The text of an expression, without `${}`, with no more parentheses than it needs. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return printLiteral(expression.value)
    case 'name':
      return expression.name
    case 'list':
      return `[${printItems(expression.items)}]`
    case 'member':
      return `${printTarget(expression.target)}${printKey(expression.name)}`
    case 'index':
      return `${printTarget(expression.target)}[${printExpression(expression.index)}]`
    case 'call':
      return `${printExpression(expression.callee)}(${printItems(expression.args)})`
    case 'unary':
      if (expression.operator === 'not') return `not ${printAtLeast(level.not, expression.operand)}`
      // Without the parentheses a minus and a number would read as one negative literal.
      if (isNumber(expression.operand)) return `-(${printExpression(expression.operand)})`
      return `-${printAtLeast(level.minus, expression.operand)}`
    case 'binary': {
      const own = binaryLevel(expression.operator)
      const left = printAtLeast(own, expression.left)
      const right = printAtLeast(own + 1, expression.right)
      return `${left} ${expression.operator} ${right}`
    }
  }
}

function printAtLeast(tightness: number, expression: Expression): string {
  const text = printExpression(expression)
  return expressionLevel(expression) < tightness ? `(${text})` : text
}

function printTarget(target: Expression): string {
  // `1.x` would read as a malformed number.
  return isNumber(target) ? `(${printExpression(target)})` : printAtLeast(level.postfix, target)
}

function printKey(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `.${name}` : `[${quote(name)}]`
}

function printItems(items: readonly Expression[]): string {
  return items.map(printExpression).join(', ')
}

function isNumber(expression: Expression): boolean {
  if (expression.kind !== 'literal') return false
  return typeof expression.value === 'number' || typeof expression.value === 'bigint'
}

function printLiteral(value: LiteralExpression['value']): string {
  if (typeof value === 'string') return quote(value)
  return typeof value === 'number' ? printDouble(value) : String(value)
}

/** A double always shows that it is one: `1.0`, `1.0e+21`. Throws RangeError for infinities and NaN. */
export function printDouble(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be written in a Workflows expression`)
  const text = Object.is(value, -0) ? '-0' : String(value)
  const [mantissa = '', exponent] = text.split('e')
  const withPoint = mantissa.includes('.') ? mantissa : `${mantissa}.0`
  return exponent === undefined ? withPoint : `${withPoint}e${exponent}`
}
