import { valuesOf } from '../../dsl/condition.ts'
import type { TaskDefinition } from '../../dsl/index.ts'
import { connectorGraceSeconds } from '../lower/tasks/step.ts'

/** Steps of a task's subworkflow for one try that works, helpers included and polls not. */
const stepsPerTry: Readonly<Record<TaskDefinition['kind'], number>> = {
  step: 11,
  model: 6,
  http: 14,
  sensor: 6,
  approval: 6,
  trigger: 6,
  branch: 8,
  short_circuit: 5,
  empty: 2,
}

/** What a comparison takes, and a value that a branch looks up among its cases. */
const stepsPerTest = 4

function stepsOfTry(task: TaskDefinition): number {
  const steps = stepsPerTry[task.kind]
  if (task.kind === 'short_circuit') return steps + stepsPerTest * valuesOf(task.condition).length
  if (task.kind !== 'branch') return steps
  const { choice } = task
  if (choice.kind === 'value') return steps + stepsPerTest * choice.cases.length
  return steps + stepsPerTest * choice.cases.flatMap(({ condition }) => valuesOf(condition)).length
}

/** What a try that fails takes on top: the error put into words, and the retry decided. */
const stepsPerFailure = 8

/** Steps of a run besides its tasks, and per task in `main` and `finish_run`. */
const stepsPerRun = 20
const stepsPerTask = 5

/** Billed steps of a run, polls not included, when every task works at the first try. */
export function plainSteps(tasks: readonly TaskDefinition[]): number {
  return stepsPerRun + tasks.reduce((sum, task) => sum + stepsPerTask + stepsOfTry(task), 0)
}

/** Steps of a run in which every task uses all of its tries and every try all of its time. */
export function mostSteps(tasks: readonly TaskDefinition[]): number {
  return (
    stepsPerRun +
    tasks.reduce((sum, task) => {
      const polls = pollsWithin(task.timeoutSeconds + connectorGraceSeconds)
      return sum + stepsPerTask + (task.retry.retries + 1) * (stepsOfTry(task) + stepsPerFailure + polls)
    }, 0)
  )
}

/**
 * Polls that a connector makes while it waits: delays grow from 1 s by a factor of 1.25 to 60 s.
 * https://cloud.google.com/workflows/docs/connectors#long-running_operations
 */
export function pollsWithin(seconds: number): number {
  let polls = 0
  let passed = 0
  for (let delay = 1; delay < 60 && passed + delay <= seconds; delay *= 1.25) {
    passed += delay
    polls += 1
  }
  return polls + Math.floor((seconds - passed) / 60)
}
