import { parseExpression } from './expression/parse.ts'
import { ExpressionSyntaxError } from './expression/syntax-error.ts'
import type { Expression } from './expression/syntax.ts'
import type { AssignmentTarget } from './syntax.ts'

/**
 * Parses what stands on the left of an assignment: `v`, `v.key`, `v["key"]`, `v[i + 1].b`. Throws
 * `ExpressionSyntaxError`. https://cloud.google.com/workflows/docs/reference/syntax/variables
 */
export function parseTarget(source: string): AssignmentTarget {
  const path: Expression[] = []
  let part = parseExpression(source)
  for (;;) {
    switch (part.kind) {
      case 'name':
        return { variable: part.name, path: path.toReversed(), source }
      case 'member':
        path.push({ kind: 'literal', value: part.name, offset: part.offset })
        part = part.target
        break
      case 'index':
        path.push(part.index)
        part = part.target
        break
      default:
        throw new ExpressionSyntaxError(
          'an assignment needs a variable and an optional path of keys',
          part.offset,
        )
    }
  }
}
