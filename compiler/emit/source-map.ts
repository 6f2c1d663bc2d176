import { sourceMapSchema, type SourceMap } from '../../artifact/map.ts'
import type { DagDefinition, Location, TaskDefinition } from '../../dsl/index.ts'
import { relativeFile } from '../../dsl/errors/index.ts'
import type { Step, StepBody, WorkflowDocument } from '../../language/tree.ts'
import { routineName } from '../names.ts'

/** What the steps of a task's subworkflow do, for readers of a history. */
const meanings: Readonly<Record<string, string>> = {
  attempt: 'one try: decides whether to run, works, and returns the result',
  decide: 'decides from the states of the upstream tasks whether to run',
  check_input: 'looks whether the input fits an environment variable',
  write_input: 'writes a large input to an object',
  run_job: 'runs the Cloud Run job and waits for it',
  run_model: 'calls the procedure that builds the table and waits for it',
  keep_result: 'keeps the result in the ledger',
  succeeded_or_skipped: 'ends: as the container said',
  succeeded: 'ends: success',
  failed: 'keeps the error of the try',
  settle: 'finds out why the task does not run, or what becomes of it after a try that failed',
  ended: 'ends, unless there is another try',
  wait: 'waits before the next try',
  next_try: 'starts the next try',
  log_start: 'logs that a try starts',
  task_end: 'what happens after the end of the task, which it cannot change',
  log_end: 'logs how the task ended',
  tell: 'tells hooks how the task ended',
  told: 'returns the result',
}

/** From the names in an execution's history back to tasks and lines. */
export function sourceMapOf(
  definition: DagDefinition,
  workflow: WorkflowDocument,
  tasks: readonly TaskDefinition[],
  projectDir: string,
): SourceMap {
  const at = (location: Location | null) => ({
    file: relativeFile(location?.file ?? definition.at?.file ?? '', projectDir),
    line: location?.line ?? definition.at?.line ?? 1,
  })
  const routines = new Map(workflow.subworkflows.map(({ name, steps }) => [name, steps]))
  return sourceMapSchema.parse({
    version: 1,
    dag: definition.id,
    at: at(definition.at),
    tasks: tasks.map((task) => {
      const routine = routineName(task.id)
      const names = (routines.get(routine) ?? []).flatMap(stepNames)
      return {
        id: task.id,
        routine,
        at: at(task.at),
        steps: Object.fromEntries(names.map((name) => [name, meanings[name] ?? name])),
      }
    }),
  })
}

function stepNames(step: Step): readonly string[] {
  return [step.name, ...innerSteps(step.body).flatMap(stepNames)]
}

function innerSteps(body: StepBody): readonly Step[] {
  switch (body.kind) {
    case 'steps':
      return body.steps
    case 'try':
      return [...innerSteps(body.body), ...(body.except?.steps ?? [])]
    case 'switch':
      return body.conditions.flatMap((condition) => innerSteps(condition.body))
    case 'for':
      return body.loop.steps
    case 'parallel':
      return body.loop?.steps ?? body.branches?.flatMap((branch) => branch.steps) ?? []
    default:
      return []
  }
}
