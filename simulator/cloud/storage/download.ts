import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'
import type { CloudRequest, CloudResponse } from '../request.ts'
import type { BlobStore } from './blobs.ts'
import type { ObjectVersion } from './model.ts'
import { objectEtag } from './resources.ts'

const decompress = promisify(gunzip)

/** The content of a version: whole, the range asked for, or decompressed for a client that takes no gzip. */
export async function download(
  request: CloudRequest,
  object: ObjectVersion,
  blobs: BlobStore,
): Promise<CloudResponse> {
  const stored = await blobs.read(object.sha256)
  const headers = contentHeaders(object)
  if (transcodes(object, request)) {
    // https://cloud.google.com/storage/docs/transcoding: ranges are not honoured, the checksums are of what is stored.
    headers['warning'] = '214 UploadServer gunzipped'
    return { status: 200, headers, body: { bytes: await decompress(stored) } }
  }
  if (object.attributes.contentEncoding !== undefined)
    headers['content-encoding'] = object.attributes.contentEncoding
  const range = parseRange(request.headers['range'], object.size)
  if (range === 'all') return { status: 200, headers, body: { bytes: stored } }
  if (range === 'unsatisfiable') {
    return {
      status: 416,
      headers: { 'content-range': `bytes */${object.size}`, 'content-type': 'text/html; charset=UTF-8' },
      body: { bytes: Buffer.from('The requested range cannot be satisfied.') },
    }
  }
  headers['content-range'] = `bytes ${range.start}-${range.end}/${object.size}`
  return { status: 206, headers, body: { bytes: stored.subarray(range.start, range.end + 1) } }
}

function contentHeaders(object: ObjectVersion): Record<string, string> {
  const { attributes } = object
  const hashes = [`crc32c=${object.crc32c}`, ...(object.md5 === undefined ? [] : [`md5=${object.md5}`])]
  const headers: Record<string, string> = {
    'content-type': attributes.contentType ?? 'application/octet-stream',
    'x-goog-hash': hashes.join(','),
    'x-goog-generation': String(object.generation),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-stored-content-encoding': attributes.contentEncoding ?? 'identity',
    'x-goog-stored-content-length': String(object.size),
    'x-goog-storage-class': attributes.storageClass ?? 'STANDARD',
    'accept-ranges': 'bytes',
    etag: objectEtag(object),
    'last-modified': new Date(object.updatedAt).toUTCString(),
  }
  for (const [header, value] of [
    ['content-disposition', attributes.contentDisposition],
    ['content-language', attributes.contentLanguage],
    ['cache-control', attributes.cacheControl],
  ] as const) {
    if (value !== undefined) headers[header] = value
  }
  return headers
}

function transcodes(object: ObjectVersion, request: CloudRequest): boolean {
  if (object.attributes.contentEncoding !== 'gzip') return false
  if (object.attributes.cacheControl?.includes('no-transform') === true) return false
  return !/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
}

function parseRange(
  header: string | undefined,
  size: number,
): 'all' | 'unsatisfiable' | { readonly start: number; readonly end: number } {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return 'all'
  if (match[1] === '') {
    const last = Number(match[2])
    return last === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - last), end: size - 1 }
  }
  const start = Number(match[1])
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  if (match[2] !== '' && Number(match[2]) < start) return 'all'
  return start >= size ? 'unsatisfiable' : { start, end }
}
