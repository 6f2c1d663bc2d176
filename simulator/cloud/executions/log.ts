import type { CallEvent, LogEntry } from '../../engine/host.ts'
import { writeJson } from '../../engine/json.ts'
import { isMap, type RuntimeMap, type RuntimeValue } from '../../engine/value.ts'
import { severityOf, type LogRecord } from '../logs.ts'
import { timestamp } from '../names.ts'
import { jsonText } from './json-text.ts'
import type { ExecutionResource } from './resource.ts'

/** A log entry, and the file under `logs/` that it belongs to. */
export interface FiledRecord {
  readonly file: string
  readonly record: Omit<LogRecord, 'insertId'>
}

/** What `sys.log` was given. */
export function sysLogRecord(entry: LogEntry, execution: ExecutionResource, now: number): FiledRecord {
  const { payload, severity } = entry
  const shown =
    'text' in payload
      ? { textPayload: payload.text }
      : { jsonPayload: JSON.parse(writeJson(payload.json)) as unknown }
  return filed('Workflows', severityOf(severity), execution, now, shown)
}

/**
 * The service's own entry at the start and at the end of an execution.
 * https://github.com/googleapis/googleapis/blob/master/google/cloud/workflows/type/executions_system.proto
 */
export function systemLogRecord(execution: ExecutionResource, now: number): FiledRecord {
  const { state } = execution
  const jsonPayload = {
    '@type': 'type.googleapis.com/google.cloud.workflows.type.ExecutionsSystemLog',
    activityTime: timestamp(now),
    message: messages[state] ?? state,
    state,
    ...systemDetails(execution),
  }
  return filed(SYSTEM, state === 'FAILED' ? 'ERROR' : 'INFO', execution, now, { jsonPayload })
}

const SYSTEM = 'workflows.googleapis.com%2Fexecutions_system'

const messages: Readonly<Record<string, string>> = {
  ACTIVE: 'Execution started.',
  SUCCEEDED: 'Execution succeeded.',
  FAILED: 'Execution failed.',
  CANCELLED: 'Execution cancelled.',
}

function systemDetails({ state, argument, result, error }: ExecutionResource): object {
  switch (state) {
    case 'ACTIVE':
      return { start: argument === undefined ? {} : { argument } }
    case 'SUCCEEDED':
      return { success: { result: result ?? 'null' } }
    case 'FAILED': {
      const [frame] = error?.stackTrace?.elements ?? []
      const exception = cut((error?.context ?? '').replace(/\nin step "[\s\S]*$/, ''), 1024)
      return { failure: { exception, source: frame === undefined ? '' : `${frame.routine}.${frame.step}` } }
    }
    default:
      return {}
  }
}

/** Whether a call is logged. https://cloud.google.com/workflows/docs/log-workflow#log-calls */
export function isLogged(event: CallEvent, level: string | undefined): boolean {
  if (level === 'LOG_ALL_CALLS') return true
  return level === 'LOG_ERRORS_ONLY' && event.state.startsWith('EXCEPTION')
}

/** https://github.com/googleapis/googleapis/blob/master/google/cloud/workflows/type/engine_call.proto */
export function callLogRecord(event: CallEvent, execution: ExecutionResource, now: number): FiledRecord {
  const jsonPayload = {
    '@type': 'type.googleapis.com/google.cloud.workflows.type.EngineCallLog',
    executionId: execution.name.split('/').at(-1) ?? '',
    activityTime: timestamp(now),
    state: event.state,
    step: event.step,
    callee: event.callee,
    ...callDetails(event),
  }
  return filed('workflows.googleapis.com%2Fengine_call', 'DEBUG', execution, now, { jsonPayload })
}

function callDetails(event: CallEvent): object {
  if (event.state === 'BEGUN') return { begun: argumentsOf(event.args) }
  const callStartTime = timestamp(event.startTime)
  if (event.state === 'SUCCEEDED') {
    return { succeeded: { callStartTime, response: cut(jsonText(event.response), MOST) } }
  }
  const details = { callStartTime, exception: cut(jsonText(event.exception), MOST), origin: event.origin }
  return event.state === 'EXCEPTION_RAISED' ? { exceptionRaised: details } : { exceptionHandled: details }
}

/** By name as JSON values, by place as texts. */
function argumentsOf(args: RuntimeValue): object {
  if (Array.isArray(args)) {
    return { args: args.map((argument) => ({ argument: cut(jsonText(argument), MOST) })) }
  }
  if (!isMap(args) || args.size === 0) return {}
  const named = [...redacted(args)].map(([name, value]) => {
    const text = jsonText(value)
    return [name, text.length > MOST ? cut(text, MOST) : (JSON.parse(text) as unknown)]
  })
  return { namedArgs: Object.fromEntries(named) as unknown }
}

/** Credentials in headers stay out of the log. */
function redacted(args: RuntimeMap): RuntimeMap {
  const headers = args.get('headers') ?? null
  if (!isMap(headers)) return args
  const safe = [...headers].map(([name, value]): [string, RuntimeValue] => [
    name,
    name.toLowerCase() === 'authorization' ? '[REDACTED]' : value,
  ])
  return new Map(args).set('headers', new Map(safe))
}

/** Characters of a value in a call's entry; the service cuts too, and does not say where. */
const MOST = 10_000

function cut(text: string, length: number): string {
  return text.length > length ? text.slice(0, length) : text
}

function filed(
  log: string,
  severity: string,
  execution: ExecutionResource,
  now: number,
  payload: Pick<LogRecord, 'textPayload' | 'jsonPayload'>,
): FiledRecord {
  const [, project = '', , location = '', , workflow = '', , id = ''] = execution.name.split('/')
  return {
    file: `workflows/${workflow}/${id}.jsonl`,
    record: {
      logName: `projects/${project}/logs/${log}`,
      resource: {
        type: 'workflows.googleapis.com/Workflow',
        labels: { workflow_id: workflow, location, project_id: project },
      },
      timestamp: timestamp(now),
      severity,
      labels: {
        'workflows.googleapis.com/execution_id': id,
        'workflows.googleapis.com/revision_id': execution.workflowRevisionId,
      },
      ...payload,
    },
  }
}
