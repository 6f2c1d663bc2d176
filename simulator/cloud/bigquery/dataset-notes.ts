import { z } from 'zod'
import type { DatasetMetadata } from '../../warehouse/warehouse.ts'
import { readJsonFile, writeJson } from '../files.ts'
import { userEmail } from './job.ts'

type Json = Readonly<Record<string, unknown>>

/** Fields of a dataset that say nothing to the warehouse and come back as they were given. */
export const noteFields = {
  friendlyName: z.string().nullish(),
  access: z.array(z.looseObject({ role: z.string().optional() })).nullish(),
  maxTimeTravelHours: z.union([z.string(), z.number()]).transform(String).nullish(),
}

const names = Object.keys(noteFields)

interface Note {
  /** Tells a dataset from a later one of the same name, which may have come by SQL. */
  readonly createdAt: number
  readonly fields: Json
}

/** These fields by dataset, in a file. */
export class DatasetNotes {
  readonly #path: string
  readonly #project: string
  readonly #notes: Map<string, Note>

  constructor(path: string, project: string) {
    this.#path = path
    this.#project = project
    this.#notes = new Map(Object.entries((readJsonFile(path) ?? {}) as Record<string, Note>))
  }

  /** The fields that a resource shows. */
  of(dataset: DatasetMetadata): Json {
    const note = this.#notes.get(dataset.dataset)
    const kept = note?.createdAt === dataset.createdAt ? note.fields : {}
    return { access: defaultAccess(this.#project), ...kept }
  }

  /** Takes the fields that a body has: absent ones stay, null removes. */
  patch(dataset: DatasetMetadata, body: Json): void {
    const given = Object.entries(body).filter(([name, value]) => names.includes(name) && value !== undefined)
    const before = this.#notes.get(dataset.dataset)
    if (given.length === 0 && before === undefined) return
    const fields: Record<string, unknown> = {
      ...(before?.createdAt === dataset.createdAt ? before.fields : {}),
      ...Object.fromEntries(given),
    }
    for (const [name, value] of given) if (value === null) delete fields[name]
    this.#notes.set(dataset.dataset, { createdAt: dataset.createdAt, fields })
    writeJson(this.#path, Object.fromEntries(this.#notes))
  }
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/datasets: what a dataset without `access` gets. */
function defaultAccess(project: string): readonly Json[] {
  return [
    { role: 'WRITER', specialGroup: 'projectWriters' },
    { role: 'OWNER', specialGroup: 'projectOwners' },
    { role: 'OWNER', userByEmail: userEmail(project) },
    { role: 'READER', specialGroup: 'projectReaders' },
  ]
}
