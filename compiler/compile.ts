import { dashboardSchema } from '../artifact/dashboard.ts'
import type { Manifest } from '../artifact/manifest.ts'
import type { SourceMap } from '../artifact/map.ts'
import { sortProblems } from '../dsl/errors/dag-error.ts'
import { relativeFile } from '../dsl/errors/index.ts'
import { DagProblems, tableId, type DagDefinition, type DagError } from '../dsl/index.ts'
import { collectProblems } from '../dsl/problems.ts'
import { printWorkflow } from '../language/tree.ts'
import { checkLimits, limitWarnings } from './check/check-limits.ts'
import type { HeadRoom } from './check/head-room.ts'
import { dictionaryOf } from './emit/dictionary.ts'
import { jsonText } from './emit/json.ts'
import { chartsLineage, lineageOf } from './emit/lineage.ts'
import type { OwnPrices } from './emit/prices.ts'
import { manifestOf } from './emit/manifest.ts'
import { readmeOf } from './emit/readme.ts'
import { sourceMapOf } from './emit/source-map.ts'
import { buildGraph } from './graph/build-graph.ts'
import { mentionedModels } from './graph/tables.ts'
import { warningsOf } from './graph/warnings.ts'
import { checkHooks } from './hook-secrets.ts'
import { checkTarget } from './models/check-target.ts'
import { procedureOf } from './models/procedure.ts'
import { readModelSql } from './models/read-sql.ts'
import { checkSchemaChanges } from './models/schema-change.ts'
import { lowerDag } from './lower/lower.ts'
import { scheduleGraph } from './schedule/schedule.ts'

export interface CompileOptions {
  /** Absolute path; files are named relative to it. */
  readonly projectDir: string
  /** What was compiled before: tables may change only as BigQuery lets them. @default null, nothing */
  readonly previous?: Manifest | null
  /** `dataset.table` names that may change in any way, since they hold no rows yet. @default [] */
  readonly accepted?: readonly string[]
  /** What the README counts the cost with. @default list prices */
  readonly prices?: OwnPrices | undefined
}

/** A DAG as it was loaded from its folder. */
export interface LoadedDag extends DagDefinition {
  /** Default export of `dashboard.ts` beside the DAG file; null where there is none. */
  readonly dashboard?: unknown
}

/** `generated/<dag>/` in memory. */
export interface CompiledDag {
  readonly id: string
  readonly manifest: Manifest
  readonly sourceMap: SourceMap
  /** Source of the workflow. */
  readonly source: string
  /** Content of every file by its path relative to `generated/<dag>/`. */
  readonly files: Readonly<Record<string, string>>
  readonly headRoom: readonly HeadRoom[]
  /** What compiles, yet most likely means something else; sorted by place. */
  readonly warnings: readonly DagError[]
}

/**
 * Compiles a DAG: the same definition gives the same bytes on any machine and from any folder.
 *
 * @throws DagProblems with everything that is wrong, sorted by place
 */
export function compileDag(
  definition: LoadedDag,
  { projectDir, prices, previous = null, accepted = [] }: CompileOptions,
): CompiledDag {
  const problems = collectProblems(definition.at)
  for (const { code, message, hint, at } of definition.problems) problems.add(code, message, hint, at)
  const graph = buildGraph(definition, problems)
  const modelSql = readModelSql(mentionedModels(definition.tasks), problems)
  for (const read of modelSql.values()) checkTarget(read, problems)
  checkHooks(definition, problems)
  if (graph === null || problems.list.length > 0) throw new DagProblems(problems.list)

  const { plan, strategies } = scheduleGraph(graph)
  const procedures = [...modelSql.values()].map((read) => procedureOf(read, definition.id))
  const file = relativeFile(definition.at?.file ?? '', projectDir)
  const routines = new Map(procedures.map((procedure) => [procedure.model, procedure.routine]))
  const workflow = lowerDag({ definition, graph, plan, routines, file })
  const source = printWorkflow(workflow)
  const headRoom = checkLimits({ definition, graph, plan, workflow, source, procedures }, problems)
  const dashboard = dashboardOf(definition, problems)
  const charts = chartsLineage(dashboard, graph.tasks, problems)
  if (problems.list.length > 0) throw new DagProblems(problems.list)

  const manifest = manifestOf(definition, graph, procedures)
  if (previous !== null) {
    const kept = mentionedModels(graph.tasks).filter((model) => !accepted.includes(tableId(model)))
    checkSchemaChanges(kept, manifest.tables, previous, problems)
    if (problems.list.length > 0) throw new DagProblems(problems.list)
  }
  const sourceMap = sourceMapOf(definition, workflow, graph.tasks, projectDir)
  const lineage = lineageOf({ dag: definition.id, graph, modelSql, charts })
  const files = {
    'workflow.yaml': source,
    'manifest.json': jsonText(manifest),
    'map.json': jsonText(sourceMap),
    'README.md': readmeOf({ definition, graph, manifest, workflow, headRoom, strategies, file, prices }),
    ...(manifest.tables.length > 0 && {
      'lineage.json': jsonText(lineage),
      'tables.md': dictionaryOf({ manifest, lineage, tasks: graph.tasks }),
    }),
    ...(dashboard !== null && { 'dashboard.json': jsonText(dashboard) }),
    ...Object.fromEntries(procedures.map((procedure) => [procedure.file, procedure.sql])),
  }
  return {
    id: definition.id,
    manifest,
    sourceMap,
    source,
    files,
    headRoom,
    warnings: sortProblems([...warningsOf(graph), ...limitWarnings(headRoom, definition.at)]),
  }
}

function dashboardOf({ id, at, dashboard = null }: LoadedDag, problems: ReturnType<typeof collectProblems>) {
  if (dashboard === null) return null
  const parsed = dashboardSchema.safeParse(dashboard)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) {
    problems.add(
      'DAG507',
      `dashboard of DAG ${id}: ${issue.path.join('.')}: ${issue.message}`,
      'a chart has id, title, description, sql, spec and terminal',
      at,
    )
  }
  return null
}
