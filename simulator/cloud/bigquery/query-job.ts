import {
  WarehouseError,
  type ParameterType,
  type ParameterValue,
  type QueryParameter,
  type QueryRequest,
  type QueryResult,
} from '../../warehouse/warehouse.ts'
import type { BigQueryContext } from './context.ts'
import type { Job } from './job.ts'
import { keyOf } from './job-store.ts'
import { toWireSchema } from './fields.ts'
import type { ParameterTypeInput, ParameterValueInput, QueryConfiguration } from './job-config.ts'
import { checkProject, readDestination, wireTable } from './names.ts'
import { readPartitioning, readRange } from './partitioning.ts'
import { invalid } from './problem.ts'
import type { Outcome } from './runner.ts'
import { childJobs, jobRows } from './script-jobs.ts'

/** Runs a query job, or only checks it. Throws `WarehouseError`. */
export async function runQuery(
  context: BigQueryContext,
  configuration: QueryConfiguration,
  options: {
    readonly dryRun: boolean
    readonly signal?: AbortSignal
    /** The job that this is; scripts make jobs of their statements. */
    readonly job?: Job
  },
): Promise<Outcome & { readonly query: QueryResult }> {
  const { project, warehouse, clock } = context
  const { defaultDataset, destinationTable, maximumBytesBilled } = configuration
  const most = maximumBytesBilled ?? 0
  if (!options.dryRun && most > 0) await checkBytesBilled(context, configuration, most)
  const query = await warehouse.query({
    sql: configuration.query,
    project,
    parameters: (configuration.queryParameters ?? []).map(readParameter),
    now: clock.now(),
    dryRun: options.dryRun,
    jobs: () => jobRows(context),
    ...(options.job === undefined
      ? {}
      : { jobId: options.job.id, onStatement: childJobs(context, options.job) }),
    ...(defaultDataset === undefined ? {} : { defaultDataset: defaultDataset.datasetId }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.job === undefined ? {} : { jobKey: keyOf(options.job) }),
    ...(destinationTable === undefined
      ? {}
      : {
          destination: readQueryDestination(configuration, destinationTable, project),
        }),
  })
  return {
    statistics: queryStatistics(query, project, options.dryRun),
    query,
    result: { schema: query.schema, rows: query.rows },
  }
}

/** Fails before anything is run or changed. */
async function checkBytesBilled(
  context: BigQueryContext,
  configuration: QueryConfiguration,
  most: number,
): Promise<void> {
  const { query } = await runQuery(context, configuration, { dryRun: true })
  await query.rows.close()
  const { billed } = query.bytes
  if (billed > most)
    throw new WarehouseError({
      reason: 'bytesBilledLimitExceeded',
      message: `Query exceeded limit for bytes billed: ${most}. ${billed} or higher required.`,
    })
}

function readQueryDestination(
  configuration: QueryConfiguration,
  destinationTable: NonNullable<QueryConfiguration['destinationTable']>,
  project: string,
): NonNullable<QueryRequest['destination']> {
  const {
    writeDisposition,
    createDisposition,
    schemaUpdateOptions,
    timePartitioning,
    rangePartitioning,
    clustering,
  } = configuration
  const { partition, ...table } = readDestination(destinationTable, project)
  return {
    table,
    ...(partition === undefined ? {} : { partition }),
    writeDisposition: writeDisposition ?? 'WRITE_EMPTY',
    createDisposition: createDisposition ?? 'CREATE_IF_NEEDED',
    ...(schemaUpdateOptions === undefined ? {} : { schemaUpdateOptions }),
    ...(timePartitioning === undefined ? {} : { partitioning: readPartitioning(timePartitioning) }),
    ...(rangePartitioning === undefined ? {} : { rangePartitioning: readRange(rangePartitioning) }),
    ...(clustering?.fields === undefined ? {} : { clustering: clustering.fields }),
  }
}

/** What can be told wrong before the job has an id. */
export function checkQuery(configuration: QueryConfiguration, project: string): void {
  if (configuration.query.trim() === '') throw invalid('Required parameter is missing: query', 'query')
  // https://cloud.google.com/bigquery/docs/introduction-legacy-sql: the API takes legacy SQL unless told otherwise.
  if (configuration.useLegacySql !== false && !/^\s*#standardSQL\b/i.test(configuration.query)) {
    throw invalid(
      'Legacy SQL is unsupported in the local warehouse; the API assumes it unless useLegacySql is false.',
      'useLegacySql',
    )
  }
  checkProject(configuration.defaultDataset?.projectId, project)
  if (configuration.destinationTable !== undefined)
    readQueryDestination(configuration, configuration.destinationTable, project)
  configuration.queryParameters?.forEach(readParameter)
}

/** What a query job's `statistics` says. */
export function queryStatistics(query: QueryResult, project: string, dryRun: boolean) {
  const { dml, ddl, statementType, referencedTables, bytes } = query
  return {
    totalBytesProcessed: String(bytes.processed),
    ...(query.children === undefined ? {} : { numChildJobs: String(query.children) }),
    query: {
      statementType,
      totalBytesProcessed: String(bytes.processed),
      ...(dryRun ? { totalBytesProcessedAccuracy: 'UPPER_BOUND' } : {}),
      // A dry run costs nothing.
      totalBytesBilled: dryRun ? '0' : String(bytes.billed),
      cacheHit: false,
      ...(referencedTables.length === 0
        ? {}
        : { referencedTables: referencedTables.map((table) => wireTable(table, project)) }),
      ...(dryRun && query.schema.length > 0 ? { schema: toWireSchema(query.schema) } : {}),
      ...(dml === undefined
        ? {}
        : {
            numDmlAffectedRows: String(dml.inserted + dml.updated + dml.deleted),
            dmlStats: {
              insertedRowCount: String(dml.inserted),
              updatedRowCount: String(dml.updated),
              deletedRowCount: String(dml.deleted),
            },
          }),
      ...(ddl === undefined
        ? {}
        : {
            ddlOperationPerformed: ddl.operation,
            ...(ddl.table === undefined ? {} : { ddlTargetTable: wireTable(ddl.table, project) }),
            ...(ddl.routine === undefined
              ? {}
              : {
                  ddlTargetRoutine: {
                    projectId: project,
                    datasetId: ddl.routine.dataset,
                    routineId: ddl.routine.routine,
                  },
                }),
          }),
    },
  }
}

type ParameterInput = NonNullable<QueryConfiguration['queryParameters']>[number]

function readParameter(input: ParameterInput): QueryParameter {
  return {
    ...(input.name === undefined || input.name === '' ? {} : { name: input.name }),
    type: readType(input.parameterType),
    value: readValue(input.parameterValue ?? {}, input.parameterType),
  }
}

const standardNames: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
}

function readType({ type, arrayType, structTypes }: ParameterTypeInput): ParameterType {
  const upper = type.toUpperCase()
  if (upper === 'ARRAY' && arrayType === undefined)
    throw invalid('Query parameter of type ARRAY needs arrayType')
  if (upper === 'STRUCT' && structTypes === undefined)
    throw invalid('Query parameter of type STRUCT needs structTypes')
  return {
    type: standardNames[upper] ?? upper,
    ...(arrayType === undefined ? {} : { arrayType: readType(arrayType) }),
    ...(structTypes === undefined
      ? {}
      : {
          structTypes: structTypes.map((field) => ({
            ...(field.name === undefined ? {} : { name: field.name }),
            type: readType(field.type),
          })),
        }),
  }
}

function readValue(input: ParameterValueInput, type: ParameterTypeInput): ParameterValue {
  const { value, arrayValues, structValues } = input
  switch (type.type.toUpperCase()) {
    case 'ARRAY':
      if (type.arrayType === undefined || arrayValues == null) return {}
      return { arrayValues: arrayValues.map((item) => readValue(item, type.arrayType!)) }
    case 'STRUCT': {
      if (structValues == null) return {}
      const fields = new Map(type.structTypes?.map((field) => [field.name, field.type]))
      const values = Object.entries(structValues).map(([name, item]) => {
        const field = fields.get(name)
        if (field === undefined) throw invalid(`Query parameter: the struct has no field ${name}`)
        return [name, readValue(item, field)]
      })
      return { structValues: Object.fromEntries(values) as Record<string, ParameterValue> }
    }
    default:
      return { value: value ?? null }
  }
}
