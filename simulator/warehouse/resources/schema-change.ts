import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { columnSql } from '../engine/store.ts'
import { duckType, quoteName, quoteText } from '../types/duck.ts'
import { typeOfField } from '../types/type.ts'
import type { SchemaUpdate, WarehouseError } from '../warehouse.ts'
import { invalidRequest } from './missing.ts'

export interface SchemaChange {
  /** Statements on the physical table; none where nothing changes. */
  readonly sql: readonly string[]
  readonly schema: readonly StoredField[]
}

const apiNames: Readonly<Record<string, string>> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRUCT: 'RECORD',
}

/** The message of the service for a schema that is not the table's. */
function mismatch(project: string, table: TableEntry, detail: string): WarehouseError {
  return invalidRequest(
    `Provided Schema does not match Table ${project}:${table.dataset}.${table.table}. ${detail}`,
  )
}

/**
 * From a table's schema to another one: new columns and REQUIRED relaxed to NULLABLE, as far as allowed; nothing else.
 * Columns that `schema` leaves out are missing, unless `partial`.
 * https://cloud.google.com/bigquery/docs/managing-table-schemas
 */
export function changeSchema(
  project: string,
  entry: TableEntry,
  schema: readonly StoredField[],
  allowed: readonly SchemaUpdate[],
  partial: boolean,
): SchemaChange {
  const refuse = (detail: string): WarehouseError => mismatch(project, entry, detail)
  const sql: string[] = []
  const next = mergeFields(entry.schema, schema, '', { refuse, allowed, partial })
  for (const [i, field] of next.entries()) {
    const name = quoteName(field.name)
    const before = entry.schema[i]
    if (before === undefined) {
      sql.push(`ALTER TABLE ${entry.physical} ADD COLUMN ${name} ${columnSql(field)}`)
      if (field.mode === 'REPEATED') sql.push(`UPDATE ${entry.physical} SET ${name} = []`)
      continue
    }
    if (before.mode === 'REQUIRED' && field.mode !== 'REQUIRED')
      sql.push(`ALTER TABLE ${entry.physical} ALTER COLUMN ${name} DROP NOT NULL`)
    const [from, to] = [duckType(typeOfField(before)), duckType(typeOfField(field))]
    if (from !== to)
      sql.push(
        `ALTER TABLE ${entry.physical} ALTER COLUMN ${name} TYPE ${to} USING ${widened(name, before, field, 0)}`,
      )
  }
  return { sql, schema: next }
}

interface Rules {
  readonly refuse: (detail: string) => WarehouseError
  readonly allowed: readonly SchemaUpdate[]
  readonly partial: boolean
}

/** The fields as they will be: those that are there in their order, new ones last. */
function mergeFields(
  before: readonly StoredField[],
  after: readonly StoredField[],
  path: string,
  rules: Rules,
): StoredField[] {
  const same = (a: StoredField, b: StoredField): boolean => a.name.toLowerCase() === b.name.toLowerCase()
  const kept = before.map((field) => {
    const next = after.find((item) => same(item, field))
    if (next) return mergeField(field, next, path, rules)
    const relaxes = rules.allowed.includes('ALLOW_FIELD_RELAXATION')
    if (!rules.partial || (field.mode === 'REQUIRED' && !relaxes))
      throw rules.refuse(`Field ${path}${field.name} is missing in new schema`)
    return field.mode === 'REQUIRED' ? { ...field, mode: 'NULLABLE' as const } : field
  })
  const added = after.filter((field) => !before.some((item) => same(item, field)))
  for (const field of added) {
    if (!rules.allowed.includes('ALLOW_FIELD_ADDITION'))
      throw rules.refuse(`Cannot add fields (field: ${path}${field.name})`)
    if (field.mode === 'REQUIRED')
      throw rules.refuse(`Cannot add required fields to an existing schema. (field: ${path}${field.name})`)
  }
  return [...kept, ...added]
}

function mergeField(before: StoredField, after: StoredField, path: string, rules: Rules): StoredField {
  const name = `${path}${before.name}`
  if (before.type !== after.type)
    throw rules.refuse(
      `Field ${name} has changed type from ${apiNames[before.type] ?? before.type} to ${apiNames[after.type] ?? after.type}`,
    )
  const relaxed = before.mode === 'REQUIRED' && after.mode === 'NULLABLE'
  const relaxes = rules.allowed.includes('ALLOW_FIELD_RELAXATION')
  if (before.mode !== after.mode && !(relaxed && relaxes))
    throw rules.refuse(`Field ${name} has changed mode from ${before.mode} to ${after.mode}`)
  if (narrower(before, after)) throw rules.refuse(`Field ${name} has become shorter or less precise`)
  const fields = before.fields ? mergeFields(before.fields, after.fields ?? [], `${name}.`, rules) : undefined
  return { ...after, name: before.name, ...(fields ? { fields } : {}) }
}

function narrower(before: StoredField, after: StoredField): boolean {
  const less = (a: number | undefined, b: number | undefined): boolean =>
    b !== undefined && (a === undefined || b < a)
  if (less(before.maxLength, after.maxLength)) return true
  if (after.precision === undefined) return false
  if (before.precision === undefined) return true
  const scales = [before.scale ?? 0, after.scale ?? 0] as const
  return scales[1] < scales[0] || after.precision - scales[1] < before.precision - scales[0]
}

/** A value with the fields that it did not have, which are NULL, or empty lists. */
function widened(sql: string, before: StoredField, after: StoredField, depth: number): string {
  const type = duckType(typeOfField(after))
  if (after.mode === 'REPEATED' && before.mode === 'REPEATED') {
    const item = `i${depth}`
    const one = (field: StoredField): StoredField => ({ ...field, mode: 'NULLABLE' })
    return `list_transform(${sql}, lambda ${item}: ${widened(item, one(before), one(after), depth + 1)})`
  }
  if (after.type !== 'STRUCT') return sql
  const parts = (after.fields ?? []).map((field) => {
    const old = before.fields?.find((item) => item.name === field.name)
    // A dot would be taken for a column of the table.
    const inner = `struct_extract(${sql}, ${quoteText(field.name)})`
    const empty = `CAST(${field.mode === 'REPEATED' ? '[]' : 'NULL'} AS ${duckType(typeOfField(field))})`
    return `${quoteName(field.name)} := ${old ? widened(inner, old, field, depth) : empty}`
  })
  return `CASE WHEN ${sql} IS NULL THEN CAST(NULL AS ${type}) ELSE struct_pack(${parts.join(', ')}) END`
}
