import {
  runVariables,
  sinceVariable,
  tableId,
  type Column,
  type Location,
  type Model,
} from '../../dsl/index.ts'
import { didYouMean } from '../../dsl/suggest.ts'
import type { Problems } from '../../dsl/problems.ts'
import {
  newSession,
  queryRelation,
  relation,
  rootScope,
  scriptLineage,
  type Relation,
  type Shape,
  type Sources,
  type TableLookup,
  type Unknown,
  type Value,
} from '../../sql/lineage/index.ts'
import { parseScript } from '../../sql/parser/statement.ts'
import { SqlProblem } from '../../sql/problem.ts'
import type { Statement } from '../../sql/syntax.ts'
import { procedureParameters } from '../lower/helpers/requests.ts'
import { placedSql, type PlacedSql } from './placed-sql.ts'

/** Where the values of a column come from: `dataset.table.column`, and `dataset.table.*` for its rows. */
export interface ColumnLineage {
  readonly column: string
  /** What its values are computed from. */
  readonly from: readonly string[]
  /** What decides which rows there are. */
  readonly rows: readonly string[]
}

/** What the SQL of a model says. */
export interface ModelSql {
  readonly model: Model
  /** Names of the columns that its SELECT gives; empty for a script. */
  readonly outputs: readonly string[]
  /** By `dataset.table`: a script may fill several tables. */
  readonly lineage: ReadonlyMap<string, readonly ColumnLineage[]>
}

/** Reads the SQL of every model; what is wrong with it is told with its line. */
export function readModelSql(models: readonly Model[], problems: Problems): ReadonlyMap<string, ModelSql> {
  const lookup = tablesOf(models)
  return new Map(
    models.flatMap((model) => {
      const read = model.sql === null ? null : readOne(model, placedSql(model.sql), lookup, problems)
      return read === null ? [] : [[tableId(model), read] as const]
    }),
  )
}

/** Tables of models as SQL sees them. */
export function tablesOf(models: readonly Model[]): TableLookup {
  const tables = new Map(models.map((model) => [tableId(model).toLowerCase(), tableRelation(model)]))
  return (path) => tables.get(path.slice(-2).join('.').toLowerCase()) ?? null
}

function tableRelation(model: Model): Relation {
  const id = tableId(model)
  return relation(
    model.columns.map((column) => {
      const sources = new Set([`${id}.${column.name}`])
      return { name: column.name, sources, shape: shapeOf(column, sources) }
    }),
    { rows: new Set([`${id}.*`]) },
  )
}

/** Fields of a column come from the column. */
function shapeOf({ type, mode, fields }: Column, sources: Sources): Shape {
  const element: Shape =
    type === 'STRUCT'
      ? {
          kind: 'struct',
          fields: Object.entries(fields ?? {}).map(([name, field]) => ({
            name,
            sources,
            shape: shapeOf(field, sources),
          })),
        }
      : { kind: type === 'JSON' ? 'json' : 'plain' }
  return mode === 'REPEATED' ? { kind: 'array', element } : element
}

/** What SQL may name besides columns: arguments of the procedure, and values of the run. */
const variables: ReadonlyMap<string, Value> = new Map(
  [
    ...procedureParameters.map(({ name }) => name),
    ...Object.values(runVariables).map(({ name }) => name),
    sinceVariable,
  ].map((name) => [name.toLowerCase(), { sources: new Set(), shape: null }]),
)

function readOne(model: Model, sql: PlacedSql, tables: TableLookup, problems: Problems): ModelSql | null {
  const statements = parse(model, sql, problems)
  if (statements === null) return null
  if (model.write === null) {
    const { written, unknown } = scriptLineage(statements, tables, variables)
    tellUnknown(model, sql, unknown, problems)
    return { model, outputs: [], lineage: scriptColumns(written) }
  }
  const [statement] = statements
  if (statements.length !== 1 || statement?.kind !== 'query') {
    problems.add(
      'DAG412',
      `model ${tableId(model)} is more than one SELECT`,
      'drop write to run it as a script, or give one SELECT',
      sql.placeOf(statements[1]?.at ?? 0),
    )
    return null
  }
  const session = newSession(tables)
  const result = asDeclared(model, queryRelation(statement.query, rootScope(session, variables)))
  tellUnknown(model, sql, session.unknown, problems)
  return { model, ...selectColumns(model, result), ...outputsOf(model, result, sql.placeOf(0), problems) }
}

/** Names of columns are the same in any case: a SELECT's columns under the names that are declared. */
function asDeclared(model: Model, result: Relation): Relation {
  const own = [...model.columns, ...(model.quarantine?.columns ?? [])].map(({ name }) => name)
  const declared = new Map([...own, '_rule', '_complete'].map((name) => [name.toLowerCase(), name]))
  const columns = result.columns.map((column) => ({
    ...column,
    name: column.name === null ? null : (declared.get(column.name.toLowerCase()) ?? column.name),
  }))
  return { ...result, columns }
}

function parse(model: Model, sql: PlacedSql, problems: Problems): readonly Statement[] | null {
  try {
    return parseScript(sql.text)
  } catch (error) {
    if (!(error instanceof SqlProblem)) throw error
    problems.add(
      'DAG420',
      `model ${tableId(model)}: ${error.message}`,
      'correct the SQL; a query can be tried with dag query',
      sql.placeOf(error.at),
    )
    return null
  }
}

function tellUnknown(model: Model, sql: PlacedSql, unknown: readonly Unknown[], problems: Problems): void {
  const told = new Set<string>()
  for (const { kind, at, name, within, known } of unknown) {
    if (told.has(`${kind} ${name}`)) continue
    told.add(`${kind} ${name}`)
    const what = `model ${tableId(model)}`
    if (kind === 'table') {
      problems.add(
        'DAG413',
        `${what} reads ${name}, which no model declares`,
        'declare it with model({ … }) and interpolate that',
        sql.placeOf(at),
      )
    } else {
      problems.add(
        'DAG410',
        `${what} reads column "${name}"${within === null ? '' : ` of ${within}`}, which is not there`,
        didYouMean(name, known, 'columns'),
        sql.placeOf(at),
      )
    }
  }
}

function scriptColumns(
  written: readonly { table: string; column: string; sources: Sources; rows: Sources }[],
): ReadonlyMap<string, readonly ColumnLineage[]> {
  const found = new Map<string, Map<string, { from: Set<string>; rows: Set<string> }>>()
  for (const { table, column, sources, rows } of written) {
    const columns = found.get(table) ?? new Map<string, { from: Set<string>; rows: Set<string> }>()
    const known = columns.get(column) ?? { from: new Set(), rows: new Set() }
    for (const source of sources) known.from.add(source)
    for (const row of rows) known.rows.add(row)
    columns.set(column, known)
    found.set(table, columns)
  }
  return new Map(
    [...found].map(([table, columns]) => [
      table,
      [...columns].map(([column, { from, rows }]) => ({ column, from: sorted(from), rows: sorted(rows) })),
    ]),
  )
}

/** What the SELECT of a model gives to its own table and to the one for refused rows. */
function selectColumns(model: Model, result: Relation): { lineage: ModelSql['lineage'] } {
  const rows = sorted(result.rows)
  const of = (target: Model, rename: (name: string) => string) =>
    target.columns.flatMap(({ name }) => {
      const given = result.columns.find((column) => column.name === rename(name))
      return given ? [{ column: name, from: sorted(given.sources), rows }] : []
    })
  return {
    lineage: new Map([
      [tableId(model), of(model, (name) => name)],
      ...(model.quarantine === null
        ? []
        : [
            [
              tableId(model.quarantine),
              of(model.quarantine, (name) => (name === 'rule' ? '_rule' : name)),
            ] as const,
          ]),
    ]),
  }
}

function outputsOf(
  model: Model,
  result: Relation,
  at: Location | null,
  problems: Problems,
): { outputs: readonly string[] } {
  const outputs = result.columns.map(({ name }) => name)
  const what = `model ${tableId(model)}`
  const refuse = (message: string, hint: string) => problems.add('DAG412', `${what}: ${message}`, hint, at)
  if (result.open !== null) {
    refuse('its SELECT has a * of columns that cannot be known', 'name the columns')
    return { outputs: outputs.flatMap((name) => (name === null ? [] : [name])) }
  }
  outputs.forEach((name, index) => {
    if (name === null) refuse(`column ${index + 1} of its SELECT has no name`, 'say AS name')
    else if (outputs.indexOf(name) !== index) refuse(`its SELECT gives "${name}" twice`, 'drop one')
  })
  const names = outputs.filter((name): name is string => name !== null)
  const { needed, allowed } = expectedColumns(model)
  for (const name of needed.filter((each) => !names.includes(each))) {
    refuse(`its SELECT gives no "${name}"`, `it gives ${names.join(', ')}`)
  }
  for (const name of names.filter((each) => !allowed.has(each))) {
    refuse(`its SELECT gives "${name}", which is not declared`, didYouMean(name, needed, 'columns'))
  }
  return { outputs: names }
}

/** Columns that a SELECT has to give, and all that it may. */
function expectedColumns(model: Model): { needed: readonly string[]; allowed: ReadonlySet<string> } {
  const filled = filledByMode(model)
  const own = model.columns.map(({ name }) => name)
  const needed = own.filter((name) => !filled.has(name) && name !== model.partitionBy)
  return {
    needed: [...needed, ...(model.quarantine === null ? [] : ['_rule'])],
    allowed: new Set([
      ...needed,
      ...(model.partitionBy === null || filled.has(model.partitionBy) ? [] : [model.partitionBy]),
      ...(model.quarantine === null
        ? []
        : ['_rule', ...model.quarantine.columns.map(({ name }) => name).filter((name) => name !== 'rule')]),
      ...(knowsGone(model) ? ['_complete'] : []),
    ]),
  }
}

/** Modes that a row may tell that the SELECT lacks rows. */
function knowsGone({ write }: Model): boolean {
  if (write?.kind === 'merge') return write.gone.kind !== 'keep'
  return write?.kind === 'snapshot' || (write?.kind === 'history' && write.closeGone)
}

/** Columns that only the write mode fills. */
export function filledByMode({ write }: Model): ReadonlySet<string> {
  const names = ['_load_id', '_loaded_at']
  if (write?.kind === 'merge') {
    names.push('row_hash', ...(write.gone.kind === 'deactivate' ? [write.gone.flag, write.gone.at] : []))
  }
  if (write?.kind === 'history') names.push('row_hash', write.validFrom, write.validTo, write.current)
  return new Set(names)
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...names].toSorted()
}
