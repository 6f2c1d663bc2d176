import { ApiError } from '../errors.ts'

/** https://cloud.google.com/storage/docs/buckets#naming */
export function checkBucketName(name: unknown): string {
  const longest = typeof name === 'string' && name.includes('.') ? 222 : 63
  if (
    typeof name !== 'string' ||
    name.length < 3 ||
    name.length > longest ||
    !/^[a-z0-9][a-z0-9._-]*[a-z0-9]$/.test(name) ||
    name.includes('..') ||
    name.startsWith('goog') ||
    name.split('.').some((part) => part.length > 63)
  ) {
    throw new ApiError(400, `Invalid bucket name: '${String(name)}'`, 'invalid')
  }
  return name
}

/**
 * The service's own rules (https://cloud.google.com/storage/docs/objects#naming), and stricter: names that would
 * leave the folder when a tool copies a bucket to disk are refused.
 */
export function checkObjectName(name: unknown): string {
  if (typeof name !== 'string' || name === '') throw new ApiError(400, 'Required', 'required')
  const problem = objectNameProblem(name)
  if (problem !== null) throw new ApiError(400, `Invalid object name: ${problem}`, 'invalid')
  return name
}

function objectNameProblem(name: string): string | null {
  if (/[\ud800-\udfff]/u.test(name)) return 'it must be valid Unicode'
  if (Buffer.byteLength(name) > 1024) return 'it must be at most 1024 bytes of UTF-8'
  if (/[\0\r\n]/.test(name)) return 'it must not contain NUL, carriage return or line feed'
  if (name.startsWith('/')) return 'it must not start with a slash'
  if (name === '.' || name.split('/').includes('..')) return 'it must not contain the path segment ".."'
  if (name.startsWith('.well-known/acme-challenge/'))
    return 'it must not start with .well-known/acme-challenge/'
  return null
}
