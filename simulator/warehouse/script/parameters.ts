import { arrayLiteral, numericLiteral, packStruct, temporalLiteral } from '../analyze/coerce.ts'
import { bignumericLiteral } from '../analyze/bignumeric.ts'
import {
  boolLiteral,
  floatLiteral,
  intLiteral,
  nullOf,
  stringLiteral,
  type Typed,
  typed,
} from '../analyze/typed.ts'
import { intervalOfText } from '../types/interval.ts'
import { canonicalJson } from '../types/json.ts'
import {
  arrayOf,
  BYTES,
  FLOAT64,
  JSON_TYPE,
  scalarNamed,
  structOf,
  type Type,
  typeText,
} from '../types/type.ts'
import { type ParameterType, type ParameterValue, type QueryParameter, WarehouseError } from '../warehouse.ts'
import { SqlProblem } from '../../../sql/problem.ts'

function fail(message: string): WarehouseError {
  return new WarehouseError({ reason: 'invalid', message })
}

function typeOf(type: ParameterType): Type {
  if (type.type === 'ARRAY') {
    if (!type.arrayType) throw fail('Query parameter of type ARRAY needs arrayType')
    return arrayOf(typeOf(type.arrayType))
  }
  if (type.type === 'STRUCT')
    return structOf(
      (type.structTypes ?? []).map((field) => ({ name: field.name ?? null, type: typeOf(field.type) })),
    )
  const known = scalarNamed(type.type)
  if (!known) throw fail(`Invalid query parameter type: ${type.type}`)
  return known
}

/** Wire parameters as values. */
export function readParameters(parameters: readonly QueryParameter[]): {
  named: Map<string, Typed>
  positional: Typed[]
} {
  const named = new Map<string, Typed>()
  const positional: Typed[] = []
  for (const parameter of parameters) {
    const value = valueOf(parameter.value, typeOf(parameter.type), parameter.name ?? '?')
    if (parameter.name === undefined || parameter.name === '') positional.push(value)
    else named.set(parameter.name.toLowerCase(), value)
  }
  return { named, positional }
}

function valueOf(value: ParameterValue, type: Type, name: string): Typed {
  if (type.kind === 'array') {
    if (!value.arrayValues) return typed(nullOf(type).sql, type)
    return typed(
      arrayLiteral(
        value.arrayValues.map((item) => valueOf(item, type.element, name)),
        type.element,
      ).sql,
      type,
    )
  }
  if (type.kind === 'struct') {
    if (!value.structValues) return nullOf(type)
    const items = type.fields.map((field) =>
      valueOf(value.structValues![field.name ?? ''] ?? {}, field.type, name),
    )
    return typed(packStruct(items, type).sql, type)
  }
  if (value.value === undefined || value.value === null) return nullOf(type)
  try {
    return scalarValue(value.value, type)
  } catch (error) {
    if (error instanceof SqlProblem || error instanceof SyntaxError || error instanceof RangeError)
      throw fail(`Invalid value for query parameter ${name} of type ${typeText(type)}: ${value.value}`)
    throw error
  }
}

function scalarValue(text: string, type: Type & { kind: 'scalar' }): Typed {
  const bad = (): RangeError => new RangeError(text)
  switch (type.name) {
    case 'STRING':
      return stringLiteral(text)
    case 'INT64': {
      if (!/^\s*[+-]?\d+\s*$/.test(text)) throw bad()
      const value = BigInt(text.trim().replace(/^\+/, ''))
      if (BigInt.asIntN(64, value) !== value) throw bad()
      return intLiteral(value)
    }
    case 'FLOAT64':
      return floatValue(text)
    case 'NUMERIC':
      return numericLiteral(text, 0)
    case 'BIGNUMERIC':
      return bignumericLiteral(text, 0)
    case 'BOOL':
      if (!/^(true|false)$/i.test(text)) throw bad()
      return boolLiteral(text.toLowerCase() === 'true')
    case 'BYTES':
      return typed(`unhex('${Buffer.from(text, 'base64').toString('hex')}')`, BYTES)
    case 'JSON': {
      const json = canonicalJson(text, 'round')
      if (json === null) throw bad()
      return typed(stringLiteral(json).sql, JSON_TYPE)
    }
    case 'INTERVAL':
      if (intervalOfText(text) === null) throw bad()
      return typed(`bq_text_interval(${stringLiteral(text).sql})`, type)
    case 'DATE':
    case 'TIME':
    case 'DATETIME':
    case 'TIMESTAMP':
      // Node's client writes timestamps with nine digits, of which the last three are zeros.
      return temporalLiteral(text.replace(/(\.\d{6})0{1,3}(?!\d)/, '$1'), type, 0)
  }
}

function floatValue(text: string): Typed {
  const word = text.trim().toLowerCase()
  const special: Record<string, string> = {
    nan: 'nan',
    inf: 'inf',
    '+inf': 'inf',
    infinity: 'inf',
    '-inf': '-inf',
    '-infinity': '-inf',
  }
  if (special[word]) return typed(`CAST('${special[word]}' AS DOUBLE)`, FLOAT64)
  if (word === '' || Number.isNaN(Number(word))) throw new RangeError(text)
  return typed(floatLiteral(word).sql, FLOAT64)
}
