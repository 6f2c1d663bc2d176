import { definitionOf, isOptional, type Schema } from '../../dsl/schema.ts'
import { bool, list, map, type Value } from './language.ts'

/** What is kept of an answer: fields by name, items of a list, or all of it. */
type Shape = true | readonly [Shape] | { readonly [field: string]: Shape }

/** The shape that a schema names, as data for `picked`. */
export function shapeValue(schema: Schema): Value {
  return valueOf(shapeOf(schema))
}

/** Fields of an object schema that an answer has to have. */
export function requiredFields(schema: Schema): readonly string[] {
  return Object.entries(definitionOf(schema)?.shape ?? {})
    .filter(([, field]) => !isOptional(field))
    .map(([name]) => name)
}

function shapeOf(schema: Schema): Shape {
  const definition = definitionOf(schema)
  const inner = definition?.type === 'pipe' ? definition.out : definition?.innerType
  if (inner) return shapeOf(inner)
  if (definition?.type === 'array' && definition.element) {
    const item = shapeOf(definition.element)
    return item === true ? true : [item]
  }
  if (definition?.type !== 'object') return true
  const rest = definition.catchall ? definitionOf(definition.catchall)?.type : 'never'
  if (rest !== 'never') return true
  return Object.fromEntries(
    Object.entries(definition.shape ?? {}).map(([name, field]) => [name, shapeOf(field)]),
  )
}

function valueOf(shape: Shape): Value {
  if (shape === true) return bool(true)
  if (isItems(shape)) return list([valueOf(shape[0])])
  return map(Object.entries(shape).map(([name, field]) => [name, valueOf(field)] as const))
}

function isItems(shape: Exclude<Shape, true>): shape is readonly [Shape] {
  return Array.isArray(shape)
}
