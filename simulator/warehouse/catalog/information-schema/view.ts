import type { Context } from '../../analyze/context.ts'
import { duckType, quoteText, structNames } from '../../types/duck.ts'
import type { Type } from '../../types/type.ts'
import type { TableEntry } from '../entry.ts'

/** A view's rows as a derived table with columns c0, c1 … */
export interface SchemaView {
  readonly sql: string
  readonly columns: readonly { readonly name: string; readonly type: Type }[]
}

/** A cell: times as milliseconds in a bigint, structs as lists in field order. */
export type ViewCell = string | number | boolean | bigint | null | readonly ViewCell[]

/** The part of the catalogue that a query asks about. */
export interface Asked {
  readonly context: Context
  readonly datasets: readonly string[]
  readonly tables: readonly TableEntry[]
  /** `US` of `region-us`; null when a dataset was named, or nothing. */
  readonly region: string | null
}

export interface View {
  readonly columns: readonly (readonly [string, Type])[]
  rows(asked: Asked): readonly (readonly ViewCell[])[]
}

export function rowsView(view: View, asked: Asked): SchemaView {
  const named = view.columns.map(([name, type]) => ({ name, type }))
  const objects = view
    .rows(asked)
    .map((row) => Object.fromEntries(named.map(({ type }, i) => [`c${i}`, jsonCell(row[i] ?? null, type)])))
  const form = Object.fromEntries(named.map(({ type }, i) => [`c${i}`, jsonForm(type)]))
  const json = quoteText(JSON.stringify(objects))
  const sql = `(SELECT unnest(from_json(${json}, ${quoteText(JSON.stringify([form]))}), max_depth := 2))`
  return { sql, columns: named }
}

/** A type as `from_json` takes it. */
function jsonForm(type: Type): unknown {
  if (type.kind === 'scalar') return duckType(type)
  if (type.kind === 'array') return [jsonForm(type.element)]
  const names = structNames(type.fields)
  return Object.fromEntries(type.fields.map((field, i) => [names[i]!, jsonForm(field.type)]))
}

function jsonCell(cell: ViewCell, type: Type): unknown {
  if (type.kind === 'array')
    return Array.isArray(cell)
      ? (cell as readonly ViewCell[]).map((item) => jsonCell(item, type.element))
      : []
  if (cell === null) return null
  if (type.kind === 'struct') {
    const names = structNames(type.fields)
    const items = cell as readonly ViewCell[]
    return Object.fromEntries(
      type.fields.map((field, i) => [names[i]!, jsonCell(items[i] ?? null, field.type)]),
    )
  }
  return typeof cell === 'bigint' ? new Date(Number(cell)).toISOString() : cell
}
