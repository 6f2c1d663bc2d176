import type { BigQuery, Job } from '@google-cloud/bigquery'
import type { Clients } from '../deploy/clients.ts'
import { googleFailure } from '../deploy/google-error.ts'
import { queryProblem } from './query-problem.ts'
import type { QueryParameter } from './query-params.ts'
import { readValue, type ResultField, type WireRow } from './query-values.ts'

export interface QueryResult {
  readonly fields: readonly ResultField[]
  /** Values in the order of the fields. */
  readonly rows: readonly (readonly unknown[])[]
  /** How many rows there are, of which `rows` may be the first. */
  readonly totalRows: number
  /** Of a statement without rows: what it was, and how many rows it changed. */
  readonly statementType: string
  readonly changedRows: number | null
}

export interface QueryOptions {
  readonly parameters?: readonly QueryParameter[]
  /** @default all */
  readonly maxRows?: number
  /** Cancels the job. */
  readonly signal?: AbortSignal
}

const pageSize = 10_000

/**
 * Runs one request, a statement or a script, as a query job and reads its rows exactly.
 *
 * @throws UserError with the service's own message, which names line and column
 */
export async function runQuery(
  clients: Clients,
  sql: string,
  { parameters = [], maxRows = Infinity, signal }: QueryOptions = {},
): Promise<QueryResult> {
  const location = clients.environment.datasetLocation
  const named = parameters.some(({ name }) => name !== undefined)
  const query = {
    query: sql,
    useLegacySql: false,
    ...(parameters.length === 0
      ? {}
      : { parameterMode: named ? 'NAMED' : 'POSITIONAL', queryParameters: [...parameters] }),
  }
  try {
    const bigquery = await clients.bigquery()
    signal?.throwIfAborted()
    const [job] = await bigquery.createJob({ configuration: { query }, location })
    return await whileCancellable(job, signal, () => readRows(bigquery, job, location, maxRows))
  } catch (error) {
    throw queryProblem(sql, googleFailure(error).message, error)
  }
}

async function whileCancellable<T>(
  job: Job,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const cancel = (): void => void job.cancel().catch(() => undefined)
  signal?.addEventListener('abort', cancel, { once: true })
  try {
    if (signal?.aborted) cancel()
    return await work()
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

interface Page {
  readonly jobComplete?: boolean
  readonly schema?: { readonly fields?: readonly ResultField[] }
  readonly rows?: readonly WireRow[]
  readonly totalRows?: string
  readonly pageToken?: string
  readonly numDmlAffectedRows?: string
}

async function readRows(
  bigquery: BigQuery,
  job: Job,
  location: string,
  maxRows: number,
): Promise<QueryResult> {
  const rows: unknown[][] = []
  let fields: readonly ResultField[] = []
  let page: Page
  let pageToken: string | undefined
  do {
    page = await requestPage(bigquery, {
      uri: `/queries/${job.id}`,
      qs: {
        location,
        maxResults: Math.min(pageSize, Math.max(0, maxRows - rows.length)),
        'formatOptions.useInt64Timestamp': true,
        ...(pageToken === undefined ? {} : { pageToken }),
      },
    })
    fields = page.schema?.fields ?? fields
    for (const row of page.rows ?? []) rows.push(fields.map((field, i) => readValue(row.f[i]?.v, field)))
    ;({ pageToken } = page)
  } while (page.jobComplete === false || (pageToken !== undefined && rows.length < maxRows))
  const [metadata] = await job.getMetadata()
  const statistics = (metadata as { statistics?: { query?: { statementType?: string } } }).statistics
  const changed = page.numDmlAffectedRows
  return {
    fields,
    rows,
    totalRows: Number(page.totalRows ?? rows.length),
    statementType: statistics?.query?.statementType ?? 'SCRIPT',
    changedRows: changed === undefined ? null : Number(changed),
  }
}

/** The client's own reader would turn exact values into approximate ones. */
function requestPage(bigquery: BigQuery, options: { uri: string; qs: object }): Promise<Page> {
  return new Promise((resolve, reject) => {
    bigquery.request(options, (error, body: unknown) => {
      if (error) reject(error)
      else resolve(body as Page)
    })
  })
}
