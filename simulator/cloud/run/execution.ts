import type { Ids } from '../ids.ts'
import { timestamp } from '../names.ts'
import type { OperationError } from '../operations.ts'
import type { TaskEnd } from './task.ts'
import type { Condition, ExecutionTemplate, Job, JobExecution } from './resource.ts'

/** A new execution, waiting to start; `id` is the last part of its name. */
export function newJobExecution(
  job: Job,
  template: ExecutionTemplate,
  { id, ids, now }: { readonly id: string; readonly ids: Ids; readonly now: number },
): JobExecution {
  const name = `${job.name}/executions/${id}`
  const taskCount = template.taskCount ?? 1
  const [, project, , location] = job.name.split('/')
  const created = timestamp(now)
  return {
    name,
    uid: ids.uuid(name),
    generation: '1',
    observedGeneration: '1',
    labels: { ...job.labels, ...template.labels },
    ...(template.annotations === undefined ? {} : { annotations: template.annotations }),
    createTime: created,
    updateTime: created,
    job: job.name.split('/').at(-1) ?? '',
    parallelism: template.parallelism ?? taskCount,
    taskCount,
    template: template.template,
    reconciling: true,
    conditions: [completed('CONDITION_RECONCILING', now)],
    runningCount: 0,
    succeededCount: 0,
    failedCount: 0,
    cancelledCount: 0,
    retriedCount: 0,
    logUri: `https://console.cloud.google.com/logs/viewer?project=${project}&location=${location}&execution=${id}`,
    etag: `"${ids.uuid(`${name} etag`)}"`,
  }
}

/** Counts of an execution's tasks while it runs. */
export interface Progress {
  readonly running: number
  readonly ends: readonly TaskEnd[]
  readonly retried: number
}

export function withProgress(execution: JobExecution, progress: Progress, now: number): JobExecution {
  const count = (kind: TaskEnd['kind']) => progress.ends.filter((end) => end.kind === kind).length
  return {
    ...execution,
    startTime: execution.startTime ?? timestamp(now),
    updateTime: timestamp(now),
    runningCount: progress.running,
    succeededCount: count('succeeded'),
    failedCount: count('failed'),
    cancelledCount: count('cancelled'),
    retriedCount: progress.retried,
  }
}

/** The execution after its last task ended. */
export function completedExecution(
  execution: JobExecution,
  ends: readonly (TaskEnd & { readonly task: string })[],
  now: number,
): JobExecution {
  return {
    ...execution,
    completionTime: timestamp(now),
    updateTime: timestamp(now),
    reconciling: false,
    conditions: [conclusion(ends, now)],
  }
}

/** What becomes of an execution that the emulator itself could not go on with, e.g. for a full disk. */
export function brokenExecution(execution: JobExecution, error: unknown, now: number): JobExecution {
  const message = `The emulator failed: ${error instanceof Error ? error.message : String(error)}`
  const id = execution.name.split('/').at(-1) ?? ''
  return completedExecution(
    execution,
    [{ kind: 'failed', message, exit: false, retryable: false, task: id }],
    now,
  )
}

/** What becomes of an execution whose emulator was killed. */
export function interruptedExecution(execution: JobExecution): JobExecution {
  const at = Date.parse(execution.updateTime)
  const message = 'The emulator was stopped while this execution was running.'
  return {
    ...execution,
    completionTime: timestamp(at),
    reconciling: false,
    runningCount: 0,
    failedCount: execution.taskCount - execution.succeededCount,
    conditions: [{ ...completed('CONDITION_FAILED', at), message, severity: 'ERROR' }],
  }
}

/**
 * The error of the run's operation, or null for success. Its code is not documented; 9 (FAILED_PRECONDITION) is
 * what other operations of Cloud Run end with.
 */
export function executionError(execution: JobExecution): OperationError | null {
  const condition = execution.conditions.find(({ type }) => type === 'Completed')
  if (condition?.state !== 'CONDITION_FAILED') return null
  const cancelled = condition.executionReason === 'CANCELLED'
  return { code: cancelled ? 1 : 9, message: condition.message ?? 'The execution failed.' }
}

function conclusion(ends: readonly (TaskEnd & { readonly task: string })[], now: number): Condition {
  if (ends.some(({ kind }) => kind === 'cancelled')) {
    return {
      ...completed('CONDITION_FAILED', now),
      message: 'The execution was cancelled.',
      severity: 'ERROR',
      executionReason: 'CANCELLED',
    }
  }
  const failure = ends.find((end) => end.kind === 'failed')
  if (failure === undefined) {
    return { ...completed('CONDITION_SUCCEEDED', now), message: 'Execution completed successfully.' }
  }
  return {
    ...completed('CONDITION_FAILED', now),
    message: `Task ${failure.task} failed with message: ${failure.message}`,
    severity: 'ERROR',
    ...(failure.exit ? { executionReason: 'NON_ZERO_EXIT_CODE' } : {}),
  }
}

function completed(state: Condition['state'], now: number): Condition {
  return { type: 'Completed', state, lastTransitionTime: timestamp(now) }
}

/** The job's id and five lower-case letters and digits, as the service names executions. */
export function jobExecutionId(job: Job, ids: Ids): string {
  const digits = Number.parseInt(ids.hex(`${job.name} execution`, 12), 16).toString(36)
  return `${job.name.split('/').at(-1)}-${digits.padStart(5, '0').slice(-5)}`
}
