import { httpError, operationError } from '../engine/errors.ts'
import { int, isMap, type RuntimeMap, type RuntimeValue } from '../engine/value.ts'
import type { MethodTable, RestMethod } from './method.ts'
import type { Wait } from './waiting.ts'

const project = '/bigquery/v2/projects/{projectId}'
const dataset = `${project}/datasets/{datasetId}`
const table = `${dataset}/tables/{tableId}`

/** A job is an operation of its own kind: done by its state, failed by its `errorResult`. */
const job: Wait = {
  poll: { method: 'GET', path: `${project}/jobs/{jobId}` },
  pollArgs: (first) => {
    const reference = first.get('jobReference')
    if (!isMap(reference)) return null
    const named = ['projectId', 'jobId', 'location'].flatMap((key): [string, RuntimeValue][] => {
      const value = reference.get(key)
      return value === undefined ? [] : [[key, value]]
    })
    return new Map(named)
  },
  settle: (answer, { bigqueryJobError }) => {
    const status = answer.get('status')
    if (!isMap(status) || status.get('state') !== 'DONE') return null
    const failure = status.get('errorResult')
    if (isMap(failure) && bigqueryJobError !== 'result') {
      const message = messageOf(failure)
      if (bigqueryJobError === 'operation-error') throw operationError(message, answer)
      const error = new Map<string, RuntimeValue>([
        ['code', int(400)],
        ['message', message],
        ['errors', [failure]],
      ])
      throw httpError(400, new Map(), new Map([['error', error]]))
    }
    return { value: answer }
  },
}

function messageOf(failure: RuntimeMap): string {
  const message = failure.get('message')
  return typeof message === 'string' ? message : 'BigQuery job failed.'
}

const on = (method: RestMethod['method'], path: string): RestMethod => ({ method, path })

/** https://cloud.google.com/workflows/docs/reference/googleapis/bigquery/Overview */
export const bigqueryMethods: MethodTable = {
  'bigquery.v2.jobs.insert': { method: 'POST', path: `${project}/jobs`, wait: job },
  'bigquery.v2.jobs.query': on('POST', `${project}/queries`),
  'bigquery.v2.jobs.get': on('GET', `${project}/jobs/{jobId}`),
  'bigquery.v2.jobs.list': on('GET', `${project}/jobs`),
  'bigquery.v2.jobs.cancel': on('POST', `${project}/jobs/{jobId}/cancel`),
  'bigquery.v2.jobs.delete': on('DELETE', `${project}/jobs/{jobId}/delete`),
  'bigquery.v2.jobs.getQueryResults': on('GET', `${project}/queries/{jobId}`),
  'bigquery.v2.datasets.insert': on('POST', `${project}/datasets`),
  'bigquery.v2.datasets.list': on('GET', `${project}/datasets`),
  'bigquery.v2.datasets.get': on('GET', dataset),
  'bigquery.v2.datasets.patch': on('PATCH', dataset),
  'bigquery.v2.datasets.update': on('PUT', dataset),
  'bigquery.v2.datasets.delete': on('DELETE', dataset),
  'bigquery.v2.tables.insert': on('POST', `${dataset}/tables`),
  'bigquery.v2.tables.list': on('GET', `${dataset}/tables`),
  'bigquery.v2.tables.get': on('GET', table),
  'bigquery.v2.tables.patch': on('PATCH', table),
  'bigquery.v2.tables.update': on('PUT', table),
  'bigquery.v2.tables.delete': on('DELETE', table),
  'bigquery.v2.tabledata.insertAll': on('POST', `${table}/insertAll`),
  'bigquery.v2.tabledata.list': on('GET', `${table}/data`),
  'bigquery.v2.routines.insert': on('POST', `${dataset}/routines`),
  'bigquery.v2.routines.get': on('GET', `${dataset}/routines/{routineId}`),
  'bigquery.v2.routines.list': on('GET', `${dataset}/routines`),
  'bigquery.v2.routines.update': on('PUT', `${dataset}/routines/{routineId}`),
  'bigquery.v2.models.get': on('GET', `${dataset}/models/{modelId}`),
  'bigquery.v2.models.list': on('GET', `${dataset}/models`),
  'bigquery.v2.models.patch': on('PATCH', `${dataset}/models/{modelId}`),
  'bigquery.v2.models.delete': on('DELETE', `${dataset}/models/{modelId}`),
  'bigquery.v2.projects.list': on('GET', '/bigquery/v2/projects'),
  'bigquery.v2.projects.getServiceAccount': on('GET', `${project}/serviceAccount`),
  'bigquery.v2.routines.delete': on('DELETE', `${dataset}/routines/{routineId}`),
}
