import type { Clients } from '../deploy/clients.ts'
import { createExecution, waitForExecution } from '../deploy/executions.ts'
import { googleFailure } from '../deploy/google-error.ts'
import { workflowName } from '../deploy/resources/workflow.ts'
import type { ProbeEnd } from '../probes/answer.ts'

/** Where a probe runs. */
export interface ProbeTarget {
  /** Deploys the source, executes it and waits for its end. */
  run(workflow: string, source: string): Promise<ProbeEnd>
  remove(workflow: string): Promise<void>
}

/** A probe that has not ended by then is given up; milliseconds. The slowest takes about half a minute. */
const PATIENCE = 180_000

/** An environment, through Google's clients. */
export function clientTarget(clients: Clients, signal: AbortSignal): ProbeTarget {
  const { environment } = clients
  const serviceAccount = environment.serviceAccounts.workflow
  return {
    run: async (id, sourceContents) => {
      const workflows = await clients.workflows()
      try {
        const [operation] = await workflows.createWorkflow({
          parent: `projects/${environment.project}/locations/${environment.region}`,
          workflowId: id,
          workflow: {
            sourceContents,
            description: 'A probe of dag probe; it may be deleted.',
            labels: { 'dag-probe': 'true' },
            ...(serviceAccount === undefined ? {} : { serviceAccount }),
          },
        })
        await operation.promise()
      } catch (error) {
        const { status, message } = googleFailure(error)
        if (status === 400) return { kind: 'refused', message }
        throw error
      }
      const name = await createExecution(clients, { workflow: id, argument: 'null', labels: {} })
      return await endOf(clients, name, signal)
    },
    remove: async (id) => {
      try {
        const [operation] = await (
          await clients.workflows()
        ).deleteWorkflow({ name: workflowName(environment, id) })
        await operation.promise()
      } catch (error) {
        // A refused source leaves nothing behind.
        if (googleFailure(error).status !== 404) throw error
      }
    },
  }
}

async function endOf(clients: Clients, name: string, signal: AbortSignal): Promise<ProbeEnd> {
  const executions = await clients.executions()
  const late = AbortSignal.timeout(PATIENCE)
  let ended: { readonly state: string }
  try {
    ended = await waitForExecution(clients, name, {
      pollMs: clients.environment.emulator === null ? 1000 : 20,
      signal: AbortSignal.any([signal, late]),
    })
  } catch (error) {
    if (!late.aborted || signal.aborted) throw error
    await executions.cancelExecution({ name })
    return { kind: 'unknown', reason: `had not ended after ${PATIENCE / 1000} s` }
  }
  const [{ result, error }] = await executions.getExecution({ name, view: 'FULL' })
  if (ended.state === 'SUCCEEDED') return { kind: 'succeeded', result: result ?? 'null' }
  return {
    kind: 'failed',
    payload: error?.payload ?? 'null',
    frames: error?.stackTrace?.elements?.length ?? 0,
  }
}
