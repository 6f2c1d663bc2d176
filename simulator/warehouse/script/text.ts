import { Cursor } from '../../../sql/parser/cursor.ts'
import { parseType } from '../../../sql/parser/type.ts'
import type { TypeSyntax } from '../../../sql/syntax.ts'

/** A type as it was written, for the catalogue. */
export function typeSyntaxText(syntax: TypeSyntax): string {
  if (syntax.kind === 'array') return `ARRAY<${typeSyntaxText(syntax.element)}>`
  if (syntax.kind === 'struct')
    return `STRUCT<${syntax.fields.map((field) => (field.name ? `\`${field.name}\` ` : '') + typeSyntaxText(field.type)).join(', ')}>`
  return syntax.name.toUpperCase()
}

/** The type of a routine's argument from the catalogue; null for ANY TYPE. */
export function parseRoutineType(text: string): TypeSyntax | null {
  return text === 'ANY TYPE' ? null : parseType(new Cursor(text))
}
