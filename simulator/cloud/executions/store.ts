import { join } from 'node:path'
import { limits } from '../../../language/limits.ts'
import type { Clock } from '../../clock.ts'
import { listFolders, readJsonFile, removeTree, writeJson } from '../files.ts'
import { folderName, type Place } from '../names.ts'
import type { WorkflowKey } from '../workflows/store.ts'
import { readHistory } from './history.ts'
import { interrupted, type ExecutionResource } from './resource.ts'

const DAY = 86_400_000

/**
 * Executions in memory and under `executions/<workflow>/<id>/` of the state folder. Opening it fails those that a
 * killed emulator left running. Finished ones are forgotten after a while.
 * https://cloud.google.com/workflows/quotas
 */
export class ExecutionStore {
  readonly #dir: string
  readonly #place: Place
  readonly #clock: Clock
  readonly #retention: number
  readonly #opened: number
  /** By the workflow's folder, then by id; oldest first. */
  readonly #executions = new Map<string, Map<string, ExecutionResource>>()

  /** `retentionDays` is how long finished executions are kept, on the clock. */
  constructor(
    dir: string,
    place: Place,
    clock: Clock,
    retentionDays: number = limits.historyRetention.value,
  ) {
    this.#dir = dir
    this.#place = place
    this.#clock = clock
    this.#retention = retentionDays * DAY
    this.#opened = clock.now()
    for (const workflow of listFolders(dir)) {
      const found = listFolders(join(dir, workflow)).flatMap(
        (id) => this.#load(join(dir, workflow, id)) ?? [],
      )
      const sorted = found.toSorted((left, right) => (left.createTime < right.createTime ? -1 : 1))
      this.#executions.set(workflow, new Map(sorted.map((one) => [idOf(one), one])))
    }
  }

  get(key: WorkflowKey, id: string): ExecutionResource | null {
    const execution = this.#executions.get(this.#folder(key))?.get(id)
    return execution === undefined || this.#forgets(key, execution) ? null : execution
  }

  /** Newest first. */
  list(key: WorkflowKey): readonly ExecutionResource[] {
    const known = [...(this.#executions.get(this.#folder(key))?.values() ?? [])]
    return known.filter((execution) => !this.#forgets(key, execution)).toReversed()
  }

  put(key: WorkflowKey, execution: ExecutionResource): void {
    const folder = this.#folder(key)
    const id = idOf(execution)
    writeJson(join(this.#dir, folder, id, 'execution.json'), execution)
    const known = this.#executions.get(folder) ?? new Map<string, ExecutionResource>()
    known.set(id, execution)
    this.#executions.set(folder, known)
  }

  /** Where the step entries of an execution are kept. */
  stepsFile(key: WorkflowKey, id: string): string {
    return join(this.#dir, this.#folder(key), id, 'steps.jsonl')
  }

  deleteAll(key: WorkflowKey): void {
    const folder = this.#folder(key)
    this.#executions.delete(folder)
    removeTree(join(this.#dir, folder))
  }

  /**
   * Removes an execution that ended too long ago. One that ended under another emulator ages from the opening of the
   * store on: that emulator's clock may have been another.
   */
  #forgets(key: WorkflowKey, execution: ExecutionResource): boolean {
    if (execution.endTime === undefined) return false
    const since = Math.max(Date.parse(execution.endTime), this.#opened)
    if (this.#clock.now() - since <= this.#retention) return false
    const id = idOf(execution)
    this.#executions.get(this.#folder(key))?.delete(id)
    removeTree(join(this.#dir, this.#folder(key), id))
    return true
  }

  #load(path: string): ExecutionResource | null {
    const file = join(path, 'execution.json')
    const execution = readJsonFile(file) as ExecutionResource | null
    if (execution === null || !(execution.state === 'ACTIVE' || execution.state === 'QUEUED'))
      return execution
    const failed = interrupted(execution, lastSeen(join(path, 'steps.jsonl')))
    writeJson(file, failed)
    return failed
  }

  #folder(key: WorkflowKey): string {
    return folderName(key.project, key.location, key.id, this.#place)
  }
}

/** The id at the end of an execution's name. */
export function idOf(execution: ExecutionResource): string {
  return execution.name.slice(execution.name.lastIndexOf('/') + 1)
}

/** When the last step entry changed, on the clock of the execution. */
function lastSeen(stepsFile: string): number {
  return Math.max(
    0,
    ...readHistory(stepsFile)
      .slice(-100)
      .map((step) => step.updateTime),
  )
}
