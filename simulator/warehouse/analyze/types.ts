import { invalid } from '../../../sql/problem.ts'
import type { TypeSyntax } from '../../../sql/syntax.ts'
import { arrayOf, scalarNamed, structOf, type Type } from '../types/type.ts'

/** The type that a type's syntax names; length and precision are the caller's business. */
export function resolveType(syntax: TypeSyntax): Type {
  if (syntax.kind === 'array') {
    const element = resolveType(syntax.element)
    if (element.kind === 'array') throw invalid(syntax.at, 'Array of arrays is not supported')
    return arrayOf(element)
  }
  if (syntax.kind === 'struct')
    return structOf(syntax.fields.map((field) => ({ name: field.name, type: resolveType(field.type) })))
  const type = scalarNamed(syntax.name)
  if (!type) throw invalid(syntax.at, `Type not found: ${syntax.name}`)
  return type
}
