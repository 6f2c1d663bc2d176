import type { MethodTable, RestMethod } from './method.ts'

const bucket = '/storage/v1/b/{bucket}'
/** Callers encode object names: `object: ${text.url_encode(name)}`. */
const object = `${bucket}/o/{!object}`
const destination = 'b/{destinationBucket}/o/{!destinationObject}'

const on = (method: RestMethod['method'], path: string): RestMethod => ({ method, path })

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
  'storage.v1.buckets.delete': on('DELETE', bucket),
}
