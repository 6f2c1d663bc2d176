import type { Clock } from '../../clock.ts'
import { ApiError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import { timestamp } from '../names.ts'
import type { Operation } from '../operations.ts'
import { brokenExecution, executionError, jobExecutionId, newJobExecution } from './execution.ts'
import { applyOverrides, type Job, type JobExecution, type JobInput, type RunRequest } from './resource.ts'
import type { JobRunner } from './runner.ts'
import type { JobStore } from './store.ts'

/** Jobs and their executions, for the v2 and the v1 API alike. */
export class Jobs {
  readonly #clock: Clock
  readonly #store: JobStore
  readonly #runner: JobRunner
  readonly #ids: Ids
  readonly #running = new Map<
    string,
    { readonly abort: AbortController; readonly done: Promise<JobExecution> }
  >()

  constructor(clock: Clock, store: JobStore, runner: JobRunner, ids: Ids) {
    this.#clock = clock
    this.#store = store
    this.#runner = runner
    this.#ids = ids
  }

  get(name: string): Job {
    const job = this.#store.job(name)
    if (job === null)
      throw new ApiError(404, `Resource '${name.split('/').at(-1)}' of kind 'JOB' does not exist.`)
    return job
  }

  exists(name: string): boolean {
    return this.#store.job(name) !== null
  }

  list(parent: string): readonly Job[] {
    return this.#store.jobs(parent)
  }

  /** Creates the job, or replaces what a client sets of it. */
  put(name: string, input: JobInput, dryRun: boolean): Job {
    const current = this.#store.job(name)
    const now = timestamp(this.#clock.now())
    const generation = String(Number(current?.generation ?? 0) + 1)
    const job: Job = {
      ...input,
      name,
      uid: current?.uid ?? this.#ids.uuid(name),
      generation,
      observedGeneration: generation,
      createTime: current?.createTime ?? now,
      updateTime: now,
      terminalCondition: { type: 'Ready', state: 'CONDITION_SUCCEEDED', lastTransitionTime: now },
      executionCount: current?.executionCount ?? 0,
      ...(current?.latestCreatedExecution === undefined
        ? {}
        : { latestCreatedExecution: current.latestCreatedExecution }),
      reconciling: false,
      etag: `"${this.#ids.uuid(`${name} etag`)}"`,
    }
    if (!dryRun) this.#store.putJob(job)
    return job
  }

  async delete(name: string): Promise<Job> {
    const job = this.get(name)
    const running = this.#store.executions(name).filter((execution) => this.#running.has(execution.name))
    await Promise.all(running.map((execution) => this.cancel(execution.name)))
    this.#store.deleteJob(name)
    return job
  }

  /** Throws where a request names another version of the job than there is; an empty etag names none. */
  checkEtag(name: string, etag: unknown): void {
    if (typeof etag !== 'string' || etag === '' || etag === this.get(name).etag) return
    throw new ApiError(
      409,
      `The etag ${etag} is not that of '${name}', which has changed since it was read.`,
      {
        status: 'ABORTED',
        reason: 'aborted',
      },
    )
  }

  /** Starts an execution and returns it as it is then; it goes on by itself. */
  run(name: string, request: RunRequest): JobExecution {
    const job = this.get(name)
    this.checkEtag(name, request.etag)
    const overrides = request.overrides ?? {}
    const execution = newJobExecution(job, applyOverrides(job.template, overrides), {
      id: this.#newId(job),
      ids: this.#ids,
      now: this.#clock.now(),
    })
    if (request.validateOnly === true) return execution
    this.#store.putExecution(execution)
    this.#store.putJob({
      ...job,
      executionCount: job.executionCount + 1,
      latestCreatedExecution: { name: execution.name, createTime: execution.createTime },
    })
    const abort = new AbortController()
    const done = this.#runner
      .run(execution, overrides, abort.signal, (change) => this.#store.putExecution(change))
      .catch((error: unknown) => brokenExecution(execution, error, this.#clock.now()))
      .then((end) => {
        this.#running.delete(end.name)
        this.#store.putExecution(end)
        return end
      })
    this.#running.set(execution.name, { abort, done })
    return execution
  }

  /** Seeded ids begin anew with every process, so what the state folder holds already is passed over. */
  #newId(job: Job): string {
    for (;;) {
      const id = jobExecutionId(job, this.#ids)
      if (this.#store.execution(`${job.name}/executions/${id}`) === null) return id
    }
  }

  execution(name: string): JobExecution {
    const execution = this.#store.execution(name)
    if (execution === null) {
      throw new ApiError(404, `Resource '${name.split('/').at(-1)}' of kind 'EXECUTION' does not exist.`)
    }
    return execution
  }

  /** Newest first; of all jobs where the job is `-`. */
  executions(job: string): readonly JobExecution[] {
    return this.#store.executions(job)
  }

  /** Stops what still runs, and forgets the execution. */
  async deleteExecution(name: string): Promise<JobExecution> {
    this.execution(name)
    const end = await this.cancel(name)
    this.#store.deleteExecution(name)
    return end
  }

  /** Stops an execution's processes; resolves when they have ended. */
  async cancel(name: string): Promise<JobExecution> {
    const running = this.#running.get(name)
    if (running === undefined) return this.execution(name)
    running.abort.abort()
    return await running.done
  }

  /** The operation of `:run`, made anew from its execution each time. */
  operation(uid: string): Operation | null {
    const execution = this.#store.executionByUid(uid)
    return execution === null ? null : runOperation(execution)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.cancel(name)))
  }
}

/** `:run` answers with an operation whose metadata is the execution; polled, it tells the end. */
export function runOperation(execution: JobExecution): Operation {
  const typed = { '@type': 'type.googleapis.com/google.cloud.run.v2.Execution', ...execution }
  const [, project, , location] = execution.name.split('/')
  const error = executionError(execution)
  const done = execution.completionTime !== undefined
  return {
    name: `projects/${project}/locations/${location}/operations/${execution.uid}`,
    metadata: typed,
    done,
    ...(done ? (error === null ? { response: typed } : { error }) : {}),
  }
}
