import type { protos } from '@google-cloud/workflows'
import type { Clients } from './clients.ts'
import { googleFailure, isNotFound } from './google-error.ts'
import { labelValue } from './labels.ts'
import { workflowName } from './resources/workflow.ts'
import { UserError } from './user-error.ts'

export interface NewExecution {
  readonly workflow: string
  /** The workflow's argument as JSON text: for a DAG the run argument of docs/architecture.md. */
  readonly argument: string
  readonly labels: Readonly<Record<string, string>>
}

/** Starts an execution and returns its full name. */
export async function createExecution(clients: Clients, request: NewExecution): Promise<string> {
  const parent = workflowName(clients.environment, request.workflow)
  try {
    const [execution] = await (
      await clients.executions()
    ).createExecution({
      parent,
      execution: { argument: request.argument, labels: { ...request.labels } },
    })
    if (!execution.name) throw new Error('the service answered without an execution name')
    return execution.name
  } catch (error) {
    if (isNotFound(error)) {
      throw new UserError('DAG807', `${request.workflow} is not deployed to ${clients.environment.name}`, {
        place: parent,
        hint: `run \`dag deploy ${request.workflow} --env ${clients.environment.name}\``,
      })
    }
    throw new UserError('DAG805', `cannot start ${request.workflow}: ${googleFailure(error).message}`, {
      place: parent,
      cause: error,
    })
  }
}

/** Cancels an execution and waits until it has ended. What it has started elsewhere goes on. */
export async function cancelExecution(clients: Clients, name: string): Promise<ExecutionState> {
  try {
    await (await clients.executions()).cancelExecution({ name })
  } catch (error) {
    // It may have ended by itself in the meantime.
    const { state } = await executionState(clients, name)
    if (!isFinal(state)) {
      throw new UserError('DAG805', `cannot cancel the execution: ${googleFailure(error).message}`, {
        place: name,
        cause: error,
      })
    }
  }
  return waitForExecution(clients, name, { pollMs: clients.environment.emulator === null ? 1000 : 50 })
}

type Execution = protos.google.cloud.workflows.executions.v1.IExecution

export interface ExecutionState {
  readonly name: string
  readonly state: string
}

/** Reads an execution's state. */
async function executionState(clients: Clients, name: string): Promise<ExecutionState> {
  const [execution] = await (await clients.executions()).getExecution({ name })
  return { name, state: stateOf(execution) }
}

/** True once an execution cannot change any more. */
function isFinal(state: string): boolean {
  return state !== 'ACTIVE' && state !== 'QUEUED' && state !== 'STATE_UNSPECIFIED'
}

export interface WaitOptions {
  /** @default 1000 */
  readonly pollMs?: number
  readonly signal?: AbortSignal
  /** Called at every poll, e.g. to read the steps so far; awaited. */
  readonly onPoll?: () => Promise<void>
}

/** Follows an execution to its end. Between polls it waits for `pollMs` of wall time. */
export async function waitForExecution(
  clients: Clients,
  name: string,
  options: WaitOptions = {},
): Promise<ExecutionState> {
  for (;;) {
    options.signal?.throwIfAborted()
    const execution = await executionState(clients, name)
    await options.onPoll?.()
    if (isFinal(execution.state)) return execution
    await pause(options.pollMs ?? 1000, options.signal)
  }
}

/** Labels by which runs are found; docs/architecture.md, "Run argument". */
export function executionLabels(run: {
  dag: string
  run_id: string
  trigger: string
  logical_date: string
}): Record<string, string> {
  return {
    dag: labelValue(run.dag),
    run_id: labelValue(run.run_id),
    trigger: labelValue(run.trigger),
    logical_date: labelValue(run.logical_date),
  }
}

const states = ['STATE_UNSPECIFIED', 'ACTIVE', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'UNAVAILABLE', 'QUEUED']

function stateOf({ state }: Execution): string {
  return typeof state === 'number' ? (states[state] ?? 'STATE_UNSPECIFIED') : (state ?? 'STATE_UNSPECIFIED')
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
