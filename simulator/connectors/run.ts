import { operationError, taggedError } from '../engine/errors.ts'
import { isList, isMap, type RuntimeMap, type RuntimeValue } from '../engine/value.ts'
import type { MethodTable, RestMethod } from './method.ts'
import type { Wait } from './waiting.ts'

/** An operation of Cloud Run v2: its response is the result; its error is raised with the operation beside it. */
const operation: Wait = {
  poll: { method: 'GET', path: '/v2/{+name}' },
  pollArgs: (first) => {
    const name = first.get('name')
    return typeof name === 'string' ? new Map([['name', name]]) : null
  },
  settle: (answer) => {
    if (answer.get('done') !== true) return null
    const error = answer.get('error')
    if (isMap(error)) {
      const message = error.get('message')
      throw operationError(typeof message === 'string' ? message : 'Long-running operation failed.', answer)
    }
    return { value: answer.get('response') ?? null }
  },
}

/** `jobs.run` is in wide use, but its method page was not found. */
const jobRun: Wait = {
  ...operation,
  applies: ({ jobsRun }) => jobsRun === 'waits',
  settle: (answer, readings) => {
    const end = operation.settle(answer, readings)
    return end === null || readings.jobsRunResult === 'execution' ? end : { value: answer }
  },
}

const v1 = '/apis/run.googleapis.com/v1'

/** An execution of the v1 API: done when its condition `Completed` is known. */
const execution: Wait = {
  poll: { method: 'GET', path: `${v1}/{+name}` },
  pollArgs: (first, args) => {
    const metadata = first.get('metadata')
    if (!isMap(metadata)) return null
    const [namespace, name] = [metadata.get('namespace'), metadata.get('name')]
    if (typeof namespace !== 'string' || typeof name !== 'string') return null
    const location = args.get('location')
    return new Map<string, RuntimeValue>([
      ['name', `namespaces/${namespace}/executions/${name}`],
      ...(location === undefined ? [] : [['location', location] as const]),
    ])
  },
  settle: (answer) => {
    const status = answer.get('status')
    const condition = isMap(status) ? completed(status) : null
    if (condition === null || condition.get('status') === 'Unknown') return null
    if (condition.get('status') === 'True') return { value: answer }
    throw taggedError(['OperationError'], 'Cloud Run long-running operation failed.', {
      status: status ?? null,
    })
  },
}

function completed(status: RuntimeMap): RuntimeMap | null {
  const conditions = status.get('conditions')
  if (!isList(conditions)) return null
  return conditions.filter(isMap).find((condition) => condition.get('type') === 'Completed') ?? null
}

const get = (path: string): RestMethod => ({ method: 'GET', path })

/** https://cloud.google.com/workflows/docs/reference/googleapis/run/Overview */
export const runMethods: MethodTable = {
  'run.v1.namespaces.jobs.run': { method: 'POST', path: `${v1}/{+name}:run`, wait: execution },
  'run.v1.namespaces.executions.get': get(`${v1}/{+name}`),
  'run.v2.projects.locations.jobs.run': { method: 'POST', path: '/v2/{+name}:run', wait: jobRun },
  'run.v2.projects.locations.jobs.create': { method: 'POST', path: '/v2/{+parent}/jobs', wait: operation },
  'run.v2.projects.locations.jobs.patch': { method: 'PATCH', path: '/v2/{+name}', wait: operation },
  'run.v2.projects.locations.jobs.delete': { method: 'DELETE', path: '/v2/{+name}', wait: operation },
  'run.v2.projects.locations.jobs.get': get('/v2/{+name}'),
  'run.v2.projects.locations.jobs.list': get('/v2/{+parent}/jobs'),
  'run.v2.projects.locations.jobs.executions.get': get('/v2/{+name}'),
  'run.v2.projects.locations.jobs.executions.list': get('/v2/{+parent}/executions'),
  'run.v2.projects.locations.jobs.executions.cancel': {
    method: 'POST',
    path: '/v2/{+name}:cancel',
    wait: operation,
  },
  'run.v2.projects.locations.operations.get': get('/v2/{+name}'),
}
