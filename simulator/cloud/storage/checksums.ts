import { ApiError } from '../errors.ts'
import type { Blob } from './blobs.ts'

/** What a writer says its content hashes to. */
export interface Checksums {
  readonly md5?: string
  readonly crc32c?: string
}

/** From the resource's `md5Hash` and `crc32c`, or the header `x-goog-hash: crc32c=…,md5=…`. */
export function readChecksums(
  resource: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): Checksums {
  const found: { md5?: string; crc32c?: string } = {}
  for (const part of (headers['x-goog-hash'] ?? '').split(',')) {
    const match = /^\s*(crc32c|md5)=(\S+)\s*$/.exec(part)
    if (match !== null) found[match[1] as 'md5' | 'crc32c'] = match[2]!
  }
  if (headers['content-md5'] !== undefined) found.md5 = headers['content-md5']
  if (typeof resource['md5Hash'] === 'string') found.md5 = resource['md5Hash']
  if (typeof resource['crc32c'] === 'string') found.crc32c = resource['crc32c']
  return found
}

/** Throws 400 where the content is not what the writer meant. */
export function checkContent(expected: Checksums, blob: Blob): void {
  for (const [name, wanted, got] of [
    ['CRC32C', expected.crc32c, blob.crc32c],
    ['MD5 hash', expected.md5, blob.md5],
  ] as const) {
    if (wanted !== undefined && wanted !== got) {
      throw new ApiError(
        400,
        `Provided ${name} "${wanted}" doesn't match calculated ${name} "${got}".`,
        'invalid',
      )
    }
  }
}
