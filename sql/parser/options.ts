import type { Option } from '../syntax.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expression.ts'

/** OPTIONS(name = value, …) */
export function parseOptions(cursor: Cursor): Option[] {
  cursor.expect('OPTIONS', '(')
  if (cursor.accept(')')) return []
  const options = cursor.list(() => {
    const name = cursor.name()
    cursor.expect('=')
    return { name, value: parseExpression(cursor) }
  })
  cursor.expect(')')
  return options
}
