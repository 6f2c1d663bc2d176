import { join } from 'node:path'
import { listFolders, listJsonFiles, readJsonFile, removeTree, writeJson } from '../files.ts'
import { folderName, type Place } from '../names.ts'
import { interruptedExecution } from './execution.ts'
import type { Job, JobExecution } from './resource.ts'

/**
 * Jobs and their executions, in memory and under `run/<job>/` of the state folder. Opening it fails executions
 * that a killed emulator left running.
 */
export class JobStore {
  readonly #dir: string
  readonly #place: Place
  readonly #jobs = new Map<string, Job>()
  /** By the full name; oldest first within a job. */
  readonly #executions = new Map<string, JobExecution>()

  constructor(dir: string, place: Place) {
    this.#dir = dir
    this.#place = place
    for (const folder of listFolders(dir)) {
      const job = readJsonFile(join(dir, folder, 'job.json')) as Job | null
      if (job === null) continue
      this.#jobs.set(job.name, job)
      const executions = listJsonFiles(join(dir, folder, 'executions')).flatMap((id) => {
        const found = readJsonFile(join(dir, folder, 'executions', `${id}.json`)) as JobExecution | null
        return found === null ? [] : [found]
      })
      for (const execution of executions.toSorted((a, b) => (a.createTime < b.createTime ? -1 : 1))) {
        if (execution.completionTime === undefined) this.putExecution(interruptedExecution(execution))
        else this.#executions.set(execution.name, execution)
      }
    }
  }

  job(name: string): Job | null {
    return this.#jobs.get(name) ?? null
  }

  jobs(parent: string): readonly Job[] {
    return [...this.#jobs.values()]
      .filter(({ name }) => name.startsWith(`${parent}/jobs/`))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
  }

  putJob(job: Job): void {
    this.#jobs.set(job.name, job)
    writeJson(join(this.#folder(job.name), 'job.json'), job)
  }

  deleteJob(name: string): void {
    this.#jobs.delete(name)
    for (const execution of this.executions(name)) this.#executions.delete(execution.name)
    removeTree(this.#folder(name))
  }

  execution(name: string): JobExecution | null {
    return this.#executions.get(name) ?? null
  }

  /** The execution with this uid, or null. */
  executionByUid(uid: string): JobExecution | null {
    for (const execution of this.#executions.values()) if (execution.uid === uid) return execution
    return null
  }

  /** Newest first; of all jobs where the job is `-`. */
  executions(job: string): readonly JobExecution[] {
    const prefix = job.endsWith('/jobs/-') ? job.slice(0, -1) : `${job}/executions/`
    return [...this.#executions.values()].filter(({ name }) => name.startsWith(prefix)).toReversed()
  }

  putExecution(execution: JobExecution): void {
    this.#executions.set(execution.name, execution)
    const [job, id] = execution.name.split('/executions/') as [string, string]
    writeJson(join(this.#folder(job), 'executions', `${id}.json`), execution)
  }

  deleteExecution(name: string): void {
    this.#executions.delete(name)
    const [job, id] = name.split('/executions/') as [string, string]
    removeTree(join(this.#folder(job), 'executions', `${id}.json`))
  }

  #folder(jobName: string): string {
    const [, project = '', , location = '', , id = ''] = jobName.split('/')
    return join(this.#dir, folderName(project, location, id, this.#place))
  }
}
