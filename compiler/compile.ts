import type { Manifest } from '../artifact/manifest.ts'
import type { SourceMap } from '../artifact/map.ts'
import { DagProblems, type DagDefinition } from '../dsl/index.ts'
import { relativeFile } from '../dsl/errors/index.ts'
import { collectProblems } from '../dsl/problems.ts'
import { printWorkflow } from '../language/index.ts'
import { jsonText } from './emit/json.ts'
import { manifestOf } from './emit/manifest.ts'
import { procedureOf } from './emit/procedure.ts'
import { sourceMapOf } from './emit/source-map.ts'
import { buildGraph } from './graph/build-graph.ts'
import { mentionedModels } from './graph/tables.ts'
import { lowerDag } from './lower/lower.ts'
import { scheduleGraph } from './schedule/schedule.ts'

export interface CompileOptions {
  /** Absolute path; files are named relative to it. */
  readonly projectDir: string
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
}

/**
 * Compiles a DAG: the same definition gives the same bytes on any machine and from any folder.
 *
 * @throws DagProblems with everything that is wrong, sorted by place
 */
export function compileDag(definition: DagDefinition, { projectDir }: CompileOptions): CompiledDag {
  const problems = collectProblems(definition.at)
  const graph = buildGraph(definition, problems)
  const found = [...definition.problems, ...problems.list]
  if (graph === null || found.length > 0) throw new DagProblems(found)
  const schedule = scheduleGraph(graph)
  const procedures = mentionedModels(graph.tasks).flatMap((model) => procedureOf(model) ?? [])
  const workflow = lowerDag({
    definition,
    graph,
    plan: schedule.plan,
    routines: new Map(procedures.map((procedure) => [procedure.model, procedure.routine])),
    file: relativeFile(definition.at?.file ?? '', projectDir),
  })
  const source = printWorkflow(workflow)
  const manifest = manifestOf(definition, graph, procedures)
  const sourceMap = sourceMapOf(definition, workflow, graph.tasks, projectDir)
  return {
    id: definition.id,
    manifest,
    sourceMap,
    source,
    files: {
      'workflow.yaml': source,
      'manifest.json': jsonText(manifest),
      'map.json': jsonText(sourceMap),
      ...Object.fromEntries(procedures.map((procedure) => [procedure.file, procedure.sql])),
    },
  }
}
