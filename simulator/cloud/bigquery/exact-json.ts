import type { CloudRequest } from '../request.ts'
import { readJson } from '../routes.ts'

/**
 * The body with integers that a double cannot hold as text, which every column that takes such a number takes too.
 * Clients that have 64-bit integers write rows with them as plain numbers.
 */
export function withExactIntegers(request: CloudRequest): CloudRequest {
  const text = Buffer.from(request.body).toString('utf8')
  if (!/\d{16}/.test(text)) return request
  const exact = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  )
  // What is no JSON is refused as it came.
  readJson(request)
  return { ...request, body: Buffer.from(exact) }
}
