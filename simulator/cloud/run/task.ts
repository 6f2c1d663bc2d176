import type { Clock } from '../../clock.ts'
import type { LogRecord } from '../logs.ts'
import { taskEnvironment, type TaskIdentity } from './environment.ts'
import { findImage, unmappedImage, type LocalImages } from './images.ts'
import type { ProcessLedger } from './process-ledger.ts'
import { runProcess, type ProcessEnd } from './process.ts'
import { runProgram } from './program.ts'
import { readLogLine, type LogPayload } from './log-line.ts'
import { durationMs, type TaskTemplate } from './resource.ts'

export interface TaskOptions {
  readonly images: LocalImages
  readonly stepEnv: Readonly<Record<string, string>>
  readonly emulatorUrl: string
  readonly signal: AbortSignal
  readonly ledger: ProcessLedger
  /** Is told while a process runs. */
  readonly clock: Clock
  onLog(payload: LogPayload, stream: 'stdout' | 'stderr', task: TaskIdentity): void
}

export type TaskEnd =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string; readonly exit: boolean; readonly retryable: boolean }

/** One attempt of one task of an execution. */
export async function runTask(
  template: TaskTemplate,
  overridden: ReadonlySet<string>,
  task: TaskIdentity,
  options: TaskOptions,
): Promise<TaskEnd> {
  const container = template.containers[0]
  if (container === undefined) return unusable('The job has no container.')
  const image = findImage(options.images, container.image)
  if (image === null) return unusable(unmappedImage(container.image))
  const { signal, ledger } = options
  try {
    const spec = {
      env: taskEnvironment(container, overridden, options.stepEnv, options.emulatorUrl, task),
      timeoutMs: durationMs(template.timeout ?? '600s'),
      signal,
      onLine: (stream: 'stdout' | 'stderr', line: string) => options.onLog(readLogLine(line), stream, task),
    }
    const args = container.args ?? []
    if ('run' in image) {
      return judge(await runProgram(image, { ...spec, args, clock: options.clock }), container.image)
    }
    const [file, ...fixed] = image.command
    if (file === undefined) return unusable(unmappedImage(container.image))
    const place = image.cwd === undefined ? {} : { cwd: image.cwd }
    const process = runProcess({ ...spec, ...place, command: [file, ...fixed, ...args], ledger })
    return judge(await options.clock.track(process), file)
  } catch (error) {
    // A missing secret, or an argument that no process can be given (NUL, too long).
    return unusable(error instanceof Error ? error.message : String(error))
  }
}

/** The service words these endings so: https://cloud.google.com/run/docs/troubleshooting */
function judge(end: ProcessEnd, file: string): TaskEnd {
  switch (end.kind) {
    case 'exited':
      if (end.code === 0) return { kind: 'succeeded' }
      return failed(`The container exited with an error (exit code ${end.code}).`)
    case 'signalled':
      return failed(`The container was ended by signal ${end.signal}.`)
    case 'timeout':
      return { kind: 'failed', message: 'The configured timeout was reached.', exit: false, retryable: true }
    case 'cancelled':
      return { kind: 'cancelled' }
    case 'not_started':
      break
  }
  return unusable(`The command "${file}" could not be started: ${end.message}`)
}

function failed(message: string): TaskEnd {
  return { kind: 'failed', message, exit: true, retryable: true }
}

function unusable(message: string): TaskEnd {
  return { kind: 'failed', message, exit: false, retryable: false }
}

/** A line of a task as a log entry. */
export function taskLogRecord(
  payload: LogPayload,
  stream: 'stdout' | 'stderr',
  task: TaskIdentity,
  location: string,
  timestamp: string,
): Omit<LogRecord, 'insertId'> {
  return {
    logName: `projects/${task.project}/logs/run.googleapis.com%2F${stream}`,
    resource: {
      type: 'cloud_run_job',
      labels: { project_id: task.project, location, job_name: task.job },
    },
    timestamp,
    ...payload,
    labels: {
      ...payload.labels,
      'run.googleapis.com/execution_name': task.execution,
      'run.googleapis.com/task_index': String(task.index),
      'run.googleapis.com/task_attempt': String(task.attempt),
    },
  }
}
