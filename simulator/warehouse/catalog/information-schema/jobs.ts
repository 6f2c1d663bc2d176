import { arrayOf, BOOL, INT64, STRING, structOf, TIMESTAMP } from '../../types/type.ts'
import type { JobRow } from '../../warehouse.ts'
import type { View, ViewCell } from './view.ts'

const struct = (...names: readonly string[]) => structOf(names.map((name) => ({ name, type: STRING })))
const table = struct('project_id', 'dataset_id', 'table_id')
const counts = structOf(
  ['inserted_row_count', 'deleted_row_count', 'updated_row_count'].map((name) => ({ name, type: INT64 })),
)

/** https://cloud.google.com/bigquery/docs/information-schema-jobs; without the stages and timelines of its engine. */
const jobs: View = {
  columns: [
    ['creation_time', TIMESTAMP],
    ['project_id', STRING],
    ['project_number', INT64],
    ['user_email', STRING],
    ['job_id', STRING],
    ['job_type', STRING],
    ['statement_type', STRING],
    ['priority', STRING],
    ['start_time', TIMESTAMP],
    ['end_time', TIMESTAMP],
    ['query', STRING],
    ['state', STRING],
    ['reservation_id', STRING],
    ['total_bytes_processed', INT64],
    ['total_slot_ms', INT64],
    ['error_result', struct('reason', 'location', 'debug_info', 'message')],
    ['cache_hit', BOOL],
    ['destination_table', table],
    ['referenced_tables', arrayOf(table)],
    ['labels', arrayOf(struct('key', 'value'))],
    ['total_bytes_billed', INT64],
    ['transaction_id', STRING],
    ['parent_job_id', STRING],
    ['session_info', struct('session_id')],
    ['dml_statistics', counts],
    ['total_modified_partitions', INT64],
    ['job_creation_reason', struct('code')],
  ],
  rows: ({ context, region }) =>
    (context.jobs?.() ?? [])
      .filter(({ location }) => region === null || location.toUpperCase() === region)
      .map((job) => jobCells(job, context.project)),
}

function jobCells(job: JobRow, project: string): ViewCell[] {
  const time = (value: number | undefined): bigint | null => (value === undefined ? null : BigInt(value))
  const isQuery = job.jobType === 'QUERY'
  const { errorResult: error, dml } = job
  return [
    BigInt(job.createdAt),
    project,
    null,
    job.userEmail,
    job.jobId,
    job.jobType,
    job.statementType ?? null,
    isQuery ? (job.priority ?? 'INTERACTIVE') : null,
    time(job.startedAt),
    time(job.endedAt),
    job.query ?? null,
    job.state,
    null,
    job.totalBytesProcessed ?? null,
    job.state === 'DONE' && isQuery ? 0 : null,
    error ? [error.reason, error.location ?? null, null, error.message] : null,
    isQuery ? false : null,
    job.destinationTable ? [project, job.destinationTable.dataset, job.destinationTable.table] : null,
    (job.referencedTables ?? []).map((name) => [project, name.dataset, name.table]),
    Object.entries(job.labels ?? {}),
    job.state === 'DONE' && isQuery ? (job.totalBytesBilled ?? 0) : null,
    null,
    job.parentJobId ?? null,
    null,
    dml ? [dml.inserted, dml.deleted, dml.updated] : null,
    null,
    ['REQUESTED'],
  ]
}

export const jobViews: Readonly<Record<string, View>> = {
  JOBS: jobs,
  JOBS_BY_PROJECT: jobs,
  JOBS_BY_USER: jobs,
}
