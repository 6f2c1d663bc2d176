import { ApiError } from '../errors.ts'
import type { ObjectAttributes, ObjectContexts } from './model.ts'

const textFields = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'customTime',
  'storageClass',
] as const

const holds = ['temporaryHold', 'eventBasedHold'] as const

// https://cloud.google.com/storage/docs/storage-classes, with the names of earlier years.
const storageClasses = new Set<unknown>([
  'STANDARD',
  'NEARLINE',
  'COLDLINE',
  'ARCHIVE',
  'MULTI_REGIONAL',
  'REGIONAL',
  'DURABLE_REDUCED_AVAILABILITY',
])

/** Whether there is such a storage class. */
export function isStorageClass(value: unknown): value is string {
  return storageClasses.has(value)
}

/** The attributes in the resource that a writer sends; output-only fields are passed over, as the service does. */
export function readAttributes(resource: Readonly<Record<string, unknown>>, now: number): ObjectAttributes {
  return mergeAttributes({}, resource, now)
}

/** Applies a patch: absent fields stay, null removes, and so it is within `metadata`. */
export function mergeAttributes(
  current: ObjectAttributes,
  patch: Readonly<Record<string, unknown>>,
  now: number,
): ObjectAttributes {
  const merged: Record<string, unknown> = { ...current }
  for (const field of textFields) {
    const value = patch[field]
    if (value === undefined) continue
    if (value === null || value === '') delete merged[field]
    else if (typeof value === 'string') merged[field] = value
    else throw invalid(field, value)
  }
  for (const field of holds) {
    const value = patch[field]
    if (value === undefined) continue
    if (value === null) delete merged[field]
    else if (typeof value === 'boolean') merged[field] = value
    else throw invalid(field, value)
  }
  if (patch['retention'] !== undefined && patch['retention'] !== null)
    throw new ApiError(400, 'The bucket is not enabled for object retention.', 'invalid')
  const { storageClass, customTime } = merged
  if (storageClass !== undefined && !isStorageClass(storageClass)) throw invalid('storageClass', storageClass)
  if (customTime !== undefined && Number.isNaN(Date.parse(customTime as string)))
    throw invalid('customTime', customTime)
  if (patch['metadata'] !== undefined) {
    const metadata = mergeMetadata(current.metadata ?? {}, patch['metadata'])
    if (Object.keys(metadata).length === 0) delete merged['metadata']
    else merged['metadata'] = metadata
  }
  if (patch['contexts'] !== undefined) {
    const contexts = mergeContexts(current.contexts, patch['contexts'], now)
    if (contexts === null) delete merged['contexts']
    else merged['contexts'] = contexts
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

function mergeContexts(
  current: ObjectContexts | undefined,
  patch: unknown,
  now: number,
): ObjectContexts | null {
  const given = (patch as { readonly custom?: unknown } | null)?.custom
  if (given === undefined || given === null) return null
  if (typeof given !== 'object' || Array.isArray(given)) throw invalid('contexts.custom', given)
  const custom: Record<string, ObjectContexts['custom'][string]> = { ...current?.custom }
  const time = new Date(now).toISOString()
  for (const [key, payload] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    const value = (payload as { readonly value?: unknown } | null)?.value
    if (payload === null) delete custom[key]
    else if (typeof value !== 'string' || key === '') throw invalid(`contexts.custom.${key}`, payload)
    else if (custom[key]?.value !== value)
      custom[key] = { value, createTime: custom[key]?.createTime ?? time, updateTime: time }
  }
  return Object.keys(custom).length === 0 ? null : { custom }
}

function invalid(field: string, value: unknown): ApiError {
  return new ApiError(400, `Invalid value for ${field}: ${JSON.stringify(value)}`, 'invalid')
}
