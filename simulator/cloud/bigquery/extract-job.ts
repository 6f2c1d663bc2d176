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

/** Runs an extract job: one object per URI, each with its share of the rows. Throws `WarehouseError`. */
export async function runExtract(
  context: BigQueryContext,
  configuration: ExtractConfiguration,
): Promise<Outcome> {
  const { uris } = readExtract(configuration, context.project)
  for (const [index, uri] of uris.entries())
    await extractTo(context, configuration, uri, { index, of: uris.length })
  return { statistics: { extract: { destinationUriFileCounts: uris.map(() => '1') } } }
}

async function extractTo(
  { project, warehouse, storage, temporary, clock }: BigQueryContext,
  configuration: ExtractConfiguration,
  uri: string,
  share: { readonly index: number; readonly of: number },
): Promise<void> {
  const { source, format, gzip, compression } = readExtract(configuration, project)
  const { bucket, name } = readUri(uri)
  const file = join(temporary, `extract-${randomBytes(8).toString('hex')}`)
  try {
    await warehouse.extract({
      ...source,
      ...(share.of === 1 ? {} : { share }),
      file,
      format,
      gzip,
      printHeader: configuration.printHeader ?? true,
      fieldDelimiter: readDelimiter(configuration.fieldDelimiter ?? ','),
      ...compression,
      now: clock.now(),
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
}

/** What can be told wrong before the job has an id. */
export function readExtract(configuration: ExtractConfiguration, project: string) {
  const { destinationUri, destinationUris, sourceTable } = configuration
  const uris = destinationUris ?? (destinationUri === undefined ? [] : [destinationUri])
  if (uris.length === 0) throw invalid('Required parameter is missing: destinationUris')
  uris.forEach(readUri)
  if (new Set(uris).size < uris.length) throw invalid('Duplicate destination URIs', 'destinationUris')
  const format = readFormat(configuration.destinationFormat ?? 'CSV')
  // https://cloud.google.com/bigquery/docs/exporting-data#export_formats_and_compression_types
  const wanted = (configuration.compression || 'NONE').toUpperCase()
  const allowed = format === 'PARQUET' ? ['NONE', 'SNAPPY', 'GZIP', 'ZSTD'] : ['NONE', 'GZIP']
  if (!allowed.includes(wanted)) throw invalid(`Compression ${wanted} is not supported for format ${format}`)
  const codec = ({ SNAPPY: 'snappy', ZSTD: 'zstd' } as const)[wanted]
  const { partition, ...table } = readDestination(sourceTable, project)
  return {
    source: { source: table, ...(partition === undefined ? {} : { partition }) },
    uris,
    format,
    gzip: wanted === 'GZIP',
    compression: codec === undefined ? {} : { compression: codec },
  }
}
