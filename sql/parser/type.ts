import type { Option, TypeSyntax } from '../syntax.ts'
import type { Cursor } from './cursor.ts'
import { parseOptions } from './options.ts'

/** INT64, NUMERIC(10, 2), ARRAY<…>, STRUCT<a INT64, …>. */
export function parseType(cursor: Cursor): TypeSyntax {
  const { at } = cursor
  if (cursor.accept('ARRAY')) {
    cursor.expect('<')
    const element = parseType(cursor)
    cursor.closeAngle()
    return { kind: 'array', at, element }
  }
  if (cursor.accept('STRUCT')) {
    cursor.expect('<')
    const fields = cursor.is('>', '>>') ? [] : cursor.list(() => parseStructField(cursor))
    cursor.closeAngle()
    return { kind: 'struct', at, fields }
  }
  if (cursor.is('RANGE', 'GEOGRAPHY')) throw cursor.unsupported(`type ${cursor.token.word}`)
  const name = cursor.fieldName().text
  const parameters: string[] = []
  if (cursor.accept('(')) {
    parameters.push(...cursor.list(() => cursor.take().text))
    cursor.expect(')')
  }
  return { kind: 'named', at, name, parameters }
}

function parseStructField(cursor: Cursor): {
  name: string | null
  type: TypeSyntax
  notNull: boolean
  options: readonly Option[]
} {
  const next = cursor.peek().word
  const anonymous = next === ',' || next === '>' || next === '>>' || next === '<' || next === '('
  const name = anonymous ? null : cursor.fieldName().text
  const type = parseType(cursor)
  const notNull = cursor.accept('NOT', 'NULL')
  return { name, type, notNull, options: cursor.is('OPTIONS') ? parseOptions(cursor) : [] }
}
