import type { TypeSyntax } from '../sql/syntax.ts'

/** A type as it was written, for the catalogue. */
export function typeSyntaxText(syntax: TypeSyntax): string {
  if (syntax.kind === 'array') return `ARRAY<${typeSyntaxText(syntax.element)}>`
  if (syntax.kind === 'struct')
    return `STRUCT<${syntax.fields.map((field) => (field.name ? `\`${field.name}\` ` : '') + typeSyntaxText(field.type)).join(', ')}>`
  return syntax.name.toUpperCase()
}
