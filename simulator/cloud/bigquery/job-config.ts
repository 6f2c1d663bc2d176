import { z } from 'zod'
import { int64, labels } from './body.ts'
import { wireSchema } from './fields.ts'
import { tableReference } from './names.ts'

const writeDisposition = z.enum(['WRITE_TRUNCATE', 'WRITE_APPEND', 'WRITE_EMPTY'])
const createDisposition = z.enum(['CREATE_IF_NEEDED', 'CREATE_NEVER'])

const schemaUpdateOptions = z.array(z.enum(['ALLOW_FIELD_ADDITION', 'ALLOW_FIELD_RELAXATION']))

/** Settings that say how the service runs or bills a job; a local one runs the same with any of them. */
const inertQuery = {
  allowLargeResults: z.boolean().optional(),
  connectionProperties: z.array(z.unknown()).optional(),
  continuous: z.literal(false).optional(),
  createSession: z.literal(false).optional(),
  flattenResults: z.boolean().optional(),
  maximumBillingTier: z.number().optional(),
  minCompletionRatio: z.number().optional(),
  preserveNulls: z.boolean().optional(),
  priority: z.enum(['INTERACTIVE', 'BATCH']).optional(),
  reservation: z.string().optional(),
  scriptOptions: z.looseObject({}).optional(),
  useQueryCache: z.boolean().optional(),
  writeIncrementalResults: z.boolean().optional(),
}

export const timePartitioning = z.strictObject({
  type: z.enum(['DAY', 'HOUR', 'MONTH', 'YEAR']),
  field: z.string().nullish(),
  expirationMs: int64.nullish(),
  requirePartitionFilter: z.boolean().nullish(),
})

export const rangePartitioning = z.strictObject({
  field: z.string(),
  range: z.strictObject({ start: int64, end: int64, interval: int64 }),
})

export const clustering = z.strictObject({ fields: z.array(z.string()).optional() })

const parameterType: z.ZodType<ParameterTypeInput> = z.strictObject({
  type: z.string(),
  get arrayType() {
    return parameterType.optional()
  },
  get structTypes() {
    return z
      .array(
        z.strictObject({
          name: z.string().optional(),
          type: parameterType,
          description: z.string().optional(),
        }),
      )
      .optional()
  },
})

export interface ParameterTypeInput {
  readonly type: string
  readonly arrayType?: ParameterTypeInput | undefined
  readonly structTypes?: readonly StructTypeInput[] | undefined
}

interface StructTypeInput {
  readonly name?: string | undefined
  readonly type: ParameterTypeInput
  readonly description?: string | undefined
}

/** Node's client writes a Buffer as JSON does. */
const buffer = z
  .strictObject({ type: z.literal('Buffer'), data: z.array(z.number().int().min(0).max(255)) })
  .transform(({ data }) => Buffer.from(data).toString('base64'))

const scalar = z.union([z.union([z.string(), z.number(), z.boolean()]).transform(String), buffer])

const parameterValue: z.ZodType<ParameterValueInput> = z.strictObject({
  value: scalar.nullish(),
  get arrayValues() {
    return z.array(parameterValue).nullish()
  },
  get structValues() {
    return z.record(z.string(), parameterValue).nullish()
  },
})

export interface ParameterValueInput {
  readonly value?: string | null | undefined
  readonly arrayValues?: readonly ParameterValueInput[] | null | undefined
  readonly structValues?: Readonly<Record<string, ParameterValueInput>> | null | undefined
}

const queryParameter = z.strictObject({
  name: z.string().optional(),
  parameterType,
  parameterValue: parameterValue.optional(),
})

/** Shared by `jobs.insert` and `jobs.query`. */
export const queryFields = {
  ...inertQuery,
  maximumBytesBilled: int64.nullish(),
  query: z.string(),
  useLegacySql: z.boolean().nullish(),
  parameterMode: z
    .string()
    .regex(/^(named|positional)?$/i)
    .nullish(),
  queryParameters: z.array(queryParameter).optional(),
  defaultDataset: z.strictObject({ projectId: z.string().optional(), datasetId: z.string() }).optional(),
}

const query = z.strictObject({
  ...queryFields,
  destinationTable: tableReference.optional(),
  writeDisposition: writeDisposition.optional(),
  createDisposition: createDisposition.optional(),
  schemaUpdateOptions: schemaUpdateOptions.optional(),
  timePartitioning: timePartitioning.optional(),
  rangePartitioning: rangePartitioning.optional(),
  clustering: clustering.optional(),
})

const load = z.strictObject({
  /** Node's client repeats the job's location here when it sends a local file. */
  location: z.unknown().optional(),
  sourceUris: z.array(z.string()).optional(),
  sourceFormat: z.string().optional(),
  destinationTable: tableReference,
  destinationTableProperties: z
    .strictObject({
      friendlyName: z.string().optional(),
      description: z.string().optional(),
      labels: labels.optional(),
    })
    .optional(),
  schema: wireSchema.optional(),
  schemaInline: z.string().optional(),
  schemaInlineFormat: z.string().optional(),
  schemaUpdateOptions: schemaUpdateOptions.optional(),
  autodetect: z.boolean().nullish(),
  writeDisposition: writeDisposition.optional(),
  createDisposition: createDisposition.optional(),
  fieldDelimiter: z.string().optional(),
  quote: z.string().nullish(),
  skipLeadingRows: int64.optional(),
  nullMarker: z.string().optional(),
  nullMarkers: z.array(z.string()).optional(),
  allowQuotedNewlines: z.boolean().optional(),
  allowJaggedRows: z.boolean().optional(),
  preserveAsciiControlCharacters: z.boolean().optional(),
  encoding: z.string().optional(),
  sourceColumnMatch: z.enum(['SOURCE_COLUMN_MATCH_UNSPECIFIED', 'POSITION', 'NAME']).optional(),
  /** How names that are detected are made valid; here they always are letters, digits and underscores. */
  columnNameCharacterMap: z.enum(['COLUMN_NAME_CHARACTER_MAP_UNSPECIFIED', 'STRICT', 'V1', 'V2']).optional(),
  timeZone: z.string().optional(),
  dateFormat: z.string().optional(),
  datetimeFormat: z.string().optional(),
  timeFormat: z.string().optional(),
  timestampFormat: z.string().optional(),
  ignoreUnknownValues: z.boolean().optional(),
  maxBadRecords: int64.optional(),
  timePartitioning: timePartitioning.optional(),
  rangePartitioning: rangePartitioning.optional(),
  clustering: clustering.optional(),
  parquetOptions: z
    .strictObject({
      enumAsString: z.boolean().optional(),
      enableListInference: z.boolean().optional(),
      mapTargetType: z.literal('MAP_TARGET_TYPE_UNSPECIFIED').optional(),
    })
    .optional(),
  /** Decimal columns of Parquet are NUMERIC here, which is the first that the service tries too. */
  decimalTargetTypes: z.array(z.enum(['NUMERIC', 'BIGNUMERIC', 'STRING'])).optional(),
  /** JSON only knows newline-delimited rows. */
  jsonExtension: z.literal('JSON_EXTENSION_UNSPECIFIED').optional(),
  fileSetSpecType: z.enum(['FILE_SET_SPEC_TYPE_FILE_SYSTEM_MATCH']).optional(),
  hivePartitioningOptions: z.unknown().optional(),
  /** About formats and sources that do not occur here. */
  projectionFields: z.array(z.string()).max(0).optional(),
  useAvroLogicalTypes: z.boolean().optional(),
  createSession: z.literal(false).optional(),
  copyFilesOnly: z.literal(false).optional(),
})

const copy = z.strictObject({
  sourceTable: tableReference.optional(),
  sourceTables: z.array(tableReference).optional(),
  destinationTable: tableReference,
  writeDisposition: writeDisposition.optional(),
  createDisposition: createDisposition.optional(),
  operationType: z.enum(['COPY', 'SNAPSHOT', 'CLONE', 'OPERATION_TYPE_UNSPECIFIED']).optional(),
})

const extract = z.strictObject({
  sourceTable: tableReference,
  destinationUri: z.string().optional(),
  destinationUris: z.array(z.string()).optional(),
  destinationFormat: z.string().optional(),
  compression: z.string().optional(),
  printHeader: z.boolean().nullish(),
  fieldDelimiter: z.string().optional(),
  useAvroLogicalTypes: z.boolean().optional(),
})

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfiguration */
export const jobConfiguration = z.strictObject({
  jobType: z.string().optional(),
  dryRun: z.boolean().nullish(),
  labels: labels.optional(),
  jobTimeoutMs: int64.nullish(),
  reservation: z.string().optional(),
  query: query.optional(),
  load: load.optional(),
  copy: copy.optional(),
  extract: extract.optional(),
})

export type JobConfiguration = z.output<typeof jobConfiguration>
export type QueryConfiguration = z.output<typeof query>
export type LoadConfiguration = z.output<typeof load>
export type CopyConfiguration = z.output<typeof copy>
export type ExtractConfiguration = z.output<typeof extract>
export type TimePartitioningInput = z.output<typeof timePartitioning>
export type RangePartitioningInput = z.output<typeof rangePartitioning>
