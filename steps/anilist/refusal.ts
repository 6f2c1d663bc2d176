import { StepError } from '../runtime/error.ts'
import { retryTime } from '../runtime/rate-limiter.ts'
import type { AniListError } from './response.ts'

/** A penalty lasts one minute (docs.anilist.co/guide/rate-limiting), also where no header says so. */
const PENALTY_MS = 60_000
/** Longer than this a step does not wait; the DAG's retries do. */
const LONGEST_WAIT_MS = 5 * 60_000

/** An answer without usable data. */
export interface Refused {
  /** Of the HTTP response; null when there was none. */
  readonly status: number | null
  readonly headers: Headers
  readonly errors: readonly AniListError[]
  /** What is known beyond the errors, e.g. why a body could not be read. */
  readonly detail: string
}

export type Refusal =
  | { readonly kind: 'wait'; readonly until: number; readonly error: StepError }
  | { readonly kind: 'back_off'; readonly error: StepError }
  | { readonly kind: 'give_up'; readonly error: StepError }

/**
 * What a refusal means. Errors come with HTTP 200 too, so the status inside the error counts before that of the
 * response (docs.anilist.co/guide/graphql/errors). `profile` is whom the question was about, if anybody.
 */
export function judgeRefusal(refused: Refused, profile: string | null, now: number): Refusal {
  const [first] = refused.errors
  const status = first?.status ?? refused.status
  const said = refused.errors.map(explain).join('; ') || refused.detail
  const shown = `${status === null ? 'no answer' : `HTTP ${status}`}: ${said}`

  if (status === 429) {
    const until = retryTime(refused.headers, now, PENALTY_MS)
    const limited = error('rate_limited', `AniList keeps refusing for too many requests (${shown})`, true)
    return until - now > LONGEST_WAIT_MS
      ? { kind: 'give_up', error: limited }
      : { kind: 'wait', until, error: limited }
  }
  if (status === 404 && profile !== null) {
    const isPrivate = first !== undefined && /private/i.test(first.message)
    return {
      kind: 'give_up',
      error: isPrivate
        ? error(
            'private_user',
            `the AniList profile "${profile}" is private; only public ones can be read`,
            false,
          )
        : error('user_not_found', `AniList knows no profile "${profile}" (${said})`, false),
    }
  }
  // 403 is AniList's outage message (docs.anilist.co/guide/considerations), or its edge's.
  const isOurs = status !== null && status >= 400 && status < 500 && status !== 403 && status !== 408
  if (isOurs)
    return {
      kind: 'give_up',
      error: error('request_refused', `AniList refused the request (${shown})`, false),
    }
  return {
    kind: 'back_off',
    error: error('anilist_unavailable', `AniList is not available (${shown})`, true),
  }
}

function explain({ message, validation }: AniListError): string {
  return validation ? `${message} ${JSON.stringify(validation)}` : message
}

function error(code: string, message: string, retryable: boolean): StepError {
  return new StepError({ code, message, retryable })
}
