import { open } from 'node:fs/promises'
import type { LoadFile, LoadRequest } from '../../warehouse/warehouse.ts'
import type { StorageService } from '../storage/index.ts'
import type { BigQueryContext } from './context.ts'
import { fromWireSchema } from './fields.ts'
import type { LoadConfiguration } from './job-config.ts'
import { readDestination } from './names.ts'
import { readPartitioning, readRange } from './partitioning.ts'
import { invalid, notFound } from './problem.ts'
import type { Outcome } from './runner.ts'
import { readUri } from './uri.ts'

/** A source file, held until `release`. */
export interface Source {
  readonly file: LoadFile
  readonly size: number
  release(): void
}

/** Runs a load job; without sources of its own the job's URIs are resolved. Throws `WarehouseError`. */
export async function runLoad(
  context: BigQueryContext,
  configuration: LoadConfiguration,
  run: { readonly signal: AbortSignal; readonly jobKey: string },
  uploaded?: Source,
): Promise<Outcome> {
  const sources =
    uploaded === undefined ? await resolve(context.storage, configuration.sourceUris ?? []) : [uploaded]
  try {
    const loaded = await context.warehouse.load({
      ...readLoad(configuration, context.project),
      files: sources.map(({ file }) => file),
      now: context.clock.now(),
      ...run,
    })
    return {
      statistics: {
        load: {
          inputFiles: String(sources.length),
          inputFileBytes: String(sources.reduce((sum, { size }) => sum + size, 0)),
          outputRows: String(loaded.outputRows),
          outputBytes: String(loaded.outputBytes),
          badRecords: String(loaded.badRecords),
        },
      },
      errors: loaded.errors,
    }
  } finally {
    sources.forEach((source) => source.release())
  }
}

/** What can be told wrong before the job has an id. */
export function checkLoad(configuration: LoadConfiguration, project: string, uploaded: boolean): void {
  readLoad(configuration, project)
  const uris = configuration.sourceUris ?? []
  if (!uploaded && uris.length === 0) throw invalid('Load configuration must specify at least one source URI')
  uris.forEach(readUri)
}

function readLoad(
  configuration: LoadConfiguration,
  project: string,
): Omit<LoadRequest, 'files' | 'now' | 'signal' | 'jobKey'> {
  const { schema, schemaInline, timePartitioning, rangePartitioning, clustering, sourceColumnMatch } =
    configuration
  const { destinationTableProperties: made, schemaUpdateOptions, hivePartitioningOptions } = configuration
  const { partition, ...destination } = readDestination(configuration.destinationTable, project)
  const fields = schema === undefined ? [] : fromWireSchema(schema, 'configuration.load.schema')
  if (schemaInline !== undefined && schemaInline !== '')
    throw invalid('Unsupported in the local warehouse: schemaInline; use schema')
  if (hivePartitioningOptions !== undefined)
    throw invalid(
      'Unsupported in the local warehouse: hivePartitioningOptions; load each partition into its own',
    )
  const writeDisposition = configuration.writeDisposition ?? 'WRITE_APPEND'
  checkUpdates(schemaUpdateOptions ?? [], writeDisposition, partition)
  const format = readFormat(configuration.sourceFormat ?? 'CSV')
  const { autodetect, ignoreUnknownValues, maxBadRecords } = configuration
  return {
    destination,
    format,
    writeDisposition,
    createDisposition: configuration.createDisposition ?? 'CREATE_IF_NEEDED',
    csv: {
      ...readCsv(configuration),
      ...(sourceColumnMatch === 'NAME' || sourceColumnMatch === 'POSITION' ? { sourceColumnMatch } : {}),
    },
    ...given({
      partition,
      autodetect: autodetect ?? undefined,
      ignoreUnknownValues,
      maxBadRecords,
      schemaUpdateOptions,
      schema: fields.length === 0 ? undefined : fields,
      partitioning: timePartitioning === undefined ? undefined : readPartitioning(timePartitioning),
      rangePartitioning: rangePartitioning === undefined ? undefined : readRange(rangePartitioning),
      clustering: clustering?.fields,
      description: made?.description,
      friendlyName: made?.friendlyName,
      labels: made?.labels,
    }),
    ...(configuration.parquetOptions?.enableListInference === undefined
      ? {}
      : { parquet: { enableListInference: configuration.parquetOptions.enableListInference } }),
  }
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationLoad.FIELDS.schema_update_options */
function checkUpdates(options: readonly string[], write: string, partition: string | undefined): void {
  if (options.length === 0 || write === 'WRITE_APPEND') return
  if (write === 'WRITE_TRUNCATE' && partition !== undefined) return
  throw invalid(
    'Schema update options should only be specified with WRITE_APPEND disposition, or with WRITE_TRUNCATE disposition on a table partition.',
  )
}

function readCsv(configuration: LoadConfiguration): NonNullable<LoadRequest['csv']> {
  const { fieldDelimiter, quote, skipLeadingRows, nullMarker, nullMarkers, encoding } = configuration
  const { allowQuotedNewlines, allowJaggedRows, preserveAsciiControlCharacters } = configuration
  const { timeZone, dateFormat, datetimeFormat, timeFormat, timestampFormat } = configuration
  if (timeZone !== undefined && !isTimeZone(timeZone)) throw invalid(`Invalid time zone: ${timeZone}`)
  return given({
    fieldDelimiter:
      fieldDelimiter === undefined || fieldDelimiter === '' ? undefined : readDelimiter(fieldDelimiter),
    quote: quote ?? undefined,
    skipLeadingRows,
    nullMarker,
    nullMarkers: nullMarkers?.length === 0 ? undefined : nullMarkers,
    encoding: encoding === '' ? undefined : encoding,
    allowQuotedNewlines,
    allowJaggedRows,
    preserveAsciiControlCharacters,
    timeZone,
    dateFormat,
    datetimeFormat,
    timeFormat,
    timestampFormat,
  })
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The fields that have a value. */
function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Given<T>
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** The API also takes the words `tab` and the two characters `\t`. */
export function readDelimiter(text: string): string {
  return text === String.raw`\t` || text.toLowerCase() === 'tab' ? '\t' : text
}

export function readFormat(format: string): LoadRequest['format'] {
  if (format === 'CSV' || format === 'NEWLINE_DELIMITED_JSON' || format === 'PARQUET') return format
  if (['AVRO', 'ORC', 'DATASTORE_BACKUP', 'ML_TF_SAVED_MODEL', 'ML_XGBOOST_BOOSTER'].includes(format))
    throw invalid(
      `Unsupported in the local warehouse: format ${format}, which DuckDB does not read or write; use PARQUET, NEWLINE_DELIMITED_JSON or CSV`,
    )
  throw invalid(`Invalid value for format: ${format} is not a valid value`)
}

async function resolve(storage: StorageService, uris: readonly string[]): Promise<readonly Source[]> {
  const sources: Source[] = []
  try {
    for (const uri of uris) {
      const { bucket, name } = readUri(uri)
      const names = name.includes('*')
        ? storage.matchObjects(bucket, name).map((object) => object.name)
        : [name]
      if (names.length === 0) throw notFound(`URI ${uri}`)
      for (const object of names) sources.push(await localSource(storage, bucket, object))
    }
    return sources
  } catch (error) {
    sources.forEach((source) => source.release())
    throw error
  }
}

async function localSource(storage: StorageService, bucket: string, name: string): Promise<Source> {
  const local = await storage.localFile(bucket, name)
  if (local === null) throw notFound(`URI gs://${bucket}/${name}`)
  const file = { path: local.path, name: `gs://${bucket}/${name}`, gzip: await isGzip(local.path) }
  return { file, size: local.size, release: () => local.release() }
}

/** Told by the content: the service, too, decompresses what is gzip whatever it is called. */
export async function isGzip(path: string): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await handle.close()
  }
}
