import { duckType, quoteText } from '../types/duck.ts'
import { BOOL, FLOAT64, INT64, STRING, type Type } from '../types/type.ts'

/** An expression that has been checked: its DuckDB SQL and its BigQuery type. */
export interface Typed {
  readonly sql: string
  readonly type: Type
  /** What literals (and parameters) may become beyond ordinary coercion. */
  readonly literal?: Literal
}

type Literal =
  | { readonly kind: 'null' }
  /** ERROR(…): has no value, so it can stand for one of any type. */
  | { readonly kind: 'never' }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly Typed[] }
  | { readonly kind: 'struct'; readonly items: readonly Typed[] }

export function typed(sql: string, type: Type): Typed {
  return { sql, type }
}

export function nullOf(type: Type): Typed {
  return { sql: `CAST(NULL AS ${duckType(type)})`, type }
}

export const NULL: Typed = { ...nullOf(INT64), literal: { kind: 'null' } }

export function intLiteral(value: bigint): Typed {
  return { sql: `CAST(${value} AS BIGINT)`, type: INT64, literal: { kind: 'int', value } }
}

export function stringLiteral(value: string): Typed {
  return { sql: quoteText(value), type: STRING, literal: { kind: 'string', value } }
}

export function boolLiteral(value: boolean): Typed {
  return { sql: value ? 'TRUE' : 'FALSE', type: BOOL }
}

export function floatLiteral(text: string): Typed {
  const value = Number(text)
  const printed = String(value)
  return {
    sql: `CAST(${/e/.test(printed) ? printed : `${printed}e0`} AS DOUBLE)`,
    type: FLOAT64,
    literal: { kind: 'float', text },
  }
}

/** The text of a STRING literal, or null. */
export function constantText(value: Typed | undefined): string | null {
  return value?.literal?.kind === 'string' ? value.literal.value : null
}

export function isNullLiteral(value: Typed): boolean {
  return value.literal?.kind === 'null'
}
