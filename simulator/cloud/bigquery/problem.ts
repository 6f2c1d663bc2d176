import { WarehouseError, type WarehouseProblem } from '../../warehouse/warehouse.ts'
import { ApiError } from '../errors.ts'

export type Problem = WarehouseProblem

/** https://cloud.google.com/bigquery/docs/error-messages#errortable */
const statuses: Readonly<Record<string, number>> = {
  accessDenied: 403,
  backendError: 503,
  bytesBilledLimitExceeded: 400,
  duplicate: 409,
  internalError: 500,
  invalid: 400,
  invalidQuery: 400,
  notFound: 404,
  notImplemented: 501,
  quotaExceeded: 403,
  rateLimitExceeded: 403,
  resourceInUse: 400,
  resourcesExceeded: 400,
  responseTooLarge: 403,
  stopped: 400,
  timeout: 400,
}

/** The refusal of a request for a problem that the warehouse or a job has. */
export function refusal(problem: Problem): ApiError {
  const { reason, message, location } = problem
  return new ApiError(statuses[reason] ?? 400, message, {
    reason,
    ...(location === undefined ? {} : { location, locationType: 'other' }),
  })
}

/** All that a failed job says of an error; the first is its result. */
export function problemsOf(error: unknown): readonly [Problem, ...Problem[]] {
  return [problemOf(error), ...(error instanceof WarehouseError ? error.more : [])]
}

/** What a failed job says of an error. */
export function problemOf(error: unknown): Problem {
  if (error instanceof WarehouseError) {
    const { reason, message, location } = error
    return { reason, message, ...(location === undefined ? {} : { location }) }
  }
  if (error instanceof ApiError) {
    const { reason = error.status === 404 ? 'notFound' : 'invalid', location } = error.detail
    return { reason, message: error.message, ...(location === undefined ? {} : { location }) }
  }
  return { reason: 'internalError', message: error instanceof Error ? error.message : String(error) }
}

export function invalid(message: string, location?: string): ApiError {
  return refusal({ reason: 'invalid', message, ...(location === undefined ? {} : { location }) })
}

export function notFound(what: string): ApiError {
  return refusal({ reason: 'notFound', message: `Not found: ${what}` })
}
