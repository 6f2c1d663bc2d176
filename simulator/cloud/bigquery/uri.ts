import { invalid } from './problem.ts'

/** `gs://bucket/object`, with at most one `*`, in the object. */
export function readUri(uri: string): { readonly bucket: string; readonly name: string } {
  const match = /^gs:\/\/([^/*]+)\/(.+)$/s.exec(uri)
  if (match === null) throw invalid(`Invalid source URI: ${uri}. It must look like gs://bucket/object.`)
  const [, bucket = '', name = ''] = match
  // https://cloud.google.com/bigquery/docs/batch-loading-data#load-wildcards
  if (name.indexOf('*') !== name.lastIndexOf('*'))
    throw invalid(`Invalid URI: ${uri}. Only one wildcard is supported.`)
  return { bucket, name }
}
