import type { Clock } from '../../clock.ts'
import type { Field, ResultRows } from '../../warehouse/warehouse.ts'
import type { Job } from './job.ts'
import { keyOf, type JobStore } from './job-store.ts'
import { type Problem, problemsOf } from './problem.ts'
import { resultTable } from './result-tables.ts'

/** What a query leaves to be read. */
export interface JobResult {
  readonly schema: readonly Field[]
  readonly rows: ResultRows
}

/** What a job that succeeded has to say. */
export interface Outcome {
  readonly statistics: Readonly<Record<string, unknown>>
  readonly errors?: readonly Problem[]
  readonly result?: JobResult
}

interface Running {
  readonly abort: AbortController
  readonly done: Promise<void>
}

/** Why a timer stops. Without a reason each would be given an error with its stack, which costs more than the timer. */
const over = 'over'

/** Results that are kept for paging; older ones are given up, as the service does after a day. */
const keptResults = 200

/** Runs jobs beside the requests, keeps their results, stops them on request or at their time limit. */
export class JobRunner {
  readonly #jobs: JobStore
  readonly #clock: Clock
  readonly #running = new Map<string, Running>()
  readonly #results = new Map<string, JobResult>()
  /** The same by the names of `resultTable`. */
  readonly #tables = new Map<string, JobResult>()

  constructor(jobs: JobStore, clock: Clock) {
    this.#jobs = jobs
    this.#clock = clock
  }

  /** Takes the id and starts; throws 409 where the id is taken. */
  start(
    job: Job,
    work: (signal: AbortSignal) => Promise<Outcome>,
    options: {
      readonly timeoutMs?: number | undefined
      /** Whether it changes nothing. */
      readonly reads?: boolean
    } = {},
  ): void {
    const { timeoutMs, reads = false } = options
    this.#jobs.insert(job, { reads })
    const abort = new AbortController()
    const done = this.#clock.track(this.#run(job, work, abort, timeoutMs))
    this.#running.set(keyOf(job), { abort, done })
    const ended = () => this.#running.delete(keyOf(job))
    done.then(ended, ended)
  }

  /** Waits until the job is done, at most so long; gives its state then. */
  async wait(job: Job, milliseconds: number): Promise<Job> {
    const running = this.#running.get(keyOf(job))
    if (running !== undefined && milliseconds > 0) {
      const timer = new AbortController()
      const timeout = this.#clock.sleep(milliseconds, timer.signal).catch(() => undefined)
      await Promise.race([running.done, timeout])
      timer.abort(over)
    }
    return this.#jobs.get(job.id, job.location)
  }

  cancel(job: Job): void {
    const problem = {
      reason: 'stopped',
      message: 'Job execution was cancelled: User requested cancellation',
    }
    this.#running.get(keyOf(job))?.abort.abort(problem)
  }

  /** The result that `resultTable` names. */
  resultOf(table: string): JobResult | undefined {
    return this.#tables.get(table)
  }

  /** Keeps what a job that ran elsewhere left to be read. */
  keep(job: Job, result: JobResult): void {
    void this.#clock.track(this.#keep(job, result))
  }

  result(job: Job): JobResult | undefined {
    return this.#results.get(keyOf(job))
  }

  async forget(job: Pick<Job, 'id' | 'location'>): Promise<void> {
    const result = this.#results.get(keyOf(job))
    this.#results.delete(keyOf(job))
    this.#tables.delete(resultTable(job).table)
    await result?.rows.close()
  }

  /** Stops what runs and frees the results. */
  async close(): Promise<void> {
    const problem = { reason: 'stopped', message: 'Job execution was cancelled: the emulator is stopping' }
    for (const { abort } of this.#running.values()) abort.abort(problem)
    await Promise.all([...this.#running.values()].map(({ done }) => done))
    for (const result of this.#results.values()) await result.rows.close()
    this.#results.clear()
  }

  async #run(
    job: Job,
    work: (signal: AbortSignal) => Promise<Outcome>,
    abort: AbortController,
    timeoutMs: number | undefined,
  ): Promise<void> {
    const running: Job = { ...job, state: 'RUNNING', startedAt: this.#clock.now() }
    this.#jobs.begin(running)
    const timer = new AbortController()
    if (timeoutMs !== undefined && timeoutMs > 0) {
      const problem = {
        reason: 'stopped',
        message: `Job execution was cancelled: Job timed out after ${timeoutMs}ms`,
      }
      void this.#clock.sleep(timeoutMs, timer.signal).then(
        () => abort.abort(problem),
        () => undefined,
      )
    }
    try {
      // A job that is told to stop but has its effect all the same has succeeded.
      const { statistics, errors, result } = await work(abort.signal)
      const hasRows = result !== undefined && result.schema.length > 0
      if (hasRows) await this.#keep(job, result)
      else await result?.rows.close()
      const told = errors === undefined || errors.length === 0 ? {} : { errors }
      this.#finish({ ...running, statistics, ...told, ...(hasRows ? { hasRows } : {}) })
    } catch (error) {
      const [errorResult, ...more] = abort.signal.aborted
        ? [abort.signal.reason as Problem]
        : problemsOf(error)
      this.#finish({ ...running, errorResult, errors: [errorResult, ...more] })
    } finally {
      timer.abort(over)
    }
    await this.#jobs.settled()
  }

  #finish(job: Job): void {
    this.#jobs.update({ ...job, state: 'DONE', endedAt: this.#clock.now() })
  }

  async #keep(job: Job, result: JobResult): Promise<void> {
    this.#results.set(keyOf(job), result)
    this.#tables.set(resultTable(job).table, result)
    const [oldest] = this.#results.keys()
    if (this.#results.size <= keptResults || oldest === undefined) return
    const at = oldest.indexOf('.')
    await this.forget({ location: oldest.slice(0, at), id: oldest.slice(at + 1) })
  }
}
