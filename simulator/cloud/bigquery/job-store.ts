import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Journal } from '../storage/journal.ts'
import type { Job } from './job.ts'
import { notFound, type Problem, refusal } from './problem.ts'

type Entry =
  | { readonly kind: 'job'; readonly job: Job }
  /** The record is gone; the id stays taken. */
  | { readonly kind: 'deleted'; readonly key: string }

/**
 * All jobs, in memory and in a journal. An id is taken for good; a job that ran when the process died is done: it has
 * failed, unless it had had its effect by then.
 */
export class JobStore {
  readonly #journal: Journal<Entry>
  readonly #jobs: Map<string, Job | null>
  readonly #project: string

  private constructor(journal: Journal<Entry>, jobs: Map<string, Job | null>, project: string) {
    this.#journal = journal
    this.#jobs = jobs
    this.#project = project
  }

  static async open(
    directory: string,
    project: string,
    now: number,
    /** What the jobs among these gave that have had their effect. */
    committed: (keys: readonly string[]) => Promise<ReadonlyMap<string, unknown>>,
  ): Promise<JobStore> {
    await mkdir(directory, { recursive: true })
    const path = join(directory, 'jobs.jsonl')
    const { journal, entries } = await Journal.open<Entry>(path)
    const jobs = new Map<string, Job | null>()
    for (const entry of entries) {
      if (entry.kind === 'job') jobs.set(keyOf(entry.job), entry.job)
      else jobs.set(entry.key, null)
    }
    const interrupted = [...jobs.values()].filter((job) => job !== null && job.state !== 'DONE') as Job[]
    const done =
      interrupted.length === 0 ? new Map<string, unknown>() : await committed(interrupted.map(keyOf))
    for (const job of interrupted) {
      const key = keyOf(job)
      jobs.set(key, done.has(key) ? complete(job, now, done.get(key)) : interrupt(job, now))
    }
    if (interrupted.length === 0 && entries.length <= 1000 + 2 * jobs.size)
      return new JobStore(journal, jobs, project)
    await journal.close()
    await Journal.rewrite(
      path,
      [...jobs].map(([key, job]) => entryOf(key, job)),
    )
    const reopened = await Journal.open<Entry>(path)
    return new JobStore(reopened.journal, jobs, project)
  }

  /** Newest first. */
  list(): readonly Job[] {
    return [...this.#jobs.values()].filter((job) => job !== null).toReversed()
  }

  /**
   * Without a location a job is found in the US and the EU multi-regions only, as on the service; throws 404.
   * https://cloud.google.com/bigquery/docs/locations#specify_locations
   */
  get(id: string, location: string | null): Job {
    const locations = location === null || location === '' ? ['US', 'EU'] : [location.toUpperCase()]
    for (const candidate of locations) {
      const job = this.#jobs.get(keyOf({ id, location: candidate }))
      if (job !== undefined && job !== null) return job
    }
    throw notFound(`Job ${this.#project}:${id}`)
  }

  /**
   * Throws 409 where the id was used before. A job that only reads need not be on disk before it runs: a kill leaves
   * nothing of it that anybody has been told of.
   */
  insert(job: Job, options: { readonly reads?: boolean } = {}): void {
    if (this.#jobs.has(keyOf(job))) {
      const message = `Already Exists: Job ${this.#project}:${job.location}.${job.id}`
      throw refusal({ reason: 'duplicate', message })
    }
    if (options.reads === true) this.#journal.defer({ kind: 'job', job })
    else this.#journal.append({ kind: 'job', job })
    this.#jobs.set(keyOf(job), job)
  }

  /** Says that a job runs, which a restart has no use for. */
  begin(job: Job): void {
    this.#jobs.set(keyOf(job), job)
  }

  update(job: Job): void {
    this.#journal.append({ kind: 'job', job })
    this.#jobs.set(keyOf(job), job)
  }

  delete(job: Job): void {
    const key = keyOf(job)
    this.#journal.append({ kind: 'deleted', key })
    this.#jobs.set(key, null)
  }

  /** An id for a job that came without one; the same sequence of jobs has the same ids. */
  nextId(): string {
    const digest = createHash('sha256').update(`${this.#project}/${this.#jobs.size}`).digest('base64url')
    return `job_${digest.slice(0, 27)}`
  }

  settled(): Promise<void> {
    return this.#journal.settled()
  }

  close(): Promise<void> {
    return this.#journal.close()
  }
}

/** Ids are unique per project and location. */
export function keyOf(job: Pick<Job, 'id' | 'location'>): string {
  return `${job.location.toUpperCase()}.${job.id}`
}

function entryOf(key: string, job: Job | null): Entry {
  return job === null ? { kind: 'deleted', key } : { kind: 'job', job }
}

function interrupt(job: Job, now: number): Job {
  const problem = { reason: 'backendError', message: 'The job was running when the emulator stopped.' }
  return { ...job, state: 'DONE', endedAt: now, errorResult: problem, errors: [problem] }
}

/** A job that had its whole effect, so that only its end was not written. */
function complete(job: Job, now: number, result: unknown): Job {
  const { outputRows, outputBytes, badRecords, errors, rows } = (result ?? {}) as {
    readonly outputRows?: number
    readonly outputBytes?: number
    readonly badRecords?: number
    readonly errors?: readonly Problem[]
    readonly rows?: number
  }
  const statistics =
    outputRows === undefined
      ? rows === undefined
        ? {}
        : { copy: { copiedRows: String(rows) } }
      : {
          load: {
            outputRows: String(outputRows),
            outputBytes: String(outputBytes),
            badRecords: String(badRecords),
          },
        }
  const told = errors === undefined || errors.length === 0 ? {} : { errors }
  return { ...job, state: 'DONE', endedAt: now, statistics: { ...job.statistics, ...statistics }, ...told }
}
