import type { StepTask, TaskDefinition } from '../../dsl/index.ts'
import { inputBytes, outputBytes } from '../lower/input-size.ts'
import { tasksIn, type Plan } from '../schedule/plan.ts'

/** https://cloud.google.com/workflows/quotas: branches and iterations that run at once. */
const mostConcurrent = 20

/** The run map and its copy in each frame: ids, dates, names. */
const runBytes = 1536

/** Result of a task besides its output, and its copy in the final map. */
const resultBytes = 512

/** Metadata and properties of the result object. */
const objectBytes = outputBytes + 2048

/** Growth of JSON text to a value in memory, for ordinary mixtures of text and numbers. */
const valueFactor = 1.25

/**
 * An estimate of the most memory that variables take at once: all results, and the frames of the tasks that may run
 * side by side.
 */
export function memoryEstimate(tasks: readonly TaskDefinition[], plan: Plan): number {
  const results = tasks.reduce(
    (sum, task) => sum + resultBytes + (task.kind === 'step' ? valueOf(outputBytes) : 0),
    0,
  )
  const frames = tasks.map(frameBytes).toSorted((a, b) => b - a)
  const atOnce = Math.min(mostConcurrent, widthOf(plan))
  const running = frames.slice(0, atOnce).reduce((sum, bytes) => sum + bytes, 0)
  return runBytes + results + running
}

function frameBytes(task: TaskDefinition): number {
  return task.kind === 'step'
    ? runBytes + valueOf(inputsOf(task)) * 2 + objectBytes + valueOf(outputBytes)
    : runBytes * 2
}

/** Params are counted as they usually are, not as large as they can be. */
function inputsOf({ input }: StepTask): number {
  return Math.min(inputBytes(input), outputBytes)
}

function valueOf(jsonBytes: number): number {
  return Math.ceil(jsonBytes * valueFactor)
}

/** Tasks that may run at once. */
export function widthOf(plan: Plan): number {
  if (plan.kind === 'task') return 1
  if (plan.kind === 'sequence') return Math.max(...plan.items.map(widthOf))
  return Math.min(
    tasksIn(plan).length,
    plan.branches.reduce((sum, branch) => sum + widthOf(branch), 0),
  )
}
