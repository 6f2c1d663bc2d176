import type { BigQuery, Job, JobMetadata } from '@google-cloud/bigquery'
import type { StepClock } from './clock.ts'
import { StepError } from './error.ts'
import type { Column, RowCounts, TableId, Warehouse } from './warehouse.ts'

/** What createJob accepts besides the client's own options. */
type JobConfiguration = NonNullable<Parameters<BigQuery['createJob']>[0]['configuration']>

export interface GoogleWarehouseOptions {
  projectId: string
  emulator?: string | undefined
  clock: StepClock
  signal: AbortSignal
}

/** BigQuery, or the server that BIGQUERY_EMULATOR_HOST names. */
export function createGoogleWarehouse(options: GoogleWarehouseOptions): Warehouse {
  const { projectId, clock, signal } = options
  let client: Promise<BigQuery> | undefined
  const locations = new Map<string, Promise<string>>()

  async function connect(): Promise<BigQuery> {
    const { BigQuery } = await import('@google-cloud/bigquery')
    if (!options.emulator) return new BigQuery({ projectId })
    const { PassThroughClient } = await import('google-auth-library')
    const endpoint = options.emulator.replace(/\/$/, '')
    const bigquery = new BigQuery({
      projectId,
      apiEndpoint: endpoint,
      // The client brings its own copy of the auth library, whose class types do not match this one's.
      authClient: new PassThroughClient() as never,
    })
    // The client takes BIGQUERY_EMULATOR_HOST verbatim as its base, without the API's path.
    bigquery.baseUrl = `${endpoint}/bigquery/v2`
    return bigquery
  }

  function api(): Promise<BigQuery> {
    client ??= connect()
    return client
  }

  /** A job must run where its data is, and can be read back only with that location. */
  function locationOf(dataset: string): Promise<string> {
    const known = locations.get(dataset)
    if (known) return known
    const asked = api()
      .then((bigquery) => bigquery.dataset(dataset).getMetadata())
      .then(([metadata]: { location?: string }[]) => metadata?.location ?? 'US')
    locations.set(dataset, asked)
    return asked
  }

  async function run(jobId: string, dataset: string, configuration: JobConfiguration): Promise<JobMetadata> {
    const [bigquery, location] = await Promise.all([api(), locationOf(dataset)])
    let job: Job
    try {
      ;[job] = await bigquery.createJob({ jobId, location, configuration })
    } catch (error) {
      if (codeOf(error) !== 409) throw refused(jobId, error)
      job = bigquery.job(jobId, { location })
    }
    // The client's own polling waits half a second before it looks.
    for (let wait = 20; ; wait = Math.min(wait * 1.5, 2_000)) {
      await job.getMetadata()
      const metadata = job.metadata as JobMetadata
      if (metadata.status?.state === 'DONE') return succeeded(jobId, metadata)
      await clock.sleep(wait, signal)
    }
  }

  return {
    async createTable({ dataset, table }, { columns, expiresAt }) {
      try {
        await (await api()).dataset(dataset).createTable(table, {
          schema: schemaOf(columns),
          ...(expiresAt === undefined ? {} : { expirationTime: String(expiresAt) }),
        })
      } catch (error) {
        if (codeOf(error) !== 409) throw error
      }
    },
    async dropTable({ dataset, table }) {
      await (await api()).dataset(dataset).table(table).delete({ ignoreNotFound: true })
    },
    async load({ jobId, uri, into, columns, write }) {
      const metadata = await run(jobId, into.dataset, {
        load: {
          sourceUris: [uri],
          sourceFormat: 'NEWLINE_DELIMITED_JSON',
          schema: schemaOf(columns),
          destinationTable: reference(projectId, into),
          createDisposition: 'CREATE_NEVER',
          writeDisposition: write === 'truncate' ? 'WRITE_TRUNCATE' : 'WRITE_APPEND',
        },
      })
      return { rows: Number(metadata.statistics?.load?.outputRows ?? 0) }
    },
    async execute({ jobId, sql, params = {}, dataset }) {
      const metadata = await run(jobId, dataset, {
        query: {
          query: sql,
          useLegacySql: false,
          ...(Object.keys(params).length === 0
            ? {}
            : { parameterMode: 'NAMED', queryParameters: Object.entries(params).map(parameter) }),
        },
      })
      return rowCounts(metadata)
    },
  }
}

function schemaOf(columns: readonly Column[]) {
  return { fields: columns.map((column) => ({ ...column })) }
}

function reference(projectId: string, { dataset, table }: TableId) {
  return { projectId, datasetId: dataset, tableId: table }
}

function parameter([name, value]: [string, string | number | boolean]) {
  const type =
    typeof value === 'string'
      ? 'STRING'
      : typeof value === 'boolean'
        ? 'BOOL'
        : Number.isInteger(value)
          ? 'INT64'
          : 'FLOAT64'
  return { name, parameterType: { type }, parameterValue: { value: String(value) } }
}

function rowCounts(metadata: JobMetadata): RowCounts {
  const counts = metadata.statistics?.query?.dmlStats
  return {
    inserted: Number(counts?.insertedRowCount ?? 0),
    updated: Number(counts?.updatedRowCount ?? 0),
    deleted: Number(counts?.deletedRowCount ?? 0),
  }
}

/** Reasons that a repetition can cure (https://docs.cloud.google.com/bigquery/docs/error-messages). */
const transient = new Set([
  'backendError',
  'internalError',
  'jobBackendError',
  'jobInternalError',
  'jobRateLimitExceeded',
  'rateLimitExceeded',
  'quotaExceeded',
  'stopped',
  'timeout',
  'tableUnavailable',
])

function succeeded(jobId: string, metadata: JobMetadata): JobMetadata {
  const failure = metadata.status?.errorResult
  if (!failure) return metadata
  // The result is a summary for load jobs; the list names the row and the column.
  throw failed(jobId, [failure, ...(metadata.status?.errors ?? [])])
}

interface Reason {
  reason?: string | undefined
  message?: string | undefined
}

function isReasons(value: unknown): value is readonly Reason[] {
  return Array.isArray(value) && value.length > 0
}

/** A job that was not accepted, or had failed by the time of the answer. */
function refused(jobId: string, error: unknown): unknown {
  const reasons = typeof error === 'object' && error !== null && 'errors' in error ? error.errors : undefined
  return isReasons(reasons) ? failed(jobId, reasons, error) : error
}

function failed(jobId: string, reasons: readonly Reason[], cause?: unknown): StepError {
  const messages = new Set(reasons.map(({ message }) => message).filter((message) => message))
  const reason = reasons[0]?.reason ?? 'unknown'
  return new StepError({
    code: 'bigquery_job_failed',
    message: `BigQuery job ${jobId}: ${reason}: ${[...messages].join('; ')}`,
    retryable: transient.has(reason),
    cause,
  })
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
