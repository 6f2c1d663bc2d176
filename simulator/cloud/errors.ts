import type { CloudResponse } from './request.ts'

/**
 * Names of Google's canonical codes for the HTTP statuses that the services answer with.
 * https://cloud.google.com/apis/design/errors#handling_errors
 */
const statusNames: Readonly<Record<number, { readonly status: string; readonly reason: string }>> = {
  400: { status: 'INVALID_ARGUMENT', reason: 'badRequest' },
  401: { status: 'UNAUTHENTICATED', reason: 'authError' },
  403: { status: 'PERMISSION_DENIED', reason: 'forbidden' },
  404: { status: 'NOT_FOUND', reason: 'notFound' },
  409: { status: 'ALREADY_EXISTS', reason: 'alreadyExists' },
  412: { status: 'FAILED_PRECONDITION', reason: 'conditionNotMet' },
  413: { status: 'INVALID_ARGUMENT', reason: 'uploadTooLarge' },
  416: { status: 'OUT_OF_RANGE', reason: 'requestedRangeNotSatisfiable' },
  429: { status: 'RESOURCE_EXHAUSTED', reason: 'rateLimitExceeded' },
  500: { status: 'INTERNAL', reason: 'backendError' },
  501: { status: 'UNIMPLEMENTED', reason: 'notImplemented' },
  503: { status: 'UNAVAILABLE', reason: 'backendError' },
}

export interface ApiErrorDetail {
  /** `errors[].reason`, e.g. `notFound`, `duplicate`, `conditionNotMet`. @default by status */
  readonly reason?: string
  /** Google's canonical code, e.g. `FAILED_PRECONDITION`. @default by HTTP status */
  readonly status?: string
  readonly location?: string
  readonly locationType?: string
  /**
   * The fields at fault, as the newer APIs name them; they take the place of `errors`.
   * https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
   */
  readonly violations?: readonly FieldViolation[]
}

interface FieldViolation {
  /** As a path in snake case, e.g. `workflow.labels`; absent where no field is at fault. */
  readonly field?: string
  readonly description: string
}

/** A refusal that a handler throws; `routes` turns it into Google's error body. */
export class ApiError extends Error {
  readonly status: number
  readonly detail: ApiErrorDetail

  constructor(status: number, message: string, detail: string | ApiErrorDetail = {}) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.detail = typeof detail === 'string' ? { reason: detail } : detail
  }
}

/** A refusal of one field of a request body. */
export function fieldError(field: string, description: string): ApiError {
  return new ApiError(400, description, { violations: [{ field, description }] })
}

/**
 * Google's error body: `{"error": {"code", "message", "status", "errors": [{"message", "domain", "reason"}]}}`, or with
 * `details` in place of `errors`.
 */
export function apiError(
  status: number,
  message: string,
  detail: string | ApiErrorDetail = {},
): CloudResponse {
  const known = statusNames[status]
  const given = typeof detail === 'string' ? { reason: detail } : detail
  return {
    status,
    body: {
      json: {
        error: {
          code: status,
          message,
          status: given.status ?? known?.status ?? 'UNKNOWN',
          ...detailOf(message, known?.reason ?? 'unknown', given),
        },
      },
    },
  }
}

function detailOf(message: string, reason: string, given: ApiErrorDetail): Readonly<Record<string, unknown>> {
  if (given.violations !== undefined) {
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: given.violations },
    ]
    return { details }
  }
  return {
    errors: [
      {
        message,
        domain: 'global',
        reason: given.reason ?? reason,
        ...(given.location === undefined ? {} : { location: given.location }),
        ...(given.locationType === undefined ? {} : { locationType: given.locationType }),
      },
    ],
  }
}
