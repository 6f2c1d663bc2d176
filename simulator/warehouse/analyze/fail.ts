import { duckType, quoteText } from '../types/duck.ts'
import type { Type } from '../types/type.ts'

/** SQL that ends the query with a message when it is evaluated. `message` is SQL. */
export function failWith(message: string, type: Type): string {
  return `CAST(bq_error(${message}) AS ${duckType(type)})`
}

export function failText(message: string, type: Type): string {
  return failWith(quoteText(message), type)
}
