import type { TaskDefinition } from '../../dsl/index.ts'
import { inputBytes, outputBytes } from '../lower/input-size.ts'
import { tasksIn, type Plan } from '../schedule/plan.ts'
import { valueBytes } from './value-size.ts'

/** https://cloud.google.com/workflows/quotas: branches and iterations that run at once. */
const mostConcurrent = 20

/** The run map and its copy in each frame: ids, dates, names. */
const runBytes = 1536

/** Result of a task besides its output, and its copy in the final map. */
const resultBytes = 512

/** Properties of the result object besides its metadata. */
const objectBytes = 1536

/**
 * An estimate of the most memory that variables take at once: all results, and the frames of the tasks that may run
 * side by side. Values without a bound in their schema are counted as they usually are.
 */
export function memoryEstimate(tasks: readonly TaskDefinition[], plan: Plan): number {
  const outputs = tasks.map(outputOf)
  const results = outputs.reduce((sum, bytes) => sum + resultBytes + bytes, 0)
  const frames = tasks.map((task, index) => frameBytes(task, outputs[index] ?? 0)).toSorted((a, b) => b - a)
  const atOnce = Math.min(mostConcurrent, widthOf(plan))
  const running = frames.slice(0, atOnce).reduce((sum, bytes) => sum + bytes, 0)
  return runBytes + results + running
}

/** The input and its text, the output as metadata and as value. */
function frameBytes(task: TaskDefinition, output: number): number {
  if (task.kind !== 'step') return runBytes * 2
  return runBytes + Math.min(inputBytes(task.input), outputBytes) * 2 + objectBytes + output * 2
}

function outputOf(task: TaskDefinition): number {
  if (task.kind === 'step') return Math.min(valueBytes(task.contract.output), outputBytes)
  return task.kind === 'http' ? Math.min(valueBytes(task.output), outputBytes) : 0
}

/** Tasks that may run at once. */
function widthOf(plan: Plan): number {
  if (plan.kind === 'task') return 1
  if (plan.kind === 'sequence') return Math.max(...plan.items.map(widthOf))
  return Math.min(
    tasksIn(plan).length,
    plan.branches.reduce((sum, branch) => sum + widthOf(branch), 0),
  )
}
