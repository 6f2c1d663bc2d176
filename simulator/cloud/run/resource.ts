import { ApiError } from '../errors.ts'
import { createMessageReader } from '../messages.ts'

/** https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs#Job */
export interface Job extends JobInput {
  readonly name: string
  readonly uid: string
  /** Grows by one with each change. */
  readonly generation: string
  readonly observedGeneration: string
  readonly createTime: string
  readonly updateTime: string
  readonly terminalCondition: Condition
  readonly executionCount: number
  readonly latestCreatedExecution?: {
    readonly name: string
    readonly createTime: string
    readonly completionTime?: string
  }
  readonly reconciling: boolean
  readonly etag: string
}

/** What a client sets. */
export interface JobInput {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly launchStage?: string
  readonly template: ExecutionTemplate
}

export interface ExecutionTemplate {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly parallelism?: number
  readonly taskCount?: number
  readonly template: TaskTemplate
}

export interface TaskTemplate {
  readonly containers: readonly Container[]
  readonly maxRetries?: number
  /** A protobuf duration: `600s`. */
  readonly timeout?: string
  readonly serviceAccount?: string
}

export interface Container {
  readonly name?: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly EnvVar[]
}

interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueSource?: { readonly secretKeyRef?: { readonly secret: string; readonly version?: string } }
}

export interface Condition {
  readonly type: string
  readonly state: 'CONDITION_PENDING' | 'CONDITION_RECONCILING' | 'CONDITION_FAILED' | 'CONDITION_SUCCEEDED'
  readonly message?: string
  readonly lastTransitionTime: string
  readonly severity?: 'ERROR'
  readonly executionReason?: 'NON_ZERO_EXIT_CODE' | 'CANCELLED'
}

/** https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs.executions#Execution */
export interface JobExecution {
  readonly name: string
  readonly uid: string
  readonly generation: string
  readonly observedGeneration: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly createTime: string
  readonly startTime?: string
  readonly completionTime?: string
  readonly updateTime: string
  readonly job: string
  readonly parallelism: number
  readonly taskCount: number
  readonly template: TaskTemplate
  readonly reconciling: boolean
  readonly conditions: readonly Condition[]
  readonly runningCount: number
  readonly succeededCount: number
  readonly failedCount: number
  readonly cancelledCount: number
  readonly retriedCount: number
  readonly logUri: string
  readonly etag: string
}

export interface RunRequest {
  readonly validateOnly?: boolean
  readonly etag?: string
  readonly overrides?: Overrides
}

export interface Overrides {
  readonly containerOverrides?: readonly {
    readonly name?: string
    readonly args?: readonly string[]
    readonly env?: readonly EnvVar[]
    readonly clearArgs?: boolean
  }[]
  readonly taskCount?: number
  readonly timeout?: string
}

const messages = createMessageReader('@google-cloud/run')

/** Reads a Job message with the platform's defaults filled in; throws `ApiError` 400 for what the service refuses. */
export function readJob(body: unknown): JobInput {
  const { name: _name, etag: _etag, ...message } = messages.read('google.cloud.run.v2.Job', body)
  const input = message as Partial<JobInput>
  const task = input.template?.template
  const container = task?.containers?.[0]
  if (input.template === undefined || task === undefined || container === undefined || !container.image) {
    throw new ApiError(
      400,
      'Violation in template.template.containers: a container with an image is required.',
    )
  }
  if (task.containers.length > 1) {
    throw new ApiError(
      400,
      'Violation in template.template.containers: the emulator runs one container per job.',
    )
  }
  for (const variable of container.env ?? []) checkVariable(variable)
  if ((container.env ?? []).length > 1000)
    throw new ApiError(400, 'A container can have at most 1000 variables.')
  // https://cloud.google.com/run/docs/configuring/max-retries and …/task-timeout
  const maxRetries = task.maxRetries ?? 3
  if (maxRetries < 0 || maxRetries > 10) throw new ApiError(400, 'maxRetries must be between 0 and 10.')
  const timeout = task.timeout ?? '600s'
  checkTimeout(timeout)
  const taskCount = input.template.taskCount ?? 1
  checkTaskCount(taskCount)
  return { ...input, template: { ...input.template, taskCount, template: { ...task, maxRetries, timeout } } }
}

/** Reads a RunJobRequest; throws `ApiError` 400 for what the service refuses. */
export function readRunRequest(body: unknown): RunRequest {
  const request = messages.read('google.cloud.run.v2.RunJobRequest', body) as RunRequest
  const { overrides } = request
  if (overrides?.taskCount !== undefined && overrides.taskCount !== 0) checkTaskCount(overrides.taskCount)
  if (overrides?.timeout !== undefined) checkTimeout(overrides.timeout)
  for (const container of overrides?.containerOverrides ?? []) {
    for (const variable of container.env ?? []) checkVariable(variable)
  }
  return request
}

/**
 * The template of one execution: overriding variables are merged over the job's, arguments replace the job's.
 * https://cloud.google.com/run/docs/execute/jobs#override-job-configuration
 */
export function applyOverrides(template: ExecutionTemplate, overrides: Overrides): ExecutionTemplate {
  const containers = template.template.containers.map((container): Container => {
    const over = (overrides.containerOverrides ?? []).find((one) => !one.name || one.name === container.name)
    if (over === undefined) return container
    const replaced = new Set((over.env ?? []).map(({ name }) => name))
    const kept = (container.env ?? []).filter(({ name }) => !replaced.has(name))
    const args =
      over.clearArgs === true ? [] : (over.args ?? []).length > 0 ? (over.args ?? []) : (container.args ?? [])
    return { ...container, args, env: [...kept, ...(over.env ?? [])] }
  })
  const unknown = (overrides.containerOverrides ?? []).find(
    ({ name }) => name && !template.template.containers.some((container) => container.name === name),
  )
  if (unknown !== undefined) throw new ApiError(400, `overrides: the job has no container "${unknown.name}".`)
  return {
    ...template,
    taskCount: overrides.taskCount || (template.taskCount ?? 1),
    template: {
      ...template.template,
      containers,
      ...(overrides.timeout === undefined ? {} : { timeout: overrides.timeout }),
    },
  }
}

/** Milliseconds of a protobuf duration. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * 1000
}

/** Lower-case letters, digits and hyphens; at most 63. */
export function checkJobId(id: string): void {
  if (!/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(id)) {
    throw new ApiError(
      400,
      `Invalid job id "${id}": at most 63 lower-case letters, digits and hyphens, starting with a letter and ` +
        'not ending with a hyphen.',
    )
  }
}

function checkVariable({ name, value, valueSource }: EnvVar): void {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name ?? ''))
    throw new ApiError(400, `Invalid variable name "${name}".`)
  if (value?.includes('\0')) throw new ApiError(400, `The variable ${name} contains a NUL character.`)
  if (valueSource !== undefined && valueSource.secretKeyRef === undefined) {
    throw new ApiError(400, `The variable ${name} has a valueSource without secretKeyRef.`)
  }
}

function checkTimeout(timeout: string): void {
  const seconds = durationMs(timeout) / 1000
  if (seconds < 1 || seconds > 168 * 3600) {
    throw new ApiError(400, `Invalid timeout ${timeout}: must be between 1s and 604800s.`)
  }
}

function checkTaskCount(count: number): void {
  if (count < 1 || count > 10_000) throw new ApiError(400, 'taskCount must be between 1 and 10000.')
}
