import type { TableEntry } from '../catalog/entry.ts'
import { datasetTables, informationSchema } from '../catalog/information-schema/index.ts'
import { parseScript } from '../../../sql/parser/statement.ts'
import { invalid, notFound, unsupported } from '../../../sql/problem.ts'
import { withSource } from '../problem.ts'
import type { From, TablePath } from '../../../sql/syntax.ts'
import { quoteName, quoteText } from '../types/duck.ts'
import { DATE, STRING, TIMESTAMP, typeOfField } from '../types/type.ts'
import type { TableName } from '../warehouse.ts'
import { type Context, type Env, rootEnv, uniqueName, viewContext } from './context.ts'
import { derived, type FromResult } from './from.ts'
import { analyzeQuery } from './query.ts'
import type { Column, Relation } from './scope.ts'
import { typed } from './typed.ts'

/** The hidden column of tables partitioned by ingestion time. */
export const INGESTION_COLUMN = '_PARTITIONTIME'

/** dataset and table of a path; the project must be the warehouse's own. */
export function resolvePath(path: TablePath, context: Context): TableName {
  const parts = [...path.parts]
  if (parts.length === 3) checkProject(parts.shift()!, path.at, context)
  if (parts.length === 1) {
    if (context.defaultDataset === null)
      throw invalid(path.at, `Table "${parts[0]}" must be qualified with a dataset (e.g. dataset.table)`)
    parts.unshift(context.defaultDataset)
  }
  if (parts.length !== 2) throw invalid(path.at, `Invalid table name: ${path.parts.join('.')}`)
  return { dataset: parts[0]!, table: parts[1]! }
}

function checkProject(project: string, at: number, context: Context): void {
  if (project !== context.project) throw notFound(at, `Not found: Project ${project}`)
}

export function missingTable(name: TableName, at: number, context: Context): Error {
  const known = context.catalog.dataset(name.dataset)
  if (!known)
    return notFound(at, `Not found: Dataset ${context.project}:${name.dataset} was not found in location US`)
  return notFound(
    at,
    `Not found: Table ${context.project}:${name.dataset}.${name.table} was not found in location US`,
  )
}

/** A table that exists, temporary ones of the script first. */
export function findTable(path: TablePath, context: Context): TableEntry {
  const temporary = path.parts.length === 1 ? context.temporary.get(path.parts[0]!.toLowerCase()) : undefined
  if (temporary) return temporary
  const name = resolvePath(path, context)
  const entry = context.catalog.table(name)
  if (!entry) throw missingTable(name, path.at, context)
  return entry
}

export function analyzeTable(from: From & { kind: 'table' }, env: Env): FromResult {
  const { path } = from
  const alias = from.alias?.text ?? path.parts.at(-1)!
  if (path.parts.length === 1) {
    const common = env.common.find((item) => item.name.toLowerCase() === path.parts[0]!.toLowerCase())
    if (common) {
      const emitted = uniqueName(env.context, 't')
      return derived(`${common.emitted} AS ${emitted}`, emitted, alias, common.columns, common.valueTable)
    }
  }
  const schemaAt = path.parts.findIndex((part) => part.toUpperCase() === 'INFORMATION_SCHEMA')
  if (schemaAt >= 0) return analyzeInformationSchema(path, schemaAt, alias, env)
  if (path.parts.length > 1 && path.parts.at(-1)!.toUpperCase() === '__TABLES__')
    return analyzeMetaTables(path, alias, env)
  if (path.parts.at(-1)!.endsWith('*')) return analyzeWildcard(path, from.alias?.text ?? null, env)
  const entry = findTable(path, env.context)
  note(entry, env.context)
  return entry.kind === 'VIEW' ? analyzeView(entry, alias, env, path.at) : scan(entry, alias, env.context)
}

function note(entry: TableEntry, context: Context): void {
  if (entry.dataset === '') return
  const known = context.referenced.some(
    (other) => other.dataset === entry.dataset && other.table === entry.table,
  )
  if (!known) context.referenced.push({ dataset: entry.dataset, table: entry.table })
}

/** A stored table under a fresh name. */
export function scan(entry: TableEntry, name: string | null, context: Context): FromResult {
  const alias = uniqueName(context, 't')
  const relation = tableRelation(entry, alias, name)
  return {
    sql: `${entry.physical} AS ${alias}`,
    relations: [relation],
    star: relation.columns,
    conditions: [],
    lateral: false,
  }
}

function tableRelation(entry: TableEntry, alias: string, name: string | null): Relation {
  const columns = entry.schema.map((field) => ({
    name: field.name,
    value: typed(`${alias}.${quoteName(field.name)}`, typeOfField(field)),
  }))
  const ingestion = entry.partitioning && entry.partitioning.field === undefined
  const time = `${alias}.${quoteName(INGESTION_COLUMN)}`
  const pseudo: Column[] = ingestion
    ? [
        { name: INGESTION_COLUMN, value: typed(time, TIMESTAMP) },
        { name: '_PARTITIONDATE', value: typed(`CAST((${time} AT TIME ZONE 'UTC') AS DATE)`, DATE) },
      ]
    : []
  const field = entry.partitioning?.field ?? entry.rangePartitioning?.field
  const requiredFilter = entry.requirePartitionFilter
    ? {
        table: `${entry.dataset}.${entry.table}`,
        columns: field ? [field] : [INGESTION_COLUMN, '_PARTITIONDATE'],
      }
    : null
  return { alias: name, columns, pseudo, value: null, requiredFilter }
}

function analyzeView(entry: TableEntry, name: string, env: Env, at: number): FromResult {
  const key = `${entry.dataset}.${entry.table}`
  const { context } = env
  if (context.expanding.includes(key)) throw invalid(at, `View ${key} contains itself`)
  const inner = viewContext(context, key)
  const sql = entry.viewQuery ?? ''
  const query = withSource(sql, () => {
    const [statement] = parseScript(sql)
    if (statement?.kind !== 'query') throw invalid(at, `View ${key} is not a query`)
    return analyzeQuery(statement.query, rootEnv(inner))
  })
  const alias = uniqueName(context, 't')
  const columns = query.columns.map((column, i) => ({
    name: entry.schema[i]?.name ?? column.name,
    type: column.type,
  }))
  return derived(`(${query.sql}) AS ${alias}`, alias, name, columns, query.valueTable)
}

function analyzeInformationSchema(path: TablePath, schemaAt: number, name: string, env: Env): FromResult {
  const { context } = env
  const before = path.parts.slice(0, schemaAt)
  const view = path.parts
    .slice(schemaAt + 1)
    .join('.')
    .toUpperCase()
  if (before.length === 2) checkProject(before.shift()!, path.at, context)
  const [qualifier = null] = before
  const region = qualifier === null ? null : /^region-(.+)$/i.exec(qualifier)?.[1]
  const named = qualifier === context.project && !context.catalog.dataset(qualifier) ? null : qualifier
  if (!region && named !== null && !context.catalog.dataset(named))
    throw notFound(path.at, `Not found: Dataset ${context.project}:${named} was not found in location US`)
  const scope = region ? { region } : named === null ? null : { dataset: named }
  const rows = informationSchema(view, scope, context)
  if (!rows) throw unsupported(path.at, `INFORMATION_SCHEMA.${view}`)
  const alias = uniqueName(context, 't')
  return derived(`${rows.sql} AS ${alias}`, alias, name, rows.columns, false)
}

function analyzeMetaTables(path: TablePath, name: string, env: Env): FromResult {
  const { context } = env
  const { dataset } = resolvePath(path, context)
  if (!context.catalog.dataset(dataset))
    throw missingTable({ dataset, table: '__TABLES__' }, path.at, context)
  const rows = datasetTables(dataset, context)
  const alias = uniqueName(context, 't')
  return derived(`${rows.sql} AS ${alias}`, alias, name, rows.columns, false)
}

/** `dataset.prefix*`: the columns are those of the table created last. */
function analyzeWildcard(path: TablePath, name: string | null, env: Env): FromResult {
  const { dataset, table } = resolvePath(path, env.context)
  const prefix = table.slice(0, -1)
  const tables = env.context.catalog
    .tables(dataset)
    .filter((entry) => entry.kind === 'TABLE' && entry.table.startsWith(prefix))
  const latest = tables.toSorted((a, b) => b.createdAt - a.createdAt || (a.table < b.table ? 1 : -1))[0]
  if (!latest)
    throw notFound(path.at, `Not found: ${env.context.project}:${dataset}.${table} does not match any table`)
  const alias = uniqueName(env.context, 't')
  const selects = tables.map((entry) => {
    note(entry, env.context)
    const columns = latest.schema.map((field) => {
      const own = entry.schema.find((other) => other.name.toLowerCase() === field.name.toLowerCase())
      if (own && (own.type !== field.type || (own.mode === 'REPEATED') !== (field.mode === 'REPEATED')))
        throw unsupported(path.at, `wildcard over tables whose column ${field.name} differs in type`)
      return own ? quoteName(own.name) : `NULL AS ${quoteName(field.name)}`
    })
    return `SELECT ${columns.join(', ')}, ${quoteText(entry.table.slice(prefix.length))} AS "_TABLE_SUFFIX" FROM ${entry.physical}`
  })
  const relation = tableRelation(latest, alias, name)
  const suffix: Column = { name: '_TABLE_SUFFIX', value: typed(`${alias}."_TABLE_SUFFIX"`, STRING) }
  const full: Relation = { ...relation, pseudo: [suffix] }
  return {
    sql: `(${selects.join(' UNION ALL ')}) AS ${alias}`,
    relations: [full],
    star: full.columns,
    conditions: [],
    lateral: false,
  }
}
