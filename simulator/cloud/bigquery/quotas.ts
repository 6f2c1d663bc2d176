import type { Clock } from '../../clock.ts'
import type { TableName } from '../../warehouse/warehouse.ts'
import type { Job } from './job.ts'
import type { Problem } from './problem.ts'

interface Limit {
  readonly most: number
  readonly windowMs: number
  readonly what: string
}

/** https://cloud.google.com/bigquery/quotas: per table; the day is any 24 hours, since quota comes back bit by bit. */
const limits = {
  modification: {
    most: 1500,
    windowMs: 86_400_000,
    what: 'table modifications per day (loads, copies and queries that write into it)',
  },
  dml: { most: 25, windowMs: 10_000, what: 'DML statements per 10 seconds' },
  metadata: { most: 5, windowMs: 10_000, what: 'metadata updates per 10 seconds' },
} as const satisfies Readonly<Record<string, Limit>>

export type QuotaKind = keyof typeof limits

/** Counts what the service limits per table. Nothing is refused: what would be, is told. */
export class Quotas {
  readonly #clock: Clock
  readonly #warn: (message: string) => void
  /** Times of the events within the window, oldest first. */
  readonly #events = new Map<string, number[]>()

  /** `jobs`: those of before, whose modifications still count. */
  constructor(clock: Clock, jobs: readonly Job[], warn: (message: string) => void) {
    this.#clock = clock
    this.#warn = warn
    for (const job of jobs.toReversed()) {
      const written = job.errorResult === undefined ? modified(job) : undefined
      if (written !== undefined) this.#count('modification', written, job.endedAt ?? job.createdAt)
    }
  }

  /** A load, a copy or a query has written a table, which is an update of its metadata too. */
  noteJob(table: TableName): readonly Problem[] {
    return [this.note('modification', table) ?? [], this.note('metadata', table) ?? []].flat()
  }

  /** A statement has run, with what its job's `statistics` say: DML, or DDL of a table. */
  noteStatement(
    sql: string,
    defaultDataset: string | undefined,
    statistics: Readonly<Record<string, unknown>>,
  ): readonly Problem[] {
    const { dmlStats, ddlTargetTable, ddlOperationPerformed } = (statistics['query'] ?? {}) as {
      readonly dmlStats?: unknown
      readonly ddlTargetTable?: { readonly datasetId: string; readonly tableId: string }
      readonly ddlOperationPerformed?: string
    }
    const target = dmlStats === undefined ? undefined : dmlTarget(sql, defaultDataset)
    if (target !== undefined) return [this.note('dml', target) ?? []].flat()
    if (ddlTargetTable === undefined || ddlOperationPerformed === 'SKIP' || ddlOperationPerformed === 'DROP')
      return []
    const { datasetId: dataset, tableId: table } = ddlTargetTable
    return [this.note('metadata', { dataset, table }) ?? []].flat()
  }

  /** Counts one event now; the warning where the service would have refused it. */
  note(kind: QuotaKind, { dataset, table }: TableName): Problem | undefined {
    const limit: Limit = limits[kind]
    const count = this.#count(kind, `${dataset}.${table}`, this.#clock.now())
    if (count <= limit.most) return undefined
    const message = `Quota warning: ${count} of ${limit.most} ${limit.what} for table ${dataset}.${table}. The service would refuse this; the local warehouse does not. See https://cloud.google.com/bigquery/quotas`
    this.#warn(message)
    return { reason: 'quotaExceeded', location: `${dataset}.${table}`, message }
  }

  #count(kind: QuotaKind, table: string, now: number): number {
    const key = `${kind} ${table}`
    const since = now - limits[kind].windowMs
    const recent = (this.#events.get(key) ?? []).filter((at) => at > since)
    recent.push(now)
    this.#events.set(key, recent)
    return recent.length
  }
}

interface Reference {
  readonly datasetId?: string
  readonly tableId?: string
}

/** The table that a load, a copy or a query with a destination has modified. */
function modified({ configuration }: Job): string | undefined {
  for (const kind of ['load', 'copy', 'query']) {
    const { destinationTable } = (configuration[kind] ?? {}) as { readonly destinationTable?: Reference }
    if (destinationTable?.datasetId !== undefined && destinationTable.tableId !== undefined)
      return `${destinationTable.datasetId}.${destinationTable.tableId.split('$')[0]}`
  }
  return undefined
}

/** The table that one statement of DML changes, as far as its beginning tells. */
function dmlTarget(sql: string, defaultDataset: string | undefined): TableName | undefined {
  const text = sql.replaceAll(/--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//g, ' ').trimStart()
  const found =
    /^(?:INSERT(?:\s+INTO)?|UPDATE|DELETE(?:\s+FROM)?|MERGE(?:\s+INTO)?|TRUNCATE\s+TABLE)\s+([\w.`-]+)/i.exec(
      text,
    )?.[1]
  if (found === undefined) return undefined
  const parts = found.replaceAll('`', '').split('.')
  const table = parts.at(-1)
  const dataset = parts.at(-2) ?? defaultDataset
  return table === undefined || dataset === undefined ? undefined : { dataset, table }
}
