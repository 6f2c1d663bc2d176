import { compileExpression } from './compile-expression.ts'
import { typeError } from './errors.ts'
import { combine, constant } from './evaluator.ts'
import { typeName } from './value.ts'
import type { MapValue, Value } from '../../language/syntax.ts'
import type { Context } from './context.ts'
import type { Evaluator } from './evaluator.ts'
import type { RuntimeValue } from './value.ts'

/** A literal, or a list or map with expressions inside, or one expression. */
export function compileValue(value: Value, context: Context): Evaluator {
  switch (value.kind) {
    case 'null':
      return constant(null)
    case 'boolean':
    case 'integer':
    case 'double':
    case 'string':
      return constant(value.value)
    case 'expression':
      return compileExpression(value.expression, context)
    case 'list': {
      const items = value.items.map((item) => compileValue(item, context))
      const literals = items.map((item) => (item.kind === 'plain' ? item.constant : undefined))
      return literals.every(isConstant) ? constant(literals) : combine(items, (values) => values)
    }
    case 'map':
      return compileMap(value, context)
  }
}

function compileMap({ entries }: MapValue, context: Context): Evaluator {
  const parts = entries.flatMap(({ key, value }) => [
    typeof key === 'string' ? constant(key) : compileValue(key, context),
    compileValue(value, context),
  ])
  const build = (values: readonly RuntimeValue[]) => {
    const map = new Map<string, RuntimeValue>()
    for (let index = 0; index < values.length; index += 2) {
      const key = values[index]!
      if (typeof key !== 'string') throw typeError(`a map key must be a string, got ${typeName(key)}`)
      map.set(key, values[index + 1]!)
    }
    return map
  }
  const literals = parts.map((part) => (part.kind === 'plain' ? part.constant : undefined))
  // A key of another type is an error of the step that makes the map, not of the compilation.
  const areKeysText = literals.every((literal, index) => index % 2 === 1 || typeof literal === 'string')
  return areKeysText && literals.every(isConstant) ? constant(build(literals)) : combine(parts, build)
}

function isConstant(value: RuntimeValue | undefined): value is RuntimeValue {
  return value !== undefined
}
