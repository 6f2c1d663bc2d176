import type { ExecutionOutcome } from '../../engine/execution.ts'
import { JsonError, parseJson, writeJson } from '../../engine/json.ts'
import { fieldError } from '../errors.ts'
import type { FieldResolver } from '../filter.ts'
import { createMessageReader } from '../messages.ts'
import { duration, timestamp } from '../names.ts'
import { invalidParam } from '../query.ts'
import { checkLabels } from '../workflows/resource.ts'

type ExecutionState = 'QUEUED' | 'ACTIVE' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'

/** https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions */
export interface ExecutionResource {
  readonly name: string
  readonly createTime: string
  /** Absent while it is queued. */
  readonly startTime?: string
  readonly endTime?: string
  readonly duration?: string
  readonly state: ExecutionState
  readonly argument?: string
  readonly result?: string
  readonly error?: ExecutionFailure
  readonly workflowRevisionId: string
  readonly callLogLevel?: string
  readonly executionHistoryLevel?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly status?: { readonly currentSteps: readonly CurrentStep[] }
  readonly disableConcurrencyQuotaOverflowBuffering?: boolean
}

export interface CurrentStep {
  readonly routine: string
  readonly step: string
}

interface ExecutionFailure {
  /** JSON text of what was raised. */
  readonly payload: string
  readonly context: string
  readonly stackTrace?: {
    readonly elements: readonly {
      readonly step: string
      readonly routine: string
      readonly position: { readonly line: string; readonly column: string; readonly length: string }
    }[]
  }
}

/** What a client sets. */
export interface ExecutionInput {
  readonly argument?: string
  readonly callLogLevel?: string
  readonly executionHistoryLevel?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly disableConcurrencyQuotaOverflowBuffering?: boolean
}

const outputOnly = { '(google.api.field_behavior)': 'OUTPUT_ONLY' }

const messages = createMessageReader('@google-cloud/workflows', {
  'google.cloud.workflows.executions.v1.Execution': {
    createTime: { type: 'google.protobuf.Timestamp', options: outputOnly },
    executionHistoryLevel: { type: 'google.cloud.workflows.v1.ExecutionHistoryLevel' },
    disableConcurrencyQuotaOverflowBuffering: { type: 'bool' },
  },
})

/** The argument may have 32 KB. https://cloud.google.com/workflows/quotas */
const ARGUMENT_BYTES = 32 * 1024

/** Reads an Execution message; throws `ApiError` 400 for what the service refuses. */
export function readExecution(body: unknown): ExecutionInput {
  const input = messages.read(
    'google.cloud.workflows.executions.v1.Execution',
    body,
    'execution',
  ) as ExecutionInput
  if (input.argument !== undefined && input.argument !== '') {
    if (Buffer.byteLength(input.argument) > ARGUMENT_BYTES) {
      throw fieldError('execution.argument', `The argument is longer than ${ARGUMENT_BYTES} bytes.`)
    }
    try {
      parseJson(input.argument)
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      throw fieldError('execution.argument', `The argument is not valid JSON: ${error.message}`)
    }
  }
  checkLabels(input.labels ?? {}, 'execution.labels')
  // gcloud sends the unspecified level where it means the workflow's.
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => !String(value).endsWith('_UNSPECIFIED')),
  )
}

export type ExecutionView = 'BASIC' | 'FULL'

export function parseView(text: string, standard: ExecutionView): ExecutionView {
  switch (text) {
    case '':
    case '0':
    case 'EXECUTION_VIEW_UNSPECIFIED':
      return standard
    case 'BASIC':
    case '1':
      return 'BASIC'
    case 'FULL':
    case '2':
      return 'FULL'
    default:
      throw invalidParam(
        'view',
        'type.googleapis.com/google.cloud.workflows.executions.v1.ExecutionView',
        text,
      )
  }
}

/** BASIC has name, times, state and revision; FULL has everything. */
export function showExecution(execution: ExecutionResource, view: ExecutionView): Partial<ExecutionResource> {
  if (view === 'FULL') return execution
  const { name, startTime, endTime, duration: took, state, workflowRevisionId } = execution
  return {
    name,
    ...(startTime === undefined ? {} : { startTime }),
    ...(endTime === undefined ? {} : { endTime }),
    ...(took === undefined ? {} : { duration: took }),
    state,
    workflowRevisionId,
  }
}

/** The execution after it ended. */
export function finished(
  execution: ExecutionResource,
  outcome: ExecutionOutcome,
  now: number,
  lastSteps: readonly CurrentStep[],
): ExecutionResource {
  return {
    ...execution,
    ...endOf(outcome),
    endTime: timestamp(now),
    duration: duration(now - startOf(execution)),
    status: { currentSteps: lastSteps },
  }
}

/** One that was cancelled while it was queued. */
export function withdrawn(execution: ExecutionResource, now: number): ExecutionResource {
  const message = 'Execution cancelled'
  const payload = JSON.stringify({ message, tags: ['CancelledError'] })
  return {
    ...execution,
    state: 'CANCELLED',
    error: { payload, context: message, stackTrace: { elements: [] } },
    endTime: timestamp(now),
    duration: duration(0),
  }
}

/** What becomes of an execution whose emulator was killed. */
export function interrupted(execution: ExecutionResource, lastSeen: number): ExecutionResource {
  const message = 'The emulator was stopped while this execution was running.'
  const payload = JSON.stringify({ message, tags: ['SystemError'] })
  const end = Math.max(lastSeen, startOf(execution))
  return {
    ...execution,
    state: 'FAILED',
    error: { payload, context: message, stackTrace: { elements: [] } },
    endTime: timestamp(end),
    duration: duration(end - startOf(execution)),
  }
}

/** One that never started took no time. */
function startOf({ startTime, createTime }: ExecutionResource): number {
  return Date.parse(startTime ?? createTime)
}

function endOf(outcome: ExecutionOutcome): Pick<ExecutionResource, 'state' | 'result' | 'error'> {
  if (outcome.state === 'SUCCEEDED') {
    try {
      return { state: 'SUCCEEDED', result: writeJson(outcome.result) }
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      const message = `The result cannot be written as JSON: ${error.message}`
      const payload = JSON.stringify({ message, tags: ['TypeError'] })
      return { state: 'FAILED', error: { payload, context: message, stackTrace: { elements: [] } } }
    }
  }
  const elements = outcome.error.stackTrace.map(({ step, routine, position }) => ({
    step,
    routine,
    position: {
      line: String(position.line),
      column: String(position.column),
      length: String(position.length),
    },
  }))
  const { payload, context } = outcome.error
  return { state: outcome.state, error: { payload, context, stackTrace: { elements } } }
}

const ORDERS = new Set([
  'executionId',
  'state',
  'createTime',
  'startTime',
  'endTime',
  'duration',
  'workflowRevisionId',
])

/** Fields of a list's `orderBy`, fewer than those of its filter. */
export const executionOrder: FieldResolver<ExecutionResource> = (path) =>
  ORDERS.has(path[0] ?? '') ? executionField(path) : null

/** Fields of a list's `filter`. */
export const executionField: FieldResolver<ExecutionResource> = (path) => {
  const [first, second] = path
  switch (first) {
    case 'executionId':
      return { type: 'string', get: (execution) => execution.name.split('/').at(-1) }
    case 'state':
    case 'workflowRevisionId':
      return { type: 'string', get: (execution) => execution[first] }
    case 'createTime':
    case 'startTime':
    case 'endTime':
      return {
        type: 'time',
        get: (execution) => (execution[first] === undefined ? undefined : Date.parse(execution[first])),
      }
    case 'duration':
      return {
        type: 'duration',
        get: ({ duration: text }) => (text === undefined ? undefined : Number(text.slice(0, -1)) * 1000),
      }
    case 'stepName':
      return { type: 'string', get: (execution) => execution.status?.currentSteps[0]?.step }
    case 'disableConcurrencyQuotaOverflowBuffering':
      return { type: 'string', get: (execution) => String(execution[first] ?? false) }
    // The reference writes `label`; both spellings are in use.
    case 'label':
    case 'labels':
      return second === undefined
        ? null
        : { type: 'string', get: (execution) => execution.labels?.[path.slice(1).join('.')] }
    default:
      return null
  }
}
