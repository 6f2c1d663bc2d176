import type { DagDefinition } from '../../dsl/index.ts'
import type { Problems } from '../../dsl/problems.ts'
import { limits, validateWorkflow, type Limit, type WorkflowDocument } from '../../language/index.ts'
import type { Graph } from '../graph/graph.ts'
import { jobId } from '../names.ts'
import type { Plan } from '../schedule/plan.ts'
import { mostSteps } from './executed-steps.ts'
import { percentUsed, type HeadRoom } from './head-room.ts'
import { measure } from './measure.ts'
import { memoryEstimate } from './memory.ts'

/** https://cloud.google.com/run/docs/create-jobs: length of a job's name. */
const longestJobId = 63

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
  for (const room of rooms.filter(({ limit, used }) => used > limit.value)) {
    problems.add('DAG501', limitMessage(room), wayOut(room.limit))
  }
  if (problems.list.length === 0) checkSource(compiled)
  return rooms
}

function headRoomOf({ graph, plan, workflow, source }: Compiled): readonly HeadRoom[] {
  const most = measure(workflow)
  const steps = mostSteps(graph.tasks)
  return [
    { limit: limits.sourceSize, used: Buffer.byteLength(source) },
    { limit: limits.memory, used: memoryEstimate(graph.tasks, plan), note: 'estimate' },
    { limit: limits.executedSteps, used: steps, note: 'if every try of every task takes its whole timeout' },
    { limit: limits.assignments, used: most.assignments },
    { limit: limits.conditions, used: most.conditions },
    { limit: limits.expressionLength, used: most.expression },
    { limit: limits.branches, used: most.branches },
    { limit: limits.parallelDepth, used: most.depth },
    { limit: limits.params, used: most.params },
  ]
}

function limitMessage(room: HeadRoom): string {
  const { limit, used, note } = room
  const how = note === undefined ? '' : ` (${note})`
  return `${limit.name}: ${used} of ${limit.value} ${limit.unit}${how}, ${percentUsed(room)} %`
}

function wayOut(limit: Limit): string {
  if (limit.name === limits.executedSteps.name) return 'lower timeouts and retries, or split the DAG'
  if (limit.name === limits.memory.name)
    return 'split the DAG: results of all tasks are kept to the end of a run'
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
