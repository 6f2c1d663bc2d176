import { type Env } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { resolveType } from '../analyze/types.ts'
import type { StoredField } from '../catalog/entry.ts'
import { storeValue } from '../engine/store.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import type { ColumnDefinition, Expression, TypeSyntax } from '../../../sql/syntax.ts'
import { fieldOfType, type Type } from '../types/type.ts'
import { readOptions } from './options.ts'

/** The fields that column definitions describe. */
export function fieldsOf(columns: readonly ColumnDefinition[], env: Env, source: string): StoredField[] {
  const fields = columns.map((column) => {
    const field = fieldOfSyntax(column.name, column.type, env)
    if (column.notNull && field.mode === 'REPEATED')
      throw invalid(column.at, `NOT NULL cannot be applied to ARRAY column ${column.name}`)
    const options = readOptions(column.options, env)
    const defaultValue = column.default ? defaultText(column.default, field, env, source) : undefined
    return {
      ...field,
      ...(column.notNull ? { mode: 'REQUIRED' as const } : {}),
      ...(options.description === undefined || options.description === null
        ? {}
        : { description: options.description }),
      ...(defaultValue === undefined ? {} : { defaultValue }),
    }
  })
  for (const [i, field] of fields.entries())
    if (fields.some((other, j) => j < i && other.name.toLowerCase() === field.name.toLowerCase()))
      throw invalid(columns[i]!.at, `Duplicate column name ${field.name}`)
  return fields
}

export function fieldOfSyntax(name: string, syntax: TypeSyntax, env: Env): StoredField {
  if (syntax.kind === 'array' && syntax.element.kind === 'array')
    throw invalid(syntax.at, 'Array of arrays is not supported')
  if (syntax.kind === 'array') return { ...fieldOfSyntax(name, syntax.element, env), mode: 'REPEATED' }
  if (syntax.kind === 'struct') {
    const fields = syntax.fields.map((field) => {
      if (field.name === null) throw invalid(syntax.at, `STRUCT column ${name} must name its fields`)
      const inner = fieldOfSyntax(field.name, field.type, env)
      if (field.notNull) throw unsupported(syntax.at, 'NOT NULL within STRUCT')
      const { description } = readOptions(field.options, env)
      return description ? { ...inner, description } : inner
    })
    return { name, type: 'STRUCT', mode: 'NULLABLE', fields }
  }
  const field: StoredField = fieldOfType(name, resolveType(syntax))
  if (syntax.parameters.length === 0) return field
  const [first, second] = syntax.parameters.map(Number)
  if (field.type === 'STRING' || field.type === 'BYTES') return { ...field, maxLength: first! }
  if (field.type === 'NUMERIC' && first! >= 1 && first! - (second ?? 0) <= 29 && (second ?? 0) <= 9)
    return { ...field, precision: first!, scale: second ?? 0 }
  if (field.type === 'BIGNUMERIC') throw unsupported(syntax.at, 'BIGNUMERIC with precision')
  throw invalid(syntax.at, `${field.type} does not take the parameters (${syntax.parameters.join(', ')})`)
}

export function defaultText(expression: Expression, field: StoredField, env: Env, source: string): string {
  storeValue(analyzeExpression(expression, env), field, expression.at)
  return source.slice(expression.at, endOf(expression, source))
}

/** Where a default's text ends: at the first comma or parenthesis that is not its own. */
function endOf(expression: Expression, source: string): number {
  let depth = 0
  for (let i = expression.at; i < source.length; i++) {
    const char = source[i]!
    if (char === "'" || char === '"') {
      const end = source.indexOf(char, i + 1)
      i = end < 0 ? source.length : end
    } else if (char === '(' || char === '[') depth++
    else if ((char === ')' || char === ']') && depth-- === 0) return i
    else if ((char === ',' || char === ';') && depth === 0) return i
    else if (depth === 0 && /^\s+(OPTIONS|NOT)\b/i.test(source.slice(i))) return i
  }
  return source.length
}

/** The columns of a query as a table's; they need distinct names and storable types. */
export function schemaOf(
  columns: readonly { readonly name: string | null; readonly type: Type }[],
  at: number,
): StoredField[] {
  return columns.map((column, i) => {
    if (column.name === null)
      throw invalid(at, `CREATE TABLE columns must be named, but column ${i + 1} has no name`)
    if (columns.some((other, j) => j < i && other.name?.toLowerCase() === column.name!.toLowerCase()))
      throw invalid(at, `CREATE TABLE has columns with duplicate name ${column.name}`)
    return fieldOfType(column.name, column.type)
  })
}
