import type { Clock } from '../../clock.ts'

/** The service remembers ids for about a minute. */
const lifetimeMs = 60_000

/**
 * Which rows of streaming inserts are repetitions, by their `insertId`.
 * https://cloud.google.com/bigquery/docs/streaming-data-into-bigquery#dataconsistency
 */
export class InsertIds {
  readonly #clock: Clock
  /** When a row with this id was inserted, by table and id; oldest first. */
  readonly #seen = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(table: string, id: string | null | undefined): boolean {
    if (id == null || id === '') return false
    const at = this.#seen.get(`${table} ${id}`)
    return at !== undefined && this.#clock.now() - at < lifetimeMs
  }

  add(table: string, id: string | null | undefined): void {
    if (id == null || id === '') return
    const now = this.#clock.now()
    for (const [key, at] of this.#seen) {
      if (now - at < lifetimeMs) break
      this.#seen.delete(key)
    }
    this.#seen.delete(`${table} ${id}`)
    this.#seen.set(`${table} ${id}`, now)
  }
}
