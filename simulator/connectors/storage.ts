import type { MethodTable, RestMethod } from './method.ts'

const bucket = '/storage/v1/b/{bucket}'
/** Callers encode object names: `object: ${text.url_encode(name)}`. */
const object = `${bucket}/o/{!object}`
const destination = 'b/{destinationBucket}/o/{!destinationObject}'

const on = (method: RestMethod['method'], path: string): RestMethod => ({ method, path })

/** The six verbs of a list of access rules. */
function accessControls(resource: string, path: string): MethodTable {
  const entity = `${path}/{entity}`
  return {
    [`storage.v1.${resource}.insert`]: on('POST', path),
    [`storage.v1.${resource}.list`]: on('GET', path),
    [`storage.v1.${resource}.get`]: on('GET', entity),
    [`storage.v1.${resource}.patch`]: on('PATCH', entity),
    [`storage.v1.${resource}.update`]: on('PUT', entity),
    [`storage.v1.${resource}.delete`]: on('DELETE', entity),
  }
}

/** https://cloud.google.com/workflows/docs/reference/googleapis/storage/Overview */
export const storageMethods: MethodTable = {
  'storage.v1.objects.insert': {
    method: 'POST',
    path: `/upload${bucket}/o`,
    body: 'media',
    query: { uploadType: 'media' },
    encodedQuery: ['name'],
  },
  'storage.v1.objects.get': on('GET', object),
  'storage.v1.objects.list': on('GET', `${bucket}/o`),
  'storage.v1.objects.patch': on('PATCH', object),
  'storage.v1.objects.update': on('PUT', object),
  'storage.v1.objects.delete': on('DELETE', object),
  'storage.v1.objects.copy': on(
    'POST',
    `/storage/v1/b/{sourceBucket}/o/{!sourceObject}/copyTo/${destination}`,
  ),
  'storage.v1.objects.rewrite': on(
    'POST',
    `/storage/v1/b/{sourceBucket}/o/{!sourceObject}/rewriteTo/${destination}`,
  ),
  'storage.v1.objects.compose': on('POST', `/storage/v1/${destination}/compose`),
  'storage.v1.buckets.insert': on('POST', '/storage/v1/b'),
  'storage.v1.buckets.list': on('GET', '/storage/v1/b'),
  'storage.v1.buckets.get': on('GET', bucket),
  'storage.v1.buckets.patch': on('PATCH', bucket),
  'storage.v1.buckets.update': on('PUT', bucket),
  'storage.v1.buckets.delete': on('DELETE', bucket),
  'storage.v1.buckets.lockRetentionPolicy': on('POST', `${bucket}/lockRetentionPolicy`),
  'storage.v1.buckets.getIamPolicy': on('GET', `${bucket}/iam`),
  'storage.v1.buckets.setIamPolicy': on('PUT', `${bucket}/iam`),
  'storage.v1.buckets.testIamPermissions': on('GET', `${bucket}/iam/testPermissions`),
  'storage.v1.objects.restore': on('POST', `${object}/restore`),
  ...accessControls('bucketAccessControls', `${bucket}/acl`),
  ...accessControls('defaultObjectAccessControls', `${bucket}/defaultObjectAcl`),
  ...accessControls('objectAccessControls', `${object}/acl`),
  'storage.v1.projects.serviceAccount.get': on('GET', '/storage/v1/projects/{projectId}/serviceAccount'),
}
