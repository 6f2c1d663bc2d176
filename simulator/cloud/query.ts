import { ApiError } from './errors.ts'
import type { CloudRequest } from './request.ts'

/** A query parameter of a method, in camelCase or snake_case; empty where it is absent. */
export function queryParam(request: CloudRequest, name: string): string {
  return request.query.get(name) ?? request.query.get(snakeCase(name)) ?? ''
}

/** An integer of 32 bits; 0 where it is absent. Throws `ApiError` 400, worded as Google words it. */
export function integerParam(request: CloudRequest, name: string): number {
  const text = queryParam(request, name)
  if (text === '') return 0
  const value = Number(text)
  if (/^-?\d+$/.test(text) && Math.abs(value) < 2 ** 31) return value
  throw invalidParam(name, 'TYPE_INT32', text)
}

/** The refusal of a value that is not of its parameter's type, e.g. `TYPE_INT32`. */
export function invalidParam(name: string, type: string, value: string): ApiError {
  const field = snakeCase(name)
  const message = `Invalid value at '${field}' (${type}), "${value}"`
  return new ApiError(400, message, { violations: [{ field, description: message }] })
}

/** What any method takes. https://cloud.google.com/apis/docs/system-parameters */
const SYSTEM = new Set(
  'alt fields key prettyPrint quotaUser userProject userIp callback access_token oauth_token upload_protocol uploadType .xgafv'.split(
    ' ',
  ),
)

/** Throws `ApiError` 400, worded as Google words it, for parameters that the method does not have. */
export function checkQuery(query: URLSearchParams, known: readonly string[]): void {
  const violations = [...new Set(query.keys())]
    .filter((name) => !SYSTEM.has(name.replace(/^\$/, '')))
    .filter((name) => !known.some((one) => one === name || snakeCase(one) === name))
    .map((name) => ({
      description: `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. Field '${name}' could not be found in request message.`,
    }))
  if (violations.length === 0) return
  throw new ApiError(400, violations.map(({ description }) => description).join('\n'), { violations })
}

/** `page_size` for `pageSize`: field names as the message definitions and refusals have them. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
