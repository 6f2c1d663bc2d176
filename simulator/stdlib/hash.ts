import { createHash, createHmac } from 'node:crypto'
import { valueError } from '../engine/errors.ts'
import { param, plain } from './function.ts'

const ALGORITHMS = new Set(['MD5', 'SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512'])

/** https://cloud.google.com/workflows/docs/reference/stdlib/hash/compute_checksum */
export const hash = {
  'hash.compute_checksum': plain(
    [param('data', 'bytes'), param('algorithm', 'string')],
    ([data, algorithm]): Uint8Array => new Uint8Array(createHash(known(algorithm)).update(data).digest()),
  ),
  'hash.compute_hmac': plain(
    [param('key', 'bytes'), param('data', 'bytes'), param('algorithm', 'string')],
    ([key, data, algorithm]): Uint8Array =>
      new Uint8Array(createHmac(known(algorithm), key).update(data).digest()),
  ),
}

function known(algorithm: string): string {
  if (!ALGORITHMS.has(algorithm)) throw valueError(`hash: unknown algorithm '${algorithm}'`)
  return algorithm
}
