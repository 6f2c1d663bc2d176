import { CompileError } from './compile-error.ts'
import { compileValue } from './compile-value.ts'
import { typeError } from './errors.ts'
import { isList, typeName } from './value.ts'
import type { Loop } from '../../language/syntax.ts'
import type { Context } from './context.ts'
import type { Evaluator } from './evaluator.ts'
import type { RuntimeValue } from './value.ts'

/** The values that a loop goes over. */
export interface Items {
  readonly length: number
  at(index: number): RuntimeValue
}

/** Compiles `in` or `range`; `itemsOf` turns the evaluated value into the loop's items. */
export function compileItems(
  loop: Loop,
  context: Context,
): { source: Evaluator; itemsOf: (value: RuntimeValue) => Items } {
  if (loop.in !== undefined) return { source: compileValue(loop.in, context), itemsOf: listItems }
  if (loop.range !== undefined) return { source: compileValue(loop.range, context), itemsOf: rangeItems }
  throw new CompileError('a for step needs one of in and range')
}

function listItems(value: RuntimeValue): Items {
  if (!isList(value)) throw typeError(`a for step goes over a list, got ${typeName(value)}`)
  return { length: value.length, at: (index) => value[index]! }
}

/**
 * Both ends belong to the range; it is empty where the start lies behind the end.
 * https://cloud.google.com/workflows/docs/reference/syntax/iteration
 */
function rangeItems(value: RuntimeValue): Items {
  const [start, end] = isList(value) && value.length === 2 ? value : []
  if (typeof start === 'bigint' && typeof end === 'bigint') {
    return { length: start > end ? 0 : Number(end - start) + 1, at: (index) => start + BigInt(index) }
  }
  if (isNumber(start) && isNumber(end)) {
    const first = Number(start)
    const steps = Math.floor(Number(end) - first)
    if (Number.isFinite(steps)) return { length: Math.max(0, steps + 1), at: (index) => first + index }
  }
  throw typeError('range must be a list of two numbers')
}

function isNumber(value: RuntimeValue | undefined): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number'
}
