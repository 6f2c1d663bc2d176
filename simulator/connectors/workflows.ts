import type { MethodTable, RestMethod } from './method.ts'
import { operation } from './operation.ts'

const prefix = 'workflows.v1.projects.locations'
const wait = operation('/v1/{+name}')
const on = (method: RestMethod['method'], path: string): RestMethod => ({ method, path })

/** https://cloud.google.com/workflows/docs/reference/googleapis/workflows/Overview */
export const workflowMethods: MethodTable = {
  [`${prefix}.get`]: on('GET', '/v1/{+name}'),
  [`${prefix}.list`]: on('GET', '/v1/{+name}/locations'),
  [`${prefix}.operations.get`]: on('GET', '/v1/{+name}'),
  [`${prefix}.operations.list`]: on('GET', '/v1/{+name}/operations'),
  [`${prefix}.operations.delete`]: on('DELETE', '/v1/{+name}'),
  [`${prefix}.workflows.create`]: { ...on('POST', '/v1/{+parent}/workflows'), wait },
  [`${prefix}.workflows.get`]: on('GET', '/v1/{+name}'),
  [`${prefix}.workflows.list`]: on('GET', '/v1/{+parent}/workflows'),
  [`${prefix}.workflows.listRevisions`]: on('GET', '/v1/{+name}:listRevisions'),
  [`${prefix}.workflows.patch`]: { ...on('PATCH', '/v1/{+name}'), wait },
  [`${prefix}.workflows.delete`]: { ...on('DELETE', '/v1/{+name}'), wait },
}
