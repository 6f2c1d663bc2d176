import { taggedError } from '../engine/errors.ts'
import { isList, isMap, type RuntimeList, type RuntimeMap, type RuntimeValue } from '../engine/value.ts'
import type { MethodTable, RestMethod } from './method.ts'
import { operation as operationAt } from './operation.ts'
import type { Wait } from './waiting.ts'

const operation = operationAt('/v2/{+name}')

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

/** Samples write one override, and one variable, where the API has a list. */
function listOverrides(args: RuntimeMap): RuntimeMap {
  const body = args.get('body')
  const overrides = isMap(body) ? body.get('overrides') : undefined
  const containers = isMap(overrides) ? overrides.get('containerOverrides') : undefined
  if (!isMap(body) || !isMap(overrides) || containers === undefined) return args
  const listed = asList(containers).map((container) => {
    const env = isMap(container) ? container.get('env') : undefined
    return isMap(container) && env !== undefined ? new Map([...container, ['env', asList(env)]]) : container
  })
  const changed = new Map([...overrides, ['containerOverrides', listed]])
  return new Map([...args, ['body', new Map([...body, ['overrides', changed]])]])
}

function asList(value: RuntimeValue): RuntimeList {
  return isList(value) ? value : [value]
}

const get = (path: string): RestMethod => ({ method: 'GET', path })
const on = (method: RestMethod['method'], path: string, wait?: Wait): RestMethod => ({
  method,
  path,
  ...(wait !== undefined && { wait }),
})
const serving = '/apis/serving.knative.dev/v1'

/** https://cloud.google.com/workflows/docs/reference/googleapis/run/Overview */
export const runMethods: MethodTable = {
  'run.v1.namespaces.jobs.run': {
    method: 'POST',
    path: `${v1}/{+name}:run`,
    wait: execution,
    prepare: listOverrides,
  },
  'run.v1.namespaces.jobs.create': on('POST', `${v1}/{+parent}/jobs`),
  'run.v1.namespaces.jobs.get': get(`${v1}/{+name}`),
  'run.v1.namespaces.jobs.list': get(`${v1}/{+parent}/jobs`),
  'run.v1.namespaces.jobs.replaceJob': on('PUT', `${v1}/{+name}`),
  'run.v1.namespaces.jobs.delete': on('DELETE', `${v1}/{+name}`),
  'run.v1.namespaces.executions.get': get(`${v1}/{+name}`),
  'run.v1.namespaces.executions.list': get(`${v1}/{+parent}/executions`),
  'run.v1.namespaces.executions.cancel': on('POST', `${v1}/{+name}:cancel`),
  'run.v1.namespaces.executions.delete': on('DELETE', `${v1}/{+name}`),
  'run.v1.namespaces.services.create': on('POST', `${serving}/{+parent}/services`),
  'run.v1.namespaces.services.get': get(`${serving}/{+name}`),
  'run.v1.namespaces.services.list': get(`${serving}/{+parent}/services`),
  'run.v1.namespaces.services.replaceService': on('PUT', `${serving}/{+name}`),
  'run.v1.namespaces.services.delete': on('DELETE', `${serving}/{+name}`),
  'run.v2.projects.locations.jobs.run': {
    method: 'POST',
    path: '/v2/{+name}:run',
    wait: jobRun,
    prepare: listOverrides,
  },
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
  'run.v2.projects.locations.jobs.executions.delete': on('DELETE', '/v2/{+name}', operation),
  'run.v2.projects.locations.services.create': on('POST', '/v2/{+parent}/services', operation),
  'run.v2.projects.locations.services.get': get('/v2/{+name}'),
  'run.v2.projects.locations.services.list': get('/v2/{+parent}/services'),
  'run.v2.projects.locations.services.patch': on('PATCH', '/v2/{+name}', operation),
  'run.v2.projects.locations.services.delete': on('DELETE', '/v2/{+name}', operation),
  'run.v2.projects.locations.operations.get': get('/v2/{+name}'),
}
