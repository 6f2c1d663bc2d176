import { ApiError } from '../errors.ts'
import type { ObjectAttributes } from './model.ts'

const textFields = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'customTime',
  'storageClass',
] as const

const storageClasses = new Set<unknown>(['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'])

/** The attributes in the resource that a writer sends; output-only fields are passed over, as the service does. */
export function readAttributes(resource: Readonly<Record<string, unknown>>): ObjectAttributes {
  return mergeAttributes({}, resource)
}

/** Applies a patch: absent fields stay, null removes, and so it is within `metadata`. */
export function mergeAttributes(
  current: ObjectAttributes,
  patch: Readonly<Record<string, unknown>>,
): ObjectAttributes {
  const merged: Record<string, unknown> = { ...current }
  for (const field of textFields) {
    const value = patch[field]
    if (value === undefined) continue
    if (value === null || value === '') delete merged[field]
    else if (typeof value === 'string') merged[field] = value
    else throw invalid(field, value)
  }
  const { storageClass, customTime } = merged
  if (storageClass !== undefined && !storageClasses.has(storageClass))
    throw invalid('storageClass', storageClass)
  if (customTime !== undefined && Number.isNaN(Date.parse(customTime as string)))
    throw invalid('customTime', customTime)
  if (patch['metadata'] !== undefined) {
    const metadata = mergeMetadata(current.metadata ?? {}, patch['metadata'])
    if (Object.keys(metadata).length === 0) delete merged['metadata']
    else merged['metadata'] = metadata
  }
  return merged
}

function mergeMetadata(current: Readonly<Record<string, string>>, patch: unknown): Record<string, string> {
  if (patch === null) return {}
  if (typeof patch !== 'object' || Array.isArray(patch)) throw invalid('metadata', patch)
  const merged: Record<string, string> = { ...current }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else if (['string', 'number', 'boolean'].includes(typeof value)) merged[key] = String(value)
    else throw invalid(`metadata.${key}`, value)
  }
  // https://cloud.google.com/storage/quotas#objects: 8 KiB for keys and values together.
  let size = 0
  for (const [key, value] of Object.entries(merged)) size += Buffer.byteLength(key) + Buffer.byteLength(value)
  if (size > 8192) {
    throw new ApiError(400, `The custom metadata of an object is at most 8192 bytes; got ${size}.`, 'invalid')
  }
  return merged
}

function invalid(field: string, value: unknown): ApiError {
  return new ApiError(400, `Invalid value for ${field}: ${JSON.stringify(value)}`, 'invalid')
}
