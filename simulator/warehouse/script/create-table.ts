import { type Env, rootEnv } from '../analyze/context.ts'
import { analyzeQuery } from '../analyze/query.ts'
import { findTable, INGESTION_COLUMN, missingTable, resolvePath } from '../analyze/table.ts'
import { type Typed, typed } from '../analyze/typed.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { physicalTable, temporaryTable } from '../catalog/physical.ts'
import { execute } from '../engine/database.ts'
import { constrain, storeValue } from '../engine/store.ts'
import { invalid } from '../../../sql/problem.ts'
import type { CreateTable, Query, TablePath } from '../../../sql/syntax.ts'
import { quoteName } from '../types/duck.ts'
import { isGroupable, typeOfField } from '../types/type.ts'
import type { TableName } from '../warehouse.ts'
import { readOptions, type Options } from './options.ts'
import type { Session } from './session.ts'
import { type DdlPlan, type Of, nothing } from './plan.ts'
import { fieldsOf, schemaOf } from './columns.ts'
import { ingests, physicalColumns } from './layout.ts'
import { declaredKeys } from './keys.ts'
import { layoutText } from '../load/layout-text.ts'
import { partitioning } from './partition-by.ts'

export function planCreateTable(statement: Of<'createTable'>, session: Session, source: string): DdlPlan {
  const context = session.context()
  const env = rootEnv(context)
  const name = statement.temporary
    ? { dataset: '', table: temporaryName(statement.path) }
    : resolvePath(statement.path, context)
  if (!statement.temporary && !context.catalog.dataset(name.dataset))
    throw missingTable(name, statement.path.at, context)
  const existing = statement.temporary
    ? session.temporary.get(name.table.toLowerCase())
    : context.catalog.table(name)
  if (existing && !statement.orReplace) {
    if (statement.ifNotExists) return { ddl: { operation: 'SKIP', table: name }, run: nothing }
    throw invalid(statement.path.at, `Already Exists: Table ${context.project}:${name.dataset}.${name.table}`)
  }
  if (existing?.kind === 'VIEW') throw invalid(statement.path.at, `${name.dataset}.${name.table} is a view`)
  const options = readOptions(statement.options, env)
  const { schema, query } = contents(statement, env, source)
  const like =
    statement.source?.kind === 'like' || statement.source?.kind === 'copy'
      ? findTable(statement.source.path, context)
      : null
  const partition = statement.partitionBy ? partitioning(statement.partitionBy, schema, statement.at) : {}
  const entry = newTable(
    name,
    schema,
    {
      ...(like ? inherited(like) : {}),
      ...(statement.snapshot ? { snapshot: true } : {}),
      ...partition,
      ...declaredKeys(statement.keys, schema, name, context),
    },
    options,
    statement,
    session,
  )
  if (existing && !statement.temporary && layoutText(existing) !== layoutText(entry))
    throw invalid(
      statement.at,
      `Cannot replace a table with a different partitioning spec. Instead, DROP the table, and then recreate it. New partitioning spec is ${layoutText(entry)} and existing spec is ${layoutText(existing)}`,
    )
  const operation = existing ? 'REPLACE' : 'CREATE'
  return {
    ddl: { operation, table: name },
    run: async (changes) => {
      const { connection } = session
      const columns = physicalColumns(entry)
      const replaced = statement.orReplace ? 'OR REPLACE ' : ''
      await execute(
        connection,
        `CREATE ${replaced}${statement.temporary ? 'TEMP ' : ''}TABLE ${entry.physical} (${columns.join(', ')})`,
      )
      if (query)
        await execute(
          connection,
          `INSERT INTO ${entry.physical} (${schema.map((f) => quoteName(f.name)).join(', ')}${ingests(entry) ? `, ${quoteName(INGESTION_COLUMN)}` : ''}) ${query}`,
        )
      if (statement.temporary) session.temporary.set(name.table.toLowerCase(), entry)
      else changes.push({ kind: 'putTable', entry })
    },
  }
}

function temporaryName(path: TablePath): string {
  const name = path.parts.at(-1)!
  if (path.parts.length > 1 && path.parts[0]!.toUpperCase() !== '_SESSION')
    throw invalid(path.at, 'CREATE TEMP TABLE takes a name without a dataset')
  return name
}

/** The columns of a new table and, when it starts with rows, the SELECT that gives them. */
function contents(
  statement: Of<'createTable'>,
  env: Env,
  source: string,
): { schema: readonly StoredField[]; query: string | null } {
  const declared = statement.columns ? fieldsOf(statement.columns, env, source) : null
  if (!statement.source) {
    if (!declared) throw invalid(statement.at, 'CREATE TABLE needs columns or AS SELECT')
    return { schema: declared, query: null }
  }
  if (statement.source.kind !== 'query') {
    const from = findTable(statement.source.path, env.context)
    if (from.kind === 'VIEW') throw invalid(statement.at, `${from.table} is not a table`)
    const list = from.schema.map((field) => quoteName(field.name))
    if (ingests(from)) list.push(quoteName(INGESTION_COLUMN))
    return {
      schema: from.schema,
      query: statement.source.kind === 'copy' ? `SELECT ${list.join(', ')} FROM ${from.physical}` : null,
    }
  }
  return queryContents(statement.source.query, declared, env, statement)
}

function queryContents(
  query: Query,
  declared: readonly StoredField[] | null,
  env: Env,
  statement: Of<'createTable'>,
): { schema: readonly StoredField[]; query: string } {
  const analyzed = analyzeQuery(query, env)
  const schema = declared ?? schemaOf(analyzed.columns, statement.at)
  if (schema.length !== analyzed.columns.length)
    throw invalid(
      statement.at,
      `The number of columns in the column definition list does not match the number of columns produced by the query`,
    )
  const values = schema.map((field, i) => {
    const literal = analyzed.literals[i]
    const value: Typed =
      literal && literal.kind !== 'array' && literal.kind !== 'struct'
        ? { sql: `q.c${i}`, type: analyzed.columns[i]!.type, literal }
        : typed(`q.c${i}`, analyzed.columns[i]!.type)
    return declared ? storeValue(value, field, statement.at) : constrain(value.sql, field)
  })
  return {
    schema,
    query: `SELECT ${values.join(', ')}${partitionsByIngestion(statement) ? ', NULL' : ''} FROM (${analyzed.sql}) AS q`,
  }
}

function partitionsByIngestion(statement: Of<'createTable'>): boolean {
  return statement.partitionBy !== null && JSON.stringify(statement.partitionBy).includes('_PARTITION')
}

function inherited(like: TableEntry): Partial<TableEntry> {
  const { partitioning: parts, rangePartitioning, clustering, requirePartitionFilter } = like
  return {
    ...(parts ? { partitioning: parts } : {}),
    ...(rangePartitioning ? { rangePartitioning } : {}),
    ...(clustering ? { clustering } : {}),
    ...(requirePartitionFilter === undefined ? {} : { requirePartitionFilter }),
  }
}

function newTable(
  name: TableName,
  schema: readonly StoredField[],
  base: Partial<TableEntry>,
  options: Options,
  statement: Pick<CreateTable, 'clusterBy' | 'at'>,
  session: Session,
): TableEntry {
  const { now } = session.request
  const dataset = session.database.catalog.dataset(name.dataset)
  const clustering = statement.clusterBy.map((column) => {
    const field = schema.find((item) => item.name.toLowerCase() === column.text.toLowerCase())
    if (!field || !isGroupable(typeOfField(field)) || field.type === 'STRUCT' || field.type === 'FLOAT64')
      throw invalid(column.at, `The field ${column.text} cannot be used for clustering`)
    return field.name
  })
  if (clustering.length > 4) throw invalid(statement.at, 'A table can be clustered by at most 4 columns')
  let parts = base.partitioning
  const expiration =
    options.partitionExpirationMs ?? (parts ? dataset?.defaultPartitionExpirationMs : undefined)
  if (options.partitionExpirationMs !== undefined && !parts)
    throw invalid(statement.at, 'partition_expiration_days is only allowed on tables partitioned by time')
  if (parts && expiration !== undefined && expiration !== null) parts = { ...parts, expirationMs: expiration }
  const byDefault =
    dataset?.defaultTableExpirationMs !== undefined &&
    !(parts && dataset.defaultPartitionExpirationMs !== undefined)
      ? now + dataset.defaultTableExpirationMs
      : undefined
  const expiresAt = options.expiresAt === null ? undefined : (options.expiresAt ?? byDefault)
  return {
    ...name,
    kind: 'TABLE',
    schema,
    physical: name.dataset === '' ? temporaryTable(name.table) : physicalTable(name),
    ...base,
    ...(parts ? { partitioning: parts } : {}),
    ...(clustering.length > 0 ? { clustering } : {}),
    ...(options.requirePartitionFilter ? { requirePartitionFilter: true } : {}),
    ...(options.description === undefined || options.description === null
      ? {}
      : { description: options.description }),
    ...(options.friendlyName ? { friendlyName: options.friendlyName } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    labels: options.labels ?? {},
    createdAt: now,
    modifiedAt: now,
  }
}
