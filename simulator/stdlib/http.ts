import { tagsOf } from '../engine/errors.ts'
import { isMap } from '../engine/value.ts'
import { anything, blocking, optional, param, plain } from './function.ts'
import { defaultPolicy } from './retry.ts'
import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'
import type { FunctionContext, Parameter } from './function.ts'

const URL = param('url', 'string')
const BODY = optional(anything('body'), null)
const COMMON = [
  optional(param('timeout', 'integer', 'double'), null),
  optional(param('headers', 'map'), null),
  optional(param('query', 'map'), null),
  optional(param('auth', 'map'), null),
  optional(param('private_service_name', 'string'), null),
  optional(anything('ca_certificate'), null),
] as const
const WITHOUT_BODY = [URL, ...COMMON] as const
const WITH_BODY = [URL, COMMON[0], BODY, ...COMMON.slice(1)] as const
const REQUEST = [param('method', 'string'), ...WITH_BODY] as const

const defaultPredicate = plain([anything('exception')], ([exception]) =>
  isRetried(exception, [429, 502, 503, 504], ['ConnectionError', 'ConnectionFailedError', 'TimeoutError']),
)
const nonIdempotentPredicate = plain([anything('exception')], ([exception]) =>
  isRetried(exception, [429, 503], ['ConnectionFailedError']),
)

/** https://cloud.google.com/workflows/docs/reference/stdlib/http/request */
export const http = {
  'http.default_retry_predicate': defaultPredicate,
  'http.default_retry_predicate_non_idempotent': nonIdempotentPredicate,
  'http.get': request('GET', WITHOUT_BODY),
  'http.delete': request('DELETE', WITH_BODY),
  'http.patch': request('PATCH', WITH_BODY),
  'http.post': request('POST', WITH_BODY),
  'http.put': request('PUT', WITH_BODY),
  'http.request': blocking(REQUEST, (args, context) => {
    const [method, ...rest] = args as readonly [string, ...RuntimeValue[]]
    return send(method.toUpperCase(), WITH_BODY, rest, context)
  }),
}

/** https://cloud.google.com/workflows/docs/reference/stdlib/http/default_retry */
export const httpObjects: Readonly<Record<string, RuntimeValue>> = {
  'http.default_retry': defaultPolicy(defaultPredicate),
  'http.default_retry_non_idempotent': defaultPolicy(nonIdempotentPredicate),
}

function request(method: string, parameters: readonly Parameter[]) {
  return blocking(parameters, (args, context) => send(method, parameters, args, context))
}

function send(
  method: string,
  parameters: readonly { readonly name: string }[],
  args: readonly RuntimeValue[],
  { host, call }: FunctionContext,
): Promise<RuntimeMap> {
  const given = new Map<string, RuntimeValue>()
  for (const [index, { name }] of parameters.entries()) {
    const value = args[index]!
    if (value !== null) given.set(name, value)
  }
  return host.http({ method, args: given }, call)
}

function isRetried(exception: RuntimeValue, codes: readonly number[], tags: readonly string[]): boolean {
  if (tagsOf(exception).some((tag) => tags.includes(tag))) return true
  const code = isMap(exception) ? exception.get('code') : undefined
  return (typeof code === 'bigint' || typeof code === 'number') && codes.includes(Number(code))
}
