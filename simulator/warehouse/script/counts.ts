import type { TableEntry } from '../catalog/entry.ts'

export interface Counts {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

export const none: Counts = { inserted: 0, updated: 0, deleted: 0 }

export function add(a: Counts, b: Counts): Counts {
  return { inserted: a.inserted + b.inserted, updated: a.updated + b.updated, deleted: a.deleted + b.deleted }
}

/** A writing statement that has been checked; run it inside the writers' transaction. */
export interface Plan {
  readonly target: TableEntry
  /** Whether rows that are there change, for which every column is read. */
  readonly rewrites?: boolean
  run(): Promise<Counts>
}
