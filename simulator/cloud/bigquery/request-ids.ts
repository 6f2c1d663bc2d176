import type { Clock } from '../../clock.ts'
import type { Job } from './job.ts'

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query#QueryRequest */
const lifetimeMs = 15 * 60_000

/** `requestId` makes `jobs.query` idempotent for 15 minutes. */
export class RequestIds {
  readonly #clock: Clock
  readonly #known = new Map<string, { readonly at: number; readonly job: Promise<Job> }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Starts a job, or gives the one that the same id has started. */
  once(id: string | null | undefined, start: () => Promise<Job>): Promise<Job> {
    if (id == null || id === '') return start()
    const now = this.#clock.now()
    for (const [known, { at }] of this.#known) {
      if (now - at < lifetimeMs) break
      this.#known.delete(known)
    }
    const before = this.#known.get(id)
    if (before !== undefined) return before.job
    const job = start()
    this.#known.set(id, { at: now, job })
    job.catch(() => this.#known.delete(id))
    return job
  }
}
