import { z } from 'zod'
import type { CloudRequest } from '../request.ts'
import { ApiError, readJson } from '../routes.ts'
import { etagOf } from './job.ts'
import { invalid } from './problem.ts'

/** A number of the wire, where 64-bit integers travel as text. */
export const int64 = z.union([z.number().int(), z.string().regex(/^-?\d+$/)]).transform(Number)

export const labels = z.record(z.string(), z.string())

/** Output-only fields that clients send back with a resource they read. */
export const outputOnly = {
  kind: z.unknown().optional(),
  etag: z.unknown().optional(),
  id: z.unknown().optional(),
  selfLink: z.unknown().optional(),
}

/** Throws 412 where the client means a state of the resource that is not its current one. */
export function checkIfMatch(request: CloudRequest, current: unknown): void {
  const wanted = request.headers['if-match']?.replaceAll('"', '') ?? '*'
  if (wanted !== '*' && wanted !== '' && wanted !== etagOf(current)) {
    throw new ApiError(412, 'Precondition check failed.', {
      reason: 'conditionNotMet',
      location: 'If-Match',
      locationType: 'header',
    })
  }
}

/** The JSON body, checked; throws 400 that names the first field that is wrong. */
export function parseBody<T extends z.ZodType>(schema: T, request: CloudRequest): z.output<T> {
  return parseValue(schema, readJson(request), '')
}

/** As `parseBody` for a value inside one; `at` is its path. */
export function parseValue<T extends z.ZodType>(schema: T, value: unknown, at: string): z.output<T> {
  const first = schema.safeParse(value)
  if (first.success) return first.data
  // `bq` writes every option it has, most of them empty; only an unknown field that says something is refused.
  const result = schema.safeParse(withoutEmpty(value, first.error.issues))
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = [at, ...(issue?.path ?? []).map(String)].filter((part) => part !== '').join('.')
  if (issue?.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => (path === '' ? key : `${path}.${key}`))
    throw invalid(`Unknown or unsupported in the local warehouse: ${names.join(', ')}`)
  }
  throw invalid(`Invalid value at '${path}': ${issue?.message ?? 'invalid'}`)
}

/** A field that is null is one that is not given, wherever null does not mean to clear. */
export function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNulls)
  if (!isObject(value)) return value
  const given = Object.entries(value).filter(([, item]) => item !== null)
  return Object.fromEntries(given.map(([key, item]) => [key, dropNulls(item)]))
}

/** The value without those unknown fields that are null, false, or empty. */
function withoutEmpty(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy: unknown = structuredClone(value)
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue
    let holder: unknown = copy
    for (const key of issue.path) holder = isObject(holder) ? holder[String(key)] : undefined
    if (!isObject(holder)) continue
    for (const key of issue.keys) if (isEmpty(holder[key])) delete holder[key]
  }
  return copy
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === false || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
