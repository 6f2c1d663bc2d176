import { typeError, valueError } from '../engine/errors.ts'
import { orderedKeys } from '../engine/json.ts'
import { fitsInteger } from '../engine/numbers.ts'
import { scalarText } from '../engine/operators.ts'
import { int, isList, typeName, type RuntimeValue } from '../engine/value.ts'
import { anything, param, plain } from './function.ts'
import { characterCount } from './characters.ts'

/**
 * All arguments are evaluated before, also of `default` and `if`.
 * https://cloud.google.com/workflows/docs/reference/stdlib/expression-helpers
 */
export const expressionHelpers = {
  default: plain([anything('val'), anything('defaultVal')], ([value, fallback]) =>
    value === null ? fallback : value,
  ),
  double: plain([param('x', 'string', 'integer', 'double')], ([x]) => {
    if (typeof x !== 'string') return Number(x)
    if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(x))
      throw valueError(`double: cannot convert '${x}'`)
    if (!Number.isFinite(Number(x))) throw valueError(`double: '${x}' is out of range`)
    return Number(x)
  }),
  get_type: plain([anything('x')], ([value]) => typeName(value)),
  if: plain(
    [param('condition', 'boolean', 'null'), anything('ifTrue'), anything('ifFalse')],
    ([condition, ifTrue, ifFalse]) => (condition === true ? ifTrue : ifFalse),
  ),
  int: plain([param('x', 'string', 'integer', 'double')], ([x]) => toInteger(x)),
  keys: plain([param('map', 'map')], ([map], { readings }) => orderedKeys(map, readings.keyOrder)),
  len: plain([param('x', 'list', 'map', 'string')], ([value]) => {
    if (typeof value === 'string') return int(characterCount(value))
    return int(isList(value) ? value.length : value.size)
  }),
  string: plain([anything('x')], ([x]) => {
    if (typeof x === 'string') return x
    if (typeof x === 'bigint' || typeof x === 'number' || typeof x === 'boolean') return scalarText(x)
    throw typeError(
      `unsupported operand type for string(): '${shownType(x)}' (expecting number, string, or boolean)`,
    )
  }),
}

/** The service's messages call a map a dict. */
function shownType(value: RuntimeValue): string {
  const name = typeName(value)
  return name === 'map' ? 'dict' : name
}

/** A double is cut towards zero. */
function toInteger(value: string | bigint | number): bigint {
  if (typeof value === 'bigint') return value
  const result = typeof value === 'string' ? fromText(value) : fromDouble(value)
  if (result === null || !fitsInteger(result)) throw valueError(`int: cannot convert '${value}'`)
  return result
}

function fromText(text: string): bigint | null {
  return /^\s*[+-]?\d+\s*$/.test(text) ? BigInt(text.replace('+', '')) : null
}

function fromDouble(value: number): bigint | null {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : null
}
