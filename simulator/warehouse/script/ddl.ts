import { type Env, rootEnv } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { analyzeQuery } from '../analyze/query.ts'
import { findTable, INGESTION_COLUMN, missingTable, resolvePath } from '../analyze/table.ts'
import { coerce } from '../analyze/coerce.ts'
import { type Typed, typed } from '../analyze/typed.ts'
import { resolveType } from '../analyze/types.ts'
import type { Change } from '../catalog/catalog.ts'
import type { RangePartitioning, StoredField, TableEntry } from '../catalog/entry.ts'
import { physicalSchema, physicalTable, temporaryTable } from '../catalog/physical.ts'
import { execute } from '../engine/database.ts'
import { columnSql, constrain, storeValue } from '../engine/store.ts'
import { typeSyntaxText } from './text.ts'
import { invalid, notFound, unsupported } from '../sql/problem.ts'
import type {
  ColumnDefinition,
  CreateTable,
  Expression,
  Query,
  Statement,
  TablePath,
  TypeSyntax,
} from '../sql/syntax.ts'
import { quoteName } from '../types/duck.ts'
import { fieldOfType, isGroupable, isScalar, typeOfField, typeText } from '../types/type.ts'
import type { DatasetMetadata, Partitioning, QueryResult, TableName } from '../warehouse.ts'
import { readOptions, type Options } from './options.ts'
import type { Session } from './session.ts'

export type Ddl = NonNullable<QueryResult['ddl']>
/** A checked DDL statement. */
export interface DdlPlan {
  readonly ddl: Ddl
  readonly rows?: number
  run(changes: Change[]): Promise<void>
}

type Of<K extends Statement['kind']> = Statement & { kind: K }
const nothing = async (): Promise<void> => undefined

/** The fields that column definitions describe. */
export function fieldsOf(columns: readonly ColumnDefinition[], env: Env, source: string): StoredField[] {
  const fields = columns.map((column) => {
    const field = fieldOfSyntax(column.name, column.type)
    if (column.notNull && field.mode === 'REPEATED')
      throw invalid(column.at, `NOT NULL cannot be applied to ARRAY column ${column.name}`)
    const options = readOptions(column.options, env)
    const defaultValue = column.default ? defaultText(column.default, field, env, source) : undefined
    return {
      ...field,
      ...(column.notNull ? { mode: 'REQUIRED' as const } : {}),
      ...(options.description === undefined || options.description === null
        ? {}
        : { description: options.description }),
      ...(defaultValue === undefined ? {} : { defaultValue }),
    }
  })
  for (const [i, field] of fields.entries())
    if (fields.some((other, j) => j < i && other.name.toLowerCase() === field.name.toLowerCase()))
      throw invalid(columns[i]!.at, `Duplicate column name ${field.name}`)
  return fields
}

export function fieldOfSyntax(name: string, syntax: TypeSyntax): StoredField {
  if (syntax.kind === 'array') return { ...fieldOfSyntax(name, syntax.element), mode: 'REPEATED' }
  if (syntax.kind === 'struct') {
    const fields = syntax.fields.map((field) => {
      if (field.name === null) throw invalid(syntax.at, `STRUCT column ${name} must name its fields`)
      const inner = fieldOfSyntax(field.name, field.type)
      if (field.notNull) throw unsupported(syntax.at, 'NOT NULL within STRUCT')
      return inner
    })
    return { name, type: 'STRUCT', mode: 'NULLABLE', fields }
  }
  const field: StoredField = fieldOfType(name, resolveType(syntax))
  if (syntax.parameters.length === 0) return field
  const [first, second] = syntax.parameters.map(Number)
  if (field.type === 'STRING' || field.type === 'BYTES') return { ...field, maxLength: first! }
  if (field.type === 'NUMERIC' && first! >= 1 && first! - (second ?? 0) <= 29 && (second ?? 0) <= 9)
    return { ...field, precision: first!, scale: second ?? 0 }
  if (field.type === 'BIGNUMERIC') throw unsupported(syntax.at, 'BIGNUMERIC with precision')
  throw invalid(syntax.at, `${field.type} does not take the parameters (${syntax.parameters.join(', ')})`)
}

function defaultText(expression: Expression, field: StoredField, env: Env, source: string): string {
  storeValue(analyzeExpression(expression, env), field, expression.at)
  return source.slice(expression.at, endOf(expression, source))
}

/** Where a default's text ends: at the first comma or parenthesis that is not its own. */
function endOf(expression: Expression, source: string): number {
  let depth = 0
  for (let i = expression.at; i < source.length; i++) {
    const char = source[i]!
    if (char === "'" || char === '"') {
      const end = source.indexOf(char, i + 1)
      i = end < 0 ? source.length : end
    } else if (char === '(' || char === '[') depth++
    else if ((char === ')' || char === ']') && depth-- === 0) return i
    else if ((char === ',' || char === ';') && depth === 0) return i
    else if (depth === 0 && /^\s+(OPTIONS|NOT)\b/i.test(source.slice(i))) return i
  }
  return source.length
}

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
    { ...(like ? inherited(like) : {}), ...partition },
    options,
    statement,
    session,
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

export function ingests(entry: TableEntry): boolean {
  return entry.partitioning !== undefined && entry.partitioning.field === undefined
}

export function physicalColumns(entry: TableEntry): string[] {
  const columns = entry.schema.map((field) => `${quoteName(field.name)} ${columnSql(field)}`)
  if (ingests(entry)) columns.push(`${quoteName(INGESTION_COLUMN)} TIMESTAMPTZ`)
  return columns
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

/** The columns of a query as a table's; they need distinct names and storable types. */
export function schemaOf(
  columns: readonly { readonly name: string | null; readonly type: Parameters<typeof typeText>[0] }[],
  at: number,
): StoredField[] {
  return columns.map((column, i) => {
    if (column.name === null)
      throw invalid(at, `CREATE TABLE columns must be named, but column ${i + 1} has no name`)
    if (columns.some((other, j) => j < i && other.name?.toLowerCase() === column.name!.toLowerCase()))
      throw invalid(at, `CREATE TABLE has columns with duplicate name ${column.name}`)
    return fieldOfType(column.name, column.type)
  })
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
    ...(expiresAt === undefined ? {} : { expiresAt }),
    labels: options.labels ?? {},
    createdAt: now,
    modifiedAt: now,
  }
}

/** PARTITION BY. https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language#partition_expression */
function partitioning(
  expression: Expression,
  schema: readonly StoredField[],
  at: number,
): { partitioning?: Partitioning; rangePartitioning?: RangePartitioning } {
  const columnOf = (node: Expression | undefined): StoredField | null => {
    if (node?.kind !== 'name') return null
    return schema.find((field) => field.name.toLowerCase() === node.name.toLowerCase()) ?? null
  }
  const name = expression.kind === 'call' ? expression.name[0]!.text.toUpperCase() : ''
  const args = expression.kind === 'call' ? expression.arguments.map((argument) => argument.value) : []
  const ingestion = (node: Expression | undefined): boolean =>
    node?.kind === 'name' && ['_PARTITIONTIME', '_PARTITIONDATE'].includes(node.name.toUpperCase())
  if (ingestion(expression)) return { partitioning: { type: 'DAY' } }
  if (name === 'DATE' && ingestion(args[0])) return { partitioning: { type: 'DAY' } }
  const direct = columnOf(expression)
  if (direct && isScalar(typeOfField(direct), 'DATE'))
    return { partitioning: { type: 'DAY', field: direct.name } }
  const column = columnOf(args[0])
  if (column && name === 'DATE' && isScalar(typeOfField(column), 'TIMESTAMP', 'DATETIME'))
    return { partitioning: { type: 'DAY', field: column.name } }
  if (name.endsWith('_TRUNC') && args[1]?.kind === 'name' && (column || ingestion(args[0]))) {
    const type = args[1].name.toUpperCase() as Partitioning['type']
    const matches = !column || typeText(typeOfField(column)) === name.replace('_TRUNC', '')
    if (
      matches &&
      ['DAY', 'HOUR', 'MONTH', 'YEAR'].includes(type) &&
      !(name === 'DATE_TRUNC' && type === 'HOUR')
    )
      return { partitioning: column ? { type, field: column.name } : { type } }
  }
  const [, range] = args
  if (name === 'RANGE_BUCKET' && column && isScalar(typeOfField(column), 'INT64') && range?.kind === 'call') {
    const numbers = range.arguments.map((argument) =>
      argument.value.kind === 'literal' ? Number(argument.value.text) : Number.NaN,
    )
    if (
      range.name[0]!.text.toUpperCase() === 'GENERATE_ARRAY' &&
      numbers.length === 3 &&
      numbers.every(Number.isInteger)
    )
      return {
        rangePartitioning: {
          field: column.name,
          start: numbers[0]!,
          end: numbers[1]!,
          interval: numbers[2]!,
        },
      }
  }
  throw invalid(
    at,
    'PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), a DATE column, a *_TRUNC of a column, RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(…)) or _PARTITIONDATE',
  )
}

export function planCreateView(statement: Of<'createView'>, session: Session): DdlPlan {
  const context = session.context()
  const name = resolvePath(statement.path, context)
  if (!context.catalog.dataset(name.dataset)) throw missingTable(name, statement.path.at, context)
  const existing = context.catalog.table(name)
  if (existing && !statement.orReplace) {
    if (statement.ifNotExists) return { ddl: { operation: 'SKIP', table: name }, run: nothing }
    throw invalid(statement.path.at, `Already Exists: Table ${context.project}:${name.dataset}.${name.table}`)
  }
  if (existing && existing.kind !== 'VIEW')
    throw invalid(statement.path.at, `${name.dataset}.${name.table} is not a view`)
  const env = rootEnv({
    ...context,
    defaultDataset: null,
    named: new Map(),
    positional: [],
    variables: new Map(),
    temporary: new Map(),
    expanding: [`${name.dataset}.${name.table}`],
  })
  const viewQuery = statement.queryText
  const query = analyzeQuery(statement.query, env)
  if (statement.columns && statement.columns.length !== query.columns.length)
    throw invalid(statement.at, 'The view column list and its query differ in number of columns')
  const named = query.columns.map((column, i) => ({
    name: statement.columns?.[i]?.name.text ?? column.name,
    type: column.type,
  }))
  const schema = schemaOf(named, statement.at).map((field, i) => {
    const description = statement.columns?.[i]
      ? readOptions(statement.columns[i].options, env).description
      : undefined
    return description ? { ...field, description } : field
  })
  const options = readOptions(statement.options, env)
  const { now } = session.request
  const entry: TableEntry = {
    ...name,
    kind: 'VIEW',
    schema,
    viewQuery,
    ...(statement.materialized ? { materialized: true } : {}),
    physical: '',
    ...(options.description ? { description: options.description } : {}),
    ...(options.expiresAt ? { expiresAt: options.expiresAt } : {}),
    labels: options.labels ?? {},
    createdAt: now,
    modifiedAt: now,
  }
  return {
    ddl: { operation: existing ? 'REPLACE' : 'CREATE', table: name },
    run: async (changes) => void changes.push({ kind: 'putTable', entry }),
  }
}

function datasetPath(path: TablePath, session: Session): string {
  const parts = [...path.parts]
  if (parts.length === 2 && parts[0] !== session.request.project)
    throw notFound(path.at, `Not found: Project ${parts[0]}`)
  if (parts.length === 0 || parts.length > 2)
    throw invalid(path.at, `Invalid dataset name: ${path.parts.join('.')}`)
  return parts.at(-1)!
}

export function planCreateSchema(statement: Of<'createSchema'>, session: Session): DdlPlan {
  const dataset = datasetPath(statement.path, session)
  const existing = session.database.catalog.dataset(dataset)
  if (existing && statement.ifNotExists) return { ddl: { operation: 'SKIP' }, run: nothing }
  if (existing)
    throw invalid(statement.path.at, `Already Exists: Dataset ${session.request.project}:${dataset}`)
  const options = readOptions(statement.options, rootEnv(session.context()))
  const { now } = session.request
  const metadata: DatasetMetadata = {
    dataset,
    location: options.location ?? 'US',
    labels: options.labels ?? {},
    createdAt: now,
    modifiedAt: now,
    ...datasetOptions(options),
  }
  return {
    ddl: { operation: 'CREATE' },
    run: async (changes) => {
      await execute(session.connection, `CREATE SCHEMA ${physicalSchema(dataset)}`)
      changes.push({ kind: 'putDataset', dataset: metadata })
    },
  }
}

function datasetOptions(options: Options): Partial<DatasetMetadata> {
  return {
    ...(options.description ? { description: options.description } : {}),
    ...(options.defaultTableExpirationMs
      ? { defaultTableExpirationMs: options.defaultTableExpirationMs }
      : {}),
    ...(options.defaultPartitionExpirationMs
      ? { defaultPartitionExpirationMs: options.defaultPartitionExpirationMs }
      : {}),
  }
}

export function planAlterSchema(statement: Of<'alterSchema'>, session: Session): DdlPlan {
  const dataset = datasetPath(statement.path, session)
  const existing = session.database.catalog.dataset(dataset)
  if (!existing) {
    if (statement.ifExists) return { ddl: { operation: 'SKIP' }, run: nothing }
    throw notFound(statement.path.at, `Not found: Dataset ${session.request.project}:${dataset}`)
  }
  const options = readOptions(statement.options, rootEnv(session.context()))
  const changed: DatasetMetadata = {
    ...existing,
    ...datasetOptions(options),
    labels: options.labels ?? existing.labels,
    modifiedAt: session.request.now,
  }
  return {
    ddl: { operation: 'ALTER' },
    run: async (changes) => void changes.push({ kind: 'putDataset', dataset: changed }),
  }
}

export function planDrop(statement: Of<'drop'>, session: Session): DdlPlan {
  const context = session.context()
  const { path, object } = statement
  const skip: DdlPlan = { ddl: { operation: 'SKIP' }, run: nothing }
  if (object === 'SCHEMA') {
    const dataset = datasetPath(path, session)
    if (!context.catalog.dataset(dataset)) {
      if (statement.ifExists) return skip
      throw notFound(path.at, `Not found: Dataset ${context.project}:${dataset}`)
    }
    const empty =
      context.catalog.tables(dataset).length === 0 && context.catalog.routines(dataset).length === 0
    if (!empty && !statement.cascade)
      throw invalid(path.at, `Dataset ${context.project}:${dataset} is still in use`)
    return {
      ddl: { operation: 'DROP' },
      run: async (changes) => {
        await execute(session.connection, `DROP SCHEMA ${physicalSchema(dataset)} CASCADE`)
        changes.push({ kind: 'dropDataset', dataset })
      },
    }
  }
  if (object === 'PROCEDURE' || object === 'FUNCTION') {
    const { dataset, table: routine } = resolvePath(path, context)
    if (context.catalog.routine(dataset, routine)?.kind !== object) {
      if (statement.ifExists) return skip
      throw notFound(path.at, `Not found: Routine ${context.project}:${dataset}.${routine}`)
    }
    return {
      ddl: { operation: 'DROP', routine: { dataset, routine } },
      run: async (changes) => void changes.push({ kind: 'dropRoutine', dataset, routine }),
    }
  }
  const temporary = path.parts.length === 1 ? session.temporary.get(path.parts[0]!.toLowerCase()) : undefined
  if (temporary && object === 'TABLE') {
    return {
      ddl: { operation: 'DROP' },
      run: async () => {
        await execute(session.connection, `DROP TABLE ${temporary.physical}`)
        session.temporary.delete(temporary.table.toLowerCase())
      },
    }
  }
  const name = resolvePath(path, context)
  const entry = context.catalog.table(name)
  if (!entry) {
    if (statement.ifExists) return skip
    throw missingTable(name, path.at, context)
  }
  if ((entry.kind === 'VIEW') !== (object === 'VIEW'))
    throw invalid(
      path.at,
      `${name.dataset}.${name.table} is a ${entry.kind.toLowerCase()}, not a ${object.toLowerCase()}`,
    )
  return {
    ddl: { operation: 'DROP', table: name },
    run: async (changes) => {
      if (entry.kind === 'TABLE') await execute(session.connection, `DROP TABLE ${entry.physical}`)
      changes.push({ kind: 'dropTable', name })
    },
  }
}

export function planCreateRoutine(
  statement: Of<'createProcedure'> | Of<'createFunction'>,
  session: Session,
): DdlPlan {
  const context = session.context()
  const { dataset, table: routine } = resolvePath(statement.path, context)
  if (!context.catalog.dataset(dataset))
    throw missingTable({ dataset, table: routine }, statement.path.at, context)
  const existing = context.catalog.routine(dataset, routine)
  const ddl = {
    operation: existing ? ('REPLACE' as const) : ('CREATE' as const),
    routine: { dataset, routine },
  }
  if (existing && !statement.orReplace) {
    if (statement.ifNotExists) return { ddl: { ...ddl, operation: 'SKIP' }, run: nothing }
    throw invalid(statement.path.at, `Already Exists: Routine ${context.project}:${dataset}.${routine}`)
  }
  const args = statement.arguments.map((argument) => {
    if (argument.mode !== 'IN') throw unsupported(statement.at, `${argument.mode} argument`)
    resolveType(argument.type)
    return { name: argument.name, type: typeSyntaxText(argument.type) }
  })
  if (statement.kind === 'createFunction') checkFunction(statement, session)
  const { now } = session.request
  const stored = {
    dataset,
    routine,
    kind: statement.kind === 'createProcedure' ? ('PROCEDURE' as const) : ('FUNCTION' as const),
    arguments: args,
    body: statement.bodyText,
    ...(statement.kind === 'createFunction' && statement.returns
      ? { returns: typeSyntaxText(statement.returns) }
      : {}),
    createdAt: existing?.createdAt ?? now,
    modifiedAt: now,
  }
  return { ddl, run: async (changes) => void changes.push({ kind: 'putRoutine', routine: stored }) }
}

/** A function's body is checked with its arguments as values. */
export function checkFunction(statement: Of<'createFunction'>, session: Session): void {
  const variables = new Map(
    statement.arguments.map((argument) => [
      argument.name.toLowerCase(),
      typed('NULL', resolveType(argument.type)),
    ]),
  )
  const body = analyzeExpression(
    statement.body,
    rootEnv({ ...session.context(), variables, named: new Map(), positional: [] }),
  )
  if (statement.returns && !coerce(body, resolveType(statement.returns), statement.body.at))
    throw invalid(
      statement.body.at,
      `Function declared to return ${typeText(resolveType(statement.returns))} but the function body produces incompatible type ${typeText(body.type)}`,
    )
}

export function planAlterTable(statement: Of<'alterTable'>, session: Session, source: string): DdlPlan {
  const context = session.context()
  const name = resolvePath(statement.path, context)
  const existing = context.catalog.table(name)
  if (!existing) {
    if (statement.ifExists) return { ddl: { operation: 'SKIP', table: name }, run: nothing }
    throw missingTable(name, statement.path.at, context)
  }
  const env = rootEnv(context)
  const sql: string[] = []
  let entry = existing
  let renamed: string | null = null
  const alter = (text: string): void => void sql.push(`ALTER TABLE ${existing.physical} ${text}`)
  const field = (column: string, at: number): StoredField => {
    const found = entry.schema.find((item) => item.name.toLowerCase() === column.toLowerCase())
    if (!found) throw notFound(at, `Column not found: ${column}`)
    return found
  }
  const change = (old: StoredField, changed: StoredField): void => {
    entry = { ...entry, schema: entry.schema.map((item) => (item === old ? changed : item)) }
  }
  for (const action of statement.actions) {
    if (entry.kind === 'VIEW' && action.kind !== 'setOptions')
      throw invalid(action.at, 'A view has no columns of its own to alter')
    switch (action.kind) {
      case 'addColumn': {
        const known = entry.schema.some(
          (item) => item.name.toLowerCase() === action.column.name.toLowerCase(),
        )
        if (known && action.ifNotExists) break
        if (known) throw invalid(action.at, `Column already exists: ${action.column.name}`)
        const [added] = fieldsOf([action.column], env, source)
        if (added!.mode === 'REQUIRED')
          throw invalid(action.at, `Cannot add required column ${added!.name} to an existing table`)
        if (added!.defaultValue !== undefined)
          throw invalid(action.at, 'A column with a default cannot be added to an existing table')
        alter(`ADD COLUMN ${quoteName(added!.name)} ${columnSql(added!)}`)
        if (added!.mode === 'REPEATED')
          sql.push(`UPDATE ${existing.physical} SET ${quoteName(added!.name)} = []`)
        entry = { ...entry, schema: [...entry.schema, added!] }
        break
      }
      case 'dropColumn': {
        if (
          action.ifExists &&
          !entry.schema.some((item) => item.name.toLowerCase() === action.column.toLowerCase())
        )
          break
        const gone = field(action.column, action.at)
        const used = [entry.partitioning?.field, entry.rangePartitioning?.field, ...(entry.clustering ?? [])]
        if (used.some((other) => other?.toLowerCase() === gone.name.toLowerCase()))
          throw invalid(action.at, `Column ${gone.name} is used for partitioning or clustering`)
        alter(`DROP COLUMN ${quoteName(gone.name)}`)
        entry = { ...entry, schema: entry.schema.filter((item) => item !== gone) }
        break
      }
      case 'renameColumn': {
        if (
          action.ifExists &&
          !entry.schema.some((item) => item.name.toLowerCase() === action.column.toLowerCase())
        )
          break
        const old = field(action.column, action.at)
        if (entry.partitioning?.field === old.name || entry.clustering?.includes(old.name))
          throw invalid(action.at, `Column ${old.name} is used for partitioning or clustering`)
        alter(`RENAME COLUMN ${quoteName(old.name)} TO ${quoteName(action.to)}`)
        change(old, { ...old, name: action.to })
        break
      }
      case 'columnOptions': {
        const old = field(action.column, action.at)
        const { description } = readOptions(action.options, env)
        const { description: _gone, ...rest } = old
        change(old, description ? { ...rest, description } : rest)
        break
      }
      case 'columnDefault': {
        const old = field(action.column, action.at)
        const { defaultValue: _gone, ...rest } = old
        change(
          old,
          action.value ? { ...rest, defaultValue: defaultText(action.value, old, env, source) } : rest,
        )
        break
      }
      case 'dropNotNull': {
        const old = field(action.column, action.at)
        alter(`ALTER COLUMN ${quoteName(old.name)} DROP NOT NULL`)
        change(old, { ...old, mode: 'NULLABLE' })
        break
      }
      case 'setOptions':
        entry = withOptions(entry, readOptions(action.options, env), action.at)
        break
      case 'renameTo':
        renamed = action.name
        if (context.catalog.table({ ...name, table: renamed }))
          throw invalid(action.at, `Already Exists: Table ${context.project}:${name.dataset}.${renamed}`)
    }
  }
  const modified = { ...entry, modifiedAt: session.request.now }
  const moved =
    renamed === null
      ? modified
      : { ...modified, table: renamed, physical: physicalTable({ ...name, table: renamed }) }
  if (renamed !== null) alter(`RENAME TO ${moved.physical.split('.').at(-1)}`)
  return {
    ddl: { operation: 'ALTER', table: name },
    run: async (changes) => {
      for (const text of sql) await execute(session.connection, text)
      if (renamed !== null) changes.push({ kind: 'dropTable', name })
      changes.push({ kind: 'putTable', entry: moved })
    },
  }
}

function withOptions(entry: TableEntry, options: Options, at: number): TableEntry {
  const changed: { -readonly [K in keyof TableEntry]: TableEntry[K] } = { ...entry }
  if (options.description === null) delete changed.description
  else if (options.description !== undefined) changed.description = options.description
  if (options.expiresAt === null) delete changed.expiresAt
  else if (options.expiresAt !== undefined) changed.expiresAt = options.expiresAt
  if (options.labels) changed.labels = options.labels
  if (options.requirePartitionFilter !== undefined)
    changed.requirePartitionFilter = options.requirePartitionFilter
  if (options.partitionExpirationMs !== undefined) {
    if (!entry.partitioning)
      throw invalid(at, 'partition_expiration_days is only allowed on tables partitioned by time')
    const { expirationMs: _gone, ...rest } = entry.partitioning
    changed.partitioning =
      options.partitionExpirationMs === null ? rest : { ...rest, expirationMs: options.partitionExpirationMs }
  }
  return changed
}
