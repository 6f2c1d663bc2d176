import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BigQueryContext } from './context.ts'
import type { ExtractConfiguration } from './job-config.ts'
import { readDelimiter, readFormat } from './load-job.ts'
import { readDestination } from './names.ts'
import { invalid } from './problem.ts'
import type { Outcome } from './runner.ts'
import { readUri } from './uri.ts'

const contentTypes = {
  CSV: 'text/csv',
  NEWLINE_DELIMITED_JSON: 'application/json',
  PARQUET: 'application/octet-stream',
} as const

/** Runs an extract job: one object per URI. Throws `WarehouseError`. */
export async function runExtract(
  context: BigQueryContext,
  configuration: ExtractConfiguration,
): Promise<Outcome> {
  const { project, warehouse, storage, temporary, clock } = context
  const { source, uri, format, gzip, compression } = readExtract(configuration, project)
  const { bucket, name } = readUri(uri)
  const file = join(temporary, `extract-${randomBytes(8).toString('hex')}`)
  try {
    const printHeader = configuration.printHeader ?? true
    const fieldDelimiter = readDelimiter(configuration.fieldDelimiter ?? ',')
    const now = clock.now()
    await warehouse.extract({
      ...source,
      file,
      format,
      gzip,
      printHeader,
      fieldDelimiter,
      ...compression,
      now,
    })
    await storage.writeObject({
      bucket,
      // A wildcard stands for the number of the shard; everything fits one here.
      name: name.replace('*', '000000000000'),
      content: { file },
      attributes: { contentType: gzip && format !== 'PARQUET' ? 'application/gzip' : contentTypes[format] },
    })
  } finally {
    await rm(file, { force: true })
  }
  return { statistics: { extract: { destinationUriFileCounts: ['1'] } } }
}

/** What can be told wrong before the job has an id. */
export function readExtract(configuration: ExtractConfiguration, project: string) {
  const { destinationUri, destinationUris, sourceTable } = configuration
  const uris = destinationUris ?? (destinationUri === undefined ? [] : [destinationUri])
  const [uri] = uris
  if (uri === undefined) throw invalid('Required parameter is missing: destinationUris')
  if (uris.length > 1)
    throw invalid('Unsupported in the local warehouse: extract to several URIs; use one with a wildcard')
  readUri(uri)
  const format = readFormat(configuration.destinationFormat ?? 'CSV')
  // https://cloud.google.com/bigquery/docs/exporting-data#export_formats_and_compression_types
  const wanted = (configuration.compression || 'NONE').toUpperCase()
  const allowed = format === 'PARQUET' ? ['NONE', 'SNAPPY', 'GZIP', 'ZSTD'] : ['NONE', 'GZIP']
  if (!allowed.includes(wanted)) throw invalid(`Compression ${wanted} is not supported for format ${format}`)
  const codec = ({ SNAPPY: 'snappy', ZSTD: 'zstd' } as const)[wanted]
  const { partition, ...table } = readDestination(sourceTable, project)
  return {
    source: { source: table, ...(partition === undefined ? {} : { partition }) },
    uri,
    format,
    gzip: wanted === 'GZIP',
    compression: codec === undefined ? {} : { compression: codec },
  }
}
