import { ApiError } from '../errors.ts'
import type { ObjectVersion } from './model.ts'
import { readInteger } from './preconditions.ts'

const mebibyte = 1024 * 1024

/**
 * How far a rewrite has come with this call. A copy within a location and storage class takes one call; a far one
 * takes as many as `maxBytesRewrittenPerCall` asks for, each with the token of the one before.
 * https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite
 */
export function readProgress(
  query: URLSearchParams,
  source: ObjectVersion,
  far: boolean,
): { readonly bytes: number; readonly done: boolean } {
  const token = query.get('rewriteToken') ?? ''
  const before = token === '' ? 0 : readToken(token, source)
  const step = readInteger(query, 'maxBytesRewrittenPerCall')
  if (step !== undefined && (step <= 0 || step % mebibyte !== 0)) {
    throw new ApiError(400, 'maxBytesRewrittenPerCall must be a positive multiple of 1 MiB.', {
      reason: 'invalid',
      location: 'maxBytesRewrittenPerCall',
      locationType: 'parameter',
    })
  }
  const bytes = Math.min(source.size, step === undefined || !far ? source.size : before + step)
  return { bytes, done: bytes === source.size }
}

/** Lets the next call go on where this one ended. */
export function rewriteToken(source: ObjectVersion, bytes: number): string {
  return Buffer.from(JSON.stringify([source.sha256, source.generation, bytes])).toString('base64url')
}

function readToken(token: string, source: ObjectVersion): number {
  try {
    const [sha256, generation, bytes] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[]
    if (sha256 === source.sha256 && generation === source.generation && typeof bytes === 'number')
      return bytes
  } catch {
    // Refused below.
  }
  throw new ApiError(400, 'The rewrite token does not belong to this source.', {
    reason: 'invalid',
    location: 'rewriteToken',
    locationType: 'parameter',
  })
}
