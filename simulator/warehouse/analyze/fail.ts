import { duckType, quoteText } from '../types/duck.ts'
import type { Type } from '../types/type.ts'

/**
 * SQL that is NULL where `sql` fails, but still fails where one of its arguments does.
 * TRY alone would swallow both.
 */
export function safely(sql: string, args: readonly string[], type: Type): string {
  const risky = args.filter(
    (arg) => !/^(?:[\w.]|"(?:[^"]|"")*")+$|^'(?:[^']|'')*'$|^CAST\([\w.+-]+ AS \w+\)$/.test(arg),
  )
  if (risky.length === 0) return `TRY(${sql})`
  return `CASE WHEN hash(${risky.join(', ')}) IS NOT NULL THEN TRY(${sql}) ELSE CAST(NULL AS ${duckType(type)}) END`
}

/** SQL that ends the query with a message when it is evaluated. `message` is SQL. */
export function failWith(message: string, type: Type): string {
  return `CAST(bq_error(${message}) AS ${duckType(type)})`
}

export function failText(message: string, type: Type): string {
  return failWith(quoteText(message), type)
}
