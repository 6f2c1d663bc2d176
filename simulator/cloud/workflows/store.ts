import { join } from 'node:path'
import { listFolders, listJsonFiles, readJsonFile, removeTree, writeJson } from '../files.ts'
import { folderName, type Place } from '../names.ts'
import type { Workflow } from './resource.ts'

export interface WorkflowKey {
  readonly project: string
  readonly location: string
  readonly id: string
}

/** Workflows and their revisions, in memory and under `workflows/` of the state folder. */
export class WorkflowStore {
  readonly #dir: string
  readonly #place: Place
  /** By folder name; the newest revision last. */
  readonly #revisions = new Map<string, Workflow[]>()

  constructor(dir: string, place: Place) {
    this.#dir = dir
    this.#place = place
    for (const folder of listFolders(dir)) {
      const revisions = listJsonFiles(join(dir, folder, 'revisions')).flatMap((name) => {
        const revision = readJsonFile(join(dir, folder, 'revisions', `${name}.json`)) as Workflow | null
        return revision === null ? [] : [revision]
      })
      const current = readJsonFile(join(dir, folder, 'workflow.json')) as Workflow | null
      if (current === null) continue
      // The current one also holds fields that belong to no revision.
      const older = revisions.filter((one) => one.revisionId < current.revisionId)
      this.#revisions.set(folder, [...older, current])
    }
  }

  get(key: WorkflowKey): Workflow | null {
    return this.#of(key).at(-1) ?? null
  }

  /** Oldest first. */
  revisions(key: WorkflowKey): readonly Workflow[] {
    return this.#of(key)
  }

  /** Of one region, or of all. */
  list(project: string, location: string | null): readonly Workflow[] {
    const prefix = `projects/${project}/locations/${location === null ? '' : `${location}/workflows/`}`
    return [...this.#revisions.values()]
      .flatMap((revisions) => revisions.at(-1) ?? [])
      .filter((workflow) => workflow.name.startsWith(prefix))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
  }

  /** Of one project, in all its regions. */
  count(project: string): number {
    let found = 0
    for (const [latest] of this.#revisions.values()) {
      if (latest?.name.startsWith(`projects/${project}/`) === true) found += 1
    }
    return found
  }

  put(key: WorkflowKey, workflow: Workflow): void {
    const folder = this.#folder(key)
    const path = join(this.#dir, folder)
    writeJson(join(path, 'revisions', `${workflow.revisionId}.json`), workflow)
    writeJson(join(path, 'workflow.json'), workflow)
    const older = this.#of(key).filter((one) => one.revisionId !== workflow.revisionId)
    this.#revisions.set(folder, [...older, workflow])
  }

  delete(key: WorkflowKey): void {
    const folder = this.#folder(key)
    this.#revisions.delete(folder)
    removeTree(join(this.#dir, folder))
  }

  #of(key: WorkflowKey): readonly Workflow[] {
    return this.#revisions.get(this.#folder(key)) ?? []
  }

  #folder(key: WorkflowKey): string {
    return folderName(key.project, key.location, key.id, this.#place)
  }
}
