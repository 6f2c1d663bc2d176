import { sourceMapSchema, type SourceMap } from '../../artifact/map.ts'
import type { DagDefinition, Location, TaskDefinition } from '../../dsl/index.ts'
import { relativeFile } from '../../dsl/errors/index.ts'
import type { Step, StepBody, WorkflowDocument } from '../../language/index.ts'
import { routineName } from '../names.ts'

/** What the steps of a task's subworkflow do, for readers of a history. */
const meanings: Readonly<Record<string, string>> = {
  decide: 'decides from the states of the upstream tasks whether to run',
  upstream_failed: 'ends: an upstream task failed',
  upstream_skipped: 'ends: an upstream task was skipped',
  start_tries: 'starts counting tries',
  tries: 'tries until it works or retries are used up',
  next_try: 'starts a try',
  check_input: 'looks whether the input fits an environment variable',
  write_input: 'writes a large input to an object',
  refer_to_input: 'passes the object instead of the input',
  start_job: 'runs the container',
  run_job: 'runs the Cloud Run job and waits for it',
  job_failed: 'looks whether the job or the call of it failed',
  keep_error: 'keeps the error of the job in case the step left none',
  find_result: 'looks for the result of the step',
  read_result: 'reads the metadata of the result object',
  no_result: 'ends the try: there is no result',
  check_result: 'looks whether the step gave an output, skipped or failed',
  run_model: 'calls the procedure that builds the table and waits for it',
  take_output: 'takes the output',
  record_success: 'records the success in the ledger',
  succeeded: 'ends: success',
  skipped: 'ends: the step skipped',
  failed: 'ends: all tries failed',
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
  return sourceMapSchema.parse({
    version: 1,
    dag: definition.id,
    at: at(definition.at),
    tasks: tasks.map((task) => {
      const routine = routineName(task.id)
      const steps = workflow.subworkflows.find(({ name }) => name === routine)?.steps ?? []
      const names = steps.flatMap(stepNames)
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
