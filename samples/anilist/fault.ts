import { errorAnswer } from './answer.ts'
import type { Answer } from './answer.ts'

/** Ways in which the API fails, for tests. */
export type Fault =
  /** HTTP 500 with a page that is not JSON. */
  | 'server_error'
  /** HTTP 403, the message of an outage. */
  | 'outage'
  /** HTTP 429 as it was captured: `Retry-After` and no rate headers. */
  | 'rate_limited'
  /** HTTP 429 without any header. */
  | 'rate_limited_bare'
  /** HTTP 429 as the guide has it: `Retry-After`, and the time of the reset. */
  | 'rate_limited_reset'
  /** HTTP 200 whose body holds an error 500. */
  | 'error_in_200'
  /** HTTP 200 with a page that is not JSON. */
  | 'not_json'
  /** HTTP 400 with a map of rules that were broken. */
  | 'validation'
  /** The connection is closed without an answer. */
  | 'hang_up'

/** The 429 comes from the edge, which spaces its JSON otherwise than the API. */
export const tooManyRequests = '{"data": null,"errors": [{"message": "Too Many Requests.","status": 429}]}'

const page = { 'content-type': 'text/html; charset=UTF-8' }

/** Null for `hang_up`. */
export function faultAnswer(fault: Fault, now: number): Answer | null {
  switch (fault) {
    case 'server_error':
      return { status: 500, body: '<html><body>Internal Server Error</body></html>', headers: page }
    case 'outage':
      return errorAnswer(403, 'The AniList API has been temporarily disabled due to severe stability issues.')
    case 'rate_limited':
      return { status: 429, body: tooManyRequests, headers: { 'retry-after': '60' } }
    case 'rate_limited_bare':
      return { status: 429, body: tooManyRequests }
    case 'rate_limited_reset':
      return {
        status: 429,
        body: tooManyRequests,
        headers: {
          'x-ratelimit-limit': '90',
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(Math.ceil(now / 1000) + 30),
        },
      }
    case 'error_in_200':
      return { ...errorAnswer(500, 'Internal Server Error'), status: 200 }
    case 'not_json':
      return { status: 200, body: '<html><body>checking your browser</body></html>', headers: page }
    case 'validation': {
      const errors = [
        {
          message: 'validation',
          status: 400,
          locations: [{ line: 2, column: 3 }],
          validation: { perChunk: ['The perChunk may not be greater than 500.'] },
        },
      ]
      return { status: 400, body: JSON.stringify({ errors, data: null }) }
    }
    default:
      return null
  }
}
