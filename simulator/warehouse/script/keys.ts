import type { Context } from '../analyze/context.ts'
import { resolvePath } from '../analyze/table.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { invalid, notFound } from '../../../sql/problem.ts'
import type { KeyConstraint, Name } from '../../../sql/syntax.ts'
import type { ForeignKey, TableName } from '../warehouse.ts'

type Keys = Pick<TableEntry, 'primaryKey' | 'foreignKeys'>

/** Keys as the catalogue keeps them: declared for readers, enforced by nothing. */
export function declaredKeys(
  keys: readonly KeyConstraint[],
  schema: readonly StoredField[],
  table: TableName,
  context: Context,
): Keys {
  return keys.reduce<Keys>((known, key) => addKey(known, key, schema, table, context), {})
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language#table_constraints */
export function addKey(
  known: Keys,
  key: KeyConstraint,
  schema: readonly StoredField[],
  table: TableName,
  context: Context,
): Keys {
  const columns = key.columns.map((column) => columnName(column, schema))
  if (key.kind === 'primary') {
    if (known.primaryKey) throw invalid(key.at, 'A table can have only one primary key')
    if (columns.length > 16) throw invalid(key.at, 'A primary key can have at most 16 columns')
    return { ...known, primaryKey: columns }
  }
  const target = resolvePath(key.path, context)
  const own = target.dataset === table.dataset && target.table === table.table
  const other = context.catalog.table(target)
  if (!own && !other)
    throw notFound(key.path.at, `Not found: Table ${context.project}:${target.dataset}.${target.table}`)
  const referenced = key.referenced.map((column) => columnName(column, own ? schema : other!.schema))
  const primary = own ? known.primaryKey : other!.primaryKey
  if (primary?.join().toLowerCase() !== referenced.join().toLowerCase())
    throw invalid(key.at, 'A foreign key must reference the primary key of its table')
  if (columns.length !== referenced.length)
    throw invalid(key.at, 'A foreign key has as many columns as it references')
  const keys = known.foreignKeys ?? []
  const name = key.name ?? freeName(keys)
  if (keys.some((item) => item.name === name)) throw invalid(key.at, `Duplicate constraint name ${name}`)
  const added: ForeignKey = { name, columns, table: target, referenced }
  return { ...known, foreignKeys: [...keys, added] }
}

function freeName(keys: readonly ForeignKey[]): string {
  let number = keys.length + 1
  while (keys.some(({ name }) => name === `fk$${number}`)) number++
  return `fk$${number}`
}

function columnName(column: Name, schema: readonly StoredField[]): string {
  const found = schema.find((field) => field.name.toLowerCase() === column.text.toLowerCase())
  if (!found) throw invalid(column.at, `Column ${column.text} of the key is not in the table`)
  return found.name
}
