import { operationError, typeError, valueError } from '../engine/errors.ts'
import { JsonError, parseJson, writeJson } from '../engine/json.ts'
import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'
import type { Caller, MethodTable, RestMethod } from './method.ts'
import type { Wait } from './waiting.ts'

/** A child execution: succeeded, or an OperationError with the execution as its operation. */
function child(result: (execution: RuntimeMap) => RuntimeValue): Wait {
  return {
    poll: { method: 'GET', path: '/v1/{+name}' },
    pollArgs: (first) => {
      const name = first.get('name')
      return typeof name === 'string' ? new Map([['name', name]]) : null
    },
    settle: (execution) => {
      switch (execution.get('state')) {
        case 'ACTIVE':
        case 'QUEUED':
          return null
        case 'SUCCEEDED':
          return { value: result(execution) }
        default:
          throw operationError('Execution failed or cancelled.', execution)
      }
    },
  }
}

function decodedResult(execution: RuntimeMap): RuntimeValue {
  const result = execution.get('result')
  return typeof result === 'string' ? parseJson(result) : null
}

/** `run` takes the child's id and a native argument. */
function runArguments(args: RuntimeMap, caller: Caller): RuntimeMap {
  const text = (key: string, standard: string | null): string => {
    const value = args.get(key) ?? standard
    if (value === null) throw valueError(`executions.run: the argument "${key}" is required`)
    if (typeof value !== 'string') throw typeError(`executions.run: the argument "${key}" must be a string`)
    return value
  }
  const project = text('project_id', caller.project)
  const location = text('location', caller.location)
  const body = new Map<string, RuntimeValue>([['disableConcurrencyQuotaOverflowBuffering', true]])
  const argument = args.get('argument')
  if (argument !== undefined) body.set('argument', encode(argument))
  for (const key of ['callLogLevel', 'labels', 'disableConcurrencyQuotaOverflowBuffering'] as const) {
    const value = args.get(key)
    if (value !== undefined) body.set(key, value)
  }
  return new Map<string, RuntimeValue>([
    ['parent', `projects/${project}/locations/${location}/workflows/${text('workflow_id', null)}`],
    ['body', body],
    ['connector_params', args.get('connector_params') ?? null],
  ])
}

function encode(argument: RuntimeValue): string {
  try {
    return writeJson(argument)
  } catch (error) {
    if (error instanceof JsonError)
      throw typeError(`executions.run: the argument is not JSON: ${error.message}`)
    throw error
  }
}

const create: RestMethod = { method: 'POST', path: '/v1/{+parent}/executions' }

const methods: MethodTable = {
  run: { ...create, prepare: runArguments, wait: child(decodedResult), skipped: () => null },
  create: { ...create, wait: child((execution) => execution) },
  get: { method: 'GET', path: '/v1/{+name}' },
  list: { method: 'GET', path: '/v1/{+parent}/executions' },
  cancel: { method: 'POST', path: '/v1/{+name}:cancel' },
}

/** The beta names are the same methods. https://cloud.google.com/workflows/docs/reference/googleapis/workflowexecutions/Overview */
export const executionMethods: MethodTable = Object.fromEntries(
  ['v1', 'v1beta'].flatMap((version) =>
    Object.entries(methods).map(([name, method]) => [
      `workflowexecutions.${version}.projects.locations.workflows.executions.${name}`,
      method,
    ]),
  ),
)
