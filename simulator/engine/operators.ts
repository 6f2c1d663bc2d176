import { containerError, typeError, valueError, resourceLimitError, zeroDivisionError } from './errors.ts'
import { LIMITS } from './limits.ts'
import { doubleText, fitsInteger } from './numbers.ts'
import { utf8Length } from './size.ts'
import { isList, isMap, typeName } from './value.ts'
import type { BinaryOperator, UnaryOperator } from '../../language/expression/syntax.ts'
import type { Readings } from './readings.ts'
import type { RuntimeValue } from './value.ts'

/** All operators but `and` and `or`, which do not always evaluate their right side. */
export type StrictOperator = Exclude<BinaryOperator, 'and' | 'or'>

type Apply = (left: RuntimeValue, right: RuntimeValue, readings: Readings) => RuntimeValue

/** https://cloud.google.com/workflows/docs/reference/syntax/datatypes */
export const BINARY: Readonly<Record<StrictOperator, Apply>> = {
  '+': add,
  '-': (a, b, readings) =>
    typeof a === 'bigint' && typeof b === 'bigint'
      ? integer(a - b, readings)
      : numeric('-', a) - numeric('-', b),
  '*': (a, b, readings) =>
    typeof a === 'bigint' && typeof b === 'bigint'
      ? integer(a * b, readings)
      : numeric('*', a) * numeric('*', b),
  '/': (a, b) => numeric('/', a) / nonZero(numeric('/', b)),
  '//': floorDivide,
  '%': remainder,
  '==': equals,
  '!=': (a, b, readings) => !equals(a, b, readings),
  '<': (a, b, readings) => compare('<', a, b, readings) < 0,
  '<=': (a, b, readings) => compare('<=', a, b, readings) <= 0,
  '>': (a, b, readings) => compare('>', a, b, readings) > 0,
  '>=': (a, b, readings) => compare('>=', a, b, readings) >= 0,
  in: contains,
}

export const UNARY: Readonly<
  Record<UnaryOperator, (operand: RuntimeValue, readings: Readings) => RuntimeValue>
> = {
  '-': (operand, readings) =>
    typeof operand === 'bigint' ? integer(-operand, readings) : -numeric('-', operand),
  not: (operand) => !boolean('not', operand),
}

/** The operand of `and`, `or` and `not`: there is no truthiness. */
export function boolean(operator: string, value: RuntimeValue): boolean {
  if (typeof value !== 'boolean') throw unsupported(operator, value)
  return value
}

/** A result within 64 bits. */
function integer(value: bigint, readings: Readings): bigint {
  if (fitsInteger(value)) return value
  if (readings.integerOverflow === 'wrap') return BigInt.asIntN(64, value)
  throw valueError(`integer overflow: ${value} does not fit into 64 bits`)
}

/** A string within the limit of 256 KB. */
export function limitedText(text: string): string {
  if (text.length * 3 > LIMITS.string && utf8Length(text) > LIMITS.string) {
    throw resourceLimitError(`string longer than ${LIMITS.string} bytes`)
  }
  return text
}

/** Text of a number or boolean, as `string()` and concatenation give it. */
export function scalarText(value: bigint | number | boolean): string {
  return typeof value === 'number' ? doubleText(value) : String(value)
}

/** Deep equality; numbers compare by value, whatever their type. */
function equals(a: RuntimeValue, b: RuntimeValue, readings: Readings): boolean {
  if (a === b) return true
  if (a === null || b === null) return false
  if (isNumber(a) && isNumber(b)) return a == b
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((item, index) => equals(item, b[index]!, readings))
  }
  if (isMap(a) && isMap(b)) {
    if (a.size !== b.size) return false
    for (const [key, value] of a) {
      const other = b.get(key)
      if (other === undefined || !equals(value, other, readings)) return false
    }
    return true
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  if (readings.mixedEquality === 'error' && typeName(a) !== typeName(b)) throw unsupported('==', a, b)
  return false
}

function add(a: RuntimeValue, b: RuntimeValue, readings: Readings): RuntimeValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return integer(a + b, readings)
  if (typeof a === 'string') return limitedText(a + concatenable(a, b, b))
  if (typeof b === 'string') return limitedText(concatenable(a, b, a) + b)
  if (isNumber(a) && isNumber(b)) return Number(a) + Number(b)
  throw unsupported('+', a, b)
}

function concatenable(a: RuntimeValue, b: RuntimeValue, value: RuntimeValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean')
    return scalarText(value)
  throw unsupported('+', a, b)
}

/** Rounds towards minus infinity. */
function floorDivide(a: RuntimeValue, b: RuntimeValue, readings: Readings): RuntimeValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (b === 0n) throw zeroDivisionError()
    const exact = a % b === 0n || a < 0n === b < 0n
    return integer(exact ? a / b : a / b - 1n, readings)
  }
  return Math.floor(numeric('//', a) / nonZero(numeric('//', b)))
}

function remainder(a: RuntimeValue, b: RuntimeValue, readings: Readings): RuntimeValue {
  const floored = readings.remainder === 'floored'
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (b === 0n) throw zeroDivisionError()
    const rest = a % b
    return floored && rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest
  }
  const divisor = nonZero(numeric('%', b))
  const rest = numeric('%', a) % divisor
  return floored && rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest
}

function compare(operator: string, a: RuntimeValue, b: RuntimeValue, readings: Readings): number {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : a == b ? 0 : NaN
  if (typeof a === 'string' && typeof b === 'string' && readings.stringOrder === 'by-code-point') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b))
  }
  throw unsupported(operator, a, b)
}

function contains(item: RuntimeValue, container: RuntimeValue, readings: Readings): boolean {
  if (isMap(container)) {
    if (typeof item !== 'string') throw unsupported('in', item)
    return container.has(item)
  }
  if (isList(container))
    return container.some((other) => sameType(item, other) && equals(item, other, readings))
  throw containerError(`The argument of 'in' must be a dict or an array; got: ${shown(container)}`)
}

function sameType(a: RuntimeValue, b: RuntimeValue): boolean {
  return (isNumber(a) && isNumber(b)) || typeName(a) === typeName(b)
}

function isNumber(value: RuntimeValue): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number'
}

function numeric(operator: string, value: RuntimeValue): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  throw unsupported(operator, value)
}

function nonZero(value: number): number {
  if (value === 0) throw zeroDivisionError()
  return value
}

function shown(value: RuntimeValue): string {
  return value === null ? 'null' : typeName(value)
}

function unsupported(operator: string, ...operands: readonly RuntimeValue[]) {
  const names = operands.map(shown).join(' and ')
  return typeError(`unsupported operand type(s) for '${operator}': ${names}`)
}
