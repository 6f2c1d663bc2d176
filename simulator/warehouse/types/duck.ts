import type { StructField, Type } from './type.ts'

const scalars: Readonly<Record<string, string>> = {
  STRING: 'VARCHAR',
  INT64: 'BIGINT',
  FLOAT64: 'DOUBLE',
  NUMERIC: 'DECIMAL(38,9)',
  BOOL: 'BOOLEAN',
  DATE: 'DATE',
  DATETIME: 'TIMESTAMP',
  TIME: 'TIME',
  TIMESTAMP: 'TIMESTAMPTZ',
  BYTES: 'BLOB',
  INTERVAL: 'INTERVAL',
  // Canonical JSON text: DuckDB's own JSON type would compare and order by other rules.
  JSON: 'VARCHAR',
  // Text in a canonical form; only stored and converted, see functions/bignumeric.ts.
  BIGNUMERIC: 'VARCHAR',
}

/** The DuckDB type that holds values of a BigQuery type. */
export function duckType(type: Type): string {
  if (type.kind === 'scalar') return scalars[type.name]!
  if (type.kind === 'array') return `${duckType(type.element)}[]`
  if (type.fields.length === 0) return 'STRUCT("_" BOOLEAN)'
  const names = structNames(type.fields)
  return `STRUCT(${type.fields.map((f, i) => `${quoteName(names[i]!)} ${duckType(f.type)}`).join(', ')})`
}

/** Names of a struct's fields in DuckDB, where they must exist and be unique. */
export function structNames(fields: readonly StructField[]): string[] {
  const seen = new Set<string>()
  return fields.map((field, i) => {
    let name = field.name ?? `_field_${i + 1}`
    while (seen.has(name.toLowerCase())) name += `_${i + 1}`
    seen.add(name.toLowerCase())
    return name
  })
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteText(text: string): string {
  if (text.includes('\0')) return `(${text.split('\0').map(quoteText).join(' || chr(0) || ')})`
  return `'${text.replaceAll("'", "''")}'`
}
