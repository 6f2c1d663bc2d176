import type { z } from 'zod'
import type { TaskRef } from '../handle.ts'
import { callerOf } from '../location.ts'
import { workKeys, type WorkOptions } from '../options.ts'
import { checkKeys } from '../problems.ts'
import { readRequest, requestKeys, responseSchema, type HttpOutput, type RequestOptions } from '../request.ts'
import type { Scope } from '../scope.ts'
import { describe, isPlainObject } from '../values.ts'

/** The answer's body of a request that keeps none of it. */
type NoBody = z.ZodObject<z.core.$ZodLooseShape & Record<string, never>>

export type HttpSpec<Body extends z.ZodObject> = RequestOptions<Body> & {
  /**
   * Whether the request may be repeated when it is unknown if the one before took effect.
   * @default 'idempotent' for GET, PUT and DELETE, 'non_idempotent' for POST and PATCH
   */
  readonly idempotency?: 'idempotent' | 'non_idempotent'
}

/**
 * Calls an HTTP service; a status of 400 or more fails the try. Airflow: `HttpOperator`.
 *
 * The output is `{status, body}`, the body cut down to the fields of `response`. A request takes 30 minutes at most;
 * by default 5.
 *
 * @example
 * const closed = http('close_books', {
 *   service: 'billing',
 *   path: '/close',
 *   method: 'POST',
 *   body: { day: run.date },
 *   response: z.object({ invoices: z.int() }),
 * })
 * shortCircuit('any_invoice', gt(closed.body.invoices, 0), { skips: 'all' })
 */
export type DeclareHttp = <Body extends z.ZodObject = NoBody>(
  id: string,
  request: HttpSpec<Body>,
  options?: WorkOptions,
) => TaskRef<HttpOutput<Body>>

/** https://cloud.google.com/workflows/docs/http-requests: a request ends after 1,800 seconds. */
const longest = {
  seconds: 1800,
  hint: 'a request ends after 30m: let it start the work, and wait with a sensor',
}

export function httpKind(scope: Scope): DeclareHttp {
  const declare = (id: string, spec: unknown, options: WorkOptions = {}) => {
    const at = callerOf(declare)
    const what = `task ${id}`
    const base = scope.base(id, options, { keys: workKeys, timeout: 300, works: true, longest, at })
    const place = scope.inputPlace(what, at)
    const given = isPlainObject(spec) ? spec : {}
    checkKeys(given, [...requestKeys, 'idempotency'], what, scope.problems, at)
    const request = readRequest(given, place)
    const { idempotency } = given
    if (idempotency !== undefined && idempotency !== 'idempotent' && idempotency !== 'non_idempotent')
      scope.problems.add(
        'DAG119',
        `${what} has idempotency ${describe(idempotency)}`,
        'say idempotent or non_idempotent',
        at,
      )
    const output = responseSchema(given['response'], place)
    const repeatable = request.method !== 'POST' && request.method !== 'PATCH'
    scope.add({
      ...base,
      kind: 'http',
      timeoutSeconds: Math.min(base.timeoutSeconds, longest.seconds),
      request,
      output,
      idempotency:
        idempotency === 'idempotent' || idempotency === 'non_idempotent'
          ? idempotency
          : repeatable
            ? 'idempotent'
            : 'non_idempotent',
    })
    return scope.ref(id, output, 'workflow')
  }
  return declare as DeclareHttp
}
