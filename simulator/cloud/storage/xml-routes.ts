import type { CloudRequest, CloudResponse } from '../request.ts'
import { ApiError, routes } from '../routes.ts'
import { requestedGrants } from './acl.ts'
import { readAttributes } from './attributes.ts'
import type { Blob } from './blobs.ts'
import { checkContent, readChecksums } from './checksums.ts'
import type { StorageContext, Upload } from './context.ts'
import { download } from './download.ts'
import type { ObjectVersion } from './model.ts'
import { checkObjectName } from './names.ts'
import { checkPreconditions, NotModified, readInteger, readPreconditions } from './preconditions.ts'
import { objectEtag } from './resources.ts'
import { readCompletion, xml, xmlError } from './xml.ts'

interface Params {
  readonly bucket: string
  readonly object: string
}

/**
 * Objects by `/bucket/object`: what signed URLs, public links and the clients' uploads in parallel parts use.
 * https://cloud.google.com/storage/docs/xml-api/overview
 */
export function xmlRoutes(context: StorageContext) {
  const { catalog, blobs, store, parts, clock } = context

  const target = ({ headers, query }: CloudRequest, params: Params): Upload => {
    const bucket = catalog.bucket(params.bucket)
    const metadata = Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('x-goog-meta-') ? [[name.slice('x-goog-meta-'.length), value] as const] : [],
    )
    const acl = requestedGrants(predefinedAcl(headers['x-goog-acl']), undefined, 'object', bucket)
    const given = {
      contentType: headers['content-type'] ?? 'application/octet-stream',
      contentEncoding: headers['content-encoding'],
      contentDisposition: headers['content-disposition'],
      contentLanguage: headers['content-language'],
      cacheControl: headers['cache-control'],
      customTime: headers['x-goog-custom-time'],
      storageClass: headers['x-goog-storage-class'],
      ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
    }
    return {
      bucket: params.bucket,
      name: checkObjectName(params.object),
      attributes: readAttributes(given, clock.now()),
      preconditions: { ...readPreconditions(query), ...readPreconditions(conditionsOf(headers)) },
      checksums: readChecksums({}, headers),
      ...(acl === undefined ? {} : { acl }),
    }
  }

  const keep = ({ checksums, ...upload }: Upload, blob: Blob, composed: boolean): ObjectVersion => {
    try {
      checkContent(checksums, blob)
    } catch (error) {
      blobs.release(blob.sha256)
      throw error
    }
    const { md5: _, ...rest } = blob
    const { bucket, name, attributes, preconditions, acl } = upload
    const list = acl === undefined ? {} : { acl }
    return store.put({ bucket, name, attributes, preconditions, blob: composed ? rest : blob, ...list })
  }

  const put = async (request: CloudRequest, params: Params): Promise<CloudResponse> => {
    const upload = target(request, params)
    checkPreconditions(upload.preconditions, catalog.find(upload.bucket, upload.name))
    return stored(keep(upload, await blobs.write(request.body), false))
  }

  const putPart = async ({ query, headers, body }: CloudRequest, params: Params): Promise<CloudResponse> => {
    const upload = await begun(query, params)
    const number = readInteger(query, 'partNumber') ?? 0
    if (number < 1 || number > 10_000)
      throw new ApiError(400, 'The part number must be from 1 to 10000.', 'invalid')
    const blob = await blobs.write(body)
    try {
      checkContent(readChecksums({}, headers), blob)
    } finally {
      blobs.release(blob.sha256)
    }
    const etag = await parts.put(upload.id, number, body)
    const hash = `crc32c=${blob.crc32c},md5=${blob.md5}`
    return { status: 200, headers: { etag: `"${etag}"`, 'x-goog-hash': hash } }
  }

  const begun = async (query: URLSearchParams, params: Params) => {
    const upload = await parts.find(query.get('uploadId') ?? '')
    if (upload.bucket !== params.bucket || upload.name !== params.object)
      throw new ApiError(404, 'The upload is one of another object.', 'noSuchUpload')
    return upload
  }

  const complete = async ({ query, body }: CloudRequest, params: Params): Promise<CloudResponse> => {
    const upload = await begun(query, params)
    const wanted = readCompletion(Buffer.from(body).toString('utf8'))
    if (wanted === null) throw new ApiError(400, 'The body names no parts.', 'invalid')
    const known = await parts.parts(upload.id)
    const names = wanted.map(({ number, etag }, index) => {
      const part = known.find((other) => other.number === number)
      if (part === undefined || part.etag !== etag || (wanted[index - 1]?.number ?? 0) >= number)
        throw new ApiError(400, `Part ${number} is missing, another, or out of order.`, 'invalidPart')
      return part.name
    })
    const blob = await blobs.adopt(await parts.join(upload.id, names))
    const object = keep(upload, blob, true)
    await catalog.settled()
    await parts.remove(upload.id)
    const answer = xml(200, 'CompleteMultipartUploadResult', [
      ['Location', `${context.baseUrl()}/${object.bucket}/${object.name}`],
      ['Bucket', object.bucket],
      ['Key', object.name],
      ['ETag', `"${objectEtag(object)}"`],
    ])
    return { ...answer, headers: { ...answer.headers, ...stored(object).headers } }
  }

  const post = async (request: CloudRequest, params: Params): Promise<CloudResponse> => {
    if (request.query.has('uploadId')) return complete(request, params)
    if (!request.query.has('uploads'))
      throw new ApiError(400, 'Expected ?uploads, or ?uploadId= with the parts.', 'invalid')
    const upload = await parts.start(target(request, params), clock.now())
    return xml(200, 'InitiateMultipartUploadResult', [
      ['Bucket', params.bucket],
      ['Key', params.object],
      ['UploadId', upload.id],
    ])
  }

  const get = async (request: CloudRequest, params: Params): Promise<CloudResponse> => {
    const { query, headers } = request
    const object = catalog.object(params.bucket, params.object, readInteger(query, 'generation'))
    checkPreconditions(readPreconditions(conditionsOf(headers)), object)
    const release = store.hold(object)
    const response = await download(request, object, blobs).finally(release)
    // What a signed URL says of the answer goes before what the object says.
    const wanted: Record<string, string> = {}
    for (const name of ['content-type', 'content-disposition'] as const) {
      const value = query.get(`response-${name}`)
      if (value !== null) wanted[name] = value
    }
    return { ...response, headers: { ...response.headers, ...metadataHeaders(object), ...wanted } }
  }

  const remove = async ({ query, headers }: CloudRequest, params: Params): Promise<CloudResponse> => {
    if (query.has('uploadId')) await parts.remove((await begun(query, params)).id)
    else {
      const conditions = readPreconditions(conditionsOf(headers))
      store.delete(params.bucket, params.object, readInteger(query, 'generation'), conditions)
    }
    return { status: 204 }
  }

  const guarded =
    (handle: (request: CloudRequest, params: Params) => Promise<CloudResponse>) =>
    async (request: CloudRequest, params: Params): Promise<CloudResponse> => {
      try {
        checkSignature(request.query, clock.now())
        return await handle(request, params)
      } catch (error) {
        if (error instanceof NotModified) return { status: 304 }
        if (error instanceof ApiError) return xmlError(error)
        throw error
      }
    }

  return routes([
    { method: 'GET', path: '/{bucket}/{object=**}', handle: guarded(get) },
    {
      method: 'PUT',
      path: '/{bucket}/{object=**}',
      handle: guarded((request, params) => (request.query.has('uploadId') ? putPart : put)(request, params)),
    },
    { method: 'POST', path: '/{bucket}/{object=**}', handle: guarded(post) },
    { method: 'DELETE', path: '/{bucket}/{object=**}', handle: guarded(remove) },
  ])
}

/** There is no key to check a signature with; a URL that has expired is refused all the same. */
function checkSignature(query: URLSearchParams, now: number): void {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Goog-Date') ?? '') ?? []
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  const until = query.has('X-Goog-Expires')
    ? signed + Number(query.get('X-Goog-Expires')) * 1000
    : Number(query.get('Expires') ?? Number.POSITIVE_INFINITY) * 1000
  if (Number.isNaN(until) || now > until)
    throw new ApiError(400, 'The URL has expired, or says so in a way that cannot be read.', 'expiredToken')
}

/** `x-goog-if-generation-match` and its siblings as the query parameters of the JSON API. */
function conditionsOf(headers: Readonly<Record<string, string>>): URLSearchParams {
  const query = new URLSearchParams()
  for (const [header, parameter] of [
    ['x-goog-if-generation-match', 'ifGenerationMatch'],
    ['x-goog-if-metageneration-match', 'ifMetagenerationMatch'],
  ] as const) {
    const value = headers[header]
    if (value !== undefined) query.set(parameter, value)
  }
  return query
}

/** `public-read` is `publicRead` in the JSON API. */
function predefinedAcl(header: string | undefined): string | null {
  return header === undefined
    ? null
    : header.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function stored(
  object: ObjectVersion,
): CloudResponse & { readonly headers: Readonly<Record<string, string>> } {
  const { md5, crc32c, generation, metageneration } = object
  return {
    status: 200,
    headers: {
      etag: md5 === undefined ? `"${objectEtag(object)}"` : `"${Buffer.from(md5, 'base64').toString('hex')}"`,
      'x-goog-generation': String(generation),
      'x-goog-metageneration': String(metageneration),
      'x-goog-hash': [`crc32c=${crc32c}`, ...(md5 === undefined ? [] : [`md5=${md5}`])].join(','),
    },
  }
}

/** Header values are ASCII; what is not is left out, as a browser could not read it either. */
function metadataHeaders({ attributes }: ObjectVersion): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [key, value] of Object.entries(attributes.metadata ?? {})) {
    if (/^[\w.-]+$/.test(key) && /^[ -~]*$/.test(value)) headers[`x-goog-meta-${key.toLowerCase()}`] = value
  }
  return headers
}
