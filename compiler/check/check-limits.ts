import { DagError, type DagDefinition, type Location, type TaskDefinition } from '../../dsl/index.ts'
import type { Problems } from '../../dsl/problems.ts'
import { limits, validateWorkflow, type Limit, type WorkflowDocument } from '../../language/tree.ts'
import type { Graph } from '../graph/graph.ts'
import { jobId, routineName } from '../names.ts'
import type { Plan } from '../schedule/plan.ts'
import { percentUsed, type HeadRoom } from './head-room.ts'
import { measure, measuredLimits } from './measure.ts'
import { memoryBound } from './memory.ts'
import { mostSteps } from './most-steps.ts'
import { sourceShares } from './source-shares.ts'

/** https://cloud.google.com/run/docs/create-jobs: length of a job's name. */
const longestJobId = 63

/** Contributors that a report names. */
const named = 3

export interface Compiled {
  readonly definition: DagDefinition
  readonly graph: Graph
  readonly plan: Plan
  readonly workflow: WorkflowDocument
  readonly source: string
}

/** How much of each limit the compiled workflow uses; what exceeds one is reported by its name. */
export function checkLimits(compiled: Compiled, problems: Problems): readonly HeadRoom[] {
  checkJobNames(compiled, problems)
  const rooms = headRoomOf(compiled)
  for (const room of rooms.filter(({ limit, used, atLeast = used }) => atLeast > limit.value)) {
    problems.add('DAG501', limitMessage(room), wayOut(room.limit))
  }
  if (problems.list.length === 0) checkSource(compiled)
  return rooms
}

/** Limits that only the worst case exceeds: many tasks at once, all with the largest outputs and errors. */
export function limitWarnings(rooms: readonly HeadRoom[], at: Location | null): readonly DagError[] {
  return rooms
    .filter(({ limit, used, atLeast = used }) => used > limit.value && atLeast <= limit.value)
    .map((room) => new DagError('DAG508', limitMessage(room), { at, hint: wayOut(room.limit) }))
}

function headRoomOf({ definition, graph, plan, workflow, source }: Compiled): readonly HeadRoom[] {
  const measured = measure(workflow)
  const { tasks } = graph
  const { schedule } = definition
  const memory = memoryBound({ definition, graph, plan })
  const shares = sourceShares(source, tasks)
  const steps = mostSteps(workflow, { tasks, schedule, items: 1 })
  const perItem = mostSteps(workflow, { tasks, schedule, items: 2 }).total - steps.total
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`
  return [
    {
      limit: limits.sourceSize,
      used: Buffer.byteLength(source),
      most: [
        `main ${kilobytes(shares.main)}`,
        `shared ${kilobytes(shares.helpers)}`,
        ...shares.tasks.slice(0, named).map(([id, bytes]) => `${id} ${kilobytes(bytes)}`),
      ],
    },
    {
      limit: limits.memory,
      used: memory.worst,
      atLeast: memory.usual,
      note: `at its worst; ${memory.usual} with outputs and errors of an ordinary size`,
      most: memory.tasks.slice(0, named).map(([id, bytes]) => `${id} ${kilobytes(bytes)}`),
    },
    {
      limit: limits.executedSteps,
      used: steps.total,
      note:
        perItem > 0
          ? `if every try of every task takes its whole timeout; ${perItem} more with each further item of all lists`
          : 'if every try of every task takes its whole timeout',
      most: steps.tasks.slice(0, named).map(([id, count]) => `${id} ${count}`),
    },
    ...Object.entries(measuredLimits).map(([name, limit]) => {
      const { value, place } = measured[name as keyof typeof measuredLimits]
      return { limit, used: value, ...(value > 0 && { most: [placeText(place, tasks)] }) }
    }),
  ]
}

/** Within a task's subworkflow the task's name says where. */
function placeText(place: string, tasks: readonly TaskDefinition[]): string {
  const own = tasks.find(({ id }) => place.split('.')[0] === routineName(id))
  return own === undefined ? place : place.replace(routineName(own.id), own.id)
}

function limitMessage(room: HeadRoom): string {
  const { limit, used, note, most = [] } = room
  const how = note === undefined ? '' : ` (${note})`
  const where = most.length === 0 ? '' : `; most of it: ${most.join(', ')}`
  return `${limit.name}: ${used} of ${limit.value} ${limit.unit}${how}, ${percentUsed(room)} %${where}`
}

function wayOut(limit: Limit): string {
  if (limit.name === limits.executedSteps.name) return 'lower timeouts and retries, or split the DAG'
  if (limit.name === limits.memory.name)
    return 'bound the outputs of these steps by their schemas (enum, .max()), or split the DAG: results are kept to the end of a run'
  if (limit.name === limits.assignments.name || limit.name === limits.conditions.name)
    return `split the task into several (${limit.doc})`
  if (limit.name === limits.stringLength.name)
    return `pass the text as an object of the bucket (${limit.doc})`
  return `split the DAG into several that exchange data through tables (${limit.doc})`
}

function checkJobNames({ definition, graph }: Compiled, problems: Problems): void {
  for (const task of graph.tasks) {
    const id = jobId(definition.id, task.id)
    if (task.kind !== 'step' || id.length <= longestJobId) continue
    const hint = `shorten the id of the DAG or of the task by ${id.length - longestJobId}`
    problems.add(
      'DAG502',
      `Cloud Run job ${id} has ${id.length} of ${longestJobId} characters`,
      hint,
      task.at,
    )
  }
}

/** What the compiler writes can be deployed; anything else is a defect of it, not of the DAG. */
function checkSource({ definition, workflow, source }: Compiled): void {
  const found = validateWorkflow(workflow, Buffer.byteLength(source))
  if (found.length === 0) return
  const list = found.map((problem) => `${problem.code}: ${problem.message}`).join('\n')
  throw new Error(`the workflow compiled from DAG ${definition.id} would be refused:\n${list}`)
}
