import { createHash } from 'node:crypto'
import type { JobRow, ScriptStatement } from '../../warehouse/warehouse.ts'
import type { BigQueryContext } from './context.ts'
import { type Job, userEmail } from './job.ts'
import { keyOf } from './job-store.ts'
import { problemOf } from './problem.ts'
import { queryStatistics } from './query-job.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * Makes a job of each statement of a script, as the service does, and answers its id.
 * https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#scriptstatistics
 */
export function childJobs(
  { jobs, runner, clock, project, quotas }: BigQueryContext,
  parent: Job,
): (statement: ScriptStatement) => string {
  let count = 0
  let since = clock.now()
  const name = createHash('sha256').update(keyOf(parent)).digest('hex').slice(0, 32)
  return ({ text, procedure, result, error, ...place }) => {
    const now = clock.now()
    const problem = error === null ? null : problemOf(error)
    const hasRows = result !== null && result.schema.length > 0
    const child: Job = {
      id: `script_job_${name}_${count++}`,
      location: parent.location,
      configuration: { jobType: 'QUERY', query: { query: text, useLegacySql: false } },
      state: 'DONE',
      createdAt: since,
      startedAt: since,
      endedAt: now,
      ...(problem === null ? {} : { errorResult: problem, errors: [problem] }),
      ...(hasRows ? { hasRows } : {}),
      statistics: {
        ...(result === null ? {} : queryStatistics(result, project, false)),
        parentJobId: parent.id,
        scriptStatistics: {
          evaluationKind: 'STATEMENT',
          stackFrames: [{ ...place, text, ...(procedure === null ? {} : { procedureId: procedure }) }],
        },
      },
    }
    since = now
    const { defaultDataset } = (parent.configuration['query'] ?? {}) as {
      readonly defaultDataset?: { readonly datasetId: string }
    }
    const warnings = quotas.noteStatement(text, defaultDataset?.datasetId, child.statistics)
    jobs.insert(warnings.length === 0 ? child : { ...child, errors: [...(child.errors ?? []), ...warnings] })
    if (hasRows) runner.keep(child, { schema: result.schema, rows: result.rows })
    return child.id
  }
}

/** The jobs as INFORMATION_SCHEMA.JOBS lists them. */
export function jobRows({ jobs, project }: Pick<BigQueryContext, 'jobs' | 'project'>): JobRow[] {
  return jobs.list().map((job) => jobRow(job, project))
}

function jobRow(job: Job, project: string): JobRow {
  const { configuration, statistics } = job
  const jobType = configuration['jobType'] as JobRow['jobType']
  const own = (configuration[jobType.toLowerCase()] ?? {}) as Json
  const query = statistics['query'] as Json | undefined
  const dml = query?.['dmlStats'] as Json | undefined
  const bytes = statistics['totalBytesProcessed']
  const billed = query?.['totalBytesBilled']
  const parent = statistics['parentJobId']
  const referenced = (query?.['referencedTables'] ?? []) as readonly TableReference[]
  const destination = own['destinationTable'] as TableReference | undefined
  return {
    jobId: job.id,
    location: job.location,
    jobType,
    state: job.state,
    createdAt: job.createdAt,
    userEmail: userEmail(project),
    ...(job.startedAt === undefined ? {} : { startedAt: job.startedAt }),
    ...(job.endedAt === undefined ? {} : { endedAt: job.endedAt }),
    ...(job.errorResult === undefined ? {} : { errorResult: job.errorResult }),
    ...(typeof parent === 'string' ? { parentJobId: parent } : {}),
    ...(typeof own['query'] === 'string' ? { query: own['query'] } : {}),
    ...(typeof own['priority'] === 'string' ? { priority: own['priority'] } : {}),
    ...(typeof query?.['statementType'] === 'string' ? { statementType: query['statementType'] } : {}),
    ...(typeof bytes === 'string' ? { totalBytesProcessed: Number(bytes) } : {}),
    ...(typeof billed === 'string' ? { totalBytesBilled: Number(billed) } : {}),
    ...(destination === undefined ? {} : { destinationTable: tableOf(destination) }),
    referencedTables: referenced.map(tableOf),
    labels: (configuration['labels'] ?? {}) as Record<string, string>,
    ...(dml === undefined
      ? {}
      : {
          dml: {
            inserted: Number(dml['insertedRowCount']),
            updated: Number(dml['updatedRowCount']),
            deleted: Number(dml['deletedRowCount']),
          },
        }),
  }
}

interface TableReference {
  readonly datasetId: string
  readonly tableId: string
}

function tableOf({ datasetId, tableId }: TableReference) {
  return { dataset: datasetId, table: tableId }
}
