import type { TableName } from '../../warehouse/warehouse.ts'
import type { BigQueryContext } from './context.ts'
import type { CopyConfiguration } from './job-config.ts'
import { readDestination } from './names.ts'
import { invalid } from './problem.ts'
import type { Outcome } from './runner.ts'

/** Runs a copy job. Throws `WarehouseError`. */
export async function runCopy(
  context: BigQueryContext,
  configuration: CopyConfiguration,
  jobKey: string,
): Promise<Outcome> {
  const { project, warehouse, clock } = context
  const { operationType } = configuration
  if (operationType === 'SNAPSHOT' || operationType === 'CLONE')
    return { statistics: { copy: { copiedRows: String(await cloneTable(context, configuration, jobKey)) } } }
  const { rows } = await warehouse.copy({ ...readCopy(configuration, project), now: clock.now(), jobKey })
  return { statistics: { copy: { copiedRows: String(rows) } } }
}

/** A snapshot, which nothing may change, or a clone: each of one table, and new. */
async function cloneTable(
  { project, warehouse, clock }: BigQueryContext,
  configuration: CopyConfiguration,
  jobKey: string,
): Promise<number> {
  const { sources, destination } = readCopy(configuration, project)
  const [source] = sources
  if (source === undefined || sources.length > 1)
    throw invalid('A snapshot or clone has exactly one source table', 'sourceTables')
  const { operationType, writeDisposition } = configuration
  // No snapshot replaces another.
  const replaces = writeDisposition === 'WRITE_TRUNCATE' ? 'OR REPLACE TABLE' : 'TABLE'
  const what = operationType === 'SNAPSHOT' ? 'SNAPSHOT TABLE' : replaces
  const path = ({ dataset, table }: TableName) => `\`${dataset}\`.\`${table}\``
  const sql = `CREATE ${what} ${path(destination)} CLONE ${path(source)}`
  const { rows } = await warehouse.query({ sql, project, parameters: [], now: clock.now(), jobKey })
  await rows.close()
  return (await warehouse.getTable(destination, clock.now()))?.numRows ?? 0
}

/** What can be told wrong before the job has an id. */
export function readCopy(configuration: CopyConfiguration, project: string) {
  const { sourceTable, sourceTables, destinationTable } = configuration
  const sources = sourceTables ?? (sourceTable === undefined ? [] : [sourceTable])
  if (sources.length === 0) throw invalid('Required parameter is missing: sourceTables')
  return {
    sources: sources.map((source) => readDestination(source, project)),
    destination: readDestination(destinationTable, project),
    writeDisposition: configuration.writeDisposition ?? ('WRITE_EMPTY' as const),
    createDisposition: configuration.createDisposition ?? ('CREATE_IF_NEEDED' as const),
  }
}
