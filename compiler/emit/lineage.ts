import type { Dashboard } from '../../artifact/dashboard.ts'
import type { Lineage, LineageChart, LineageTable } from '../../artifact/lineage.ts'
import { tableId, type Model, type TaskDefinition } from '../../dsl/index.ts'
import type { Problems } from '../../dsl/problems.ts'
import { didYouMean } from '../../dsl/suggest.ts'
import { newSession, queryRelation, rootScope } from '../../sql/lineage/index.ts'
import { parseScript } from '../../sql/parser/statement.ts'
import { SqlProblem } from '../../sql/problem.ts'
import type { Query } from '../../sql/syntax.ts'
import type { Graph } from '../graph/graph.ts'
import { filledModels, mentionedModels } from '../graph/tables.ts'
import { filledByMode, tablesOf, type ColumnLineage, type ModelSql } from '../models/read-sql.ts'
import { targetOf } from '../models/target.ts'

interface LineageOptions {
  readonly dag: string
  readonly graph: Graph
  readonly modelSql: ReadonlyMap<string, ModelSql>
  readonly charts: readonly LineageChart[]
}

/** Where every column of a DAG's tables and charts comes from. */
export function lineageOf({ dag, graph, modelSql, charts }: LineageOptions): Lineage {
  const fillers = new Map(
    graph.tasks.flatMap((task) => filledModels(task).map((model) => [tableId(model), task] as const)),
  )
  const tables = mentionedModels(graph.tasks).map((model) =>
    tableLineage(model, fillers.get(tableId(model)) ?? null, graph, modelSql),
  )
  return { version: 1, dag, tables, charts: [...charts] }
}

function tableLineage(
  model: Model,
  task: TaskDefinition | null,
  graph: Graph,
  modelSql: ReadonlyMap<string, ModelSql>,
): LineageTable {
  const id = tableId(model)
  const builder = task?.kind === 'model' ? task.model : null
  const read = builder === null ? undefined : modelSql.get(tableId(builder))
  const known = read?.lineage.get(id) ?? []
  const rows = sharedRows(known)
  const by = new Map(read && builder ? filledColumns(read, model) : [])
  const columns = model.columns.map(({ name }) => {
    const found = known.find(({ column }) => column === name)
    const more = (found?.rows ?? []).filter((each) => !rows.includes(each))
    const mode = found === undefined ? (by.get(name) ?? (read && 'none')) : undefined
    return {
      name,
      from: [...(found?.from ?? [])],
      ...(more.length > 0 && { rows: more }),
      ...(mode !== undefined && { by: mode }),
    }
  })
  const everything = known.flatMap((column) => [...column.from, ...column.rows])
  return {
    table: id,
    layer: model.layer,
    task: task?.id ?? null,
    write: builder === null ? null : writeOf(builder, model),
    ...(task?.kind === 'step' && {
      step: { name: task.contract.name, task: task.id, objects: objectsOf(task, graph) },
    }),
    reads: tablesIn(everything).filter((each) => each !== id),
    rows: [...rows],
    columns,
  }
}

function writeOf(builder: Model, model: Model): string {
  if (builder !== model && builder.quarantine === model) return 'quarantine'
  return builder.write?.kind ?? 'script'
}

/** What decides the rows of all columns; what only decides them is a column of its own in a script. */
function sharedRows(columns: readonly ColumnLineage[]): readonly string[] {
  const whole = columns.filter(({ column }) => column === '*').flatMap(({ rows }) => rows)
  const [first, ...others] = columns.filter(({ column }) => column !== '*')
  const shared = (first?.rows ?? []).filter((row) => others.every(({ rows }) => rows.includes(row)))
  return [...new Set([...shared, ...whole])].toSorted()
}

/** Columns that no SQL of the author fills, with what does. */
function filledColumns(read: ModelSql, model: Model): readonly (readonly [string, string])[] {
  const builder = read.model
  if (builder.write === null) return []
  if (builder !== model) return model.columns.map(({ name }) => [name, 'quarantine'] as const)
  const { seen } = targetOf(read)
  const names = [...filledByMode(builder), ...(seen === null ? [] : [seen])]
  return names.map((name) => [name, builder.write!.kind] as const)
}

/** Objects that a step and those that it takes data from keep. */
function objectsOf(task: TaskDefinition, { edges, tasks }: Graph): string[] {
  const byId = new Map(tasks.map((each) => [each.id, each]))
  const seen = new Set<string>([task.id])
  for (const id of seen)
    for (const edge of edges) if (edge.to === id && edge.kind === 'input') seen.add(edge.from)
  const objects = [...seen].flatMap((id) => {
    const each = byId.get(id)
    return each?.kind === 'step' ? (each.contract.objects ?? []) : []
  })
  return [...new Set(objects)].toSorted()
}

/** `dataset.table` of columns. */
function tablesIn(columns: readonly string[]): string[] {
  return [...new Set(columns.map((column) => column.split('.').slice(0, -1).join('.')))].toSorted()
}

/** Where the columns of charts come from; a query that cannot be read, or a column that is not there, is a problem. */
export function chartsLineage(
  dashboard: Dashboard | null,
  tasks: readonly TaskDefinition[],
  problems: Problems,
): readonly LineageChart[] {
  if (dashboard === null) return []
  const tables = tablesOf(mentionedModels(tasks))
  return dashboard.charts.flatMap(({ id, title, sql }) => {
    const query = readQuery(id, sql, problems)
    if (query === null) return []
    const session = newSession(tables)
    const found = queryRelation(query, rootScope(session, new Map()))
    for (const { kind, name, known } of session.unknown) {
      // What another DAG fills is not known here.
      if (kind === 'table') continue
      const hint = didYouMean(name, known, 'columns')
      problems.add('DAG507', `chart ${id} reads column "${name}", which is not there`, hint)
    }
    const columns = found.columns.flatMap(({ name, sources }) =>
      name === null ? [] : [{ name, from: [...sources].toSorted() }],
    )
    const rows = [...found.rows].toSorted()
    const reads = tablesIn([...columns.flatMap(({ from }) => from), ...rows])
    return [{ id, title, reads, rows, columns }]
  })
}

function readQuery(id: string, sql: string, problems: Problems): Query | null {
  try {
    const [statement, ...more] = parseScript(sql)
    if (statement?.kind === 'query' && more.length === 0) return statement.query
    problems.add('DAG507', `chart ${id} is not one query`, 'a chart is drawn from the rows of one SELECT')
  } catch (error) {
    if (!(error instanceof SqlProblem)) throw error
    problems.add('DAG507', `chart ${id}: ${error.message}`, 'correct its SQL; it can be tried with dag query')
  }
  return null
}
