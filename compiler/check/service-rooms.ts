import { mostBytes, workflowBytes } from '../../dsl/bound.ts'
import {
  tableId,
  type DagDefinition,
  type InputValue,
  type Location,
  type TaskDefinition,
} from '../../dsl/index.ts'
import { limits } from '../../language/tree.ts'
import type { Procedure } from '../models/procedure.ts'
import type { Graph } from '../graph/graph.ts'
import { mentionedModels } from '../graph/tables.ts'
import { mappedGroupOf } from '../graph/units.ts'
import { mostInstances } from '../lower/helpers/expand-map.ts'
import { jobId } from '../names.ts'
import type { HeadRoom } from './head-room.ts'
import { usualParams } from './memory.ts'
import { serviceLimits } from './service-limits.ts'

/** A run id is `<trigger>__<time>`; that of a triggered run is cut to what a label takes. */
const runId = serviceLimits.labelValue.value
/** `1a2b…-3`: the execution and the number of a try, of which there are at most 101. */
const tryId = 36 + 4
/** The last index of a map. */
const indexDigits = String(mostInstances - 1).length
/** The longest name of a file in a try's folder: a large field of an output. */
const fileName = '/output-0123456789abcdef.json'.length

interface ServiceOptions {
  readonly definition: DagDefinition
  readonly graph: Graph
  readonly procedures: readonly Procedure[]
}

/** How much of the limits of other services a DAG uses. */
export function serviceRooms({ definition, graph, procedures }: ServiceOptions): readonly HeadRoom[] {
  const { id: dag, description } = definition
  const { tasks } = graph
  const steps = tasks.filter(({ kind }) => kind === 'step').map(({ id }) => id)
  const models = mentionedModels(tasks)
  const atOf = new Map(models.map((model) => [tableId(model), model.at]))
  const columns = models.flatMap((model) =>
    model.columns.map(
      (column) => [`${model.table}.${column.name}`, column.description.length, model.at] as const,
    ),
  )
  return [
    argumentRoom(definition, tasks),
    ...triggerRooms(tasks),
    { limit: limits.description, used: description.length },
    ...largest(serviceLimits.labelValue, [
      [dag, dag.length],
      ...tasks.map(({ id }) => [id, id.length] as const),
    ]),
    ...largest(
      serviceLimits.objectName,
      tasks.map(({ id }) => [
        id,
        'runs/'.length + dag.length + runId + id.length + indexDigits + 4 + tryId + fileName,
      ]),
    ),
    ...largest(
      serviceLimits.cloudRunJobName,
      steps.map((id) => [id, jobId(dag, id).length]),
      'DAG502',
    ),
    ...(steps.length > 0 ? [{ limit: serviceLimits.cloudRunJobs, used: steps.length }] : []),
    ...largest(
      serviceLimits.bigqueryJobId,
      tasks
        .filter(({ kind }) => kind === 'model')
        .map(({ id }) => [id, dag.length + id.length + indexDigits + runId + tryId + 4 * 2]),
    ),
    ...largest(
      serviceLimits.query,
      procedures.map(({ model, sql }) => [model, sql.length, atOf.get(model) ?? null]),
    ),
    ...largest(
      serviceLimits.tableDescription,
      models.map((model) => [model.table, model.description.length, model.at]),
    ),
    ...largest(serviceLimits.columnDescription, columns),
  ]
}

type Named = readonly (readonly [name: string, used: number, at?: Location | null])[]

function largest(limit: HeadRoom['limit'], all: Named, code?: HeadRoom['code']): readonly HeadRoom[] {
  const [most] = all.toSorted((a, b) => b[1] - a[1])
  if (most === undefined) return []
  const [name, used, at = null] = most
  return [{ limit, used, most: [name], at, ...(code && { code }) }]
}

/**
 * The argument of the largest execution, which is a rerun: what is known of every task, and of a map that every second
 * instance runs again, the others having skipped.
 */
function argumentRoom(definition: DagDefinition, tasks: readonly TaskDefinition[]): HeadRoom {
  const groupOf = mappedGroupOf(definition.groups)
  const isRepeated = (task: TaskDefinition) =>
    (task.kind === 'step' && task.mapping !== null) || groupOf(task) !== null
  const fixed = 500
  const known = sum(tasks.map(({ id }) => `"${id}/0":"cancelled",`.length))
  const indexes = mostInstances * (indexDigits + 1)
  const instances = sum(
    tasks.filter(isRepeated).map(({ id }) => `"${id}":{"count":,"again":[],"skipped":[]},`.length + indexes),
  )
  const bounded = mostBytes(definition.params)
  const params = Number.isFinite(bounded) ? bounded : usualParams
  const left = Math.max(0, limits.argumentSize.value - fixed - known)
  return {
    limit: limits.argumentSize,
    used: fixed + known + instances + params,
    atLeast: fixed + known,
    note: `of a rerun that knows every task; params may take ${left} bytes${
      instances > 0 ? ' less 4 KB for each mapped task half of which runs again' : ''
    }`,
  }
}

/** What triggers hand on: each value that the workflow reads is bounded. */
function triggerRooms(tasks: readonly TaskDefinition[]): readonly HeadRoom[] {
  const triggers = tasks.flatMap((task) => (task.kind === 'trigger' ? [task] : []))
  const limit = { ...limits.argumentSize, name: 'argument of a triggered run' }
  return largest(
    limit,
    triggers.map(({ id, params, at }) => [id, 500 + jsonBytes(params), at]),
  )
}

/** https://www.rfc-editor.org/rfc/rfc8259: as JSON, a value that is referred to with its most. */
function jsonBytes(value: InputValue): number {
  switch (value.kind) {
    case 'literal':
      return Buffer.byteLength(JSON.stringify(value.value))
    case 'list':
      return 2 + sum(value.items.map((item) => 1 + jsonBytes(item)))
    case 'map':
      return 2 + sum(value.entries.map((entry) => entry.key.length + 4 + jsonBytes(entry.value)))
    case 'text':
      return 2 + sum(value.parts.map(jsonBytes))
    case 'ref':
      return workflowBytes
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
