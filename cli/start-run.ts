import type { Clients } from '../deploy/clients.ts'
import type { Compiled } from '../deploy/compiled.ts'
import type { CommandInput } from './command.ts'
import { runParams } from './params.ts'

/** A planned run of a DAG: the workflow's argument. */
export type RunArgument = Awaited<ReturnType<typeof planFrom>>

/** Plans a run from `--date` and `--param`. */
export async function planFrom(input: CommandInput, compiled: Compiled, nowMs: number) {
  const { planRun } = await import('../deploy/run-plan.ts')
  const date = input.options.text('date')
  return planRun({
    manifest: compiled.manifest,
    nowMs,
    params: runParams(compiled.manifest, input.options.list('param')),
    ...(date === undefined ? {} : { date }),
  })
}

/** Starts a planned run and returns its execution's name. */
export async function startRun(clients: Clients, compiled: Compiled, argument: RunArgument): Promise<string> {
  const { createExecution, executionLabels } = await import('../deploy/executions.ts')
  return createExecution(clients, {
    workflow: compiled.manifest.workflow.id,
    argument: JSON.stringify(argument),
    labels: executionLabels({ dag: compiled.manifest.dag, ...argument }),
  })
}

/** The logical date as the calendar date that the sources serve. */
export function referenceDate(argument: RunArgument): string {
  return argument.logical_date.slice(0, 10)
}
