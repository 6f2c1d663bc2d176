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
  const { rows } = await warehouse.copy({ ...readCopy(configuration, project), now: clock.now(), jobKey })
  return { statistics: { copy: { copiedRows: String(rows) } } }
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
