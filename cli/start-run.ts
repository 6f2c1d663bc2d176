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

/** https://cloud.google.com/workflows/quotas#resource_limits: bytes of an execution's argument. */
const longestArgument = 32 * 1024

/** Starts a planned run and returns its execution's name. */
export async function startRun(clients: Clients, compiled: Compiled, argument: RunArgument): Promise<string> {
  const { createExecution, executionLabels } = await import('../deploy/executions.ts')
  const text = JSON.stringify(argument)
  const size = Buffer.byteLength(text)
  if (size > longestArgument) await refuseSize(argument, size)
  return createExecution(clients, {
    workflow: compiled.manifest.workflow.id,
    argument: text,
    labels: executionLabels({ dag: compiled.manifest.dag, ...argument }),
  })
}

async function refuseSize({ run_id: runId, mode, params }: RunArgument, size: number): Promise<never> {
  const { UserError } = await import('../deploy/user-error.ts')
  const own = Buffer.byteLength(JSON.stringify(params))
  throw new UserError(
    mode === undefined ? 'DAG603' : 'DAG608',
    `the argument of run ${runId} takes ${size} of ${longestArgument} bytes, its params ${own} of these`,
    {
      place: `run ${runId}`,
      hint:
        mode === undefined
          ? 'put what is large into an object, and give its name as the param'
          : 'let more run again: --from a mapped task spares the list of its finished instances',
    },
  )
}

/** The logical date as the calendar date that the sources serve. */
export function referenceDate(argument: RunArgument): string {
  return argument.logical_date.slice(0, 10)
}
