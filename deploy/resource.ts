import type { Clients } from './clients.ts'

/** What a resource is, as comparable lines of text: `timeout` -> `600 s`. The same for desired and for actual state. */
export type Facts = Readonly<Record<string, string>>

/** One difference between actual and desired state. */
export interface FactChange {
  readonly fact: string
  readonly from: string | null
  readonly to: string | null
}

/**
 * A resource that should exist. Reading, creating and updating live beside the facts that describe it, one file per
 * kind under `resources/`.
 */
export interface Resource {
  readonly kind: 'bucket' | 'dataset' | 'table' | 'procedure' | 'job' | 'workflow'
  /** Unique within its kind, as people know it: `anilist_raw.list`. */
  readonly name: string
  readonly facts: Facts
  /** Facts of what exists, or null where nothing does. */
  read(clients: Clients): Promise<Facts | null>
  create(clients: Clients): Promise<void>
  update(clients: Clients, changes: readonly FactChange[]): Promise<void>
  /** Why a change cannot be applied in place, with the way out; undefined where it can. */
  refuse?(change: FactChange): string | undefined
}

/** Dependency order: a kind may rely on everything before it. */
export const kindOrder = ['bucket', 'dataset', 'table', 'procedure', 'job', 'workflow'] as const

/** Labels as facts. Keys that are not ours are left alone. */
export function labelFacts(labels: Readonly<Record<string, string>>): Facts {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`label ${key}`, value]))
}

/** Facts without the entries that say nothing. */
export function present(facts: Readonly<Record<string, string | undefined>>): Facts {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, value]],
    ),
  )
}
