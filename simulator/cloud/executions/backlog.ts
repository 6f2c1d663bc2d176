import { limits } from '../../../language/limits.ts'
import { ApiError } from '../errors.ts'

/** Per project and region. https://cloud.google.com/workflows/quotas#resource_limit */
export interface ExecutionQuota {
  readonly concurrent: number
  readonly backlog: number
}

export const standardQuota: ExecutionQuota = {
  concurrent: limits.concurrentExecutions.value,
  backlog: limits.executionBacklog.value,
}

/**
 * Executions of one project and region: so many run, the others wait in the order in which they came.
 * https://cloud.google.com/workflows/docs/execution-backlog
 */
export class Backlog {
  readonly #quota: ExecutionQuota
  #running = 0
  readonly #waiting = new Map<string, () => void>()

  constructor(quota: ExecutionQuota) {
    this.#quota = quota
  }

  /** Whether one more could start at once; throws `ApiError` 429 where it may not wait either. */
  admits(mayWait: boolean): boolean {
    if (this.#running < this.#quota.concurrent) return true
    if (mayWait && this.#waiting.size < this.#quota.backlog) return false
    throw new ApiError(429, 'The quota of concurrent executions is exhausted.', 'rateLimitExceeded')
  }

  /** Runs `start` now, or once another has ended. */
  enter(name: string, start: () => void): void {
    if (this.#running >= this.#quota.concurrent) {
      this.#waiting.set(name, start)
      return
    }
    this.#running += 1
    start()
  }

  /** One that ran has ended. */
  leave(): void {
    this.#running -= 1
    const [next] = this.#waiting
    if (next === undefined) return
    this.#waiting.delete(next[0])
    this.#running += 1
    next[1]()
  }

  /** Takes one out that waits; false where it does not. */
  withdraw(name: string): boolean {
    return this.#waiting.delete(name)
  }
}
