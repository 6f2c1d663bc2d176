import type { MethodTable, RestMethod } from './method.ts'

const on = (method: RestMethod['method'], path: string): RestMethod => ({ method, path })

/** https://cloud.google.com/workflows/docs/reference/googleapis/pubsub/Overview */
export const pubsubMethods: MethodTable = {
  'pubsub.v1.projects.topics.create': on('PUT', '/v1/{+name}'),
  'pubsub.v1.projects.topics.get': on('GET', '/v1/{+topic}'),
  'pubsub.v1.projects.topics.list': on('GET', '/v1/{+project}/topics'),
  'pubsub.v1.projects.topics.delete': on('DELETE', '/v1/{+topic}'),
  'pubsub.v1.projects.topics.publish': on('POST', '/v1/{+topic}:publish'),
  'pubsub.v1.projects.topics.subscriptions.list': on('GET', '/v1/{+topic}/subscriptions'),
  'pubsub.v1.projects.subscriptions.create': on('PUT', '/v1/{+name}'),
  'pubsub.v1.projects.subscriptions.get': on('GET', '/v1/{+subscription}'),
  'pubsub.v1.projects.subscriptions.list': on('GET', '/v1/{+project}/subscriptions'),
  'pubsub.v1.projects.subscriptions.delete': on('DELETE', '/v1/{+subscription}'),
  'pubsub.v1.projects.subscriptions.pull': on('POST', '/v1/{+subscription}:pull'),
  'pubsub.v1.projects.subscriptions.acknowledge': on('POST', '/v1/{+subscription}:acknowledge'),
  'pubsub.v1.projects.subscriptions.modifyAckDeadline': on('POST', '/v1/{+subscription}:modifyAckDeadline'),
}
