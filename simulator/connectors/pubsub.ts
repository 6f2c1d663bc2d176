import type { MethodTable } from './method.ts'

/** https://cloud.google.com/workflows/docs/reference/googleapis/pubsub/Overview */
export const pubsubMethods: MethodTable = {
  'pubsub.v1.projects.topics.create': { method: 'PUT', path: '/v1/{+name}' },
  'pubsub.v1.projects.topics.get': { method: 'GET', path: '/v1/{+topic}' },
  'pubsub.v1.projects.topics.publish': { method: 'POST', path: '/v1/{+topic}:publish' },
}
